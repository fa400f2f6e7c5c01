/**
 * Prices of other asset classes, as pairs among data.pairs: a share index and the dollar. They are traded during hours of their own, so their
 * last price stands while they are closed, for a day.
 */
import { DAY, timeframeMs } from '../../core/time.js'
import type { Bars } from '../../market/bars.js'
import type { AsOfSeries, JoinRows, SeriesKind } from '../series.js'
import { carried } from './carry.js'

export type MacroInputs = {
  readonly spyClose: Float64Array // of the pair's quote asset
  readonly dxyClose: Float64Array // of the pair's quote asset
}

/**
 * A price counts for less than a day after its bar has closed: a session's last one at the next midnight, and none at the end of a day without a
 * session, even where the one before ended at midnight.
 */
export const REFERENCE_AGE = DAY - 1

/** Known from each bar's close on; hours in which it was not traded are no rows. */
export function referenceSeries({ timeframe, openTime, close }: Bars): AsOfSeries<'close'> {
  const step = timeframeMs(timeframe)
  const isTraded = (_: number, i: number) => !Number.isNaN(close[i])
  return {
    available: openTime.filter(isTraded).map((time) => time + step),
    columns: { close: close.filter(isTraded) },
  }
}

const lastPrice = <const K extends keyof MacroInputs>(input: K, meaning: string) =>
  ({
    meaning,
    columns: ['close'],
    inputs: [input],
    join: (rows: JoinRows, series) =>
      ({ [input]: carried(rows, series, REFERENCE_AGE).close }) as { readonly [name in K]: Float64Array },
  }) as const satisfies SeriesKind<K, 'close'>

export const SPY = lastPrice('spyClose', 'Bars of the pair that stands for the S&P 500 (features.spy)')
export const DXY = lastPrice('dxyClose', 'Bars of the pair that stands for the US dollar index (features.dxy)')
