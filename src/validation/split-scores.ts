/** What a split's scoring part says of its model. The label is what was learned; the outcome is what a trade would have made. */

import type { SideProbabilities } from './calibration.js'
import type { Decisions, ThresholdChoice } from './decision.js'
import { type RegressionScores, regressionScores } from './regression-scores.js'
import { hitsOf, logLossOfClasses, rocAuc } from './scores.js'
import type { SideTerms } from './sides.js'

/**
 * By what a model says, before it is calibrated; on the rows of the scoring part that count. Null where it cannot be
 * computed.
 */
export type RawScores = {
  readonly rows: number
  readonly logLoss: number | null // of the classes
  readonly aucLong: number | null
  readonly aucShort: number | null
  readonly regression: { readonly [K in keyof RegressionScores]: number | null } | null // null: the label has classes
}

/** By the signals that came of it. */
export type SignalScores = { readonly signals: number; readonly precision: number | null }

export type SplitScores = RawScores & SignalScores

/** Of the whole scoring part [n] each. */
export type ScoredPart = {
  readonly usable: Uint8Array | Float64Array // 1: the row counts
  readonly label: Float64Array
  readonly outcome: Float64Array
  readonly side: Float64Array // of the primary model
}

/**
 * @param predicted  what the model gives [n × classes, or n values]
 * @param raw        the same as chances of the sides [n]
 */
export function rawScores(
  { usable, label, outcome, side }: ScoredPart,
  { source, classes }: SideTerms,
  predicted: Float64Array,
  raw: SideProbabilities,
): RawScores {
  const kept = countedRows(usable)
  const labelled = kept.filter((i) => !Number.isNaN(label[i]))
  const actual = pick(label, labelled)
  const auc = (p: Float64Array, value: number) => {
    if (source === null || (source === 'class' && !classes.includes(value))) return null
    // Where the primary model took the other side, this one was never asked about.
    const asked = source === 'primary' ? kept.filter((i) => side[i] === value) : kept
    return orNull(rocAuc(pick(p, asked), hitsOf(pick(outcome, asked), value)))
  }
  const column = (c: number) => Float64Array.from(labelled, (i) => predicted[i * classes.length + c])
  const logLoss = () =>
    logLossOfClasses(
      classes.map((_, c) => column(c)),
      Int32Array.from(actual, (value) => classes.indexOf(value)),
    )
  return {
    rows: kept.length,
    logLoss: classes.length === 0 ? null : orNull(logLoss()),
    aucLong: auc(raw.long, 1),
    aucShort: auc(raw.short, -1),
    regression: classes.length > 0 ? null : valuesOrNull(regressionScores(pick(predicted, labelled), actual)),
  }
}

export function signalScores(
  { usable, outcome }: Pick<ScoredPart, 'usable' | 'outcome'>,
  { side, confidence }: Decisions,
  { threshold }: Pick<ThresholdChoice, 'threshold'>,
): SignalScores {
  const signals = countedRows(usable).filter((i) => side[i] !== 0 && confidence[i] >= threshold)
  const hits = signals.filter((i) => side[i] === outcome[i]).length
  return { signals: signals.length, precision: signals.length > 0 ? hits / signals.length : null }
}

function countedRows(usable: ScoredPart['usable']): Int32Array {
  return Int32Array.from(usable.keys()).filter((i) => usable[i] === 1)
}

function pick(x: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => x[row])
}

function valuesOrNull(scores: RegressionScores): { readonly [K in keyof RegressionScores]: number | null } {
  const { mse, mae, r2, explainedVariance } = scores
  return { mse: orNull(mse), mae: orNull(mae), r2: orNull(r2), explainedVariance: orNull(explainedVariance) }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
