/**
 * From a table of all features to what a model of one split takes: some columns, scaled. The same for training, validation, scoring, and
 * for a bundle that is loaded again.
 */
import type { Matrix } from '../models/model.js'
import { type Scaling, scaleInPlace } from './scaling.js'

export type Preparation = {
  /** Ascending. */
  readonly columns: Int32Array
  readonly scaling: Scaling | null
}

/** A table of its own. [rows × columns] */
export function prepare(x: Matrix, rows: Int32Array, { columns, scaling }: Preparation): Matrix {
  const taken = takeRows(x, rows, columns)
  if (scaling !== null) scaleInPlace(scaling, taken)
  return taken
}

/** Some rows and columns, unscaled. */
export function takeRows(x: Matrix, rows: Int32Array, columns: Int32Array): Matrix {
  const width = columns.length
  const values = new Float32Array(rows.length * width)
  const whole = width === x.columns
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * x.columns
    if (whole) values.set(x.values.subarray(from, from + width), i * width)
    else for (let j = 0; j < width; j++) values[i * width + j] = x.values[from + columns[j]]
  }
  return { rows: rows.length, columns: width, values }
}
