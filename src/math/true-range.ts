/**
 * True range and its averages (Wilder 1978), seeded as TA-Lib does: the first bar has no range, for no close precedes it.
 */
import { wilderAverage } from './moving-average.js'

export type RangeBars = { readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array }

/** max(high, previous close) - min(low, previous close); NaN for the first bar and the bar after a hole [n]. */
export function trueRange({ high, low, close }: RangeBars): Float64Array {
  const n = close.length
  const out = new Float64Array(n)
  if (n > 0) out[0] = Number.NaN
  // No comparison holds with a previous close that is not known: the product with 0 lets it through.
  for (let i = 1; i < n; i++) out[i] = reach(high[i], low[i], close[i - 1]) + 0 * close[i - 1]
  return out
}

/**
 * The range of a bar, drawn on to the close before it. With comparisons, in a third of the time of Math.max and Math.min:
 * prices have no negative zero. A close that is not known is passed over.
 */
export function reach(high: number, low: number, before: number): number {
  let top = high
  let bottom = low
  if (before > top) top = before
  if (before < bottom) bottom = before
  return top - bottom
}

/** Average true range (TA-Lib ATR), NaN for the first `period` bars of every run [n]. */
export function averageTrueRange(bars: RangeBars, period: number): Float64Array {
  return wilderAverage(trueRange(bars), period)
}
