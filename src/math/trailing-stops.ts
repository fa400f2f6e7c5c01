/**
 * Lines that follow a trend from its far side and change over when the price crosses them: Wilder's parabolic SAR and
 * the SuperTrend. Both remember all bars since the last NaN and begin anew after it.
 */
import { apart } from './ties.js'
import { averageTrueRange, type RangeBars } from './true-range.js'

export type SarSettings = { readonly step: number; readonly limit: number }

/**
 * Parabolic stop and reverse (Wilder 1978; TA-Lib SAR): for the bar itself, from the bars before it. Below the price it
 * belongs to a rise, above it to a fall; on the bar that crosses it it has changed over already.
 *
 * Begins, as TA-Lib does, with a fall if the first two bars moved downwards, else with a rise.
 *
 * @returns NaN for the first bar of every run [n]
 */
export function parabolicSar({ high, low }: Omit<RangeBars, 'close'>, { step, limit }: SarSettings): Float64Array {
  const n = high.length
  const out = new Float64Array(n).fill(Number.NaN)
  let rising = true
  let stop = Number.NaN
  let extreme = Number.NaN
  let factor = step
  for (let i = 1; i < n; i++) {
    const up = high[i] - high[i - 1]
    const down = low[i - 1] - low[i]
    if (Number.isNaN(up + down)) {
      stop = Number.NaN
      continue
    }
    let before = i - 1
    if (Number.isNaN(stop)) {
      rising = !(down > 0 && apart(down, up, high[i]) > 0)
      stop = rising ? low[before] : high[before]
      extreme = rising ? high[i] : low[i]
      factor = step
      before = i // TA-Lib holds the first stop off the second bar only
    }
    const crossed = rising ? low[i] <= stop : high[i] >= stop
    if (crossed) {
      rising = !rising
      stop = rising ? Math.min(extreme, low[before], low[i]) : Math.max(extreme, high[before], high[i])
      extreme = rising ? high[i] : low[i]
      factor = step
    }
    out[i] = stop
    if (rising ? high[i] > extreme : low[i] < extreme) {
      extreme = rising ? high[i] : low[i]
      factor = Math.min(limit, factor + step)
    }
    const next = stop + factor * (extreme - stop)
    stop = rising ? Math.min(next, low[before], low[i]) : Math.max(next, high[before], high[i])
  }
  return out
}

export type SuperTrendSettings = { readonly period: number; readonly width: number }
export type SuperTrendLines = {
  readonly line: Float64Array // NaN for the first `period` bars of every run [n]
  readonly direction: Float64Array // 1 rise, the line lies below the close; -1 fall [n]
}

/**
 * SuperTrend (Seban): bands of `width` average true ranges around the middle of the bar, which in a trend only move
 * its way; the line is the band behind the price. Begins with a fall, as Pine's `ta.supertrend` does, with TA-Lib's ATR.
 */
export function superTrend(bars: RangeBars, { period, width }: SuperTrendSettings): SuperTrendLines {
  const { high, low, close } = bars
  const range = averageTrueRange(bars, period)
  const n = range.length
  const line = new Float64Array(n).fill(Number.NaN)
  const direction = new Float64Array(n).fill(Number.NaN)
  let rising = false
  let upper = Number.NaN
  let lower = Number.NaN
  for (let i = 0; i < n; i++) {
    const middle = (high[i] + low[i]) / 2
    const basicUpper = middle + width * range[i]
    const basicLower = middle - width * range[i]
    const begins = i === 0 || Number.isNaN(range[i - 1])
    // Inside a run close[i - 1] is known wherever range[i - 1] is.
    if (begins || basicUpper < upper || close[i - 1] > upper) upper = basicUpper
    if (begins || basicLower > lower || close[i - 1] < lower) lower = basicLower
    rising = begins ? false : rising ? !(close[i] < lower) : close[i] > upper
    if (Number.isNaN(range[i])) continue
    line[i] = rising ? lower : upper
    direction[i] = rising ? 1 : -1
  }
  return { line, direction }
}
