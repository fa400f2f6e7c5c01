/** Multinomial logistic regression: softmax, log loss, and the penalised objective with its gradient. */

import type { Objective } from './lbfgs.js'

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
    loss += rowWeight * (logSumExp(scores) - scores[y[i]])
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
  const scores = new Float64Array(classes)
  let total = rows
  if (weight !== null) {
    total = 0
    for (let i = 0; i < rows; i++) total += weight[i]
  }
  return (w, gradient) => {
    gradient.fill(0)
    let loss = 0
    for (let i = 0; i < rows; i++) {
      const start = i * columns
      linearScores(w, x, start, columns, scores, 0, classes)
      const share = (weight === null ? 1 : weight[i]) / total
      if (share === 0) continue
      const normaliser = logSumExp(scores)
      loss += share * (normaliser - scores[y[i]])
      for (let k = 0; k < classes; k++) {
        const residual = share * (Math.exp(scores[k] - normaliser) - (k === y[i] ? 1 : 0))
        const offset = k * width
        for (let j = 0; j < columns; j++) gradient[offset + j] += residual * x[start + j]
        gradient[offset + columns] += residual
      }
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

/**
 * The coefficients that know nothing but how often each class occurs. One row is added to every class, so that a class
 * which never occurs gets a small probability and not none.
 */
export function priorCoefficients(problem: LogisticProblem): Float64Array {
  const { y, rows, columns, weight, classes } = problem
  const counts = new Float64Array(classes).fill(1)
  let total = 0
  for (let i = 0; i < rows; i++) total += weight === null ? 1 : weight[i]
  for (let i = 0; i < rows; i++) counts[y[i]] += ((weight === null ? 1 : weight[i]) * rows) / total
  const w = new Float64Array(classes * (columns + 1))
  let mean = 0
  for (let k = 0; k < classes; k++) mean += Math.log(counts[k]) / classes
  // Adding one number to all intercepts changes nothing; this one makes them add up to 0.
  for (let k = 0; k < classes; k++) w[k * (columns + 1) + columns] = Math.log(counts[k]) - mean
  return w
}

function logSumExp(scores: Float64Array): number {
  let most = scores[0]
  for (let k = 1; k < scores.length; k++) most = Math.max(most, scores[k])
  let sum = 0
  for (let k = 0; k < scores.length; k++) sum += Math.exp(scores[k] - most)
  return most + Math.log(sum)
}
