/**
 * One split from features to judged predictions: select, scale and fit on train, stop early and calibrate and set the threshold on
 * validation, predict the part that scores. Every number learnt here comes from rows before the ones it is applied to.
 */
import { assert, UserError } from '../core/errors.js'
import { standardDeviation } from '../math/statistics.js'
import type {
  Checkpoint,
  FeatureImportance,
  FitOptions,
  FittedModel,
  Matrix,
  ModelKind,
  RoundReport,
  TrainingSet,
} from '../models/model.js'
import {
  type CalibrationMethodName,
  type SideCalibrator,
  type SideCalibratorJson,
  type SideProbabilities,
  sidesToJson,
} from './calibration.js'
import { type CalibrationChoice, chooseCalibration } from './choose-calibration.js'
import type { SelectionStep } from './columns/registry.js'
import { type SelectionRecord, sampleRows, selectFeatures } from './columns/select.js'
import {
  chooseThreshold,
  type Decisions,
  decide,
  fixedThreshold,
  noThreshold,
  type Payoff,
  type ThresholdChoice,
  wonOf,
} from './decision.js'
import { permutationImportance } from './permutation-importance.js'
import { type Preparation, prepare, takeRows } from './prepare.js'
import { prepareAll, type Sequences, sequencesOf, type Timed, type WindowReport, withHistory } from './runs.js'
import { type WeightSettings, weighing } from './sample-weights.js'
import { fitScaling, type ScalingName } from './scaling.js'
import { calibrateSides, fitSideCalibrator, rawSides, type SideSource, type SideTerms } from './sides.js'
import { type SplitScores, scoreSplit } from './split-scores.js'
import type { Part, Split } from './splits.js'

/** The rows that may take part: a complete bar with features. [n] each, x row-major. */
export type SplitTable = Timed & {
  readonly label: Float64Array // what is learned; NaN where it is not known, or the event has none
  readonly outcome: Float64Array // the side whose trade would have won: 1, −1, 0 neither; NaN where it is not known
  readonly side: Float64Array // of the primary model, NaN where there is none
  readonly weight: Float64Array // uniqueness, NaN where t1 is not known
}

export type SplitSettings = WeightSettings & {
  readonly task: 'classification' | 'regression'
  readonly classes: readonly number[] // the label's classes, in the model's order; none for a regression
  readonly sides: SideSource // where a signal's side comes from
  readonly selection: readonly SelectionStep[]
  readonly scaling: 'auto' | ScalingName
  readonly calibration: 'auto' | CalibrationMethodName
  readonly parameters: Readonly<Record<string, number>>
  readonly constraints?: Pick<FitOptions, 'monotone' | 'categorical'>
  readonly seed: number
  readonly threads: number
  readonly featureNames: readonly string[]
  /** Those of them that the model may read at all; null: every one. */
  readonly inputs: readonly string[] | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly backend?: string
  readonly allowShort: boolean
  readonly threshold: 'auto' | number
  readonly payoff: Payoff
  readonly minTrades: number
  readonly targetPrecision: number
  /** Length of what the threshold will be judged on. */
  readonly scoredMs: number
  readonly onRound?: (report: RoundReport) => void
  /** Of the model itself, not of those that ask which columns to choose. */
  readonly checkpoint?: Checkpoint
}

/** What turns a model's numbers into probabilities; `long` and `short` are absent where the label has no sides. */
export type CalibrationRecord = SideTerms & Partial<SideCalibratorJson> & { readonly choice: CalibrationChoice | null }

export type SplitOutcome = {
  readonly model: FittedModel
  readonly selection: SelectionRecord
  readonly preparation: Preparation
  readonly calibration: CalibrationRecord
  readonly threshold: ThresholdChoice
  /** Rows of the table that were predicted: the whole scoring part. */
  readonly rows: Int32Array
  /** Of them those that may be judged. */
  readonly usable: Int32Array
  /** Of a regression: the predicted value of each; null for classes. */
  readonly value: Float64Array | null
  readonly raw: SideProbabilities
  readonly calibrated: SideProbabilities
  readonly decisions: Decisions
  readonly scores: SplitScores
  readonly importance: readonly FeatureImportance[]
  /** Of a kind that reads sequences: what its windows left out. Such rows are predicted as not known. */
  readonly windows: WindowReport | null
}

/** @throws UserError when the training rows hold fewer than two classes */
export async function fitSplit(
  kind: ModelKind,
  table: SplitTable,
  whole: Split,
  settings: SplitSettings,
): Promise<SplitOutcome> {
  const window = kind.window?.(settings.parameters) ?? null
  const sequences = window === null ? null : sequencesOf(table, whole, window)
  const split = sequences?.split ?? whole
  const inputs = inputsOf(table.x, sequences)
  const fit = fitterOf(kind, { ...table, inputs }, split, settings)
  const { selection, preparation } = await fit.prepare()
  const { onRound, checkpoint } = settings
  const model = await fit.model(preparation, { ...(onRound && { onRound }), ...(checkpoint && { checkpoint }) })
  const terms = { source: settings.sides, classes: settings.classes, scale: fit.scale }
  const predict = (part: PartName) => (rows: Int32Array) => model.predict(inputs(part, rows, preparation))
  const tuned = tune(table, split.validation, terms, predict('validation'), settings)
  const rows = allRows(split.score)
  const side = pickRows(table.side, rows)
  const predicted = predict('score')(rows)
  const raw = rawSides(predicted, terms, side)
  const calibrated = calibrateSides(tuned.calibrator, raw, terms.source, side)
  const decisions = decide(calibrated, settings)
  const { threshold } = tuned
  return {
    model,
    selection,
    preparation,
    calibration: {
      ...terms,
      ...(tuned.calibrator === null ? {} : sidesToJson(tuned.calibrator)),
      choice: tuned.choice,
    },
    threshold,
    rows,
    usable: split.score.rows,
    value: settings.task === 'regression' ? predicted : null,
    raw,
    calibrated,
    decisions,
    scores: scoreSplit(split.score, { ...table, terms, rows, predicted, raw, decisions, threshold }),
    // On validation: the scoring part may be the test part, which only the gates read.
    importance: permutationImportance(model, fit.validation(preparation), settings.seed),
    windows: sequences?.report ?? null,
  }
}

type PartName = 'train' | 'validation' | 'score'
type Inputs = (part: PartName, rows: Int32Array, preparation: Preparation) => Matrix

/** What the model gets of some rows: they alone, or with the rows before them in the same part. */
function inputsOf(x: Matrix, sequences: Sequences | null): Inputs {
  if (sequences === null) return (_, rows, preparation) => prepare(x, rows, preparation)
  const made = new WeakMap<Preparation, Matrix>()
  return (part, rows, preparation) => {
    const all = made.get(preparation) ?? prepareAll(x, preparation)
    made.set(preparation, all)
    return withHistory(all, rows, sequences.runs[part])
  }
}

/** How this split's candidate is fitted: with the columns that are to be chosen, and those that ask which to choose. */
function fitterOf(
  kind: ModelKind,
  table: SplitTable & { readonly inputs: Inputs },
  split: Split,
  settings: SplitSettings,
) {
  const { task, classes, parameters, seed, threads, featureNames, environment } = settings
  const train = targetsOf(table, split.train, settings)
  const validation = targetsOf(table, split.validation, settings)
  if (new Set(train.y).size < 2) {
    const what = task === 'regression' ? 'one value' : 'one class'
    throw new UserError(`${split.name}: the ${train.y.length} training rows are all of ${what}`, {
      hint: 'widen the span, shorten labels.horizon, or bring the barriers nearer',
    })
  }
  const weigh = weighing(train.y, settings)
  const setOf = (part: PartName, { rows, y }: Targets, preparation: Preparation): TrainingSet => ({
    x: table.inputs(part, rows, preparation),
    y,
    weight: weigh(y, pickRows(table.weight, rows)),
  })
  const prepared = (columns: Int32Array): Preparation => {
    const names = Array.from(columns, (column) => featureNames[column])
    if (settings.scaling === 'auto') return { columns, scaling: null }
    const { categorical } = settings.constraints ?? {}
    const known = takeRows(table.x, train.rows, columns)
    return { columns, scaling: fitScaling(settings.scaling, known, names, categorical) }
  }
  const model = (preparation: Preparation, watched: Pick<FitOptions, 'onRound' | 'checkpoint'> = {}) =>
    kind.fit(setOf('train', train, preparation), setOf('validation', validation, preparation), {
      task,
      classes: Math.max(1, classes.length),
      parameters,
      seed,
      threads,
      featureNames: Array.from(preparation.columns, (column) => featureNames[column]),
      environment,
      ...(settings.backend === undefined ? {} : { backend: settings.backend }),
      ...settings.constraints,
      ...watched,
    })
  const gain = async (columns: Int32Array) => {
    const first = await model(prepared(columns))
    // A tree's gain is a mean over its splits: what the model leans on is their sum.
    const gains = first.importance().map(({ gain: mean, splits = 1 }) => mean * splits)
    first.close()
    return Float64Array.from(gains)
  }
  return {
    model,
    validation: (preparation: Preparation) => setOf('validation', validation, preparation),
    scale: task === 'regression' ? standardDeviation(Float64Array.from(train.y)) : 1,
    async prepare() {
      const sample = sampleRows(Int32Array.from(train.rows.keys()), seed)
      const view = {
        x: table.x,
        rows: train.rows,
        sample: sample.map((i) => train.rows[i]),
        target: Float64Array.from(sample, (i) => train.y[i]),
        classes: Math.max(1, classes.length),
        gain,
      }
      const { columns, record } = await selectFeatures(view, featureNames, settings.selection, settings.inputs)
      return { selection: record, preparation: prepared(columns) }
    },
  }
}

type Targets = { readonly rows: Int32Array; readonly y: Int32Array | Float32Array }

/** A binary row that hit neither barrier has no class: it is scored as not won, never fitted. */
function targetsOf({ label }: SplitTable, part: Part, { task, classes }: SplitSettings): Targets {
  const rows = part.rows.filter((row) => !Number.isNaN(label[row]))
  if (task === 'regression') return { rows, y: Float32Array.from(rows, (row) => label[row]) }
  const y = Int32Array.from(rows, (row) => classes.indexOf(label[row]))
  assert(!y.includes(-1), 'a label outside of its classes')
  return { rows, y }
}

/** What calibration and threshold are chosen by. */
export type TuneSettings = Pick<
  SplitSettings,
  'calibration' | 'threshold' | 'allowShort' | 'payoff' | 'minTrades' | 'targetPrecision' | 'scoredMs'
>

/** Calibration and threshold, from the validation part, against what a trade would have made of its rows. */
function tune(
  table: SplitTable,
  part: Part,
  terms: SideTerms,
  predict: (rows: Int32Array) => Float64Array,
  settings: SplitSettings,
) {
  const { source } = terms
  if (source === null) return { calibrator: null, choice: null, threshold: noThreshold() }
  const rows = part.rows.filter((row) => !Number.isNaN(table.outcome[row]))
  const side = pickRows(table.side, rows)
  return tuneSides(
    {
      ...{ raw: rawSides(predict(rows), terms, side), side, outcome: pickRows(table.outcome, rows) },
      ...{ uniqueness: pickRows(table.weight, rows), t0: pickRows(table.t0, rows), t1: pickRows(table.t1, rows) },
    },
    terms,
    settings,
  )
}

export type TunedRows = {
  readonly raw: SideProbabilities
  readonly outcome: Float64Array
  readonly side: Float64Array // of the primary model
  readonly uniqueness: Float64Array
  readonly t0: Float64Array
  readonly t1: Float64Array
}

/** From rows that nothing else was learnt from, in order of time. [n] each */
export function tuneSides(
  { raw, outcome, side, uniqueness, t0, t1 }: TunedRows,
  { source }: SideTerms,
  settings: TuneSettings,
): {
  readonly calibrator: SideCalibrator | null
  readonly choice: CalibrationChoice | null
  readonly threshold: ThresholdChoice
} {
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
 * The same weight for every row, their mean: labels that overlap count as the few observations that they are. Uniqueness itself would
 * tilt the base rate, because rows that hit a barrier soon overlap less than those that run to the horizon.
 */
function evenWeights(uniqueness: Float64Array): Float64Array {
  const mean = uniqueness.reduce((sum, value) => sum + value, 0) / uniqueness.length
  return new Float64Array(uniqueness.length).fill(mean)
}

function pickRows(x: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => x[row])
}

function allRows(part: Part): Int32Array {
  return Int32Array.from(
    part.ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
  )
}
