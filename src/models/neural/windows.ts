/**
 * Sequences as views: a row's window is the rows of the table that lead up to it. Nothing is copied but the batch at hand, which is
 * scaled on the way.
 */
import type { Matrix } from '../model.js'
import { type Scaler, scaleRow } from '../scaler.js'

export type Windows = {
  readonly rows: number
  /** Rows whose window is whole; the others cannot be fitted or predicted. */
  readonly whole: Int32Array
  /** Writes the windows of `chosen` step after step, scaled. [steps × chosen × features] */
  gather(chosen: Int32Array, out: Float32Array): void
}

/** Of a table without history each row stands alone: only a window of one step is whole. */
export function windowsOf(x: Matrix, steps: number, scaler: Scaler): Windows {
  const { table, position, run } = x.history ?? { table: x, position: null, run: null }
  const rows = Int32Array.from({ length: x.rows }, (_, row) => row)
  const width = x.columns
  return {
    rows: x.rows,
    whole: rows.filter((row) => (run?.[row] ?? 1) >= steps),
    gather(chosen, out) {
      for (let i = 0; i < chosen.length; i++) {
        const last = position?.[chosen[i]] ?? chosen[i]
        for (let t = 0; t < steps; t++) {
          scaleRow(scaler, table, last - steps + 1 + t, out, (t * chosen.length + i) * width)
        }
      }
    },
  }
}
