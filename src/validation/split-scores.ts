/** What a split's scoring part says of its model. The label is what was learned; the outcome is what a trade would have made. */

import type { SideProbabilities } from './calibration.js'
import type { Decisions, ThresholdChoice } from './decision.js'
import { type RegressionScores, regressionScores } from './regression-scores.js'
import { hitsOf, logLossOfClasses, rocAuc } from './scores.js'
import type { SideTerms } from './sides.js'
import type { Part } from './splits.js'

/** On the rows of the scoring part whose outcome counts; null where it cannot be computed. */
export type SplitScores = {
  readonly rows: number
  readonly logLoss: number | null // of the classes
  readonly aucLong: number | null
  readonly aucShort: number | null
  readonly signals: number
  readonly precision: number | null
  readonly regression: { readonly [K in keyof RegressionScores]: number | null } | null // null: the label has classes
}

export type Judged = {
  readonly label: Float64Array // of the whole table [n]
  readonly outcome: Float64Array // [n]
  readonly side: Float64Array // of the primary model [n]
  readonly terms: SideTerms
  readonly rows: Int32Array // of the whole scoring part [m]
  readonly predicted: Float64Array // what the model gives [m × classes, or m values]
  readonly raw: SideProbabilities // [m]
  readonly decisions: Decisions // [m]
  readonly threshold: ThresholdChoice
}

export function scoreSplit(part: Pick<Part, 'rows'>, judged: Judged): SplitScores {
  const { label, outcome, side, rows, predicted, raw, decisions, threshold } = judged
  const { source, classes } = judged.terms
  const counts = new Set(part.rows)
  const kept = Int32Array.from(rows.keys()).filter((i) => counts.has(rows[i]))
  const labelled = kept.filter((i) => !Number.isNaN(label[rows[i]]))
  const actual = Float64Array.from(labelled, (i) => label[rows[i]])
  const auc = (p: Float64Array, value: number) => {
    if (source === null || (source === 'class' && !classes.includes(value))) return null
    // Where the primary model took the other side, this one was never asked about.
    const asked = source === 'primary' ? kept.filter((i) => side[rows[i]] === value) : kept
    const hit = hitsOf(
      Float64Array.from(asked, (i) => outcome[rows[i]]),
      value,
    )
    return orNull(
      rocAuc(
        Float64Array.from(asked, (i) => p[i]),
        hit,
      ),
    )
  }
  const signals = kept.filter((i) => decisions.side[i] !== 0 && decisions.confidence[i] >= threshold.threshold)
  const hits = signals.filter((i) => decisions.side[i] === outcome[rows[i]]).length
  const column = (c: number) => Float64Array.from(labelled, (i) => predicted[i * classes.length + c])
  return {
    rows: part.rows.length,
    logLoss:
      classes.length === 0
        ? null
        : orNull(
            logLossOfClasses(
              classes.map((_, c) => column(c)),
              Int32Array.from(actual, (value) => classes.indexOf(value)),
            ),
          ),
    aucLong: auc(raw.long, 1),
    aucShort: auc(raw.short, -1),
    signals: signals.length,
    precision: signals.length > 0 ? hits / signals.length : null,
    regression:
      classes.length > 0
        ? null
        : valuesOrNull(
            regressionScores(
              Float64Array.from(labelled, (i) => predicted[i]),
              actual,
            ),
          ),
  }
}

function valuesOrNull(scores: RegressionScores): { readonly [K in keyof RegressionScores]: number | null } {
  const { mse, mae, r2, explainedVariance } = scores
  return { mse: orNull(mse), mae: orNull(mae), r2: orNull(r2), explainedVariance: orNull(explainedVariance) }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
