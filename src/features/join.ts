/**
 * Brings a column of a higher timeframe to the rows of a lower one, by when it was known.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'

/**
 * For each row, the index of the last context bar that had closed: open time + timeframe <= available time.
 *
 * -1 where there is none, and where the bars end before the one that should have closed last: an older bar in its place
 * would pass for a new one.
 *
 * @param availableTime  of the rows, UTC ms [rows]
 * @param context        bars on their complete grid
 * @returns              index into the context bars [rows]
 */
export function lastClosedBar(availableTime: Float64Array, context: Bars): Int32Array {
  const out = new Int32Array(availableTime.length).fill(-1)
  if (context.rows === 0) return out
  const step = timeframeMs(context.timeframe)
  const start = context.openTime[0]
  for (let i = 0; i < out.length; i++) {
    const bar = Math.floor((availableTime[i] - start) / step) - 1
    if (bar >= 0 && bar < context.rows) out[i] = bar
  }
  return out
}
