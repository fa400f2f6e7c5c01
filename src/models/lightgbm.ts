/**
 * Gradient boosted trees by LightGBM itself: grown leaf by leaf, one tree per class and round, one a round for two classes or a regression.
 * The defaults are for few, noisy rows whose labels overlap, as those of `xgboost` are.
 */

import { assert, UserError } from '../core/errors.js'
import { softmaxRows } from '../math/logistic.js'
import { boost, DRAW_PARAMETERS, PENALTY_PARAMETERS, ROUND_PARAMETERS } from './boosting.js'
import { columnConstraints } from './constraints.js'
import { type ModelText, readModelText } from './lightgbm-text.js'
import type {
  Environment,
  FeatureImportance,
  FitOptions,
  FittedModel,
  Matrix,
  ModelKind,
  ModelTask,
  RoundReport,
  TrainingSet,
} from './model.js'
import { Booster, type Lightgbm, NativeDataset, openLightgbm } from './native/lightgbm-api.js'
import { checkColumns, checkTraining, resolveParameters } from './parameters.js'
import { evenedWeights, spreadMargins } from './targets.js'

const parameters = {
  ...ROUND_PARAMETERS,
  numLeaves: {
    default: 15,
    range: [2, 4096],
    integer: true,
    search: { low: 4, high: 128, log: true },
    meaning: 'Most leaves of a tree.',
  },
  maxDepth: {
    default: 6,
    range: [1, 64],
    integer: true,
    search: { low: 2, high: 12 },
    meaning: 'Most splits between root and leaf.',
  },
  minDataInLeaf: {
    default: 50,
    range: [0, 1e6],
    integer: true,
    search: { low: 5, high: 1000, log: true },
    meaning: 'Fewest rows in a leaf, whatever they weigh.',
  },
  ...DRAW_PARAMETERS,
  ...PENALTY_PARAMETERS,
  maxBin: { default: 255, range: [2, 4096], integer: true, meaning: 'Most histogram bins per feature.' },
} as const

type Settings = Readonly<Record<keyof typeof parameters, number>>

export const lightgbm: ModelKind = {
  name: 'lightgbm',
  title: 'LightGBM',
  meaning:
    'Gradient boosted trees grown leaf by leaf, log loss or squared error, early stopping on the validation loss.',
  reference: 'Ke et al. 2017, LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NIPS 30',
  parameters,
  tasks: ['classification', 'regression'],
  constraints: ['monotone', 'categorical'],

  async available(environment) {
    const found = await openLightgbm(environment)
    return found.ok
      ? { ok: true, version: found.library.version, path: found.library.path }
      : { ok: false, reason: found.reason, hint: found.hint }
  },

  async fit(train, validation, options) {
    const settings = resolveParameters('lightgbm', parameters, options.parameters)
    checkTraining(lightgbm, train, validation, options)
    const text = nativeParameters(settings, train, validation, options)
    const library = await usable(options.environment)
    const datasets: NativeDataset[] = []
    let booster: Booster | null = null
    try {
      const first = dataset(library, train, text, options.featureNames)
      datasets.push(first)
      const second = validation === null ? null : dataset(library, validation, text, options.featureNames, first)
      if (second !== null) datasets.push(second)
      booster = Booster.create(library, first, second, text)
      const { history, bestRound } = await boostWith(booster, second !== null, settings, options)
      // Fitted and loaded models are the same thing: what the file says.
      return fromText(library, booster.save(bestRound), options.threads, history)
    } finally {
      booster?.close()
      for (const one of datasets) one.close()
    }
  },

  async load(files, options) {
    const bytes = files.get('model.txt')
    if (bytes === undefined) {
      throw new UserError('the bundle of a LightGBM model lacks model.txt', { hint: 'train again with --force' })
    }
    const text = readModelText(bytes)
    return new FittedLightgbm(await usable(options.environment), bytes, text, options.threads, [])
  },
}

function fromText(library: Lightgbm, bytes: Uint8Array, threads: number, history: readonly RoundReport[]) {
  return new FittedLightgbm(library, bytes, readModelText(bytes), threads, history)
}

function boostWith(
  booster: Booster,
  validated: boolean,
  { rounds, earlyStoppingRounds }: Settings,
  options: FitOptions,
) {
  return boost({ rounds, patience: earlyStoppingRounds, validated, onRound: options.onRound }, (round) => {
    // The library takes a round without any split back, except the first, which holds the mean.
    if (booster.update() && round > 1) return null
    return { trainLoss: booster.evaluate(0), validationLoss: validated ? booster.evaluate(1) : Number.NaN }
  })
}

/** One text for tables and booster: each takes what concerns it. */
function nativeParameters(
  settings: Settings,
  train: TrainingSet,
  validation: TrainingSet | null,
  options: FitOptions,
): string {
  const { monotone, categorical } = columnConstraints('lightgbm', options, [train, validation])
  const entries: [string, string | number | boolean][] = [
    ...objectiveOf(options),
    ['boosting', 'gbdt'],
    ['learning_rate', settings.eta],
    ['num_leaves', settings.numLeaves],
    ['max_depth', settings.maxDepth],
    ['min_data_in_leaf', settings.minDataInLeaf],
    ['bagging_fraction', settings.subsample],
    ['bagging_freq', settings.subsample < 1 ? 1 : 0],
    ['feature_fraction', settings.colsampleByTree],
    ['lambda_l2', settings.lambda],
    ['lambda_l1', settings.alpha],
    ['min_gain_to_split', settings.gamma],
    ['max_bin', settings.maxBin],
    ['feature_pre_filter', false],
    ['seed', options.seed % 2 ** 31],
    ['num_threads', options.threads],
    // Else the library measures which of two ways is faster, and the choice would be chance.
    ['deterministic', true],
    ['force_col_wise', true],
    ['verbosity', -1],
  ]
  if (monotone !== null) entries.push(['monotone_constraints', monotone.join(',')])
  if (categorical.length > 0) entries.push(['categorical_feature', categorical.join(',')])
  return entries.map(([name, value]) => `${name}=${value}`).join(' ')
}

function objectiveOf({ task, classes }: FitOptions): [string, string | number][] {
  if (task === 'regression') {
    return [
      ['objective', 'regression'],
      ['metric', 'rmse'],
    ]
  }
  if (classes === 2) {
    return [
      ['objective', 'binary'],
      ['metric', 'binary_logloss'],
    ]
  }
  return [
    ['objective', 'multiclass'],
    ['num_class', classes],
    ['metric', 'multi_logloss'],
  ]
}

/** Weights are scaled to mean 1, so that lambda means the same whatever the weights' unit. */
function dataset(
  library: Lightgbm,
  set: TrainingSet,
  parameterText: string,
  names: readonly string[],
  reference: NativeDataset | null = null,
): NativeDataset {
  const made = new NativeDataset(library, set.x, parameterText, reference)
  try {
    made.set('label', set.y instanceof Float32Array ? set.y : Float32Array.from(set.y))
    if (set.weight !== null) made.set('weight', evenedWeights(set.weight))
    if (reference === null) made.setFeatureNames(names)
  } catch (thrown) {
    made.close()
    throw thrown
  }
  return made
}

class FittedLightgbm implements FittedModel {
  readonly kind = 'lightgbm'
  readonly task: ModelTask
  readonly classes: number
  readonly features: readonly string[]
  readonly bestRound: number
  readonly history: readonly RoundReport[]
  readonly #booster: Booster
  readonly #bytes: Uint8Array
  readonly #text: ModelText
  readonly #parameters: string
  readonly #one = new Float64Array(1)

  constructor(library: Lightgbm, bytes: Uint8Array, text: ModelText, threads: number, history: readonly RoundReport[]) {
    this.task = text.task
    this.classes = text.classes
    this.features = text.features
    this.bestRound = text.rounds
    this.history = history
    this.#booster = Booster.load(library, bytes)
    this.#bytes = bytes
    this.#text = text
    this.#parameters = `num_threads=${threads} verbosity=-1`
  }

  predict(x: Matrix, out?: Float64Array): Float64Array {
    const margins = this.margins(x, out)
    return this.task === 'regression' ? margins : softmaxRows(margins, this.classes)
  }

  margins(x: Matrix, out: Float64Array = new Float64Array(x.rows * this.classes)): Float64Array {
    checkColumns(x, this.features.length)
    assert(out.length === x.rows * this.classes, `room for ${out.length} of ${x.rows * this.classes} scores`)
    if (x.rows === 0) return out
    if (this.#text.outputs === this.classes) {
      this.#booster.margins(x, out, this.#parameters)
      return out
    }
    const raw = x.rows === 1 ? this.#one : new Float64Array(x.rows)
    this.#booster.margins(x, raw, this.#parameters)
    return spreadMargins(raw, out, 1)
  }

  contributions(x: Matrix): Float64Array {
    checkColumns(x, this.features.length)
    if (x.rows === 0) return new Float64Array(0)
    const raw = new Float64Array(x.rows * this.#text.outputs * (x.columns + 1))
    this.#booster.contributions(x, raw, this.#parameters)
    return this.#text.outputs === this.classes
      ? raw
      : spreadMargins(raw, new Float64Array(raw.length * 2), x.columns + 1)
  }

  importance(): readonly FeatureImportance[] {
    return this.#text.importance
  }

  files(): ReadonlyMap<string, Uint8Array> {
    return new Map([['model.txt', this.#bytes]])
  }

  close(): void {
    this.#booster.close()
  }
}

async function usable(environment: Environment): Promise<Lightgbm> {
  const found = await openLightgbm(environment)
  if (!found.ok) throw new UserError(found.reason, { hint: found.hint })
  return found.library
}
