/** Multinomial logistic regression, the baseline every other model must beat; needs no native library. */

import { setImmediate } from 'node:timers/promises'
import { lbfgs } from '../math/lbfgs.js'
import {
  type LogisticProblem,
  logLossCurvature,
  logLossPreconditioner,
  meanLogLoss,
  penalisedLogLoss,
  priorCoefficients,
  secondMoments,
} from '../math/logistic.js'
import { proximalNewton } from '../math/proximal-newton.js'
import { readLinear } from './linear-files.js'
import { fittedLinear } from './linear-fitted.js'
import type { ModelKind, TrainingSet } from './model.js'
import { checkTraining, classesOf, resolveParameters } from './parameters.js'
import { pathParameters, walkPenalties } from './penalty-path.js'
import { fitScaler, type Scaler, scaleTable } from './scaler.js'

const parameters = {
  ...pathParameters,
  iterations: { default: 200, range: [1, 10_000], integer: true, meaning: 'Most solver steps for one penalty.' },
  tolerance: {
    default: 1e-5,
    range: [1e-12, 1e-2],
    meaning: 'Largest component of the gradient at which the solver stops.',
  },
} as const

type Settings = Readonly<Record<keyof typeof parameters, number>>

export const logistic: ModelKind = {
  name: 'logistic',
  title: 'Logistic regression',
  meaning: 'Multinomial softmax with an elastic net on standardised features; the penalty is picked on validation.',
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
    const { classes } = options
    const scaler = await fitScaler(train.x, options.featureNames, settings.clip)
    const fitted = problem(train, scaler, classes)
    const held = validation === null ? null : problem(validation, scaler, classes)
    const moments = secondMoments(fitted)
    let last = priorCoefficients(fitted)
    const kept = await walkPenalties(settings, options, held !== null, async (strength) => {
      last = await minimise(fitted, moments, strength, last, settings)
      const validationLoss = held === null ? Number.NaN : meanLogLoss(held, last)
      return { fit: last, trainLoss: meanLogLoss(fitted, last), validationLoss }
    })
    const { fit: w, round, strength: l2, history } = kept
    return fittedLinear({ kind: 'logistic', w, classes, round, l2, l1Ratio: settings.l1Ratio }, scaler, history)
  },

  async load(files) {
    const { model, scaler } = readLinear('logistic', files)
    return fittedLinear(model, scaler, [])
  },
}

function problem(set: TrainingSet, scaler: Scaler, classes: number): LogisticProblem {
  const { rows, columns } = set.x
  return { x: scaleTable(scaler, set.x), rows, columns, y: classesOf(set, classes), weight: set.weight, classes }
}

async function minimise(
  fitted: LogisticProblem,
  moments: Float64Array,
  strength: number,
  start: Float64Array,
  { l1Ratio, iterations, tolerance }: Settings,
): Promise<Float64Array> {
  const l2 = strength * (1 - l1Ratio)
  const smooth = penalisedLogLoss(fitted, l2)
  const curvature = logLossCurvature(fitted, moments, l2)
  const limits = { tolerance, maxIterations: iterations }
  // Intercepts are free.
  const l1 = curvature.ridge.map((_, p) => ((p + 1) % (fitted.columns + 1) === 0 ? 0 : strength * l1Ratio))
  const states =
    l1Ratio === 0
      ? lbfgs(smooth, start, { ...limits, memory: 10, precondition: logLossPreconditioner(curvature) })
      : proximalNewton(smooth, l1, curvature, start, limits)
  let w = start
  for (const state of states) {
    w = state.x
    await setImmediate()
  }
  return w
}
