/** The mark price of each base bar, and what stands in for it where it was not recorded. */
import { UserError } from '../core/errors.js'
import { isoMinute, timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { MissingFunding } from '../portfolio/funding.js'
import type { MarkPrice } from './types.js'

/** Rows as recorded, in order of time. */
export type RecordedMark = Pick<Bars, 'rows' | 'openTime' | 'high' | 'low' | 'close'>

/**
 * A bar without a mark price between two that have one is a hole, NaN: it fails whoever holds a position then. Before the first and after the
 * last the series is absent, and `missing` decides, as it does where there is none at all: the last price stands in (exclude), that is an
 * error (fail), or the mark price lies that fraction beyond the bar's range on both sides (assume:<fraction>).
 *
 * @returns null where the last price stands in throughout
 * @throws UserError when bars are without it and `missing` is fail
 */
export function markPriceOf(base: Bars, recorded: RecordedMark | null, missing: MissingFunding): MarkPrice | null {
  const step = timeframeMs(base.timeframe)
  const [high, low, close] = [0, 1, 2].map(() => new Float64Array(base.rows).fill(Number.NaN))
  let first = base.rows
  let last = -1
  for (let row = 0; row < (recorded?.rows ?? 0); row++) {
    if (recorded === null || Number.isNaN(recorded.close[row])) continue
    const bar = (recorded.openTime[row] - base.openTime[0]) / step
    if (bar < 0 || bar >= base.rows) continue
    high[bar] = recorded.high[row]
    low[bar] = recorded.low[row]
    close[bar] = recorded.close[row]
    first = Math.min(first, bar)
    last = bar
  }
  const whole = first === 0 && last === base.rows - 1
  if (!whole && missing === 'fail') {
    const at = isoMinute(base.openTime[first > 0 ? 0 : last + 1])
    throw new UserError(`there is no mark price at ${at}`, {
      hint: 'download markPriceKlines (download.kinds), or set backtest.missingMarkPrice to exclude or assume:<fraction>',
    })
  }
  if (last < 0 && missing === 'exclude') return null
  const beyond = missing.startsWith('assume:') ? Number(missing.slice('assume:'.length)) : 0
  for (let bar = 0; bar < base.rows; bar++) {
    if (bar >= first && bar <= last) continue
    high[bar] = base.high[bar] * (1 + beyond)
    low[bar] = base.low[bar] * (1 - beyond)
    close[bar] = base.close[bar]
  }
  return { high, low, close, whole }
}
