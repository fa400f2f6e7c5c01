/**
 * Least-squares line through the last `window` values, and the linearly weighted mean, which is the same two sums:
 * Σd and Σj·d with j counted from the block's boundary and d from the value there (see blocks.ts). O(1) a bar.
 */
import { firstBoundary, silence } from './blocks.js'

/** Rise of the line per bar (TA-Lib LINEARREG_SLOPE); window >= 2. NaN while a NaN lies in the window [n]. */
export function rollingSlope(x: Float64Array, window: number, origin: number): Float64Array {
  const spread = (window * (window * window - 1)) / 12 // Σ(j - mean j)²
  return weightedSums(x, window, origin, (_centre, sum, rising) => (rising - (sum * (window - 1)) / 2) / spread)
}

/** Value of the line at the last bar (TA-Lib LINEARREG); window >= 2. NaN while a NaN lies in the window [n]. */
export function rollingLineEnd(x: Float64Array, window: number, origin: number): Float64Array {
  const spread = (window * (window * window - 1)) / 12
  const half = (window - 1) / 2
  return weightedSums(x, window, origin, (centre, sum, rising) => {
    return centre + sum / window + half * ((rising - sum * half) / spread)
  })
}

/** Mean with weights 1, 2 … window, the newest weighing most (TA-Lib WMA). NaN while a NaN lies in the window [n]. */
export function weightedMovingAverage(x: Float64Array, window: number, origin: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n) // a bar's place holds what its window has before the boundary until the rest is known
  const weight = 2 / (window * (window + 1))
  let b = firstBoundary(window, origin)
  layWeightedTails(x, out, b, window)
  for (; b + 2 * window <= n; b += window) weighBlock(x, out, b, { window, weight })
  for (; b < n; b += window) {
    let sum = 0
    let rising = 0
    for (let i = b; i < Math.min(b + window, n); i++) {
      const d = x[i] - x[b]
      sum += d
      rising += (i - b) * d
      out[i] = x[b] + (rising + (window - (i - b)) * sum + out[i]) * weight
    }
    layWeightedTails(x, out, b + window, window)
  }
  return silence(out, window - 1)
}

/**
 * As `sumBlock` of rolling-sum.ts, a function of its own for the same reason. Of the k + 1 values from the boundary on the newest
 * weighs `window`, the oldest window - k.
 */
function weighBlock(
  x: Float64Array,
  out: Float64Array,
  b: number,
  { window, weight }: { readonly window: number; readonly weight: number },
): void {
  const centre = x[b]
  const nextCentre = x[b + window]
  const last = b + window - 1
  let sum = 0
  let rising = 0
  let later = 0
  let weighted = 0
  let j = last
  let to = last + window - 1
  for (let i = b; i < last; i++, j--, to--) {
    const d = x[i] - centre
    sum += d
    rising += (i - b) * d
    out[i] = centre + (rising + (window - (i - b)) * sum + out[i]) * weight
    later += x[j] - nextCentre
    weighted += later
    out[to] = weighted
  }
  const d = x[last] - centre
  out[last] = centre + (rising + (window - 1) * d + (sum + d)) * weight
}

/** Of the j values before the boundary the newest weighs j, the oldest 1: the sum of their j sums from the newest on. */
function layWeightedTails(x: Float64Array, out: Float64Array, boundary: number, window: number): void {
  const free = out.length - boundary // bars from the boundary on
  let later = 0
  let weighted = 0
  for (let j = 1; j < window && j <= boundary && free > 0; j++) {
    later += x[boundary - j] - x[boundary]
    weighted += later
    if (window - 1 - j < free) out[boundary + window - 1 - j] = weighted
  }
}

/** Calls back with the boundary's value c, Σ(x - c) and Σ i·(x - c), i = 0 for the oldest of the window. */
function weightedSums(
  x: Float64Array,
  window: number,
  origin: number,
  value: (centre: number, sum: number, rising: number) => number,
): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tailSum = new Float64Array(window)
  const tailRising = new Float64Array(window)
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const centre = x[b]
    const depth = Math.min(window - 1, b)
    let sum = 0
    let rising = 0
    for (let j = 1; j <= depth; j++) {
      const d = x[b - j] - centre
      tailSum[j] = sum += d
      tailRising[j] = rising -= j * d
    }
    const size = Math.min(window, n - b)
    sum = 0
    rising = 0
    for (let k = 0; k < size; k++) {
      const d = x[b + k] - centre
      sum += d
      rising += k * d
      const before = window - 1 - k // bars of the window that lie before the boundary
      const all = sum + tailSum[before]
      out[b + k] = value(centre, all, rising + tailRising[before] + before * all)
    }
  }
  return silence(out, window - 1)
}
