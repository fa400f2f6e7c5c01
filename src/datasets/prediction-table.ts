/**
 * Predictions on disk: one row a decision bar of the parts that were never fitted on. `fold` counts from 1; the test part is 0.
 */
import { type Frame, readParquet, type Schema } from './parquet.js'

export const PREDICTION_COLUMNS = {
  open_time: 'time',
  t0: 'time',
  t1: 'time',
  fold: 'integer',
  usable: 'integer', // 1: may be scored: the outcome is known and clear of the borders
  label: 'double',
  raw_long: 'double',
  raw_short: 'double',
  p_long: 'double',
  p_short: 'double',
  side: 'integer',
  confidence: 'double',
  threshold: 'double',
  profit: 'double',
  stop: 'double',
} as const satisfies Schema

export type PredictionColumn = keyof typeof PREDICTION_COLUMNS
export type Predictions = { readonly rows: number } & { readonly [C in PredictionColumn]: Float64Array }

const NAMES = Object.keys(PREDICTION_COLUMNS) as PredictionColumn[]

export function predictionFrame(predictions: Predictions): Frame {
  return { rows: predictions.rows, numbers: Object.fromEntries(NAMES.map((name) => [name, predictions[name]])) }
}

export async function readPredictions(paths: readonly string[]): Promise<Predictions> {
  const { rows, numbers } = await readParquet(paths, NAMES)
  return { ...(numbers as { [C in PredictionColumn]: Float64Array }), rows }
}

/** The rows of one part, as a table of their own. */
export function selectPredictions(predictions: Predictions, keep: (row: number) => boolean): Predictions {
  const rows: number[] = []
  for (let row = 0; row < predictions.rows; row++) if (keep(row)) rows.push(row)
  const columns = NAMES.map((name) => [name, Float64Array.from(rows, (row) => predictions[name][row])] as const)
  return { ...(Object.fromEntries(columns) as { [C in PredictionColumn]: Float64Array }), rows: rows.length }
}
