/** Small steps between a training set and the libraries, which more than one of them needs. */

import type { TrainingSet } from './model.js'

/** The weights scaled to mean 1; equal ratios give equal values whatever the unit was. [rows] */
export function evenedWeights(weight: Float32Array): Float32Array {
  let sum = 0
  for (const value of weight) sum += value
  const scale = weight.length / sum
  return weight.map((value) => value * scale)
}

/** Weighted mean of what is to be fitted. */
export function meanOf({ y, weight }: TrainingSet): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < y.length; i++) {
    const share = weight === null ? 1 : weight[i]
    sum += share * y[i]
    total += share
  }
  return sum / total
}

/**
 * The one score of a binary objective as two, of which the first is 0: their softmax is its logistic curve.
 *
 * @param raw    [rows × block]
 * @param out    written   [rows × 2 × block]
 * @param block  values that belong together: 1 for scores, columns + 1 for what the columns contribute
 */
export function spreadMargins(raw: ArrayLike<number>, out: Float64Array, block: number): Float64Array {
  for (let i = 0; i < raw.length; i++) {
    const at = Math.floor(i / block) * block * 2 + (i % block)
    out[at] = 0
    out[at + block] = raw[i]
  }
  return out
}
