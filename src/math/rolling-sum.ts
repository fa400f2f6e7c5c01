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
  return dividedSum(x, { window, origin, divisor: 1 })
}

/** Mean of the last `window` values (TA-Lib SMA); NaN as in `rollingSum`. */
export function rollingMean(x: Float64Array, window: number, origin: number): Float64Array {
  return dividedSum(x, { window, origin, divisor: window })
}

type DividedWindow = { readonly window: number; readonly origin: number; readonly divisor: number }

function dividedSum(x: Float64Array, { window, origin, divisor }: DividedWindow): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tail = new Float64Array(window) // tail[j] = sum of the j values before the boundary
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const depth = Math.min(window - 1, b)
    let sum = 0
    for (let j = 1; j <= depth; j++) {
      sum += x[b - j]
      tail[j] = sum
    }
    const size = Math.min(window, n - b)
    sum = 0
    for (let k = 0; k < size; k++) {
      sum += x[b + k]
      out[b + k] = (sum + tail[window - 1 - k]) / divisor
    }
  }
  return silence(out, window - 1)
}
