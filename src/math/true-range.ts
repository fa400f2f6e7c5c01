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
  for (let i = 1; i < n; i++) out[i] = Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1])
  return out
}

/** Average true range (TA-Lib ATR), NaN for the first `period` bars of every run [n]. */
export function averageTrueRange(bars: RangeBars, period: number): Float64Array {
  return wilderAverage(trueRange(bars), period)
}
