/**
 * One split from features to what a model says: select, scale and fit on train, stop early on validation, predict the
 * validation part, on which `calibrate-split.ts` goes on, and the part that scores. Every number learnt here comes
 * from rows that are not scored.
 */
import { assert } from '../core/errors.js'
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
import type { SelectionStep } from './columns/registry.js'
import { type SelectionRecord, sampleRows, selectFeatures } from './columns/select.js'
import { permutationImportance } from './permutation-importance.js'
import { type Preparation, prepare, takeRows } from './prepare.js'
import { prepareAll, type Sequences, sequencesOf, type Timed, type WindowReport, withHistory } from './runs.js'
import { type WeightSettings, weighing } from './sample-weights.js'
import { fitScaling, type ScalingName } from './scaling.js'
import { rawSides, type SideSource, type SideTerms, widthOf } from './sides.js'
import { type RawScores, rawScores } from './split-scores.js'
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
  readonly parameters: Readonly<Record<string, number>>
  readonly constraints?: Pick<FitOptions, 'monotone' | 'categorical'>
  readonly seed: number
  readonly threads: number
  readonly featureNames: readonly string[]
  /** Those of them that the model may read at all; null: every one. */
  readonly inputs: readonly string[] | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly backend?: string
  readonly onRound?: (report: RoundReport) => void
  /** Of the model itself, not of those that ask which columns to choose. */
  readonly checkpoint?: Checkpoint
}

/** What a model said of rows of the table, in order of time. */
export type RawPart = {
  readonly rows: Int32Array
  /** 1 where a row may calibrate, or be judged. [rows] */
  readonly usable: Uint8Array
  /** What the model gives; NaN where it says nothing or was not asked. [rows × classes, or rows values] */
  readonly predicted: Float64Array
}

export type SplitOutcome = {
  readonly model: FittedModel
  readonly selection: SelectionRecord
  readonly preparation: Preparation
  readonly terms: SideTerms
  /** Asked of the rows that may calibrate and whose outcome is known. */
  readonly validation: RawPart
  /** The whole scoring part. */
  readonly scored: RawPart
  readonly scores: RawScores
  readonly importance: readonly FeatureImportance[]
  /** Of a kind that reads sequences: what its windows left out. Such rows are predicted as not known. */
  readonly windows: WindowReport | null
}

/** A split that nothing can be learnt on: its rows are predicted as not known, none of them counts. */
export type Unfitted = Pick<SplitOutcome, 'terms' | 'validation' | 'scored' | 'scores' | 'windows'> & {
  readonly model: null
  readonly why: string
}

/** What came of the split; of one whose training rows are all of one class, that and why there is no model. */
export async function fitSplit(
  kind: ModelKind,
  table: SplitTable,
  whole: Split,
  settings: SplitSettings,
): Promise<SplitOutcome | Unfitted> {
  const window = kind.window?.(settings.parameters) ?? null
  const sequences = window === null ? null : sequencesOf(table, whole, window)
  const split = sequences?.split ?? whole
  const inputs = inputsOf(table.x, sequences)
  const [train, stop] = [targetsOf(table, split.train, settings), targetsOf(table, split.validation, settings)]
  const why = whyUnfitted(split.name, train, stop, settings)
  if (why !== null) return unfitted(why, whole, settings, sequences?.report ?? null)
  const fit = fitterOf(kind, { ...table, inputs }, { train, validation: stop }, settings)
  const { selection, preparation } = await fit.prepare()
  const { onRound, checkpoint } = settings
  const model = await fit.model(preparation, { ...(onRound && { onRound }), ...(checkpoint && { checkpoint }) })
  const terms = { source: settings.sides, classes: settings.classes, scale: fit.scale }
  const width = widthOf(settings)
  const predict = (part: PartName, asked: Int32Array) => model.predict(inputs(part, asked, preparation))
  const scoredRows = allRows(split.score)
  const scored = partOf(scoredRows, split.score.rows, predict('score', scoredRows))
  const asked = split.validation.rows.filter((row) => !Number.isNaN(table.outcome[row]))
  const validation = partOf(
    whole.validation.rows,
    split.validation.rows,
    spread(predict('validation', asked), asked, whole.validation.rows, width),
  )
  return {
    ...{ model, selection, preparation, terms, validation, scored },
    scores: scoresOf(table, scored, terms),
    // On validation: the scoring part may be the test part, which only the gates read.
    importance: permutationImportance(model, fit.validation(preparation), settings.seed),
    windows: sequences?.report ?? null,
  }
}

function whyUnfitted(name: string, train: Targets, validation: Targets, { task }: SplitSettings): string | null {
  const what = task === 'regression' ? 'value' : 'class'
  if (new Set(train.y).size < 2) return `${name}: the ${train.y.length} training rows are all of one ${what}`
  return validation.y.length > 0 ? null : `${name}: none of the validation rows has a ${what}`
}

function unfitted(
  why: string,
  { validation, score }: Split,
  settings: SplitSettings,
  windows: WindowReport | null,
): Unfitted {
  const width = widthOf(settings)
  const silent = (rows: Int32Array): RawPart => ({
    ...{ rows, usable: new Uint8Array(rows.length) },
    predicted: new Float64Array(rows.length * width).fill(Number.NaN),
  })
  const none = settings.task === 'regression' ? { mse: null, mae: null, r2: null, explainedVariance: null } : null
  return {
    ...{ model: null, why, windows, validation: silent(validation.rows), scored: silent(allRows(score)) },
    terms: { source: settings.sides, classes: settings.classes, scale: 1 },
    scores: { rows: 0, logLoss: null, aucLong: null, aucShort: null, regression: none },
  }
}

function partOf(rows: Int32Array, usable: Int32Array, predicted: Float64Array): RawPart {
  const counts = new Set(usable)
  return { rows, usable: Uint8Array.from(rows, (row) => (counts.has(row) ? 1 : 0)), predicted }
}

/** What was said of the rows `asked`, at their places among `rows`; NaN elsewhere. */
function spread(predicted: Float64Array, asked: Int32Array, rows: Int32Array, width: number): Float64Array {
  const places = new Map([...rows].map((row, place) => [row, place]))
  const all = new Float64Array(rows.length * width).fill(Number.NaN)
  asked.forEach((row, i) => {
    all.set(predicted.subarray(i * width, (i + 1) * width), (places.get(row) ?? 0) * width)
  })
  return all
}

function scoresOf(table: SplitTable, { rows, usable, predicted }: RawPart, terms: SideTerms): RawScores {
  const side = pickRows(table.side, rows)
  const [label, outcome] = [pickRows(table.label, rows), pickRows(table.outcome, rows)]
  return rawScores({ usable, label, outcome, side }, terms, predicted, rawSides(predicted, terms, side))
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
  { train, validation }: { readonly train: Targets; readonly validation: Targets },
  settings: SplitSettings,
) {
  const { task, classes, parameters, seed, threads, featureNames, environment } = settings
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

function pickRows(x: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => x[row])
}

function allRows(part: Part): Int32Array {
  return Int32Array.from(
    part.ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
  )
}
