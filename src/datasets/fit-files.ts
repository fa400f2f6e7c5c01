/**
 * A fit as it lies on disk, besides what its model said: what it learnt and how.
 */
import type { Json } from '../core/canonical.js'
import type { SplitOutcome, Unfitted } from '../validation/fit-split.js'
import type { Split } from '../validation/splits.js'
import type { TrainingTable } from './training-table.js'

export type Fit = {
  readonly model: string
  readonly fold: number // from 1; 0 is the final split
  readonly split: Split
  readonly scoredMs: number // length of what the threshold will be judged on
  readonly outcome: SplitOutcome | Unfitted
}

/** `fit.json`; `bundle` reads it back. `rows` of a part are those that the model used: with a whole window, where it reads one. */
export function fitReport({ model, fold, split, scoredMs, outcome }: Fit, { t0, t1 }: TrainingTable): Json {
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
    ...(outcome.model === null ? { noModel: outcome.why } : {}),
    bestRound: outcome.model?.bestRound ?? null,
    rounds: outcome.model?.history.length ?? 0,
    terms: outcome.terms,
    scoredMs,
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

export function importanceCsv({ importance }: Pick<SplitOutcome, 'importance'>): string {
  const rows = importance.map(
    ({ feature, gain, permutation = Number.NaN }) =>
      `${feature},${gain},${Number.isNaN(permutation) ? '' : permutation}\n`,
  )
  return `feature,gain,permutation\n${rows.join('')}`
}

export function historyCsv({ model }: Pick<SplitOutcome, 'model'>): string {
  const rows = model.history.map(({ round, trainLoss, validationLoss }) => `${round},${trainLoss},${validationLoss}\n`)
  return `round,train_loss,validation_loss\n${rows.join('')}`
}
