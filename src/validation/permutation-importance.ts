/**
 * What a model loses when it can no longer see a feature: its values are exchanged among the rows, so that they keep their distribution and
 * lose their meaning. Breiman 2001, Random Forests, 10. Unlike gain it is in the same unit for every kind of model.
 */
import { createRandom } from '../core/random.js'
import type { FeatureImportance, FittedModel, Matrix, TrainingSet } from '../models/model.js'

/** So many rows tell a feature that matters from one that does not; more would take longer than the fit. */
const ROWS = 1000

/**
 * `model.importance()` with `permutation`: the rise of the mean loss (log loss in nats; of a regression the root mean square error) on
 * rows that the model was not fitted on. Features that share what they know cover for each other, so that both may
 * seem useless; a feature that the model never uses has exactly 0, chance makes others negative as well.
 *
 * @param set  at most 1000 of its rows, evenly spread, are looked at; weights count
 */
export function permutationImportance(model: FittedModel, set: TrainingSet, seed: number): FeatureImportance[] {
  const sample = spread(set)
  const base = lossOf(model, sample, sample.x)
  const { rows, columns, values } = sample.x
  const exchanged = { rows, columns, values: values.slice() }
  return model.importance().map((entry, j) => {
    if (entry.gain === 0 || rows === 0) return { ...entry, permutation: rows === 0 ? Number.NaN : 0 }
    const random = createRandom(seed, `permutation ${entry.feature}`)
    // Fisher and Yates: every order of the column is as likely as the next.
    for (let i = rows - 1; i > 0; i--) {
      const k = Math.floor(random.next() * (i + 1))
      const [a, b] = [i * columns + j, k * columns + j]
      const value = exchanged.values[a]
      exchanged.values[a] = exchanged.values[b]
      exchanged.values[b] = value
    }
    const loss = lossOf(model, sample, exchanged)
    for (let i = 0; i < rows; i++) exchanged.values[i * columns + j] = values[i * columns + j]
    return { ...entry, permutation: loss - base }
  })
}

function spread({ x, y, weight }: TrainingSet): TrainingSet {
  if (x.rows <= ROWS) return { x, y, weight }
  const chosen = Int32Array.from({ length: ROWS }, (_, i) => Math.floor((i * x.rows) / ROWS))
  const values = new Float32Array(ROWS * x.columns)
  chosen.forEach((row, i) => {
    values.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), i * x.columns)
  })
  return {
    x: { rows: ROWS, columns: x.columns, values },
    y:
      y instanceof Float32Array ? Float32Array.from(chosen, (row) => y[row]) : Int32Array.from(chosen, (row) => y[row]),
    weight: weight === null ? null : Float32Array.from(chosen, (row) => weight[row]),
  }
}

function lossOf(model: FittedModel, { y, weight }: TrainingSet, x: Matrix): number {
  const out = model.predict(x)
  let sum = 0
  let total = 0
  for (let i = 0; i < x.rows; i++) {
    const share = weight === null ? 1 : weight[i]
    if (model.task === 'regression') sum += share * (out[i] - y[i]) ** 2
    // The smallest double above 0 stands for a probability that underflowed.
    else sum -= share * Math.log(Math.max(out[i * model.classes + y[i]], Number.MIN_VALUE))
    total += share
  }
  return model.task === 'regression' ? Math.sqrt(sum / total) : sum / total
}
