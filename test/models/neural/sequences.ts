/** Sequences whose label the last row alone does not tell: it is the sign of what one column did some rows before. */

import { createRandom } from '../../../src/core/random.js'
import type { Matrix, TrainingSet } from '../../../src/models/model.js'

export type SequenceSample = {
  readonly table: Matrix
  readonly label: Int32Array
  /** Rows of the table with their history. */
  part(from: number, to: number): TrainingSet
}

/**
 * Two columns of noise. The label of row t is 1 when column 0 rose from row t − 6 to t − 3, and `flipped` of the labels are wrong. Each
 * row's own values tell nothing of it.
 */
export function plantedSequences(seed: number, rows: number, flipped = 0.05): SequenceSample {
  const random = createRandom(seed, 'sequences')
  const values = Float32Array.from({ length: rows * 2 }, () => random.normal())
  const label = Int32Array.from({ length: rows }, (_, t) => {
    const rose = t >= 6 && values[(t - 3) * 2] > values[(t - 6) * 2]
    return (random.next() < flipped ? !rose : rose) ? 1 : 0
  })
  const table = { rows, columns: 2, values }
  return { table, label, part: (from, to) => partOf(table, label, from, to) }
}

/** Rows `from` to `to`; none of their windows begins before `from`. */
export function partOf(table: Matrix, label: Int32Array, from: number, to: number): TrainingSet {
  const position = Int32Array.from({ length: to - from }, (_, i) => from + i)
  const { columns } = table
  return {
    x: {
      rows: to - from,
      columns,
      values: table.values.slice(from * columns, to * columns),
      history: { table, position, run: position.map((row) => row - from + 1) },
    },
    y: label.slice(from, to),
    weight: null,
  }
}
