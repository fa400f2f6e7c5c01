/**
 * Averages with an endless memory. Each begins with the plain mean of its first values, as TA-Lib does, and begins anew
 * after a NaN, so that nothing is carried across a hole.
 */

/**
 * Exponential moving average, weight 2 / (period + 1) (TA-Lib EMA).
 *
 * @param x     values, NaN = not known [n]
 * @param skip  values left out at the start of every run before the first mean is taken: TA-Lib's MACD starts its
 *              fast average together with the slow one
 * @returns     NaN for the first skip + period - 1 bars of every run [n]
 */
export function exponentialMovingAverage(x: Float64Array, period: number, skip = 0): Float64Array {
  return smooth(x, period, skip, 2 / (period + 1))
}

/**
 * Wilder's smoothing, weight 1 / period (Wilder 1978, "New Concepts in Technical Trading Systems").
 *
 * @returns NaN for the first period - 1 bars of every run [n]
 */
export function wilderAverage(x: Float64Array, period: number): Float64Array {
  return smooth(x, period, 0, 1 / period)
}

function smooth(x: Float64Array, period: number, skip: number, weight: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const first = skip + period
  let known = 0
  let average = 0
  for (let i = 0; i < n; i++) {
    const value = x[i]
    if (Number.isNaN(value)) {
      known = 0
      average = 0
      out[i] = Number.NaN
      continue
    }
    known++
    if (known > first) {
      average += weight * (value - average)
      out[i] = average
    } else {
      if (known > skip) average += value
      if (known === first) average /= period
      out[i] = known === first ? average : Number.NaN
    }
  }
  return out
}
