/** Multinomial logistic regression: softmax, log loss, and the penalised objective with its gradient. */

import { cholesky, solveFactored } from './cholesky.js'
import type { Objective } from './lbfgs.js'
import type { Curvature } from './proximal-newton.js'

/** A table without unknown values, row-major [rows × columns], with the class and weight of each row. */
export type LogisticProblem = {
  readonly x: Float32Array
  readonly rows: number
  readonly columns: number
  /** 0 … classes − 1 [rows] */
  readonly y: Int32Array
  /** ≥ 0, not all 0; null = all equal [rows] */
  readonly weight: Float32Array | null
  readonly classes: number
}

/**
 * Turns each row of scores into probabilities, in place. The largest score is taken off first, so nothing overflows.
 *
 * @param scores  finite   [rows × classes]
 * @returns       `scores`
 */
export function softmaxRows(scores: Float64Array, classes: number): Float64Array {
  for (let start = 0; start < scores.length; start += classes) {
    let most = scores[start]
    for (let k = 1; k < classes; k++) most = Math.max(most, scores[start + k])
    let sum = 0
    for (let k = 0; k < classes; k++) {
      const e = Math.exp(scores[start + k] - most)
      scores[start + k] = e
      sum += e
    }
    for (let k = 0; k < classes; k++) scores[start + k] /= sum
  }
  return scores
}

/**
 * Scores of one row: `scores[k] = Σ_j w[k, j] · x[j] + w[k, columns]`.
 *
 * @param w  per class its coefficients, then its intercept   [classes × (columns + 1)]
 */
export function linearScores(
  w: Float64Array,
  x: Float32Array | Float64Array,
  xStart: number,
  columns: number,
  scores: Float64Array,
  scoresStart: number,
  classes: number,
): void {
  for (let k = 0; k < classes; k++) {
    const offset = k * (columns + 1)
    let sum = w[offset + columns]
    for (let j = 0; j < columns; j++) sum += w[offset + j] * x[xStart + j]
    scores[scoresStart + k] = sum
  }
}

/**
 * Weighted mean of −log p(y), without a penalty.
 *
 * @param w  as in `linearScores`
 * @returns  nats
 */
export function meanLogLoss(problem: LogisticProblem, w: Float64Array): number {
  const { x, rows, columns, y, weight, classes } = problem
  const scores = new Float64Array(classes)
  let loss = 0
  let total = 0
  for (let i = 0; i < rows; i++) {
    linearScores(w, x, i * columns, columns, scores, 0, classes)
    const rowWeight = weight === null ? 1 : weight[i]
    loss += rowWeight * (logSumExp(scores, 0, classes) - scores[y[i]])
    total += rowWeight
  }
  return loss / total
}

/**
 * Weighted mean log loss plus `l2 / 2` times the sum of squared coefficients; intercepts are free. In scikit-learn's
 * terms C = 1 / (l2 · n).
 *
 * @returns an objective over w as in `linearScores`
 */
export function penalisedLogLoss(problem: LogisticProblem, l2: number): Objective {
  const { x, rows, columns, y, weight, classes } = problem
  const width = columns + 1
  const scores = new Float64Array(BLOCK * classes)
  const block = new Float64Array(BLOCK * columns)
  const total = totalWeight(problem)
  return (w, gradient) => {
    gradient.fill(0)
    let loss = 0
    for (let first = 0; first < rows; first += BLOCK) {
      const count = Math.min(BLOCK, rows - first)
      loadBlock(x, first, count, columns, block)
      blockScores(w, block, columns, scores, classes)
      for (let b = 0; b < count; b++) {
        const i = first + b
        const share = (weight === null ? 1 : weight[i]) / total
        const normaliser = logSumExp(scores, b * classes, classes)
        loss += share * (normaliser - scores[b * classes + y[i]])
        for (let k = 0; k < classes; k++) {
          const at = b * classes + k
          scores[at] = share * (Math.exp(scores[at] - normaliser) - (k === y[i] ? 1 : 0))
        }
      }
      scores.fill(0, count * classes)
      addProducts(gradient, block, columns, scores, classes)
    }
    let squares = 0
    for (let k = 0; k < classes; k++) {
      for (let p = k * width; p < k * width + columns; p++) {
        squares += w[p] * w[p]
        gradient[p] += l2 * w[p]
      }
    }
    return loss + (l2 / 2) * squares
  }
}

/** Rows that are worked on together: four sums that do not wait for each other, one pass over the coefficients for all four. */
const BLOCK = 4

/** Copies `count` ≤ BLOCK rows from row `first` on; rows that are not there are 0. [BLOCK × columns] */
function loadBlock(x: Float32Array, first: number, count: number, columns: number, block: Float64Array): void {
  const start = first * columns
  for (let at = 0; at < count * columns; at++) block[at] = x[start + at]
  block.fill(0, count * columns)
}

/** The scores of a block's rows, as `linearScores` gives them. [BLOCK × classes] */
function blockScores(
  w: Float64Array,
  block: Float64Array,
  columns: number,
  scores: Float64Array,
  classes: number,
): void {
  const [second, third, fourth] = [columns, 2 * columns, 3 * columns]
  for (let k = 0; k < classes; k++) {
    const offset = k * (columns + 1)
    let s0 = w[offset + columns]
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let j = 0; j < columns; j++) {
      const coefficient = w[offset + j]
      s0 += coefficient * block[j]
      s1 += coefficient * block[second + j]
      s2 += coefficient * block[third + j]
      s3 += coefficient * block[fourth + j]
    }
    scores[k] = s0
    scores[classes + k] = s1
    scores[2 * classes + k] = s2
    scores[3 * classes + k] = s3
  }
}

/**
 * Adds to `sums` [width × (columns + 1)] the products of each row's factors [BLOCK × width] with its columns and with 1; where the factors are the
 * columns themselves and `lower` is set, of two columns only one way round.
 */
function addProducts(
  sums: Float64Array,
  block: Float64Array,
  columns: number,
  factors: Float64Array,
  width: number,
  lower = false,
): void {
  const [second, third, fourth] = [columns, 2 * columns, 3 * columns]
  for (let k = 0; k < width; k++) {
    const offset = k * (columns + 1)
    const r0 = factors[k]
    const r1 = factors[width + k]
    const r2 = factors[2 * width + k]
    const r3 = factors[3 * width + k]
    const end = lower ? k + 1 : columns
    for (let j = 0; j < end; j++) {
      sums[offset + j] += r0 * block[j] + r1 * block[second + j] + (r2 * block[third + j] + r3 * block[fourth + j])
    }
    sums[offset + columns] += r0 + r1 + (r2 + r3)
  }
}

/**
 * The curvature that the penalised log loss has where nothing but the shares of the classes is known: between classes k and m it is
 * `p_k (δ_km − p_m)` times the mean product of two columns.
 *
 * @param moments  of the problem's rows, as `secondMoments` gives them
 */
export function logLossCurvature(problem: LogisticProblem, moments: Float64Array, l2: number): Curvature {
  const { columns, classes } = problem
  const width = columns + 1
  const shares = softmaxRows(
    priorCoefficients(problem).filter((_, p) => p % width === columns),
    classes,
  )
  const between = Float64Array.from({ length: classes * classes }, (_, at) => {
    const [k, m] = [Math.floor(at / classes), at % classes]
    return shares[k] * ((k === m ? 1 : 0) - shares[m])
  })
  const ridge = Float64Array.from({ length: classes * width }, (_, p) => (p % width === columns ? 0 : l2))
  return { between, within: moments, ridge }
}

/**
 * Multiplies a gradient, in place, by the inverse of that curvature, as if every class had the mean curvature of all: c · E[x xᵀ] + l2,
 * c = Σ p (1 − p) / (classes − 1). It is the fixed bound of Böhning 1992 (Ann. Inst. Stat. Math. 44) with the shares at hand in place of the
 * worst case, and spares the solver the correlations of the columns.
 */
export function logLossPreconditioner({ between, within, ridge }: Curvature): (gradient: Float64Array) => void {
  const classes = Math.sqrt(between.length)
  const width = Math.sqrt(within.length)
  let trace = 0
  for (let k = 0; k < classes; k++) trace += between[k * classes + k]
  const factor = within.map((moment) => (trace / (classes - 1)) * moment)
  for (let j = 0; j < width; j++) factor[j * width + j] += ridge[j]
  cholesky(factor, width, 1e-12)
  return (gradient) => {
    for (let k = 0; k < classes; k++) solveFactored(factor, width, gradient, k * width)
  }
}

/** Weighted mean products of each two columns, the last column being 1. [(columns + 1) × (columns + 1)] */
export function secondMoments(problem: LogisticProblem): Float64Array {
  const { x, rows, columns, weight } = problem
  const width = columns + 1
  const total = totalWeight(problem)
  const sums = new Float64Array(width * width)
  const block = new Float64Array(BLOCK * columns)
  const scaled = new Float64Array(BLOCK * columns)
  for (let first = 0; first < rows; first += BLOCK) {
    const count = Math.min(BLOCK, rows - first)
    loadBlock(x, first, count, columns, block)
    for (let b = 0; b < count; b++) {
      const share = (weight === null ? 1 : weight[first + b]) / total
      for (let j = b * columns; j < (b + 1) * columns; j++) scaled[j] = share * block[j]
      sums[width * width - 1] += share
    }
    scaled.fill(0, count * columns)
    addProducts(sums, block, columns, scaled, columns, true)
  }
  for (let j = 0; j < columns; j++) sums[columns * width + j] = sums[j * width + columns]
  for (let j = 0; j < columns; j++) for (let m = 0; m < j; m++) sums[m * width + j] = sums[j * width + m]
  return sums
}

function totalWeight({ rows, weight }: LogisticProblem): number {
  return weight === null ? rows : weight.reduce((sum, value) => sum + value, 0)
}

/**
 * The coefficients that know nothing but how often each class occurs. One row is added to every class, so that a class
 * which never occurs gets a small probability and not none.
 */
export function priorCoefficients(problem: LogisticProblem): Float64Array {
  const { y, rows, columns, weight, classes } = problem
  const counts = new Float64Array(classes).fill(1)
  const total = totalWeight(problem)
  for (let i = 0; i < rows; i++) counts[y[i]] += ((weight === null ? 1 : weight[i]) * rows) / total
  const w = new Float64Array(classes * (columns + 1))
  let mean = 0
  for (let k = 0; k < classes; k++) mean += Math.log(counts[k]) / classes
  // Adding one number to all intercepts changes nothing; this one makes them add up to 0.
  for (let k = 0; k < classes; k++) w[k * (columns + 1) + columns] = Math.log(counts[k]) - mean
  return w
}

function logSumExp(scores: Float64Array, start: number, classes: number): number {
  let most = scores[start]
  for (let k = 1; k < classes; k++) most = Math.max(most, scores[start + k])
  let sum = 0
  for (let k = 0; k < classes; k++) sum += Math.exp(scores[start + k] - most)
  return most + Math.log(sum)
}
