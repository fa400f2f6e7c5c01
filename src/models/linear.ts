/** Linear regression with an elastic net, the baseline of the regression labels; needs no native library. */

import { setImmediate } from 'node:timers/promises'
import { elasticNet, type Moments, momentsOf } from '../math/elastic-net.js'
import { readLinear } from './linear-files.js'
import { fittedLinear } from './linear-fitted.js'
import type { ModelKind, TrainingSet } from './model.js'
import { checkTraining, resolveParameters } from './parameters.js'
import { pathParameters, walkPenalties } from './penalty-path.js'
import { fitScaler, scaleTable } from './scaler.js'

const parameters = {
  ...pathParameters,
  iterations: {
    default: 1000,
    range: [1, 100_000],
    integer: true,
    meaning: 'Most rounds of the solver over all coefficients, for one penalty.',
  },
  tolerance: {
    default: 1e-7,
    range: [1e-14, 1e-2],
    meaning: 'Change of the fitted values, in standard deviations of the label, at which the solver stops.',
  },
} as const

export const linear: ModelKind = {
  name: 'linear',
  title: 'Linear regression',
  meaning: 'Least squares with an elastic net on standardised features and label; the penalty is picked on validation.',
  reference: 'Zou & Hastie 2005, Regularization and variable selection via the elastic net, JRSS B 67',
  parameters,
  tasks: ['regression'],
  constraints: [],

  async available() {
    return { ok: true, version: '1', path: null }
  },

  async fit(train, validation, options) {
    const settings = resolveParameters('linear', parameters, options.parameters)
    checkTraining(linear, train, validation, options)
    const columns = options.featureNames.length
    const scaler = await fitScaler(train.x, options.featureNames, settings.clip)
    const fitted = scaleTable(scaler, train.x)
    const held = validation === null ? null : { ...validation, scaled: scaleTable(scaler, validation.x) }
    const moments = await gather(momentsOf(fitted, columns, train.y, train.weight))
    // In standard deviations of the label a penalty means the same whatever the label's unit is.
    const unit = Math.sqrt(moments.ySquare)
    const scaled = { ...moments, withY: moments.withY.map((product) => product / unit) }
    let last: Float64Array = new Float64Array(columns)
    const kept = await walkPenalties(settings, options, held !== null, async (strength) => {
      last = elasticNet(scaled, strength, settings.l1Ratio, last, settings)
      await setImmediate()
      const w = coefficients(last, moments, unit)
      return {
        fit: w,
        trainLoss: rootMeanSquare(train, fitted, w),
        validationLoss: held === null ? Number.NaN : rootMeanSquare(held, held.scaled, w),
      }
    })
    const { fit: w, round, strength: l2, history } = kept
    return fittedLinear({ kind: 'linear', w, classes: 1, round, l2, l1Ratio: settings.l1Ratio }, scaler, history)
  },

  async load(files) {
    const { model, scaler } = readLinear('linear', files)
    return fittedLinear(model, scaler, [])
  },
}

async function gather(passes: Generator<undefined, Moments>): Promise<Moments> {
  for (;;) {
    const { done, value } = passes.next()
    if (done === true) return value
    await setImmediate()
  }
}

/** In units of the label, the intercept at the end. [columns + 1] */
function coefficients(b: Float64Array, { columns, mean, yMean }: Moments, unit: number): Float64Array {
  const w = new Float64Array(columns + 1)
  let intercept = yMean
  for (let j = 0; j < columns; j++) {
    w[j] = b[j] * unit
    intercept -= w[j] * mean[j]
  }
  w[columns] = intercept
  return w
}

function rootMeanSquare({ y, weight }: TrainingSet, scaled: Float32Array, w: Float64Array): number {
  const columns = w.length - 1
  let sum = 0
  let total = 0
  for (let i = 0; i < y.length; i++) {
    let error = w[columns] - y[i]
    for (let j = 0; j < columns; j++) error += w[j] * scaled[i * columns + j]
    const share = weight === null ? 1 : weight[i]
    sum += share * error * error
    total += share
  }
  return Math.sqrt(sum / total)
}
