/**
 * Sums and means over the last `window` bars, O(1) a bar, without error that builds up (see blocks.ts).
 */
import { firstBoundary, silence } from './blocks.js'

/**
 * Sum of the last `window` values.
 *
 * @param x       values, NaN = not known [n]
 * @param window  number of values, >= 1
 * @param origin  absolute number of bar 0
 * @returns       NaN for the first window - 1 bars and while a NaN lies in the window [n]
 */
export function rollingSum(x: Float64Array, window: number, origin: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  let tail = new Float64Array(window + 1) // tail[j] = sum of the j values before the boundary
  let next = new Float64Array(window + 1) // the same for the boundary after it
  let b = firstBoundary(window, origin)
  const depth = Math.min(window - 1, b, n)
  for (let j = 1; j <= depth; j++) tail[j] = tail[j - 1] + x[b - j]
  // A block's head and the tail that it will be to the next block, in one pass: neither sum waits for the other.
  for (; b + window < n; b += window) {
    let head = 0
    let later = 0
    for (let k = 0; k < window; k++) {
      head += x[b + k]
      out[b + k] = head + tail[window - 1 - k]
      later += x[b + window - 1 - k]
      next[k + 1] = later
    }
    ;[tail, next] = [next, tail]
  }
  let head = 0
  for (let k = 0; b + k < n; k++) {
    head += x[b + k]
    out[b + k] = head + tail[window - 1 - k]
  }
  return silence(out, window - 1)
}

/**
 * Mean of the last `window` values (TA-Lib SMA); NaN as in `rollingSum`. What is summed is the distance from the value at the
 * block's boundary, which lies in every window that uses it: the mean of equal values is exactly that value.
 */
export function rollingMean(x: Float64Array, window: number, origin: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const weight = 1 / window // a product takes a quarter of a quotient's time
  let tail = new Float64Array(window + 1) // tail[j] = sum of the distances of the j values before the boundary
  let next = new Float64Array(window + 1)
  let b = firstBoundary(window, origin)
  const depth = b < n ? Math.min(window - 1, b) : 0
  for (let j = 1; j <= depth; j++) tail[j] = tail[j - 1] + (x[b - j] - x[b])
  for (; b + window < n; b += window) {
    const centre = x[b]
    const nextCentre = x[b + window]
    let head = 0
    let later = 0
    for (let k = 0; k < window; k++) {
      head += x[b + k] - centre
      out[b + k] = centre + (head + tail[window - 1 - k]) * weight
      later += x[b + window - 1 - k] - nextCentre
      next[k + 1] = later
    }
    ;[tail, next] = [next, tail]
  }
  const centre = x[b]
  let head = 0
  for (let k = 0; b + k < n; k++) {
    head += x[b + k] - centre
    out[b + k] = centre + (head + tail[window - 1 - k]) * weight
  }
  return silence(out, window - 1)
}
