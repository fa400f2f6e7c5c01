/**
 * Logistic regression of a few columns on targets between 0 and 1, without a penalty: what calibration fits.
 */
import { assert } from '../core/errors.js'

/** Keeps the Hessian invertible where a column is constant or two are alike. */
const RIDGE = 1e-10

/**
 * Coefficients that minimise the weighted cross-entropy Σ w (ln(1 + e^z) − target · z), z = Σ coefficient · column, by Newton's method
 * with backtracking.
 *
 * @param columns  finite; a column of ones is the intercept [k][n]
 * @param target   0 … 1 [n]
 * @param weight   >= 0 [n]
 * @returns        coefficients [k]
 */
export function softLogistic(
  columns: readonly Float64Array[],
  target: Float64Array,
  weight: Float64Array,
): Float64Array {
  const k = columns.length
  const n = target.length
  assert(
    columns.every((column) => column.length === n),
    `${k} columns are not all of ${n} rows`,
  )
  let w = new Float64Array(k)
  let loss = crossEntropy(columns, target, weight, w)
  for (let iteration = 0; iteration < 100; iteration++) {
    const gradient = new Float64Array(k)
    const hessian = Array.from({ length: k }, (_, a) =>
      Float64Array.from({ length: k }, (_, b) => (a === b ? RIDGE : 0)),
    )
    for (let i = 0; i < n; i++) {
      const q = sigmoid(score(columns, w, i))
      const error = weight[i] * (q - target[i])
      const curvature = weight[i] * q * (1 - q)
      for (let a = 0; a < k; a++) {
        gradient[a] += error * columns[a][i]
        for (let b = 0; b <= a; b++) hessian[a][b] += curvature * columns[a][i] * columns[b][i]
      }
    }
    if (gradient.every((g) => Math.abs(g) < 1e-10 * n)) break
    const step = solvePositive(hessian, gradient)
    const descent = gradient.reduce((sum, g, a) => sum - g * step[a], 0)
    let scale = 1
    for (; scale >= 1e-10; scale /= 2) {
      const next = w.map((value, a) => value - scale * step[a])
      const lower = crossEntropy(columns, target, weight, next)
      if (lower >= loss + 1e-4 * scale * descent) continue
      w = next
      loss = lower
      break
    }
    if (scale < 1e-10) break // no step lowers the loss: rounding has been reached
  }
  return w
}

function score(columns: readonly Float64Array[], w: Float64Array, row: number): number {
  let z = 0
  for (let a = 0; a < columns.length; a++) z += w[a] * columns[a][row]
  return z
}

/** Written so that a large |z| does not overflow. */
function crossEntropy(
  columns: readonly Float64Array[],
  target: Float64Array,
  weight: Float64Array,
  w: Float64Array,
): number {
  let sum = 0
  for (let i = 0; i < target.length; i++) {
    const z = score(columns, w, i)
    sum += weight[i] * (Math.max(z, 0) - target[i] * z + Math.log1p(Math.exp(-Math.abs(z))))
  }
  return sum
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))
}

/** Solves A x = b for a symmetric positive definite A, of which the lower half is given, by Cholesky. A is overwritten. */
function solvePositive(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const k = right.length
  const x = right.slice()
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i][j]
      for (let m = 0; m < j; m++) sum -= lower[i][m] * lower[j][m]
      lower[i][j] = i === j ? Math.sqrt(Math.max(sum, RIDGE)) : sum / lower[j][j]
    }
  }
  for (let i = 0; i < k; i++) {
    for (let m = 0; m < i; m++) x[i] -= lower[i][m] * x[m]
    x[i] /= lower[i][i]
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let m = i + 1; m < k; m++) x[i] -= lower[m][i] * x[m]
    x[i] /= lower[i][i]
  }
  return x
}
