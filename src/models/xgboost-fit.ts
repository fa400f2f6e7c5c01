/**
 * What the kinds that XGBoost fits have in common: objectives, tables with weights and constraints, rounds with early stopping, and the
 * fitted model.
 */

import { assert, UserError } from '../core/errors.js'
import { softmaxRows } from '../math/logistic.js'
import { boost } from './boosting.js'
import { type ColumnConstraints, columnConstraints } from './constraints.js'
import type {
  Environment,
  FeatureImportance,
  FitOptions,
  FittedModel,
  LoadOptions,
  Matrix,
  ModelTask,
  RoundReport,
  TrainingSet,
} from './model.js'
import { Booster, NativeMatrix, openXgboost, type Xgboost } from './native/xgboost-api.js'
import { checkColumns } from './parameters.js'
import { evenedWeights, meanOf, spreadMargins } from './targets.js'
import { damaged, type ModelDocument, readModelDocument } from './xgboost-json.js'

export type Recipe = {
  readonly kind: string
  readonly rounds: number
  readonly patience: number
  /** Under the library's own names. */
  readonly parameters: readonly (readonly [string, string | number])[]
}

/** Shared by all kinds; `fit` has checked the shapes. */
export async function fitXgboost(
  recipe: Recipe,
  train: TrainingSet,
  validation: TrainingSet | null,
  options: FitOptions,
): Promise<FittedModel> {
  const constraints = columnConstraints(recipe.kind, options, [train, validation])
  const library = await usable(options.environment)
  const types = options.featureNames.map((_, j) => (constraints.categorical.includes(j) ? 'c' : 'q'))
  const matrices: NativeMatrix[] = []
  let booster: Booster | null = null
  try {
    for (const set of validation === null ? [train] : [train, validation]) {
      const matrix = nativeMatrix(library, set, options.threads)
      matrices.push(matrix)
      if (constraints.categorical.length > 0) matrix.setFeatureTypes(types)
    }
    booster = Booster.create(library, matrices)
    for (const [name, value] of nativeParameters(train, options, constraints)) booster.setParameter(name, value)
    for (const [name, value] of recipe.parameters) booster.setParameter(name, value)
    const { history, bestRound } = await boostWith(booster, matrices, recipe, options)
    const kept = booster.slice(bestRound)
    kept.describeFeatures('feature_name', options.featureNames)
    if (constraints.categorical.length > 0) kept.describeFeatures('feature_type', types)
    return new FittedXgboost(recipe.kind, library, kept, readModelDocument(kept.save()), options.threads, history)
  } finally {
    booster?.close()
    for (const matrix of matrices) matrix.close()
  }
}

export async function loadXgboost(
  kind: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: LoadOptions,
): Promise<FittedModel> {
  const bytes = files.get('model.json')
  if (bytes === undefined) {
    throw new UserError(`the bundle of a ${kind} model lacks model.json`, { hint: 'train again with --force' })
  }
  const document = readModelDocument(bytes)
  const library = await usable(options.environment)
  const booster = Booster.load(library, bytes)
  const outputs = booster.outputs(document.features.length)
  if (outputs !== document.outputs) {
    booster.close()
    throw damaged(`it gives ${outputs} scores, its trees say ${document.outputs}`)
  }
  return new FittedXgboost(kind, library, booster, document, options.threads, [])
}

export async function xgboostAvailable(environment: Environment) {
  const found = await openXgboost(environment)
  return found.ok
    ? ({ ok: true, version: found.library.version, path: found.library.path } as const)
    : ({ ok: false, reason: found.reason, hint: found.hint } as const)
}

function boostWith(
  booster: Booster,
  matrices: readonly NativeMatrix[],
  { rounds, patience }: Recipe,
  options: FitOptions,
) {
  const [train] = matrices
  assert(train !== undefined, 'there is a training matrix')
  return boost({ rounds, patience, validated: matrices.length > 1, onRound: options.onRound }, (round) => {
    booster.update(round - 1, train)
    const [trainLoss = Number.NaN, validationLoss = Number.NaN] = booster.evaluate(round - 1, matrices)
    return { trainLoss, validationLoss }
  })
}

function nativeParameters(
  train: TrainingSet,
  options: FitOptions,
  { monotone, categorical }: ColumnConstraints,
): [string, string | number][] {
  return [
    ['booster', 'gbtree'],
    ['tree_method', 'hist'],
    ...objectiveOf(train, options, monotone !== null),
    ['nthread', options.threads],
    ['seed', options.seed],
    // The generator is one per thread of the process: without this, two fits that take turns would disturb each other.
    ['seed_per_iteration', 1],
    ...(monotone === null ? [] : ([['monotone_constraints', `(${monotone.join(',')})`]] as [string, string][])),
    // Fixed because the library's own default has changed between versions.
    ...(categorical.length === 0 ? [] : ([['max_cat_to_onehot', 4]] as [string, number][])),
  ]
}

/**
 * From 2.0 on the library would estimate `base_score` from the labels; fixed, all versions start alike. Softmax has one score a class, of
 * which none has a direction: two classes are monotone only in the one score of the binary objective.
 */
function objectiveOf(
  train: TrainingSet,
  { task, classes }: FitOptions,
  monotone: boolean,
): [string, string | number][] {
  if (task === 'regression') {
    return [
      ['objective', 'reg:squarederror'],
      ['eval_metric', 'rmse'],
      ['base_score', meanOf(train)],
    ]
  }
  if (monotone) {
    return [
      ['objective', 'binary:logistic'],
      ['eval_metric', 'logloss'],
      ['base_score', 0.5],
    ]
  }
  return [
    ['objective', 'multi:softprob'],
    ['num_class', classes],
    ['eval_metric', 'mlogloss'],
    ['base_score', 0.5],
  ]
}

/** Weights are scaled to mean 1, so that minChildWeight and lambda mean the same whatever the weights' unit. */
function nativeMatrix(library: Xgboost, set: TrainingSet, threads: number): NativeMatrix {
  const matrix = new NativeMatrix(library, set.x, threads)
  try {
    matrix.set('label', set.y instanceof Float32Array ? set.y : Float32Array.from(set.y))
    if (set.weight !== null) matrix.set('weight', evenedWeights(set.weight))
  } catch (thrown) {
    matrix.close()
    throw thrown
  }
  return matrix
}

class FittedXgboost implements FittedModel {
  readonly kind: string
  readonly task: ModelTask
  readonly classes: number
  readonly features: readonly string[]
  readonly bestRound: number
  readonly history: readonly RoundReport[]
  readonly #library: Xgboost
  readonly #booster: Booster
  readonly #document: ModelDocument
  readonly #threads: number

  constructor(
    kind: string,
    library: Xgboost,
    booster: Booster,
    document: ModelDocument,
    threads: number,
    history: readonly RoundReport[],
  ) {
    booster.setParameter('nthread', threads)
    this.kind = kind
    this.task = document.task
    this.classes = document.classes
    this.features = document.features
    this.bestRound = document.rounds
    this.history = history
    this.#library = library
    this.#booster = booster
    this.#document = document
    this.#threads = threads
  }

  predict(x: Matrix, out?: Float64Array): Float64Array {
    const margins = this.margins(x, out)
    return this.task === 'regression' ? margins : softmaxRows(margins, this.classes)
  }

  margins(x: Matrix, out: Float64Array = new Float64Array(x.rows * this.classes)): Float64Array {
    checkColumns(x, this.features.length)
    assert(out.length === x.rows * this.classes, `room for ${out.length} of ${x.rows * this.classes} scores`)
    if (x.rows === 0) return out
    const { outputs } = this.#document
    const raw = this.#booster.margins(x, outputs)
    if (outputs === this.classes) out.set(raw)
    else spreadMargins(raw, out, 1)
    return out
  }

  contributions(x: Matrix): Float64Array {
    checkColumns(x, this.features.length)
    if (x.rows === 0) return new Float64Array(0)
    const matrix = new NativeMatrix(this.#library, x, this.#threads)
    try {
      const { outputs } = this.#document
      const raw = this.#booster.contributions(matrix, x, outputs)
      if (outputs === this.classes) return Float64Array.from(raw)
      return spreadMargins(raw, new Float64Array(raw.length * 2), x.columns + 1)
    } finally {
      matrix.close()
    }
  }

  importance(): readonly FeatureImportance[] {
    return this.#document.importance
  }

  files(): ReadonlyMap<string, Uint8Array> {
    return new Map([['model.json', this.#booster.save()]])
  }

  close(): void {
    this.#booster.close()
  }
}

async function usable(environment: Environment): Promise<Xgboost> {
  const found = await openXgboost(environment)
  if (!found.ok) throw new UserError(found.reason, { hint: found.hint })
  return found.library
}
