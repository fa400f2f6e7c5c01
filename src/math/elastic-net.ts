/** Linear regression with an elastic net penalty, from the sums of squares and products alone. */

/** Weighted means over the rows, all centred. */
export type Moments = {
  readonly columns: number
  /** Mean of each column. [columns] */
  readonly mean: Float64Array
  readonly yMean: number
  /** Mean product of each two columns. [columns × columns] */
  readonly products: Float64Array
  /** Mean product of each column and y. [columns] */
  readonly withY: Float64Array
  /** Mean square of y. */
  readonly ySquare: number
}

/**
 * One pass over the rows; `yield`s now and then, so that a caller can do other things in between.
 *
 * @param x       without unknown values, row-major   [rows × columns]
 * @param y       finite   [rows]
 * @param weight  ≥ 0, not all 0; null = all equal   [rows]
 */
export function* momentsOf(
  x: Float32Array,
  columns: number,
  y: ArrayLike<number>,
  weight: ArrayLike<number> | null,
): Generator<undefined, Moments> {
  const rows = y.length
  const mean = new Float64Array(columns)
  let total = 0
  let yMean = 0
  for (let i = 0; i < rows; i++) {
    const share = weight === null ? 1 : weight[i]
    total += share
    yMean += share * y[i]
    for (let j = 0; j < columns; j++) mean[j] += share * x[i * columns + j]
  }
  yMean /= total
  for (let j = 0; j < columns; j++) mean[j] /= total
  const products = new Float64Array(columns * columns)
  const withY = new Float64Array(columns)
  const row = new Float64Array(columns)
  let ySquare = 0
  for (let i = 0; i < rows; i++) {
    const share = (weight === null ? 1 : weight[i]) / total
    const dy = y[i] - yMean
    ySquare += share * dy * dy
    for (let j = 0; j < columns; j++) row[j] = x[i * columns + j] - mean[j]
    for (let j = 0; j < columns; j++) {
      const scaled = share * row[j]
      withY[j] += scaled * dy
      for (let k = 0, at = j * columns; k <= j; k++, at++) products[at] += scaled * row[k]
    }
    if (i % 4096 === 4095) yield
  }
  for (let j = 0; j < columns; j++) for (let k = 0; k < j; k++) products[k * columns + j] = products[j * columns + k]
  return { columns, mean, yMean, products, withY, ySquare }
}

/**
 * Minimises `½ · mean squared error + strength · (l1Ratio · |b|₁ + (1 − l1Ratio) / 2 · |b|²)`; the intercept is free. Cyclic coordinate
 * descent with covariance updates (Friedman, Hastie & Tibshirani 2010, Regularization Paths for Generalized Linear Models, 2.2).
 * In scikit-learn's terms alpha = strength.
 *
 * @param start  where to begin, not changed   [columns]
 * @returns      coefficients, exactly 0 where the penalty decides   [columns]
 */
export function elasticNet(
  { columns, products, withY }: Moments,
  strength: number,
  l1Ratio: number,
  start: Float64Array,
  limits: { readonly tolerance: number; readonly iterations: number },
): Float64Array {
  const b = start.slice()
  const [l1, l2] = [strength * l1Ratio, strength * (1 - l1Ratio)]
  // slope[j] = mean product of column j and the residual.
  const slope = withY.slice()
  for (let j = 0; j < columns; j++) if (b[j] !== 0) follow(j, b[j])
  for (let sweep = 0; sweep < limits.iterations; sweep++) {
    let most = 0
    for (let j = 0; j < columns; j++) {
      const square = products[j * columns + j]
      if (square === 0) continue // A constant column explains nothing.
      const pull = slope[j] + square * b[j]
      const next = (Math.sign(pull) * Math.max(0, Math.abs(pull) - l1)) / (square + l2)
      const change = next - b[j]
      if (change === 0) continue
      b[j] = next
      follow(j, change)
      most = Math.max(most, Math.abs(change) * Math.sqrt(square))
    }
    if (most <= limits.tolerance) break
  }
  return b

  function follow(j: number, change: number): void {
    for (let k = 0, at = j * columns; k < columns; k++, at++) slope[k] -= change * products[at]
  }
}
