/**
 * Scores of predicted probabilities. Conventions of scikit-learn's metrics, weights included.
 *
 * Everywhere: `p` finite probabilities [n]; `hit` 1 where the event happened, else 0 [n]; `weight` per row, 1 when left
 * out [n]. A score that cannot be computed (no rows, or one class only where two are needed) is NaN.
 */
import { assert } from '../core/errors.js'

/** 1 where the label equals `value`. Rows of unknown label (NaN) must have been left out before. */
export function hitsOf(label: Float64Array, value: number): Uint8Array {
  return Uint8Array.from(label, (y) => (y === value ? 1 : 0))
}

/** Probabilities are kept this far from 0 and 1, so that one wrong certainty costs 36 nats and not infinity. */
const CLIP = 2 ** -52

/** Mean of −ln(probability given to what happened). */
export function logLoss(p: Float64Array, hit: Uint8Array, weight?: Float64Array): number {
  const losses = rowLogLoss(p, hit)
  return meanOf(p.length, weight, (i) => losses[i])
}

/** Of each row. [n] */
export function rowLogLoss(p: Float64Array, hit: Uint8Array): Float64Array {
  return p.map((value, i) => -Math.log(Math.max(CLIP, hit[i] === 1 ? value : 1 - value)))
}

/**
 * Log loss over several classes.
 *
 * @param probabilities  one column per class; rows are rescaled to sum to 1   [k][n]
 * @param actual         index of the class that happened                      [n]
 */
export function logLossOfClasses(
  probabilities: readonly Float64Array[],
  actual: Int32Array,
  weight?: Float64Array,
): number {
  return meanOf(actual.length, weight, (i) => {
    let sum = 0
    for (const column of probabilities) sum += Math.max(CLIP, column[i])
    return -Math.log(Math.max(CLIP, probabilities[actual[i]][i]) / sum)
  })
}

/** Mean squared distance of probability and outcome (Brier 1950), the one-column form: 0 … 1. */
export function brierScore(p: Float64Array, hit: Uint8Array, weight?: Float64Array): number {
  return meanOf(p.length, weight, (i) => (p[i] - hit[i]) ** 2)
}

/** Share of signals (p >= threshold) that hit; NaN without a signal. */
export function precisionAt(p: Float64Array, hit: Uint8Array, threshold: number): number {
  let signals = 0
  let hits = 0
  for (let i = 0; i < p.length; i++) {
    if (!(p[i] >= threshold)) continue
    signals++
    hits += hit[i]
  }
  return signals === 0 ? Number.NaN : hits / signals
}

/** Rows by score, highest first; equal scores stay in row order. [n] */
export function descendingOrder(score: Float64Array): Int32Array {
  return Int32Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b)
}

/** Area under the ROC curve: the chance that a hit outranks a miss, ties counting half. */
export function rocAuc(score: Float64Array, hit: Uint8Array, weight?: Float64Array): number {
  return rocAucInOrder(descendingOrder(score), score, hit, weight)
}

/** `rocAuc` with the order given, so that a bootstrap sorts once. A weight of 0 leaves a row out. */
export function rocAucInOrder(order: Int32Array, score: Float64Array, hit: Uint8Array, weight?: Float64Array): number {
  let hits = 0 // weight of hits ranked above the present tie group
  let misses = 0
  let area = 0
  for (let i = 0; i < order.length; ) {
    const value = score[order[i]]
    let tiedHits = 0
    let tiedMisses = 0
    for (; i < order.length && score[order[i]] === value; i++) {
      const row = order[i]
      const w = weight === undefined ? 1 : weight[row]
      if (hit[row] === 1) tiedHits += w
      else tiedMisses += w
    }
    area += tiedMisses * (hits + tiedHits / 2)
    hits += tiedHits
    misses += tiedMisses
  }
  return hits > 0 && misses > 0 ? area / (hits * misses) : Number.NaN
}

/** Average precision: the step sum of precision over recall, without interpolation; ties enter together. */
export function averagePrecision(score: Float64Array, hit: Uint8Array, weight?: Float64Array): number {
  return averagePrecisionInOrder(descendingOrder(score), score, hit, weight)
}

/** `averagePrecision` with the order given, so that a bootstrap sorts once. A weight of 0 leaves a row out. */
export function averagePrecisionInOrder(
  order: Int32Array,
  score: Float64Array,
  hit: Uint8Array,
  weight?: Float64Array,
): number {
  let hits = 0
  let signals = 0
  let sum = 0
  for (let i = 0; i < order.length; ) {
    const value = score[order[i]]
    let tiedHits = 0
    for (; i < order.length && score[order[i]] === value; i++) {
      const row = order[i]
      const w = weight === undefined ? 1 : weight[row]
      signals += w
      if (hit[row] === 1) tiedHits += w
    }
    hits += tiedHits
    if (tiedHits > 0) sum += (tiedHits * hits) / signals
  }
  return hits > 0 ? sum / hits : Number.NaN
}

function meanOf(n: number, weight: Float64Array | undefined, loss: (row: number) => number): number {
  assert(weight === undefined || weight.length === n, `${n} rows, ${weight?.length} weights`)
  let sum = 0
  let total = 0
  for (let i = 0; i < n; i++) {
    const w = weight === undefined ? 1 : weight[i]
    sum += w * loss(i)
    total += w
  }
  return total > 0 ? sum / total : Number.NaN
}
