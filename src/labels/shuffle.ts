/**
 * Labels moved to other rows, for a placebo: what is left to learn is nothing, and whoever still finds something has found a leak or
 * chance. Whole days are moved, so that neighbouring labels stay as alike as they are.
 */
import { createRandom } from '../core/random.js'
import type { Labels } from './label.js'

type Distances = { readonly profit: Float64Array; readonly stop: Float64Array }

/**
 * For each row the row whose label it gets: blocks of `blockRows` rows in another order, each in its own order within. What is left over
 * at the end is a block of its own.
 *
 * @param seed  of the order; the stream is this file's own
 * @returns     a permutation of 0 … rows − 1 [rows]
 */
export function shuffledRows(rows: number, blockRows: number, seed: number): Int32Array {
  const starts = Array.from({ length: Math.ceil(rows / blockRows) }, (_, i) => i * blockRows)
  const random = createRandom(seed, 'labels shuffle')
  for (let i = starts.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[starts[i], starts[j]] = [starts[j], starts[i]]
  }
  const from = new Int32Array(rows)
  let row = 0
  for (const start of starts) {
    for (let i = start; i < Math.min(start + blockRows, rows); i++) from[row++] = i
  }
  return from
}

/**
 * The labels in the order of `from`, with the barriers they were judged by. Times keep their distance to the row's own t0; a label that was
 * unknown stays so.
 *
 * @param distances  of the barriers, moved along [rows]
 */
export function moveLabels(
  labels: Labels,
  { profit, stop }: Distances,
  from: Int32Array,
): { readonly labels: Labels; readonly distances: Distances } {
  const { t0 } = labels
  const taken = <T extends Float64Array | Int8Array>(x: T) => x.map((_, row) => x[from[row]]) as T
  const later = (x: Float64Array) => x.map((_, row) => x[from[row]] - t0[from[row]] + t0[row])
  return {
    labels: {
      type: labels.type,
      rows: labels.rows,
      t0,
      t1: later(labels.t1),
      longOutcome: taken(labels.longOutcome),
      shortOutcome: taken(labels.shortOutcome),
      label: taken(labels.label),
      outcome: taken(labels.outcome),
      side: taken(labels.side),
      entryPrice: taken(labels.entryPrice),
      longReturn: taken(labels.longReturn),
    },
    distances: { profit: taken(profit), stop: taken(stop) },
  }
}
