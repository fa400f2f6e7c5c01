/**
 * Gradient boosted trees by XGBoost itself, one tree per class and round, histogram method. The defaults are for few,
 * noisy rows whose labels overlap: shallow trees, slow learning, rows and columns sampled, wide leaves.
 */

import { setImmediate } from 'node:timers/promises'
import { assert, UserError } from '../core/errors.js'
import { softmaxRows } from '../math/logistic.js'
import type { Environment, FitOptions, FittedModel, Matrix, ModelKind, RoundReport, TrainingSet } from './model.js'
import { Booster, NativeMatrix, openXgboost, type Xgboost } from './native/xgboost-api.js'
import { checkColumns, checkTraining, resolveParameters } from './parameters.js'
import { type ModelDocument, readModelDocument } from './xgboost-json.js'

const parameters = {
  rounds: { default: 400, range: [1, 10_000], integer: true, meaning: 'Most rounds of boosting.' },
  earlyStoppingRounds: {
    default: 30,
    range: [1, 10_000],
    integer: true,
    meaning: 'Rounds without a better validation loss after which fitting stops.',
  },
  eta: {
    default: 0.05,
    range: [1e-4, 1],
    search: { low: 0.01, high: 0.3, log: true },
    meaning: 'Share of each tree that is added.',
  },
  maxDepth: {
    default: 4,
    range: [1, 16],
    integer: true,
    search: { low: 2, high: 8 },
    meaning: 'Most splits between root and leaf.',
  },
  minChildWeight: {
    default: 20,
    range: [0, 1e6],
    search: { low: 1, high: 500, log: true },
    meaning: 'Least sum of second derivatives in a leaf; a row of average weight gives at most 0.5.',
  },
  subsample: {
    default: 0.7,
    range: [0.05, 1],
    search: { low: 0.4, high: 1 },
    meaning: 'Share of rows drawn for each tree.',
  },
  colsampleByTree: {
    default: 0.5,
    range: [0.01, 1],
    search: { low: 0.1, high: 1 },
    meaning: 'Share of features drawn for each tree.',
  },
  lambda: {
    default: 1,
    range: [0, 1e4],
    search: { low: 0.01, high: 100, log: true },
    meaning: 'L2 penalty on leaf values.',
  },
  alpha: { default: 0, range: [0, 1e4], search: { low: 0, high: 10 }, meaning: 'L1 penalty on leaf values.' },
  gamma: {
    default: 0,
    range: [0, 1e4],
    search: { low: 0, high: 5 },
    meaning: 'Least gain for which a leaf is split.',
  },
  maxBin: { default: 256, range: [2, 4096], integer: true, meaning: 'Most histogram bins per feature.' },
} as const

export const xgboost: ModelKind = {
  name: 'xgboost',
  title: 'XGBoost',
  meaning: 'Gradient boosted trees, softmax over the classes, early stopping on the validation log loss.',
  reference: 'Chen & Guestrin 2016, XGBoost: A Scalable Tree Boosting System, KDD',
  parameters,
  tasks: ['classification'],
  constraints: [],

  async available(environment) {
    const found = await openXgboost(environment)
    return found.ok
      ? { ok: true, version: found.library.version, path: found.library.path }
      : { ok: false, reason: found.reason, hint: found.hint }
  },

  async fit(train, validation, options) {
    const settings = resolveParameters('xgboost', parameters, options.parameters)
    checkTraining(xgboost, train, validation, options)
    const library = await usable(options.environment)
    const matrices: NativeMatrix[] = []
    let booster: Booster | null = null
    try {
      for (const set of validation === null ? [train] : [train, validation]) {
        matrices.push(nativeMatrix(library, set, options.threads))
      }
      booster = Booster.create(library, matrices)
      for (const [name, value] of nativeParameters(settings, options)) booster.setParameter(name, value)
      const { history, bestRound } = await boost(booster, matrices, settings, options)
      const kept = booster.slice(bestRound)
      kept.setFeatureNames(options.featureNames)
      return new FittedXgboost(library, kept, readModelDocument(kept.save()), options.threads, history)
    } finally {
      booster?.close()
      for (const matrix of matrices) matrix.close()
    }
  },

  async load(files, options) {
    const bytes = files.get('model.json')
    if (bytes === undefined) {
      throw new UserError('the bundle of an XGBoost model lacks model.json', { hint: 'train again with --force' })
    }
    const document = readModelDocument(bytes)
    const library = await usable(options.environment)
    return new FittedXgboost(library, Booster.load(library, bytes), document, options.threads, [])
  },
}

/** Adds rounds until the validation loss has not improved for long enough. The first of equal losses counts as best. */
async function boost(
  booster: Booster,
  matrices: readonly NativeMatrix[],
  settings: Readonly<Record<keyof typeof parameters, number>>,
  options: FitOptions,
): Promise<{ history: RoundReport[]; bestRound: number }> {
  const [train] = matrices
  assert(train !== undefined, 'there is a training matrix')
  const history: RoundReport[] = []
  let best = Number.POSITIVE_INFINITY
  let bestRound = 1
  for (let round = 1; round <= settings.rounds; round++) {
    booster.update(round - 1, train)
    const [trainLoss = Number.NaN, validationLoss = Number.NaN] = booster.evaluate(round - 1, matrices)
    const report = { round, rounds: settings.rounds, trainLoss, validationLoss }
    history.push(report)
    options.onRound?.(report)
    if (matrices.length === 1) bestRound = round
    else if (validationLoss < best) {
      best = validationLoss
      bestRound = round
    } else if (round - bestRound >= settings.earlyStoppingRounds) break
    await setImmediate()
  }
  return { history, bestRound }
}

function nativeParameters(
  settings: Readonly<Record<keyof typeof parameters, number>>,
  options: FitOptions,
): [string, string | number][] {
  return [
    ['booster', 'gbtree'],
    ['tree_method', 'hist'],
    ['objective', 'multi:softprob'],
    ['num_class', options.classes],
    ['eval_metric', 'mlogloss'],
    // From 2.0 on the library would estimate it from the labels; fixed, all versions start alike.
    ['base_score', 0.5],
    ['nthread', options.threads],
    ['seed', options.seed],
    // The generator is one per thread of the process: without this, two fits that take turns would disturb each other.
    ['seed_per_iteration', 1],
    ['eta', settings.eta],
    ['max_depth', settings.maxDepth],
    ['min_child_weight', settings.minChildWeight],
    ['subsample', settings.subsample],
    ['colsample_bytree', settings.colsampleByTree],
    ['lambda', settings.lambda],
    ['alpha', settings.alpha],
    ['gamma', settings.gamma],
    ['max_bin', settings.maxBin],
  ]
}

/** Weights are scaled to mean 1, so that minChildWeight and lambda mean the same whatever the weights' unit. */
function nativeMatrix(library: Xgboost, set: TrainingSet, threads: number): NativeMatrix {
  const matrix = new NativeMatrix(library, set.x, threads)
  try {
    matrix.set('label', Float32Array.from(set.y))
    if (set.weight !== null) {
      let sum = 0
      for (const weight of set.weight) sum += weight
      const scale = set.weight.length / sum
      matrix.set(
        'weight',
        set.weight.map((weight) => weight * scale),
      )
    }
  } catch (thrown) {
    matrix.close()
    throw thrown
  }
  return matrix
}

class FittedXgboost implements FittedModel {
  readonly kind = 'xgboost'
  readonly task = 'classification'
  readonly classes: number
  readonly features: readonly string[]
  readonly bestRound: number
  readonly history: readonly RoundReport[]
  readonly #library: Xgboost
  readonly #booster: Booster
  readonly #document: ModelDocument
  readonly #threads: number

  constructor(
    library: Xgboost,
    booster: Booster,
    document: ModelDocument,
    threads: number,
    history: readonly RoundReport[],
  ) {
    booster.setParameter('nthread', threads)
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
    return softmaxRows(this.margins(x, out), this.classes)
  }

  margins(x: Matrix, out: Float64Array = new Float64Array(x.rows * this.classes)): Float64Array {
    checkColumns(x, this.features.length)
    assert(out.length === x.rows * this.classes, `room for ${out.length} of ${x.rows * this.classes} scores`)
    if (x.rows > 0) out.set(this.#booster.margins(x, this.classes))
    return out
  }

  contributions(x: Matrix): Float64Array {
    checkColumns(x, this.features.length)
    if (x.rows === 0) return new Float64Array(0)
    const matrix = new NativeMatrix(this.#library, x, this.#threads)
    try {
      return Float64Array.from(this.#booster.contributions(matrix, x, this.classes))
    } finally {
      matrix.close()
    }
  }

  importance() {
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
