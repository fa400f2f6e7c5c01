/**
 * Predictions on disk: a row for each decision bar of the parts that were never fitted on, and for each fold that scored it. `fold`
 * counts from 1; the test part is 0. The rows of one path cover what is out of fold once, so they can be traded as one account; schemes
 * that score a row once have path 1 alone, the test part has path 0.
 */
import type { Span } from '../core/time.js'
import { type Frame, readParquet, type Schema } from './parquet.js'
import { isTraded, type TradedPart } from './traded-parts.js'

export const PREDICTION_COLUMNS = {
  open_time: 'time',
  t0: 'time',
  t1: 'time',
  fold: 'integer',
  path: 'integer',
  usable: 'integer', // 1: may be scored: the outcome is known and clear of the borders
  label: 'double',
  outcome: 'integer', // the side whose trade won: 1, -1, 0 neither
  value: 'double', // of a regression
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

/** One table after the other. */
export function joinPredictions(tables: readonly Predictions[]): Predictions {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const joined = (name: PredictionColumn) => {
    const all = new Float64Array(rows)
    let at = 0
    for (const table of tables) {
      all.set(table[name], at)
      at += table.rows
    }
    return all
  }
  const columns = NAMES.map((name) => [name, joined(name)] as const)
  return { ...(Object.fromEntries(columns) as { [C in PredictionColumn]: Float64Array }), rows }
}

/** Ordered as they are kept: the paths one after the other, then the test part; each in order of time. */
export function inPaths(predictions: Predictions): Predictions {
  const { fold, path, t0 } = predictions
  const last = (row: number) => (fold[row] === 0 ? Number.POSITIVE_INFINITY : path[row])
  const rows = Array.from({ length: predictions.rows }, (_, row) => row)
  return takeRows(
    predictions,
    rows.sort((a, b) => (last(a) === last(b) ? t0[a] - t0[b] : last(a) - last(b))),
  )
}

/** From the first decision to the last outcome that is known, or the last decision. Infinite without rows. */
export function spanOf({ t0, t1 }: Pick<Predictions, 't0' | 't1'>): Span {
  const latest = (times: Float64Array) =>
    times.reduce((last, time) => Math.max(last, Number.isNaN(time) ? last : time), Number.NEGATIVE_INFINITY)
  return {
    from: t0.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY),
    to: Math.max(latest(t0), latest(t1)),
  }
}

/** The rows that the account of one part trades. */
export function tradedRows(predictions: Predictions, part: TradedPart): Predictions {
  return selectPredictions(predictions, (row) => isTraded(part, predictions, row))
}

/** Chosen rows, as a table of their own. */
export function selectPredictions(predictions: Predictions, keep: (row: number) => boolean): Predictions {
  const rows: number[] = []
  for (let row = 0; row < predictions.rows; row++) if (keep(row)) rows.push(row)
  return takeRows(predictions, rows)
}

function takeRows(predictions: Predictions, rows: readonly number[]): Predictions {
  const columns = NAMES.map((name) => [name, Float64Array.from(rows, (row) => predictions[name][row])] as const)
  return { ...(Object.fromEntries(columns) as { [C in PredictionColumn]: Float64Array }), rows: rows.length }
}
