/**
 * An ensemble over all folds. What it knows of its members when it scores a fold are their predictions out of earlier folds whose outcomes were
 * known an embargo before it begins, made by models that had learnt from nothing later either; from them come its
 * weights, its calibration and its threshold. The first fold, which has none before it, takes equal weights and the
 * mean of its members' thresholds.
 */
import { assert } from '../../core/errors.js'
import type { Span } from '../../core/time.js'
import { type CalibrateSettings, type CalibrationRecord, tuneSides } from '../calibrate-split.js'
import { type SideCalibrator, type SideProbabilities, sidesToJson } from '../calibration.js'
import { breakEven, type Decisions, decide, type Payoff, type ThresholdChoice, typicalOf } from '../decision.js'
import { calibrateSides, type SideTerms } from '../sides.js'
import { rawScores, type SplitScores, signalScores } from '../split-scores.js'
import { type Blend, evenBlend, LEAST_INDEPENDENT, learnBlend, pool } from './blend.js'
import type { EnsembleName } from './registry.js'

/** Of one member: the rows of a bundle, all members the same ones in the same order. [n] each */
export type MemberRows = {
  readonly rows: number
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly fold: Float64Array // from 1; 0 is the test part
  readonly path: Float64Array
  readonly usable: Float64Array
  readonly outcome: Float64Array
  readonly p_long: Float64Array
  readonly p_short: Float64Array
  readonly threshold: Float64Array
  readonly profit: Float64Array
  readonly stop: Float64Array
  /**
   * By fold: the last t1 of what its model was fitted, stopped and calibrated on. What a fold that is not named says
   * is not learnt from.
   */
  readonly learntTo: ReadonlyMap<number, number>
}

export type JoinSettings = CalibrateSettings & {
  readonly name: EnsembleName
  readonly terms: SideTerms
  readonly horizonMs: number
  /** Between what is learnt from and what is scored. */
  readonly embargoMs: number
  /** Average uniqueness of intervals. */
  readonly uniqueness: (t0: Float64Array, t1: Float64Array) => Float64Array
}

export type JoinedFold = {
  readonly fold: number
  readonly rows: Int32Array // that it scores
  readonly blend: Blend
  readonly learnt: Span | null // from the first t0 to the last t1 of what the weights were learnt from
  readonly learntRows: number
  readonly raw: SideProbabilities // [rows]
  readonly calibrated: SideProbabilities
  readonly calibrator: SideCalibrator | null
  readonly calibration: CalibrationRecord
  readonly decisions: Decisions
  readonly threshold: ThresholdChoice
}

/** @param regime  range of the market at each row, NaN not known [n] */
export function joinFolds(members: readonly MemberRows[], regime: Float64Array, settings: JoinSettings): JoinedFold[] {
  const [first] = members
  for (const member of members) {
    const same =
      member.rows === first.rows && member.t0.every((t, i) => t === first.t0[i] && member.fold[i] === first.fold[i])
    assert(same, 'the members of an ensemble do not predict the same rows')
  }
  const folds = [...new Set(first.fold)].sort((a, b) => a - b)
  return folds.map((fold) => joinFold(fold, members, regime, settings))
}

function joinFold(
  fold: number,
  members: readonly MemberRows[],
  regime: Float64Array,
  settings: JoinSettings,
): JoinedFold {
  const [first] = members
  const all = Int32Array.from({ length: first.rows }, (_, i) => i)
  const rows = all.filter((i) => first.fold[i] === fold)
  const begin = rows.reduce((least, i) => Math.min(least, first.t0[i]), Number.POSITIVE_INFINITY)
  const over = begin - settings.embargoMs
  // A model that had seen the scored rows, or later ones, would tell of them through how right it was before.
  const early = new Set(
    [...new Set(first.fold)].filter(
      (one) => one > 0 && members.every(({ learntTo }) => (learntTo.get(one) ?? Number.POSITIVE_INFINITY) <= over),
    ),
  )
  const earlier = all
    .filter((i) => early.has(first.fold[i]) && first.path[i] === 1 && first.usable[i] === 1 && first.t1[i] <= over)
    .filter(
      (i) => !Number.isNaN(first.outcome[i]) && members.every((one) => !Number.isNaN(one.p_long[i] + one.p_short[i])),
    )
    .sort((a, b) => first.t0[a] - first.t0[b])
  const known = learntRows(earlier, members, regime, settings)
  const independent = known.weight.reduce((sum, weight) => sum + weight, 0)
  const enough = independent >= LEAST_INDEPENDENT
  const blend = enough ? learnBlend(settings.name, known) : evenBlend(members.length)
  const of = (x: Float64Array, chosen: Int32Array) => Float64Array.from(chosen, (i) => x[i])
  const said = (chosen: Int32Array) =>
    pool(
      blend,
      members.map((one) => ({ long: of(one.p_long, chosen), short: of(one.p_short, chosen) })),
      of(regime, chosen),
    )
  const { terms } = settings
  const none = (chosen: Int32Array) => new Float64Array(chosen.length).fill(Number.NaN)
  const scored = enough ? earlier : rows
  const payoff = {
    profit: typicalOf(first.profit, scored),
    stop: typicalOf(first.stop, scored),
    costs: settings.costs,
  }
  const scoredMs = rows.reduce((last, i) => Math.max(last, first.t0[i]), 0) - begin + settings.horizonMs
  const tuned = enough
    ? tuneSides(
        {
          raw: said(earlier),
          outcome: known.outcome,
          side: none(earlier),
          uniqueness: known.weight,
          ...{ t0: of(first.t0, earlier), t1: of(first.t1, earlier) },
        },
        terms,
        { ...settings, payoff, scoredMs },
      )
    : { calibrator: null, choice: null, threshold: meanThreshold(rows, members, settings, payoff) }
  const raw = said(rows)
  const calibrated = calibrateSides(tuned.calibrator, raw, terms.source, none(rows))
  return {
    ...{ fold, rows, blend, raw, calibrated, calibrator: tuned.calibrator, threshold: tuned.threshold },
    learnt: enough
      ? { from: first.t0[earlier[0]], to: earlier.reduce((last, i) => Math.max(last, first.t1[i]), 0) }
      : null,
    learntRows: enough ? earlier.length : 0,
    calibration: {
      ...terms,
      ...(tuned.calibrator === null ? {} : sidesToJson(tuned.calibrator)),
      choice: tuned.choice,
    },
    decisions: decide(calibrated, settings),
  }
}

/** Of a label with classes also the log loss, of what the pool says before it is calibrated; a regression's value is not joined. */
export function scoresOf(
  { rows, raw, decisions, threshold, calibration: { source, classes, scale } }: JoinedFold,
  { label, outcome, usable }: Pick<MemberRows, 'outcome' | 'usable'> & { readonly label: Float64Array },
): SplitScores {
  const width = Math.max(1, classes.length)
  const predicted = new Float64Array(rows.length * width).fill(Number.NaN)
  classes.forEach((value, c) => {
    for (let i = 0; i < rows.length; i++) {
      const rest = Math.max(1e-6, 1 - raw.long[i] - raw.short[i])
      predicted[i * width + c] = value === 1 ? raw.long[i] : value === -1 ? raw.short[i] : rest
    }
  })
  const of = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  const side = new Float64Array(rows.length).fill(Number.NaN)
  const part = { usable: of(usable), label: of(label), outcome: of(outcome), side }
  const terms = { source, classes, scale }
  return { ...rawScores(part, terms, predicted, raw), ...signalScores(part, decisions, threshold) }
}

function learntRows(
  earlier: Int32Array,
  members: readonly MemberRows[],
  regime: Float64Array,
  { uniqueness }: JoinSettings,
) {
  const [first] = members
  const of = (x: Float64Array) => Float64Array.from(earlier, (i) => x[i])
  return {
    members: members.map((one) => ({ long: of(one.p_long), short: of(one.p_short) })),
    outcome: of(first.outcome),
    weight: uniqueness(of(first.t0), of(first.t1)),
    regime: of(regime),
  }
}

function meanThreshold(
  rows: Int32Array,
  members: readonly MemberRows[],
  settings: JoinSettings,
  payoff: Payoff,
): ThresholdChoice {
  // A member without a model in this fold has none.
  const own = members.map((one) => one.threshold[rows[0]]).filter((one) => !Number.isNaN(one))
  const mean = own.reduce((sum, one) => sum + one, 0) / own.length
  const threshold = settings.threshold === 'auto' ? mean : settings.threshold
  const even = breakEven(payoff)
  return {
    ...{ threshold, breakEven: even, margin: threshold - even, signals: 0, independentSignals: 0 },
    ...{ precision: Number.NaN, precisionLow: Number.NaN },
    reason:
      settings.threshold === 'auto' ? 'mean of its members: no fold before it is known' : 'set in decision.threshold',
  }
}
