/** Small seeded tables for the model tests: 3 classes, two informative features, one constant, one mostly unknown. */

import { createRandom } from '../../src/core/random.js'
import type { FitOptions, Matrix, TrainingSet } from '../../src/models/model.js'

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
