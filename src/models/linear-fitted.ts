/** A fitted linear model, logistic or not: scales each row, then weighs its features. */

import { assert } from '../core/errors.js'
import { linearScores, softmaxRows } from '../math/logistic.js'
import { type LinearModel, writeLinear } from './linear-files.js'
import type { FeatureImportance, FittedModel, Matrix, RoundReport } from './model.js'
import { checkColumns } from './parameters.js'
import { type Scaler, scaleRow } from './scaler.js'

export function fittedLinear(model: LinearModel, scaler: Scaler, history: readonly RoundReport[]): FittedModel {
  const { w, classes, kind } = model
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
    kind,
    task: kind === 'logistic' ? 'classification' : 'regression',
    classes,
    features: scaler.features,
    bestRound: model.round,
    history,
    margins,
    predict: kind === 'logistic' ? (x, out) => softmaxRows(margins(x, out), classes) : margins,
    contributions: (x) => contributions(model, scaler, x),
    importance: () => importance(model, scaler.features),
    files: () => writeLinear(model, scaler),
    close: () => {},
  }
}

/** Coefficient times standardised value; the constant is the intercept. */
function contributions(model: LinearModel, scaler: Scaler, x: Matrix): Float64Array {
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
function importance({ w, classes }: LinearModel, features: readonly string[]): FeatureImportance[] {
  return features.map((feature, j) => {
    let sum = 0
    for (let k = 0; k < classes; k++) sum += Math.abs(w[k * (features.length + 1) + j])
    return { feature, gain: sum / classes }
  })
}
