/**
 * How deep and how long a series lies below its highest value.
 */
import { distance, multiply } from './elementwise.js'
import { rollingMax } from './rolling-extremes.js'
import { rollingMean } from './rolling-sum.js'

/**
 * Ulcer index: square root of the mean squared drawdown (Martin & McCann 1989), as a fraction, not in percent.
 *
 * @returns NaN for the first 2 · window - 2 bars and while a NaN lies in what it looks at [n]
 */
export function ulcerIndex(x: Float64Array, window: number, origin: number): Float64Array {
  const depth = distance(x, rollingMax(x, window))
  return rollingMean(multiply(depth, depth), window, origin).map(Math.sqrt)
}
