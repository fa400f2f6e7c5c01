/**
 * Scores of predicted values. Conventions of scikit-learn's metrics, weights included; NaN where one cannot be computed.
 */
import { assert } from '../core/errors.js'

export type RegressionScores = {
  readonly mse: number
  readonly mae: number
  /** 1 − squared error ÷ spread around the mean of these very rows; 0 is what their mean would score, below 0 is worse. */
  readonly r2: number
  /** As r2, but a constant error costs nothing. */
  readonly explainedVariance: number
}

/**
 * @param value   predicted, finite    [n]
 * @param actual  what came, finite    [n]
 * @param weight  per row, 1 when left out; 0 leaves a row out [n]
 */
export function regressionScores(value: Float64Array, actual: Float64Array, weight?: Float64Array): RegressionScores {
  const n = value.length
  assert(actual.length === n && (weight === undefined || weight.length === n), `${n} values, ${actual.length} actual`)
  let [total, level, error, squares, absolute] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const w = weight === undefined ? 1 : weight[i]
    const miss = actual[i] - value[i]
    total += w
    level += w * actual[i]
    error += w * miss
    squares += w * miss * miss
    absolute += w * Math.abs(miss)
  }
  if (!(total > 0)) return { mse: Number.NaN, mae: Number.NaN, r2: Number.NaN, explainedVariance: Number.NaN }
  const centre = level / total
  const bias = error / total
  let [spread, misses] = [0, 0]
  for (let i = 0; i < n; i++) {
    const w = weight === undefined ? 1 : weight[i]
    spread += w * (actual[i] - centre) ** 2
    misses += w * (actual[i] - value[i] - bias) ** 2
  }
  return {
    mse: squares / total,
    mae: absolute / total,
    r2: spread > 0 ? 1 - squares / spread : Number.NaN,
    explainedVariance: spread > 0 ? 1 - misses / spread : Number.NaN,
  }
}
