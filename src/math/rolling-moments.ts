/**
 * Variance, z-score, skewness and kurtosis over the last `window` bars, O(1) a bar.
 *
 * Power sums are taken of the distance from the value at the block's boundary (see blocks.ts). That value lies in every
 * window that uses it, so its distance from the mean is at most the window's range and little is lost in subtracting
 * the mean afterwards; in a flat window every sum is exactly 0. NaN while a NaN lies in the window and for the first
 * window - 1 bars. `origin` = absolute number of bar 0.
 */
import { firstBoundary, silence } from './blocks.js'

type Spread = {
  readonly window: number
  readonly origin: number
  readonly divisor: number
  readonly root: boolean
  readonly means?: Float64Array // takes the mean of each window [n]
}

/** Σ(x - mean)² / divisor of the last `window` values, or the root of that [n]. */
function squaredDeviations(x: Float64Array, { window, origin, divisor, root, means }: Spread): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const each = 1 / window // products take a quarter of a quotient's time
  const scale = 1 / divisor
  const tail1 = new Float64Array(window)
  const tail2 = new Float64Array(window)
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const centre = x[b]
    const depth = Math.min(window - 1, b)
    let s1 = 0
    let s2 = 0
    for (let j = 1; j <= depth; j++) {
      const d = x[b - j] - centre
      s1 += d
      s2 += d * d
      tail1[j] = s1
      tail2[j] = s2
    }
    const size = Math.min(window, n - b)
    s1 = 0
    s2 = 0
    for (let k = 0; k < size; k++) {
      const d = x[b + k] - centre
      s1 += d
      s2 += d * d
      const sum = s1 + tail1[window - 1 - k]
      const spread = Math.max(0, s2 + tail2[window - 1 - k] - sum * sum * each) * scale
      out[b + k] = root ? Math.sqrt(spread) : spread
      if (means !== undefined) means[b + k] = centre + sum * each
    }
  }
  if (means !== undefined) silence(means, window - 1)
  return silence(out, window - 1)
}

/** Sample variance (divisor window - 1) of the last `window` values. */
export function rollingVariance(x: Float64Array, window: number, origin: number): Float64Array {
  return squaredDeviations(x, { window, origin, divisor: window - 1, root: false })
}

/** Sample standard deviation (divisor window - 1, as pandas) of the last `window` values. */
export function rollingStd(x: Float64Array, window: number, origin: number): Float64Array {
  return squaredDeviations(x, { window, origin, divisor: window - 1, root: true })
}

export type MeanAndSpread = { readonly mean: Float64Array; readonly deviation: Float64Array }

/** Mean and population standard deviation (divisor window, as TA-Lib) of the last `window` values. */
export function rollingMeanAndSpread(x: Float64Array, window: number, origin: number): MeanAndSpread {
  const mean = new Float64Array(x.length)
  const deviation = squaredDeviations(x, { window, origin, divisor: window, root: true, means: mean })
  return { mean, deviation }
}

/** Sample standard deviations that the last value lies above the window's mean; 0 where all values are equal. */
export function rollingZScore(x: Float64Array, window: number, origin: number): Float64Array {
  const mean = new Float64Array(x.length)
  const out = squaredDeviations(x, { window, origin, divisor: window - 1, root: true, means: mean })
  for (let i = 0; i < x.length; i++) out[i] = out[i] === 0 ? 0 : (x[i] - mean[i]) / out[i]
  return out
}

/** Adjusted Fisher–Pearson skewness of the last `window` values (pandas `skew`); NaN where all values are equal. */
export function rollingSkewness(x: Float64Array, window: number, origin: number): Float64Array {
  const scale = Math.sqrt(window * (window - 1)) / (window - 2)
  return higherMoment(x, window, origin, (m2, m3) => (scale * m3) / (m2 * Math.sqrt(m2)))
}

/** Excess kurtosis of the last `window` values, corrected for small samples (pandas `kurt`); NaN where all are equal. */
export function rollingKurtosis(x: Float64Array, window: number, origin: number): Float64Array {
  const divisor = (window - 2) * (window - 3)
  const scale = (window * window - 1) / divisor
  const normal = (3 * (window - 1) ** 2) / divisor
  return higherMoment(x, window, origin, (m2, _m3, m4) => (scale * m4) / (m2 * m2) - normal)
}

function higherMoment(
  x: Float64Array,
  window: number,
  origin: number,
  standardise: (m2: number, m3: number, m4: number) => number,
): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tail = new Float64Array(4 * window)
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const centre = x[b]
    const depth = Math.min(window - 1, b)
    const size = Math.min(window, n - b)
    let s1 = 0
    let s2 = 0
    let s3 = 0
    let s4 = 0
    for (let j = 1; j <= depth; j++) {
      const d = x[b - j] - centre
      tail[4 * j] = s1 += d
      tail[4 * j + 1] = s2 += d * d
      tail[4 * j + 2] = s3 += d * d * d
      tail[4 * j + 3] = s4 += d * d * d * d
    }
    s1 = s2 = s3 = s4 = 0
    for (let k = 0; k < size; k++) {
      const d = x[b + k] - centre
      s1 += d
      s2 += d * d
      s3 += d * d * d
      s4 += d * d * d * d
      const j = 4 * (window - 1 - k)
      const a = (s1 + tail[j]) / window
      const m2 = (s2 + tail[j + 1]) / window - a * a
      const m3 = (s3 + tail[j + 2]) / window - a * (a * a + 3 * m2)
      const m4 = (s4 + tail[j + 3]) / window - a * (a * a * a + 6 * a * m2 + 4 * m3)
      out[b + k] = m2 > 0 ? standardise(m2, m3, m4) : Number.NaN
    }
  }
  return silence(out, window - 1)
}
