/**
 * A fit as it lies on disk: predictions of its scoring part, what it learnt and how, and the model's own files.
 */
import type { Json } from '../core/canonical.js'
import type { SplitOutcome } from '../validation/fit-split.js'
import type { Split } from '../validation/splits.js'
import type { Predictions } from './prediction-table.js'
import type { TrainingTable } from './training-table.js'

export type Fit = {
  readonly model: string
  readonly fold: number // from 1; 0 is the final split
  readonly split: Split
  readonly paths: readonly number[] // of each range of the scoring part
  readonly outcome: SplitOutcome
}

/** Every row of the scoring part; `usable` marks those that count. */
export function fitPredictions({ fold, split, paths, outcome }: Fit, table: TrainingTable): Predictions {
  const { rows, value, raw, calibrated, decisions, threshold } = outcome
  const usable = new Set(outcome.usable)
  const take = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  return {
    rows: rows.length,
    open_time: take(table.openTime),
    t0: take(table.t0),
    t1: take(table.t1),
    fold: new Float64Array(rows.length).fill(fold),
    path: Float64Array.from(rows, (row) => paths[split.score.ranges.findIndex(({ end }) => row < end)]),
    usable: Float64Array.from(rows, (row) => (usable.has(row) ? 1 : 0)),
    label: take(table.label),
    outcome: take(table.outcome),
    value: value ?? new Float64Array(rows.length).fill(Number.NaN),
    raw_long: raw.long,
    raw_short: raw.short,
    p_long: calibrated.long,
    p_short: calibrated.short,
    side: Float64Array.from(decisions.side),
    confidence: decisions.confidence,
    threshold: new Float64Array(rows.length).fill(threshold.threshold),
    profit: take(table.profit),
    stop: take(table.stop),
  }
}

/** `fit.json`; `bundle` reads it back. `rows` of a part are those that the model used: with a whole window, where it reads one. */
export function fitReport({ model, fold, split, outcome }: Fit, { t0, t1 }: TrainingTable): Json {
  const part = (name: 'train' | 'validation' | 'score') => {
    const { span, ranges, rows, purged, unlabelled } = split[name]
    const used = rows.length - (outcome.windows?.leftOut[name] ?? 0)
    // Per range, from the first t0 to the last t1 of the rows that were learnt from: what no scored row may meet.
    const learnt = name === 'score' ? {} : { learnt: ranges.flatMap((range) => learntOf(range, rows, { t0, t1 })) }
    const whole = { from: span.from, to: span.to, rows: used, purged, unlabelled, ...learnt }
    // A part in pieces is not what lies between its ends.
    if (ranges.length === 1) return whole
    return { ...whole, ranges: ranges.map(({ start, end }) => ({ from: t0[start], to: t0[end - 1] })) }
  }
  return {
    model,
    fold,
    bestRound: outcome.model.bestRound,
    rounds: outcome.model.history.length,
    threshold: finite(outcome.threshold),
    calibration: outcome.calibration as unknown as Json,
    scores: outcome.scores,
    ...(outcome.windows === null ? {} : { windows: outcome.windows }),
    parts: { train: part('train'), validation: part('validation'), score: part('score') },
  }
}

function learntOf(
  { start, end }: { readonly start: number; readonly end: number },
  rows: Int32Array,
  { t0, t1 }: Pick<TrainingTable, 't0' | 't1'>,
): { readonly from: number; readonly to: number }[] {
  const own = rows.filter((row) => row >= start && row < end)
  if (own.length === 0) return []
  return [{ from: t0[own[0]], to: own.reduce((latest, row) => Math.max(latest, t1[row]), Number.NEGATIVE_INFINITY) }]
}

export function importanceCsv({ outcome }: Fit): string {
  const rows = outcome.importance.map(
    ({ feature, gain, permutation = Number.NaN }) =>
      `${feature},${gain},${Number.isNaN(permutation) ? '' : permutation}\n`,
  )
  return `feature,gain,permutation\n${rows.join('')}`
}

export function historyCsv({ outcome }: Fit): string {
  const rows = outcome.model.history.map(
    ({ round, trainLoss, validationLoss }) => `${round},${trainLoss},${validationLoss}\n`,
  )
  return `round,train_loss,validation_loss\n${rows.join('')}`
}

/** JSON has no NaN. */
function finite<T extends object>(value: T): Record<string, Json> {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, Number.isNaN(entry) ? null : entry]))
}
