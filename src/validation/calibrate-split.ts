/**
 * From what a model said of a split's validation and scoring parts to judged signals: calibration and threshold from
 * the validation part, applied to the rows that are scored. The model is not needed for it: what is set of fees, gates
 * or the threshold touches no fit.
 */
import {
  type CalibrationMethodName,
  type SideCalibrator,
  type SideCalibratorJson,
  type SideProbabilities,
  sidesToJson,
} from './calibration.js'
import { type CalibrationChoice, chooseCalibration } from './choose-calibration.js'
import {
  chooseThreshold,
  type Decisions,
  decide,
  fixedThreshold,
  noThreshold,
  type Payoff,
  type ThresholdChoice,
  typicalOf,
  wonOf,
} from './decision.js'
import { calibrateSides, fitSideCalibrator, rawSides, type SideTerms, widthOf } from './sides.js'
import { type RawScores, type SplitScores, signalScores } from './split-scores.js'

/** What turns a model's numbers into probabilities; `long` and `short` are absent where the label has no sides. */
export type CalibrationRecord = SideTerms & Partial<SideCalibratorJson> & { readonly choice: CalibrationChoice | null }

/** What a model said of the rows of one part, and what is known of them, in order of time. [n] each */
export type PredictedRows = {
  readonly rows: number
  readonly t0: Float64Array
  readonly t1: Float64Array
  readonly usable: Float64Array // 1: it may calibrate, or be judged
  readonly label: Float64Array // what was learned
  readonly outcome: Float64Array // the side whose trade would have won: 1, −1, 0 neither; NaN where it is not known
  readonly side: Float64Array // of the primary model, NaN where there is none
  readonly weight: Float64Array // uniqueness
  readonly profit: Float64Array
  readonly stop: Float64Array
  readonly predicted: Float64Array // NaN where the model says nothing [n × classes, or n values]
}

export type CalibrateSettings = Pick<
  TuneSettings,
  'calibration' | 'threshold' | 'allowShort' | 'minTrades' | 'targetPrecision'
> & {
  /** Of a round trip, a fraction of the position's value. */
  readonly costs: number
}

export type CalibratedSplit = {
  readonly calibration: CalibrationRecord
  readonly threshold: ThresholdChoice
  /** Of the scored rows: the predicted value, of a regression; null for classes. */
  readonly value: Float64Array | null
  readonly raw: SideProbabilities
  readonly calibrated: SideProbabilities
  readonly decisions: Decisions
  readonly scores: SplitScores
}

export type FittedSplit = {
  readonly terms: SideTerms
  readonly validation: PredictedRows
  readonly scored: PredictedRows
  /** Of the scored rows, by what the model said of them. */
  readonly scores: RawScores
  /** Length of what the threshold will be judged on. */
  readonly scoredMs: number
  /** Where the split has no model: why. */
  readonly noModel?: string
}

/** Calibration, threshold and signals of a split whose model has spoken. */
export function calibrateSplit(fitted: FittedSplit, settings: CalibrateSettings): CalibratedSplit {
  const { terms, validation, scored, scoredMs } = fitted
  const all = Int32Array.from({ length: validation.rows }, (_, row) => row)
  const payoff = {
    // Where barriers follow the range, later rows would tell how restless the scored part is.
    profit: typicalOf(validation.profit, all),
    stop: typicalOf(validation.stop, all),
    costs: settings.costs,
  }
  const tuned: Tuned =
    fitted.noModel === undefined
      ? tune(validation, terms, { ...settings, payoff, scoredMs })
      : { calibrator: null, choice: null, threshold: { ...noThreshold(), reason: `no model: ${fitted.noModel}` } }
  const raw = rawSides(scored.predicted, terms, scored.side)
  const calibrated = calibrateSides(tuned.calibrator, raw, terms.source, scored.side)
  const decisions = decide(calibrated, settings)
  const { threshold } = tuned
  return {
    calibration: {
      ...terms,
      ...(tuned.calibrator === null ? {} : sidesToJson(tuned.calibrator)),
      choice: tuned.choice,
    },
    threshold,
    value: terms.classes.length === 0 ? scored.predicted : null,
    raw,
    calibrated,
    decisions,
    scores: { ...fitted.scores, ...signalScores(scored, decisions, threshold) },
  }
}

/** From the validation part, against what a trade would have made of its rows. */
function tune(validation: PredictedRows, terms: SideTerms, settings: TuneSettings): Tuned {
  const { usable, outcome } = validation
  const rows = Int32Array.from(usable.keys()).filter((row) => usable[row] === 1 && !Number.isNaN(outcome[row]))
  const of = (x: Float64Array) => Float64Array.from(rows, (row) => x[row])
  const width = widthOf(terms)
  const predicted = new Float64Array(rows.length * width)
  rows.forEach((row, i) => {
    predicted.set(validation.predicted.subarray(row * width, (row + 1) * width), i * width)
  })
  const side = of(validation.side)
  return tuneSides(
    {
      ...{ raw: rawSides(predicted, terms, side), side, outcome: of(outcome) },
      ...{ uniqueness: of(validation.weight), t0: of(validation.t0), t1: of(validation.t1) },
    },
    terms,
    settings,
  )
}

/** What calibration and threshold are chosen by. */
export type TuneSettings = {
  readonly calibration: 'auto' | CalibrationMethodName
  readonly threshold: 'auto' | number
  readonly allowShort: boolean
  readonly payoff: Payoff
  readonly minTrades: number
  readonly targetPrecision: number
  /** Length of what the threshold will be judged on. */
  readonly scoredMs: number
}

export type TunedRows = {
  readonly raw: SideProbabilities
  readonly outcome: Float64Array
  readonly side: Float64Array // of the primary model
  readonly uniqueness: Float64Array
  readonly t0: Float64Array
  readonly t1: Float64Array
}

export type Tuned = {
  readonly calibrator: SideCalibrator | null
  readonly choice: CalibrationChoice | null
  readonly threshold: ThresholdChoice
}

/** From rows that nothing else was learnt from, in order of time. [n] each */
export function tuneSides(
  { raw, outcome, side, uniqueness, t0, t1 }: TunedRows,
  { source }: SideTerms,
  settings: TuneSettings,
): Tuned {
  if (source === null) return { calibrator: null, choice: null, threshold: noThreshold() }
  const intervals = { t0, t1 }
  const known = { raw, outcome, side, weight: evenWeights(uniqueness), ...intervals }
  const choice: CalibrationChoice =
    settings.calibration === 'auto'
      ? chooseCalibration(known, source)
      : { method: settings.calibration, reason: 'set in train.calibration', losses: null }
  const calibrator = fitSideCalibrator(known, source, choice.method)
  const decided = decide(calibrateSides(calibrator, raw, source, side), settings)
  const judged = { ...decided, won: wonOf(decided.side, outcome), ...intervals }
  const threshold =
    settings.threshold === 'auto'
      ? chooseThreshold(judged, settings)
      : fixedThreshold(judged, settings.threshold, settings.payoff)
  return { calibrator, choice, threshold }
}

/**
 * The same weight for every row, their mean: labels that overlap count as the few observations that they are.
 * Uniqueness itself would tilt the base rate, because rows that hit a barrier soon overlap less than those that run to
 * the horizon.
 */
function evenWeights(uniqueness: Float64Array): Float64Array {
  const mean = uniqueness.reduce((sum, value) => sum + value, 0) / uniqueness.length
  return new Float64Array(uniqueness.length).fill(mean)
}
