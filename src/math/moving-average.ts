/**
 * Averages with an endless memory. Each begins with the plain mean of its first values, as TA-Lib does, and begins anew
 * after a NaN, so that nothing is carried across a hole. What is averaged is the distance from the first value, so that the
 * average of equal values is exactly that value.
 */

/**
 * Exponential moving average, weight 2 / (period + 1) (TA-Lib EMA).
 *
 * @param x  values, NaN = not known [n]
 * @returns  NaN for the first period - 1 bars of every run [n]
 */
export function exponentialMovingAverage(x: Float64Array, period: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const weight = 2 / (period + 1)
  let known = 0
  let first = 0
  let average = 0
  for (let i = 0; i < n; i++) {
    const value = x[i]
    if (Number.isNaN(value)) {
      known = 0
      out[i] = Number.NaN
      continue
    }
    known++
    if (known > period) {
      average += weight * (value - average)
      out[i] = average
    } else {
      if (known === 1) [first, average] = [value, 0]
      average += value - first
      if (known === period) average = first + average / period
      out[i] = known === period ? average : Number.NaN
    }
  }
  return out
}
