/** A linear model on disk, logistic or not: `model.json` (coefficients) and `scaler.json` (imputation and scaling). */

import { UserError } from '../core/errors.js'
import type { Scaler } from './scaler.js'

export type LinearModel = {
  readonly kind: 'logistic' | 'linear'
  /** Per class its coefficients on the standardised features, then its intercept. [classes × (features + 1)] */
  readonly w: Float64Array
  /** Regression: 1. */
  readonly classes: number
  /** Which of the penalties was kept, from 1. */
  readonly round: number
  /** Strength of that penalty, and which share of it is L1. */
  readonly l2: number
  readonly l1Ratio: number
}

export function writeLinear(model: LinearModel, scaler: Scaler): ReadonlyMap<string, Uint8Array> {
  const width = scaler.features.length + 1
  const rows = Array.from({ length: model.classes }, (_, k) => Array.from(model.w.slice(k * width, (k + 1) * width)))
  const modelText = {
    kind: model.kind,
    version: 1,
    classes: model.classes,
    round: model.round,
    l2: model.l2,
    // Older files lack it; one that has no L1 penalty stays as it was.
    ...(model.l1Ratio === 0 ? {} : { l1Ratio: model.l1Ratio }),
    features: scaler.features,
    intercepts: rows.map((row) => row[width - 1]),
    coefficients: rows.map((row) => row.slice(0, -1)),
  }
  const scalerText = {
    version: 1,
    clip: scaler.clip,
    features: scaler.features,
    median: Array.from(scaler.median),
    mean: Array.from(scaler.mean),
    scale: Array.from(scaler.scale),
  }
  return new Map([
    ['model.json', encode(modelText)],
    ['scaler.json', encode(scalerText)],
  ])
}

/** @throws UserError naming the file and what is wrong with it */
export function readLinear(
  kind: LinearModel['kind'],
  files: ReadonlyMap<string, Uint8Array>,
): { model: LinearModel; scaler: Scaler } {
  const model = parse(files, 'model.json')
  const scaling = parse(files, 'scaler.json')
  const expect = (right: boolean, name: string, what: string) => {
    if (!right) throw damaged(name, what)
  }
  expect(model.kind === kind && model.version === 1, 'model.json', `it is not a ${kind} model of version 1`)
  expect(scaling.version === 1, 'scaler.json', 'it is not of version 1')
  const { features } = scaling
  const named = Array.isArray(features) && features.every((name): name is string => typeof name === 'string')
  if (!named) throw damaged('scaler.json', 'it does not name its features')
  expect(
    JSON.stringify(model.features) === JSON.stringify(features),
    'model.json',
    'its features are not those of scaler.json',
  )
  const classes = numbers([model.classes], 1, 'model.json', 'classes')[0]
  const possible = kind === 'linear' ? classes === 1 : Number.isInteger(classes) && classes >= 2
  expect(possible, 'model.json', `it declares ${classes} classes`)
  const intercepts = numbers(model.intercepts, classes, 'model.json', 'intercepts')
  const { coefficients } = model
  if (!Array.isArray(coefficients) || coefficients.length !== classes) {
    throw damaged('model.json', `coefficients are not ${classes} rows`)
  }
  const w = new Float64Array(classes * (features.length + 1))
  for (let k = 0; k < classes; k++) {
    w.set(numbers(coefficients[k], features.length, 'model.json', 'coefficients'), k * (features.length + 1))
    w[k * (features.length + 1) + features.length] = intercepts[k]
  }
  const penalty = [model.round, model.l2, model.l1Ratio ?? 0]
  const [round, l2, l1Ratio] = numbers(penalty, 3, 'model.json', 'round, l2 and l1Ratio')
  const scale = numbers(scaling.scale, features.length, 'scaler.json', 'scale')
  expect(
    scale.every((value) => value > 0),
    'scaler.json',
    'a scale is not above 0',
  )
  return {
    model: { kind, w, classes, round, l2, l1Ratio },
    scaler: {
      features,
      median: numbers(scaling.median, features.length, 'scaler.json', 'median'),
      mean: numbers(scaling.mean, features.length, 'scaler.json', 'mean'),
      scale,
      clip: numbers([scaling.clip], 1, 'scaler.json', 'clip')[0],
    },
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`)
}

function parse(files: ReadonlyMap<string, Uint8Array>, name: string): Record<string, unknown> {
  const bytes = files.get(name)
  if (bytes === undefined) throw damaged(name, 'it is missing')
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (thrown) {
    throw damaged(name, `it is not JSON (${bytes.length} bytes)`, thrown)
  }
  throw damaged(name, 'it holds no object')
}

function numbers(values: unknown, length: number, file: string, name: string): Float64Array {
  if (!Array.isArray(values) || values.length !== length || !values.every((value) => Number.isFinite(value))) {
    throw damaged(file, `${name} are not ${length} numbers`)
  }
  return Float64Array.from(values as number[])
}

function damaged(file: string, what: string, cause?: unknown): UserError {
  return new UserError(`${file} of a linear model is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
    cause,
  })
}
