/**
 * Features and labels as one table in memory: the rows that may take part in training, x row-major in float32.
 */
import { assert, UserError } from '../core/errors.js'
import { isoMinute } from '../core/time.js'
import type { Matrix } from '../models/model.js'
import { readLabels } from './label-table.js'
import { columnNames, readParquet } from './parquet.js'

export type TrainingTable = {
  readonly featureNames: readonly string[]
  readonly x: Matrix
  readonly stepMs: number
  readonly openTime: Float64Array
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly label: Float64Array // what is learned; NaN = not known, or the row has none
  readonly outcome: Float64Array // side whose trade would have won: 1, -1, 0 neither; NaN = not known
  readonly side: Float64Array // of the primary model: 1, -1, 0 none; NaN = there is none or it is not known
  readonly profit: Float64Array
  readonly stop: Float64Array
}

const KEYS = ['open_time', 'available_time']
/** Columns read at a time: bounds the copy in float64. */
const BATCH = 16

/** Half of a row's features are known. */
export function isTrainingRow(known: number, features: number): boolean {
  return known * 2 >= features
}

/**
 * A row takes part when at least half of its features are known: in holes and in the first warm-up they are not. What is unknown in
 * the other rows is left to the models.
 *
 * @throws UserError when the two tables are not of the same bars, or a cell is infinite
 */
export async function readTrainingTable(
  features: readonly string[],
  labels: readonly string[],
): Promise<TrainingTable> {
  const names = (await columnNames(features)).filter((name) => !KEYS.includes(name))
  const table = await readLabels(labels)
  const { numbers: keys } = await readParquet(features, ['open_time'])
  checkSameBars(keys.open_time, table.openTime)
  for (const name of ['t0', 't1', 'label', 'outcome', 'side', 'profit', 'stop'] as const)
    checkFinite(name, { read: table[name], kept: table[name] }, table.openTime, 'labels')
  const columns: Float32Array[] = []
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = names.slice(at, at + BATCH)
    const { numbers } = await readParquet(features, batch)
    for (const name of batch) {
      const column = Float32Array.from(numbers[name])
      checkFinite(name, { read: numbers[name], kept: column }, keys.open_time, 'features')
      columns.push(column)
    }
  }
  const kept = Int32Array.from({ length: table.rows }, (_, row) => row).filter((row) =>
    isTrainingRow(
      columns.reduce((known, column) => known + (Number.isNaN(column[row]) ? 0 : 1), 0),
      columns.length,
    ),
  )
  assert(columns.length > 0, 'a feature table without features')
  const values = new Float32Array(kept.length * columns.length)
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c]
    for (let i = 0; i < kept.length; i++) values[i * columns.length + c] = column[kept[i]]
  }
  const take = (x: Float64Array) => Float64Array.from(kept, (row) => x[row])
  return {
    featureNames: names,
    x: { rows: kept.length, columns: columns.length, values },
    stepMs: table.openTime[1] - table.openTime[0],
    openTime: take(table.openTime),
    t0: take(table.t0),
    t1: take(table.t1),
    label: take(table.label),
    outcome: take(table.outcome),
    side: take(table.side),
    profit: take(table.profit),
    stop: take(table.stop),
  }
}

/**
 * No model and no calibration can be made of an infinite number, and each would say so in words of its own.
 *
 * @param kept  the same as it is used: a double beyond 3.4e38 is infinite as float32
 * @throws UserError naming column, row and time of the first
 */
export function checkFinite(
  column: string,
  { read, kept }: { readonly read: Float64Array; readonly kept: Float64Array | Float32Array },
  openTime: Float64Array,
  table: string,
): void {
  let row = 0
  while (row < kept.length && Math.abs(kept[row]) !== Number.POSITIVE_INFINITY) row++
  if (row === kept.length) return
  const value = Number.isFinite(read[row]) ? `${read[row]}, more than a feature can hold (3.4e38)` : String(read[row])
  throw new UserError(`${column} of the ${table} is ${value} in row ${row}, ${isoMinute(openTime[row])}`, {
    hint: `run sluice run --from ${table} --force to make the table anew; a feature that stays so can be left out with features.exclude`,
  })
}

/** @throws UserError when the times differ; `other` says whose the second are */
export function checkSameBars(features: Float64Array, labels: Float64Array, other = 'labels'): void {
  const hint = 'run sluice run --from features to make both from the same bars'
  if (features.length !== labels.length) {
    throw new UserError(`the feature table has ${features.length} rows and the ${other} ${labels.length}`, { hint })
  }
  const row = features.findIndex((time, i) => time !== labels[i])
  if (row < 0) return
  const times = `${isoMinute(features[row])} in the feature table and ${isoMinute(labels[row])} in the ${other}`
  throw new UserError(`row ${row} is of ${times}`, { hint })
}
