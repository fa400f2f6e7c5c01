/** Small seeded tables for the model tests: 3 classes, two informative features, one constant, one mostly unknown. */

import { createHash } from 'node:crypto'
import { createRandom } from '../../src/core/random.js'
import type { FitOptions, FittedModel, Matrix, ModelKind, Parameters, TrainingSet } from '../../src/models/model.js'

export const features = ['signal_a', 'signal_b', 'noise_a', 'noise_b', 'constant', 'sparse'] as const

export function sample(seed: number, rows: number, options: { weighted?: boolean; noise?: number } = {}): TrainingSet {
  const random = createRandom(seed, 'sample')
  const columns = features.length
  const values = new Float32Array(rows * columns)
  const y = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = Array.from({ length: columns }, () => random.normal())
    row[4] = 3.3
    if (random.next() < 0.9) row[5] = Number.NaN
    const score = row[0] + 0.7 * row[1] * (row[0] > 0 ? 1 : -0.2) + (options.noise ?? 1) * random.normal()
    y[i] = score < -0.6 ? 0 : score > 0.6 ? 2 : 1
    for (let j = 0; j < 4; j++) if (random.next() < 0.05) row[j] = Number.NaN
    values.set(row, i * columns)
  }
  const weight = options.weighted === true ? Float32Array.from(y, () => 0.2 + random.next()) : null
  return { x: { rows, columns, values }, y, weight }
}

export function fitOptions(overrides: Partial<FitOptions> = {}): FitOptions {
  return {
    task: 'classification',
    classes: 3,
    parameters: {},
    seed: 42,
    threads: 1,
    featureNames: features,
    environment: process.env,
    ...overrides,
  }
}

export function rowOf(x: Matrix, row: number): Matrix {
  return { rows: 1, columns: x.columns, values: x.values.slice(row * x.columns, (row + 1) * x.columns) }
}

/** The same columns with a value instead of a class: linear in two of them, bent in a third, in the size of returns. */
export function valueSample(seed: number, rows: number, options: { weighted?: boolean } = {}): TrainingSet {
  const { x, weight } = sample(seed, rows, options)
  const random = createRandom(seed, 'values')
  const y = Float32Array.from({ length: rows }, (_, i) => {
    const [a, b, c] = x.values.subarray(i * x.columns).map((value) => (Number.isNaN(value) ? 0 : value))
    return 0.002 + 0.01 * (a + 0.6 * b + 0.2 * Math.max(0, c) + random.normal())
  })
  return { x, y, weight }
}

/** Classes 0 and 2 as 0 and 1, without the rows between them. */
export function twoClasses({ x, y, weight }: TrainingSet): TrainingSet {
  const rows = [...y.keys()].filter((i) => y[i] !== 1)
  const values = Float32Array.from(rows.flatMap((i) => [...x.values.subarray(i * x.columns, (i + 1) * x.columns)]))
  return {
    x: { rows: rows.length, columns: x.columns, values },
    y: Int32Array.from(rows, (i) => y[i] / 2),
    weight: weight === null ? null : Float32Array.from(rows, (i) => weight[i]),
  }
}

export const regression = (overrides: Partial<FitOptions> = {}) =>
  fitOptions({ task: 'regression', classes: 1, ...overrides })

/** The parameter that says how long a fit takes, for all kinds. */
export const budgetOf = (kind: ModelKind) => ('rounds' in kind.parameters ? 'rounds' : 'trees')

export const budget = (kind: ModelKind, count: number): Parameters => ({ [budgetOf(kind)]: count })

/** SHA-256 by file: a difference between the bytes themselves would take minutes to print. */
export function digests(model: FittedModel): Record<string, string> {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  return Object.fromEntries([...model.files()].map(([file, bytes]) => [file, hash(bytes)]))
}
