/**
 * Prices of other asset classes, as pairs among data.pairs: a share index and the dollar. They are traded during hours of their own, so their
 * last price stands while they are closed, for a day.
 */
import { DAY, timeframeMs } from '../../core/time.js'
import type { Bars } from '../../market/bars.js'
import type { AsOfSeries } from '../series.js'
import { lastClose } from './carry.js'

export type MacroInputs = {
  readonly spyClose: Float64Array // of the pair's quote asset
  readonly dxyClose: Float64Array // of the pair's quote asset
}

/**
 * A price counts for less than a day after its bar has closed: a session's last one at the next midnight, and none at the end of a day without a
 * session, even where the one before ended at midnight.
 */
export const LAST_PRICE_AGE = DAY - 1

/** Known from each bar's close on; hours in which it was not traded are no rows. */
export function referenceSeries({ timeframe, openTime, close }: Bars): AsOfSeries<'close'> {
  const step = timeframeMs(timeframe)
  const isTraded = (_: number, i: number) => !Number.isNaN(close[i])
  const time = openTime.filter(isTraded)
  return {
    available: time.map((opened) => opened + step),
    time,
    columns: { close: close.filter(isTraded) },
  }
}

export const SPY = lastClose('spyClose', LAST_PRICE_AGE, 'Bars of the pair that stands for the S&P 500 (features.spy)')
export const DXY = lastClose(
  'dxyClose',
  LAST_PRICE_AGE,
  'Bars of the pair that stands for the US dollar index (features.dxy)',
)
