/**
 * Labels on disk: one row a decision bar, with what is learned, what a trade would have made of it, the interval that decided both and
 * the barriers they were judged by.
 */
import type { Labels } from '../labels/label.js'
import { type Frame, readParquet, type Schema } from './parquet.js'

export const LABELS_SCHEMA: Schema = {
  open_time: 'time',
  available_time: 'time',
  t0: 'time',
  t1: 'time',
  label: 'double',
  outcome: 'integer', // side whose trade would have won: 1, -1, 0 neither
  side: 'integer', // of the primary model; null where there is none or it is not known
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
      outcome: labels.outcome,
      side: labels.side,
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
  readonly outcome: Float64Array
  readonly side: Float64Array
  readonly profit: Float64Array
  readonly stop: Float64Array
}

export async function readLabels(paths: readonly string[]): Promise<LabelTable> {
  const columns = ['open_time', 't0', 't1', 'label', 'outcome', 'side', 'profit', 'stop']
  const { rows, numbers } = await readParquet(paths, columns)
  const { open_time: openTime, t0, t1, label, outcome, side, profit, stop } = numbers
  return { rows, openTime, t0, t1, label, outcome, side, profit, stop }
}
