/**
 * Logistic regression of a few columns on targets between 0 and 1, without a penalty: what calibration fits.
 */
import { assert } from '../core/errors.js'
import { cholesky, solveFactored } from './cholesky.js'

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
    const hessian = new Float64Array(k * k)
    for (let a = 0; a < k; a++) hessian[a * k + a] = RIDGE
    for (let i = 0; i < n; i++) {
      const q = sigmoid(score(columns, w, i))
      const error = weight[i] * (q - target[i])
      const curvature = weight[i] * q * (1 - q)
      for (let a = 0; a < k; a++) {
        gradient[a] += error * columns[a][i]
        for (let b = 0; b <= a; b++) hessian[a * k + b] += curvature * columns[a][i] * columns[b][i]
      }
    }
    if (gradient.every((g) => Math.abs(g) < 1e-10 * n)) break
    const step = gradient.slice()
    cholesky(hessian, k, RIDGE)
    solveFactored(hessian, k, step)
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
