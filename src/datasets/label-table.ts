/**
 * Labels on disk: one row a decision bar, with the interval that decided it and the barriers it was judged by.
 */
import type { Labels } from '../labels/label.js'
import { type Frame, readParquet, type Schema } from './parquet.js'

export const LABELS_SCHEMA: Schema = {
  open_time: 'time',
  available_time: 'time',
  t0: 'time',
  t1: 'time',
  label: 'double',
  entry_price: 'double',
  long_return: 'double',
  profit: 'double',
  stop: 'double',
  long_outcome: 'integer',
  short_outcome: 'integer',
}

export function labelsFrame(
  openTime: Float64Array,
  labels: Labels,
  distances: { readonly profit: Float64Array; readonly stop: Float64Array },
): Frame {
  return {
    rows: labels.rows,
    numbers: {
      open_time: openTime,
      available_time: labels.t0,
      t0: labels.t0,
      t1: labels.t1,
      label: labels.label,
      entry_price: labels.entryPrice,
      long_return: labels.longReturn,
      profit: distances.profit,
      stop: distances.stop,
      long_outcome: labels.longOutcome,
      short_outcome: labels.shortOutcome,
    },
  }
}

/** The columns that training and selection read. */
export type LabelTable = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly label: Float64Array
  readonly profit: Float64Array
  readonly stop: Float64Array
}

export async function readLabels(paths: readonly string[]): Promise<LabelTable> {
  const { rows, numbers } = await readParquet(paths, ['open_time', 't0', 't1', 'label', 'profit', 'stop'])
  const { open_time: openTime, t0, t1, label, profit, stop } = numbers
  return { rows, openTime, t0, t1, label, profit, stop }
}
