/**
 * The bars of the pair that stands for the market, as a series beside those of another pair: each is known from its close on.
 */
import { timeframeMs } from '../../core/time.js'
import type { Bars } from '../../market/bars.js'
import { type AsOfSeries, type JoinRows, lastKnown, type SeriesKind, type SeriesRows } from '../series.js'

export type MarketInputs = {
  readonly marketClose: Float64Array // of the market's bar that closed with this one, in its quote asset
}

type MarketColumn = 'close'

/** On the market's own grid, which need not be that of the rows. A bar that was not published is NaN, as it is there. */
export function marketSeries({ timeframe, openTime, close }: Bars): AsOfSeries<MarketColumn> {
  const step = timeframeMs(timeframe)
  return { available: openTime.map((time) => time + step), time: openTime, columns: { close } }
}

export const MARKET = {
  meaning: 'Bars of the pair that stands for the market (features.market)',
  columns: ['close'],
  inputs: ['marketClose'],
  join: marketInputs,
} as const satisfies SeriesKind<keyof MarketInputs, MarketColumn>

/** The last bar that closed within the row's own, its end included. An older one is a hole and is not carried on. */
export function marketInputs(
  { availableTime, stepMs }: JoinRows,
  { available, columns }: SeriesRows<MarketColumn>,
): MarketInputs {
  const lasts = lastKnown(available, availableTime)
  const marketClose = new Float64Array(lasts.length).fill(Number.NaN)
  for (let i = 0; i < lasts.length; i++) {
    const last = lasts[i]
    if (last >= 0 && available[last] > availableTime[i] - stepMs) marketClose[i] = columns.close[last]
  }
  return { marketClose }
}
