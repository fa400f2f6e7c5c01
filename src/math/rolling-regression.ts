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

/**
 * Mean with weights 1, 2 … window, the newest weighing most (TA-Lib WMA). NaN while a NaN lies in the window [n]. The sums are those of
 * `weightedSums`, without its call back and with the tail of the next block in the pass over this one's head.
 */
export function weightedMovingAverage(x: Float64Array, window: number, origin: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const weight = 2 / (window * (window + 1))
  let tail = new Float64Array(window + 1) // Σ (x - c) of the j values before the boundary
  let tailRising = new Float64Array(window + 1) // Σ -j · (x - c)
  let next = new Float64Array(window + 1)
  let nextRising = new Float64Array(window + 1)
  let b = firstBoundary(window, origin)
  const depth = b < n ? Math.min(window - 1, b) : 0
  for (let j = 1; j <= depth; j++) {
    const d = x[b - j] - x[b]
    tail[j] = tail[j - 1] + d
    tailRising[j] = tailRising[j - 1] - j * d
  }
  for (; b < n; b += window) {
    const centre = x[b]
    // Of the last block's end there is no next one: it is measured from its own centre, and never read.
    const hasNext = b + window < n
    const nextCentre = hasNext ? x[b + window] : centre
    const size = hasNext ? window : n - b
    let sum = 0
    let rising = 0
    let later = 0
    let laterRising = 0
    for (let k = 0; k < size; k++) {
      const before = window - 1 - k // values of the window that lie before the boundary
      const d = x[b + k] - centre
      sum += d
      rising += k * d
      const all = sum + tail[before]
      out[b + k] = centre + (rising + tailRising[before] + (before + 1) * all) * weight
      const e = x[b + size - 1 - k] - nextCentre
      later += e
      laterRising -= (k + 1) * e
      next[k + 1] = later
      nextRising[k + 1] = laterRising
    }
    ;[tail, next] = [next, tail]
    ;[tailRising, nextRising] = [nextRising, tailRising]
  }
  return silence(out, window - 1)
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
