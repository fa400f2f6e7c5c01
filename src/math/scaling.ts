/**
 * How movement grows with the time it is given: variance ratio and Hurst exponent, from overlapping changes of log prices.
 */
import { logReturn } from './elementwise.js'
import { rollingVariance } from './rolling-moments.js'

type ScalingWindow = { readonly window: number; readonly origin: number }

/**
 * Variance of `bars`-bar log returns over `bars` times that of 1-bar ones, `window` of each (Lo & MacKinlay 1988, RFS 1(1),
 * overlapping, without their small-sample correction); 1 for a random walk, below it for a price that reverts.
 *
 * @returns NaN for the first bars + window - 1 bars and where the price stood still [n]
 */
export function varianceRatio(close: Float64Array, bars: number, { window, origin }: ScalingWindow): Float64Array {
  const long = rollingVariance(logReturn(close, bars), window, origin)
  const short = rollingVariance(logReturn(close, 1), window, origin)
  for (let i = 0; i < long.length; i++) long[i] = short[i] === 0 ? Number.NaN : long[i] / (bars * short[i])
  return long
}

/**
 * Hurst exponent: slope of ln(standard deviation of k-bar log returns) on ln k, by least squares over k = 1, 2, 4 …
 * `longest`, `window` overlapping returns of each. 0.5 for a random walk, above it for a price that trends.
 *
 * The generalised exponent of order 2 (Di Matteo 2007, Quant. Finance 7(1)), with the drift taken off: standard deviations
 * where he takes the mean square.
 *
 * @param longest  power of two, >= 2
 * @returns        NaN for the first longest + window - 1 bars and where the price stood still [n]
 */
export function hurstExponent(close: Float64Array, longest: number, { window, origin }: ScalingWindow): Float64Array {
  const levels = Math.log2(longest)
  const spread = (levels * (levels + 1) * (levels + 2)) / 12 // Σ(j - mean j)², j = 0 … levels
  const slope = new Float64Array(close.length)
  for (let j = 0; j <= levels; j++) {
    const variance = rollingVariance(logReturn(close, 2 ** j), window, origin)
    const weight = (j - levels / 2) / (2 * Math.LN2 * spread)
    for (let i = 0; i < slope.length; i++) {
      slope[i] += variance[i] > 0 ? weight * Math.log(variance[i]) : Number.NaN
    }
  }
  return slope
}
