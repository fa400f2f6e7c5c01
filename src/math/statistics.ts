/**
 * Moments and quantiles of a column without NaN.
 */

/** Arithmetic mean; NaN for no values. */
export function mean(x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]
  return sum / x.length
}

/** Sample standard deviation (divisor n - 1), in two passes; NaN for fewer than two values. */
export function standardDeviation(x: Float64Array): number {
  const centre = mean(x)
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] - centre) ** 2
  return x.length < 2 ? Number.NaN : Math.sqrt(sum / (x.length - 1))
}

/**
 * Quantile with linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, NumPy's default).
 *
 * @param x  values in any order [n]; not changed
 * @param p  0 … 1
 * @returns  NaN for no values
 */
export function quantile(x: Float64Array, p: number): number {
  return quantileOfSorted(x.slice().sort(), p)
}

/** The same of values in rising order, so that several quantiles need one sort. */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
