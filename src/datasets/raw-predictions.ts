/**
 * What the model of a fit said, with all that calibration, threshold and scores need to know of the rows: with it they
 * can be made anew without the model, its features or its labels.
 */
import type { CalibratedSplit, PredictedRows } from '../validation/calibrate-split.js'
import type { RawPart } from '../validation/fit-split.js'
import type { Split } from '../validation/splits.js'
import { readParquet, type Schema, writeParquet } from './parquet.js'
import type { Predictions } from './prediction-table.js'
import type { TrainingTable } from './training-table.js'

export const RAW_PREDICTION_COLUMNS = {
  open_time: 'time',
  t0: 'time',
  t1: 'time',
  scored: 'integer', // 0: of the validation part
  path: 'integer', // of the scored rows
  usable: 'integer',
  label: 'double',
  outcome: 'integer',
  side: 'integer', // of the primary model
  weight: 'double',
  profit: 'double',
  stop: 'double',
} as const satisfies Schema

type Column = keyof typeof RAW_PREDICTION_COLUMNS
type Columns = Readonly<Record<Column, Float64Array>>

export type RawPredictions = { readonly validation: KeptRows; readonly scored: KeptRows }
export type KeptRows = PredictedRows & { readonly openTime: Float64Array; readonly path: Float64Array }

type Weighted = TrainingTable & { readonly weight: Float64Array }

/** Rows of a part with all that is known of them: as they are kept. */
export function keptRows({ rows, usable, predicted }: RawPart, table: Weighted, path: Float64Array): KeptRows {
  const take = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  return {
    ...{ rows: rows.length, usable: Float64Array.from(usable), predicted, path, openTime: take(table.openTime) },
    ...{ t0: take(table.t0), t1: take(table.t1), label: take(table.label), outcome: take(table.outcome) },
    ...{ side: take(table.side), weight: take(table.weight), profit: take(table.profit), stop: take(table.stop) },
  }
}

/** Both parts of a fit. @param paths  of each range of the scoring part */
export function rawPredictions(
  { validation, scored }: { readonly validation: RawPart; readonly scored: RawPart },
  table: Weighted,
  { split, paths }: { readonly split: Split; readonly paths: readonly number[] },
): RawPredictions {
  const pathOf = (row: number) => paths[split.score.ranges.findIndex(({ end }) => row < end)]
  return {
    validation: keptRows(validation, table, new Float64Array(validation.rows.length).fill(Number.NaN)),
    scored: keptRows(scored, table, Float64Array.from(scored.rows, pathOf)),
  }
}

/** @param width  numbers that the model gives for a row */
export function writeRawPredictions(path: string, raw: RawPredictions, width: number): Promise<void> {
  const { validation, scored } = raw
  const rows = validation.rows + scored.rows
  const joined = (of: (part: KeptRows) => Float64Array) => {
    const all = new Float64Array(rows)
    all.set(of(validation))
    all.set(of(scored), validation.rows)
    return all
  }
  const columns: Columns = {
    ...{ open_time: joined(({ openTime }) => openTime), t0: joined(({ t0 }) => t0), t1: joined(({ t1 }) => t1) },
    scored: new Float64Array(rows).fill(1, validation.rows),
    ...{ path: joined((part) => part.path), usable: joined(({ usable }) => usable) },
    ...{ label: joined(({ label }) => label), outcome: joined(({ outcome }) => outcome) },
    ...{ side: joined(({ side }) => side), weight: joined(({ weight }) => weight) },
    ...{ profit: joined(({ profit }) => profit), stop: joined(({ stop }) => stop) },
  }
  const given = Object.fromEntries(
    predictedNames(width).map((name, c) => [
      name,
      joined(({ rows, predicted }) => Float64Array.from({ length: rows }, (_, i) => predicted[i * width + c])),
    ]),
  )
  const types = Object.fromEntries(predictedNames(width).map((name) => [name, 'double' as const]))
  return writeParquet(path, { ...RAW_PREDICTION_COLUMNS, ...types }, { rows, numbers: { ...columns, ...given } })
}

/** @throws UserError when the file is damaged, or of a model that gives fewer numbers */
export async function readRawPredictions(path: string, width: number): Promise<RawPredictions> {
  const names = [...Object.keys(RAW_PREDICTION_COLUMNS), ...predictedNames(width)]
  const { rows, numbers } = await readParquet([path], names)
  const begin = numbers.scored.indexOf(1)
  const cut = begin < 0 ? rows : begin
  const part = (start: number, end: number): KeptRows => {
    const of = (column: Column) => numbers[column].subarray(start, end)
    const predicted = new Float64Array((end - start) * width)
    predictedNames(width).forEach((name, c) => {
      for (let row = start; row < end; row++) predicted[(row - start) * width + c] = numbers[name][row]
    })
    return {
      ...{ rows: end - start, predicted, openTime: of('open_time'), t0: of('t0'), t1: of('t1'), path: of('path') },
      ...{ usable: of('usable'), label: of('label'), outcome: of('outcome'), side: of('side') },
      ...{ weight: of('weight'), profit: of('profit'), stop: of('stop') },
    }
  }
  return { validation: part(0, cut), scored: part(cut, rows) }
}

/** `predicted_1`, … one a class in the model's order, or the value alone. */
function predictedNames(width: number): string[] {
  return Array.from({ length: width }, (_, i) => `predicted_${i + 1}`)
}

/** The scored rows as a bundle keeps them; `usable` marks those that count. */
export function foldPredictions(fold: number, scored: KeptRows, judged: CalibratedSplit): Predictions {
  const { rows, openTime, t0, t1, path, usable, label, outcome, profit, stop } = scored
  const { value, raw, calibrated, decisions, threshold } = judged
  return {
    ...{ rows, open_time: openTime, t0, t1, path, usable, label, outcome, profit, stop },
    fold: new Float64Array(rows).fill(fold),
    value: value ?? new Float64Array(rows).fill(Number.NaN),
    ...{ raw_long: raw.long, raw_short: raw.short, p_long: calibrated.long, p_short: calibrated.short },
    side: Float64Array.from(decisions.side),
    confidence: decisions.confidence,
    threshold: new Float64Array(rows).fill(threshold.threshold),
  }
}
