/**
 * Sequences inside one part of a split: which rows have so many rows right before them. A window must not reach over a gap in time, out of
 * its part, or over rows that were purged from it.
 */
import { assert, UserError } from '../core/errors.js'
import type { History, Matrix } from '../models/model.js'
import { type Preparation, prepare } from './prepare.js'
import type { Intervals, Part, Split } from './splits.js'

export type Timed = Intervals & {
  readonly x: Matrix
  /** From a row to the next where none is missing; only needed for sequences. */
  readonly stepMs?: number
}

/** Rows of a part that count and whose window is not whole. */
export type WindowReport = {
  readonly rows: number // of a window
  readonly leftOut: { readonly train: number; readonly validation: number; readonly score: number }
}

/**
 * How many rows of the part follow each other without a break up to each row of the table, itself included; 0 outside the part. Rows
 * without a label may lie in between, for their features are known.
 *
 * @returns [rows of the table]
 */
export function runsOf({ t0, t1, stepMs }: Omit<Timed, 'x'>, part: Pick<Part, 'ranges' | 'rows'>): Int32Array {
  assert(stepMs !== undefined && stepMs > 0, `a table of sequences has a step of ${stepMs} ms`)
  const runs = new Int32Array(t0.length)
  const usable = new Set(part.rows)
  for (const { start, end } of part.ranges) {
    for (let row = start; row < end; row++) {
      const purged = !usable.has(row) && !Number.isNaN(t1[row])
      const follows = row > start && t0[row] - t0[row - 1] === stepMs
      runs[row] = purged ? 0 : (follows ? runs[row - 1] : 0) + 1
    }
  }
  return runs
}

/** Runs of a table that is one part. [rows] */
export function timeRuns(t0: Float64Array, stepMs: number): Int32Array {
  const rows = Int32Array.from({ length: t0.length }, (_, row) => row)
  const whole = { ranges: [{ start: 0, end: rows.length }], rows }
  return runsOf({ t0, t1: t0, stepMs }, whole)
}

/** Of the scoring part the whole ranges are predicted, so nothing in them breaks a run but time. */
export function scoredRuns(table: Timed, part: Part): Int32Array {
  const rows = part.ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))
  return runsOf(table, { ...part, rows: Int32Array.from(rows) })
}

export type Sequences = {
  /** The split without the rows whose window is not whole. */
  readonly split: Split
  readonly report: WindowReport
  /** Run of each row of the table, by part. */
  readonly runs: { readonly train: Int32Array; readonly validation: Int32Array; readonly score: Int32Array }
}

/**
 * @param window  rows that a prediction reads
 * @throws UserError when a part has no row with so many before it
 */
export function sequencesOf(table: Timed, split: Split, window: number): Sequences {
  const runs = {
    train: runsOf(table, split.train),
    validation: runsOf(table, split.validation),
    score: scoredRuns(table, split.score),
  }
  const narrowed = (name: 'train' | 'validation' | 'score'): Part => {
    const part = split[name]
    const rows = part.rows.filter((row) => runs[name][row] >= window)
    if (rows.length === 0) {
      const longest = runs[name].reduce((most, run) => Math.max(most, run), 0)
      throw new UserError(
        `${split.name}: windows of ${window} rows do not fit the ${name} part, whose longest stretch has ${longest}`,
        { hint: 'lower steps of the model under models, or take a longer span of time' },
      )
    }
    return { ...part, rows }
  }
  const parts = { train: narrowed('train'), validation: narrowed('validation'), score: narrowed('score') }
  const leftOut = (name: keyof typeof parts) => split[name].rows.length - parts[name].rows.length
  return {
    split: { name: split.name, ...parts },
    report: {
      rows: window,
      leftOut: { train: leftOut('train'), validation: leftOut('validation'), score: leftOut('score') },
    },
    runs,
  }
}

/** Rows with what came before them; the table is prepared once for all parts that share `whole`. */
export function withHistory(whole: Matrix, rows: Int32Array, runs: Int32Array): Matrix {
  const { columns } = whole
  const values = new Float32Array(rows.length * columns)
  rows.forEach((row, i) => {
    values.set(whole.values.subarray(row * columns, (row + 1) * columns), i * columns)
  })
  const history: History = { table: whole, position: rows, run: Int32Array.from(rows, (row) => runs[row]) }
  return { rows: rows.length, columns, values, history }
}

/** All rows of the table, as a model takes them. */
export function prepareAll(x: Matrix, preparation: Preparation): Matrix {
  return prepare(
    x,
    Int32Array.from({ length: x.rows }, (_, row) => row),
    preparation,
  )
}
