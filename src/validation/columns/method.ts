/**
 * What a way to select features is: one entry in the registry. It is shown the training part of one fold and nothing else; what is
 * shared by all (which rows, which target, how a model ranks) is handed in.
 */
import type { Matrix } from '../../models/model.js'

export type SelectionParameter = {
  readonly default: number
  /** Both ends are allowed. */
  readonly range: readonly [number, number]
  readonly integer?: true
  readonly meaning: string
}

export type SelectionView = {
  /** The whole table: read through `rows` and `sample` only. */
  readonly x: Matrix
  /** Training rows with a target, ascending. */
  readonly rows: Int32Array
  /** Some thousands of them: enough for a column's shape, and few enough for a thousand columns. */
  readonly sample: Int32Array
  /** Of the sampled rows: the class's number, or the value when `classes` is 1. [sample] */
  readonly target: Float64Array
  readonly classes: number
  /**
   * How much a fresh model of the candidate's own kind leans on each column, larger is more. It is fitted on the training part; the
   * fold's validation part may stop it early and does nothing else. [columns]
   */
  readonly gain: (columns: Int32Array) => Promise<Float64Array>
}

/** `value` is what the method measured; `like` the kept column that says the same. */
export type Dropped = { readonly column: number; readonly value: number; readonly like?: number }

export type Choice = { readonly kept: Int32Array; readonly dropped: readonly Dropped[] }

export interface SelectionMethod {
  readonly name: string
  readonly meaning: string
  readonly reference: string
  /** In the order in which they are written after the name. */
  readonly parameters: Readonly<Record<string, SelectionParameter>>
  /**
   * @param columns  candidates, best first as far as an earlier step ranked them, else in the table's order
   * @param values   one per parameter, checked
   * @returns        what stays, best first where the method ranks, else in the given order
   */
  choose(view: SelectionView, columns: Int32Array, values: readonly number[]): Promise<Choice>
}

/** The columns with the `most` largest values, largest first; equal values in the given order. */
export function largestOf(columns: Int32Array, values: Float64Array, most: number): Choice {
  const order = [...columns.keys()].sort((a, b) => values[b] - values[a] || a - b)
  return {
    kept: Int32Array.from(order.slice(0, most), (i) => columns[i]),
    dropped: order.slice(most).map((i) => ({ column: columns[i], value: values[i] })),
  }
}

/** Some rows of one column. ±Infinity counts as not known. */
export function columnOf({ values, columns }: Matrix, rows: Int32Array, column: number): Float64Array {
  const taken = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i] * columns + column]
    taken[i] = Number.isFinite(value) ? value : Number.NaN
  }
  return taken
}
