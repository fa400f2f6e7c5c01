/**
 * Spread of recent values, the recent ones counting most.
 */

/**
 * Exponentially weighted sample standard deviation: weights (1 - a)^age with a = 2 / (span + 1), divisor Σw - Σw² ÷ Σw
 * (`pandas.Series.ewm(span).std()`; the update of West 1979, Communications of the ACM 22(9)).
 *
 * We depart from pandas in that a NaN begins anew, so that nothing is carried across a hole.
 *
 * @param x     values, NaN = not known [n]
 * @param span  >= 2; NaN until so many are known in a row
 * @returns     [n]
 */
export function exponentialDeviation(x: Float64Array, span: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n).fill(Number.NaN)
  const keep = 1 - 2 / (span + 1)
  let [known, weights, squares, mean, sum] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(x[i])) {
      known = weights = squares = mean = sum = 0
      continue
    }
    known++
    weights = keep * weights + 1
    squares = keep * keep * squares + 1
    const apart = x[i] - mean
    mean += apart / weights
    sum = keep * sum + apart * apart * (1 - 1 / weights)
    if (known >= span) out[i] = Math.sqrt(sum / (weights - squares / weights))
  }
  return out
}
