/**
 * The one contract every kind of model keeps: fit, predict, explain, save, load. Nothing here knows how a model works;
 * `registry.ts` lists the kinds, test/contracts/models.test.ts holds each of them to the promises below.
 */

/** Row-major table: `values[row * columns + column]`, float32, NaN = not known. */
export type Matrix = {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
  /** What came before the rows, for kinds that read sequences; the others take no notice of it. */
  readonly history?: History
}

/** Windows are views of one table: the window of a row is the rows of `table` up to its own. */
export type History = {
  /** Rows in time order, the same columns as x. */
  readonly table: Matrix
  /** Where each row of x stands in `table`. [rows] */
  readonly position: Int32Array
  /** So many rows of `table`, x's own the last of them, follow each other without a gap inside one part of the data. [rows] */
  readonly run: Int32Array
}

/** Regression fits the mean: squared error. */
export type ModelTask = 'classification' | 'regression'

export type TrainingSet = {
  readonly x: Matrix
  /** Classification: class of each row, 0 … classes − 1. Regression: finite values, in float32. [rows] */
  readonly y: Int32Array | Float32Array
  /** Weight of each row, finite and ≥ 0; null = all equal. [rows] */
  readonly weight: Float32Array | null
}

/** Environment variables, handed in by the caller: models read none themselves. */
export type Environment = Readonly<Record<string, string | undefined>>

/** One setting of a model. All are numbers, so that a tuner can walk them. */
export type Parameter = {
  readonly default: number
  readonly meaning: string
  /** Both ends are allowed. */
  readonly range: readonly [number, number]
  readonly integer?: true
  /**
   * Where a tuner looks, both ends inside `range`; not declared = never tuned. `log`: evenly by ratio, not by difference. What stops
   * early (`rounds`) is not tuned: the validation part already chooses it in every fit.
   */
  readonly search?: { readonly low: number; readonly high: number; readonly log?: true }
}

export type Parameters = Readonly<Record<string, number>>

/**
 * Losses are weighted mean log losses in nats, of a regression the root of the weighted mean squared error, in units of y;
 * `validationLoss` is NaN without a validation part. Rounds count from 1.
 */
export type RoundReport = {
  readonly round: number
  readonly rounds: number
  readonly trainLoss: number
  readonly validationLoss: number
}

/** What can be said of single features beyond their values. */
export type Constraint = 'monotone' | 'categorical'

/** Where the state of a fit that takes long is kept, so that one that was ended goes on. Nothing else is ever read there. */
export type Checkpoint = {
  /** What was written last by this very fit; null when nothing was, or when it is damaged. */
  read(): Uint8Array | null
  write(state: Uint8Array): void
}

export type FitOptions = {
  /** One that the kind lists in `tasks`. */
  readonly task: ModelTask
  /** Number of classes, ≥ 2; a class may be absent from the training part. Regression: 1. */
  readonly classes: number
  /** What differs from the defaults; an unknown name or a value out of range is a UserError. */
  readonly parameters: Parameters
  /** Whole number ≥ 0. */
  readonly seed: number
  /** With 1, equal input gives equal bytes, in any process. */
  readonly threads: number
  /** One unique name per column of x. */
  readonly featureNames: readonly string[]
  /**
   * Features with which the value, or of two classes the probability of the second, must never fall (1) or never rise (−1), all else
   * equal. Names that are no columns are ignored. A UserError with three classes or more, which no feature puts in an order.
   */
  readonly monotone?: Readonly<Record<string, 1 | -1>>
  /** Features whose values are codes, whole and ≥ 0, without an order. Names that are no columns are ignored. */
  readonly categorical?: readonly string[]
  readonly environment: Environment
  /** Of kinds that compute with TensorFlow.js: `neural.backend`, auto when it is not given. */
  readonly backend?: string
  readonly onRound?: (report: RoundReport) => void
  /** Of kinds that keep one: the fit goes on from it, to the same bytes. */
  readonly checkpoint?: Checkpoint
}

export type LoadOptions = {
  readonly environment: Environment
  readonly threads: number
  /** As in `FitOptions`. */
  readonly backend?: string
}

export type Availability =
  | { readonly ok: true; readonly version: string; readonly path: string | null }
  | { readonly ok: false; readonly reason: string; readonly hint: string }

/**
 * `gain` orders the features within one model; its unit is the kind's own, of trees the mean over the feature's splits. `cover` and `splits`
 * are for trees only. `permutation`, which no model knows of itself, is the rise of its loss without the feature.
 */
export type FeatureImportance = {
  readonly feature: string
  readonly gain: number
  readonly permutation?: number
  readonly cover?: number
  readonly splits?: number
}

export interface FittedModel {
  readonly kind: string
  readonly task: ModelTask
  /** Regression: 1. */
  readonly classes: number
  /** Names of the columns that `predict` expects, in order. */
  readonly features: readonly string[]
  /** Rows that a prediction reads, its own the last; absent: its own only. A row with a shorter run gets NaN. */
  readonly window?: number
  /** The round that was kept, from 1. */
  readonly bestRound: number
  /** One report per round that was fitted, also those after the best; empty on a loaded model. */
  readonly history: readonly RoundReport[]

  /**
   * Probability of each class, not calibrated: the softmax of `margins` in float64, so each row adds up to 1. Regression: the
   * margins themselves, which are values in units of y.
   *
   * @param out  written and returned if given, for callers that must not allocate   [rows × classes]
   * @returns    [rows × classes]
   */
  predict(x: Matrix, out?: Float64Array): Float64Array

  /** Raw scores before the softmax. [rows × classes] */
  margins(x: Matrix, out?: Float64Array): Float64Array

  /**
   * What each feature adds to each margin; the last entry of a row and class is the constant. They add up to the margin. Of nets they are
   * integrated gradients, and the last entry is what is left.
   *
   * @returns [rows × classes × (features + 1)]
   */
  contributions(x: Matrix): Float64Array

  /** Every feature, in the order of `features`; a feature that the model never uses has gain 0. */
  importance(): readonly FeatureImportance[]

  /** The model's files for the bundle, by name: all that `load` needs. */
  files(): ReadonlyMap<string, Uint8Array>

  /** Frees native memory; the model must not be used afterwards. Closing twice does nothing. */
  close(): void
}

export interface ModelKind {
  readonly name: string
  readonly title: string
  readonly meaning: string
  readonly reference: string
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly tasks: readonly ModelTask[]
  /** Which of `FitOptions.monotone` and `categorical` this kind keeps; the others do not change its fit. */
  readonly constraints: readonly Constraint[]

  /** Rows that a row's prediction reads with these parameters; absent: its own only. Rows with a shorter run are not fitted. */
  window?(parameters: Parameters): number

  /** Whether this machine can fit and load this kind, and what to type if not. */
  available(environment: Environment): Promise<Availability>

  /**
   * Fits on `train`, stops early and keeps the best round by the loss on `validation`; without validation the last round is kept. Lets
   * the event loop run between rounds.
   *
   * @throws UserError if the training rows are all of one class, or the task is none of this kind's
   */
  fit(train: TrainingSet, validation: TrainingSet | null, options: FitOptions): Promise<FittedModel>

  /** @throws UserError if a file is missing or damaged, naming it. */
  load(files: ReadonlyMap<string, Uint8Array>, options: LoadOptions): Promise<FittedModel>
}
