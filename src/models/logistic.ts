/**
 * Multinomial logistic regression, the baseline every other model must beat; needs no native library. One round is one
 * strength of the penalty, from strong to weak, each started from the last: the validation part picks the strength.
 */

import { setImmediate } from 'node:timers/promises'
import { assert } from '../core/errors.js'
import { lbfgs } from '../math/lbfgs.js'
import {
  type LogisticProblem,
  linearScores,
  meanLogLoss,
  penalisedLogLoss,
  priorCoefficients,
  softmaxRows,
} from '../math/logistic.js'
import { type LogisticModel, readLogistic, writeLogistic } from './logistic-files.js'
import type { FeatureImportance, FittedModel, Matrix, ModelKind, RoundReport, TrainingSet } from './model.js'
import { checkColumns, checkTraining, classesOf, resolveParameters } from './parameters.js'
import { fitScaler, type Scaler, scaleRow, scaleTable } from './scaler.js'

const parameters = {
  l2Max: { default: 1, range: [1e-8, 1e4], meaning: 'Strongest L2 penalty, per row of average weight; tried first.' },
  l2Min: {
    default: 1e-4,
    range: [1e-8, 1e4],
    search: { low: 1e-5, high: 0.1, log: true },
    meaning: 'Weakest L2 penalty, tried last.',
  },
  rounds: {
    default: 9,
    range: [1, 100],
    integer: true,
    meaning: 'Penalties tried, in equal ratios from l2Max to l2Min; 1 tries l2Min alone.',
  },
  earlyStoppingRounds: {
    default: 2,
    range: [1, 100],
    integer: true,
    meaning: 'Penalties without a better validation loss after which fitting stops.',
  },
  clip: {
    default: 10,
    range: [1, 1e6],
    search: { low: 2, high: 20, log: true },
    meaning: 'Standardised values are cut to plus or minus this.',
  },
  iterations: { default: 200, range: [1, 10_000], integer: true, meaning: 'Most solver steps for one penalty.' },
  tolerance: {
    default: 1e-5,
    range: [1e-12, 1e-2],
    meaning: 'Largest component of the gradient at which the solver stops.',
  },
} as const

export const logistic: ModelKind = {
  name: 'logistic',
  title: 'Logistic regression',
  meaning: 'Multinomial softmax with an L2 penalty on standardised features; the penalty is picked on validation.',
  reference: 'Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, 4.4',
  parameters,
  tasks: ['classification'],
  constraints: [],

  async available() {
    return { ok: true, version: '1', path: null }
  },

  async fit(train, validation, options) {
    const settings = resolveParameters('logistic', parameters, options.parameters)
    checkTraining(logistic, train, validation, options)
    const scaler = await fitScaler(train.x, options.featureNames, settings.clip)
    const fitted = problem(train, scaler, options.classes)
    const held = validation === null ? null : problem(validation, scaler, options.classes)
    const history: RoundReport[] = []
    let w = priorCoefficients(fitted)
    let best: LogisticModel = { w, classes: options.classes, round: 0, l2: settings.l2Max }
    let bestLoss = Number.POSITIVE_INFINITY
    for (let round = 1; round <= settings.rounds; round++) {
      const l2 = penalty(settings, round)
      w = await minimise(fitted, l2, w, settings)
      const trainLoss = meanLogLoss(fitted, w)
      const validationLoss = held === null ? Number.NaN : meanLogLoss(held, w)
      const report = { round, rounds: settings.rounds, trainLoss, validationLoss }
      history.push(report)
      options.onRound?.(report)
      if (held === null || validationLoss < bestLoss) {
        bestLoss = validationLoss
        best = { w, classes: options.classes, round, l2 }
      } else if (round - best.round >= settings.earlyStoppingRounds) break
    }
    return fittedLogistic(best, scaler, history)
  },

  async load(files) {
    const { model, scaler } = readLogistic(files)
    return fittedLogistic(model, scaler, [])
  },
}

function problem(set: TrainingSet, scaler: Scaler, classes: number): LogisticProblem {
  const { rows, columns } = set.x
  return { x: scaleTable(scaler, set.x), rows, columns, y: classesOf(set, classes), weight: set.weight, classes }
}

function penalty(settings: { l2Max: number; l2Min: number; rounds: number }, round: number): number {
  const { l2Max, l2Min, rounds } = settings
  return rounds === 1 ? l2Min : l2Max * (l2Min / l2Max) ** ((round - 1) / (rounds - 1))
}

async function minimise(
  fitted: LogisticProblem,
  l2: number,
  start: Float64Array,
  settings: { iterations: number; tolerance: number },
): Promise<Float64Array> {
  const limits = { tolerance: settings.tolerance, maxIterations: settings.iterations, memory: 10 }
  let w = start
  for (const state of lbfgs(penalisedLogLoss(fitted, l2), start, limits)) {
    w = state.x
    await setImmediate()
  }
  return w
}

function fittedLogistic(model: LogisticModel, scaler: Scaler, history: readonly RoundReport[]): FittedModel {
  const { w, classes } = model
  const columns = scaler.features.length
  const row = new Float64Array(columns)
  const margins = (x: Matrix, out: Float64Array = new Float64Array(x.rows * classes)) => {
    checkColumns(x, columns)
    assert(out.length === x.rows * classes, `room for ${out.length} of ${x.rows * classes} scores`)
    for (let i = 0; i < x.rows; i++) {
      scaleRow(scaler, x, i, row)
      linearScores(w, row, 0, columns, out, i * classes, classes)
    }
    return out
  }
  return {
    kind: 'logistic',
    task: 'classification',
    classes,
    features: scaler.features,
    bestRound: model.round,
    history,
    margins,
    predict: (x, out) => softmaxRows(margins(x, out), classes),
    contributions: (x) => contributions(model, scaler, x),
    importance: () => importance(model, scaler.features),
    files: () => writeLogistic(model, scaler),
    close: () => {},
  }
}

/** Coefficient times standardised value; the constant is the intercept. */
function contributions(model: LogisticModel, scaler: Scaler, x: Matrix): Float64Array {
  const columns = scaler.features.length
  checkColumns(x, columns)
  const { w, classes } = model
  const size = classes * (columns + 1)
  const out = new Float64Array(x.rows * size)
  const row = new Float64Array(columns + 1).fill(1)
  for (let i = 0; i < x.rows; i++) {
    scaleRow(scaler, x, i, row)
    for (let p = 0; p < size; p++) out[i * size + p] = w[p] * row[p % (columns + 1)]
  }
  return out
}

/** Gain = mean over the classes of the absolute coefficient on the standardised feature. */
function importance({ w, classes }: LogisticModel, features: readonly string[]): FeatureImportance[] {
  return features.map((feature, j) => {
    let sum = 0
    for (let k = 0; k < classes; k++) sum += Math.abs(w[k * (features.length + 1) + j])
    return { feature, gain: sum / classes }
  })
}
