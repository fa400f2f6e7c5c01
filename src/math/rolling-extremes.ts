/**
 * Largest and smallest of the last `window` bars, and how long ago they were, O(1) a bar (van Herk 1992, Gil & Werman
 * 1993; see blocks.ts). Comparisons do not round, so no absolute bar number is needed. NaN while one is in the window.
 */
import { silence } from './blocks.js'

/** Largest of the last `window` values [n]; NaN for the first window - 1 bars. */
export function rollingMax(x: Float64Array, window: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tail = new Float64Array(window).fill(Number.NEGATIVE_INFINITY)
  for (let b = 0; b < n; b += window) {
    const depth = Math.min(window - 1, b)
    let best = Number.NEGATIVE_INFINITY
    for (let j = 1; j <= depth; j++) {
      best = Math.max(best, x[b - j])
      tail[j] = best
    }
    const size = Math.min(window, n - b)
    best = Number.NEGATIVE_INFINITY
    for (let k = 0; k < size; k++) {
      best = Math.max(best, x[b + k])
      out[b + k] = Math.max(best, tail[window - 1 - k])
    }
  }
  return silence(out, window - 1)
}

/** Smallest of the last `window` values [n]; NaN for the first window - 1 bars. */
export function rollingMin(x: Float64Array, window: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tail = new Float64Array(window).fill(Number.POSITIVE_INFINITY)
  for (let b = 0; b < n; b += window) {
    const depth = Math.min(window - 1, b)
    let best = Number.POSITIVE_INFINITY
    for (let j = 1; j <= depth; j++) {
      best = Math.min(best, x[b - j])
      tail[j] = best
    }
    const size = Math.min(window, n - b)
    best = Number.POSITIVE_INFINITY
    for (let k = 0; k < size; k++) {
      best = Math.min(best, x[b + k])
      out[b + k] = Math.min(best, tail[window - 1 - k])
    }
  }
  return silence(out, window - 1)
}

/** Bars since the largest of the last `window` values, 0 … window - 1; of equal ones the latest counts, as in TA-Lib. */
export function barsSinceMax(x: Float64Array, window: number): Float64Array {
  return barsSinceExtreme(x, window, 1)
}

/** Bars since the smallest of the last `window` values, 0 … window - 1; of equal ones the latest counts. */
export function barsSinceMin(x: Float64Array, window: number): Float64Array {
  return barsSinceExtreme(x, window, -1)
}

function barsSinceExtreme(x: Float64Array, window: number, sign: 1 | -1): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tailBest = new Float64Array(window).fill(Number.NEGATIVE_INFINITY)
  const tailAge = new Float64Array(window)
  for (let b = 0; b < n; b += window) {
    const depth = Math.min(window - 1, b)
    let best = Number.NEGATIVE_INFINITY
    let age = 0
    for (let j = 1; j <= depth; j++) {
      const value = sign * x[b - j]
      // A NaN takes the place of any best and is itself never displaced, for no comparison with it holds.
      if (value > best || Number.isNaN(value)) {
        best = value
        age = j
      }
      tailBest[j] = best
      tailAge[j] = age
    }
    const size = Math.min(window, n - b)
    best = Number.NEGATIVE_INFINITY
    let last = 0
    for (let k = 0; k < size; k++) {
      const value = sign * x[b + k]
      if (value >= best || Number.isNaN(value)) {
        best = value
        last = k
      }
      const before = tailBest[window - 1 - k]
      out[b + k] = before > best ? k + tailAge[window - 1 - k] : k - last
      if (Number.isNaN(before) || Number.isNaN(best)) out[b + k] = Number.NaN
    }
  }
  return silence(out, window - 1)
}
