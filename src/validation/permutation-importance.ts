/**
 * What a model loses when it can no longer see a feature: its values are exchanged among the rows, so that they keep their distribution and
 * lose their meaning. Breiman 2001, Random Forests, 10. Unlike gain it is in the same unit for every kind of model.
 */
import { createRandom } from '../core/random.js'
import type { FeatureImportance, FittedModel, History, Matrix, TrainingSet } from '../models/model.js'

/** So many rows tell a feature that matters from one that does not; more would take longer than the fit. */
const ROWS = 1000
/** The same of whole windows, each of which takes as long as many rows. */
const WINDOWS = 250

/**
 * `model.importance()` with `permutation`: the rise of the mean loss (log loss in nats; of a regression the root mean square error) on
 * rows that the model was not fitted on. Features that share what they know cover for each other, so that both may
 * seem useless; a feature that the model never uses has exactly 0, chance makes others negative as well.
 *
 * @param set  at most 1000 of its rows, evenly spread, are looked at, of a model that reads sequences 250 windows, which are exchanged
 *             as a whole; weights count
 */
export function permutationImportance(model: FittedModel, set: TrainingSet, seed: number): FeatureImportance[] {
  const { window = 1 } = model
  const sample = spread(set, window)
  const base = lossOf(model, sample, sample.x)
  const { rows, columns } = sample.x
  const { values } = sample.x.history?.table ?? sample.x
  const exchanged = exchangeable(sample.x)
  const changed = exchanged.history?.table.values ?? exchanged.values
  return model.importance().map((entry, j) => {
    if (entry.gain === 0 || rows === 0) return { ...entry, permutation: rows === 0 ? Number.NaN : 0 }
    const random = createRandom(seed, `permutation ${entry.feature}`)
    // Fisher and Yates: every order of the column is as likely as the next.
    for (let i = rows - 1; i > 0; i--) {
      const k = Math.floor(random.next() * (i + 1))
      for (let t = 0; t < window; t++) {
        const [a, b] = [(i * window + t) * columns + j, (k * window + t) * columns + j]
        const value = changed[a]
        changed[a] = changed[b]
        changed[b] = value
      }
    }
    const loss = lossOf(model, sample, exchanged)
    for (let i = j; i < changed.length; i += columns) changed[i] = values[i]
    return { ...entry, permutation: loss - base }
  })
}

/** Rows of a table of their own, evenly spread; each with its window, if it has one, copied so that it can be changed. */
function spread({ x, y, weight }: TrainingSet, window: number): TrainingSet {
  const most = window === 1 ? ROWS : WINDOWS
  if (x.rows <= most && x.history === undefined) return { x, y, weight }
  const count = Math.min(most, x.rows)
  const chosen = Int32Array.from({ length: count }, (_, i) => Math.floor((i * x.rows) / count))
  return {
    x: x.history === undefined ? copied(x, chosen, 1) : unrolled(x.history, chosen, window),
    y:
      y instanceof Float32Array ? Float32Array.from(chosen, (row) => y[row]) : Int32Array.from(chosen, (row) => y[row]),
    weight: weight === null ? null : Float32Array.from(chosen, (row) => weight[row]),
  }
}

/** Each of the rows with those before it, in a table of its own. [rows × window × columns] */
function copied({ columns, values }: Matrix, last: Int32Array, window: number): Matrix {
  const width = columns * window
  const own = new Float32Array(last.length * width)
  last.forEach((row, i) => {
    own.set(values.subarray((row - window + 1) * columns, (row + 1) * columns), i * width)
  })
  return { rows: last.length * window, columns, values: own }
}

/** Windows one after the other, so that no two share a row. */
function unrolled({ table, position }: History, chosen: Int32Array, window: number): Matrix {
  const rows = chosen.map((row) => position[row])
  const history = {
    table: copied(table, rows, window),
    position: chosen.map((_, i) => (i + 1) * window - 1),
    run: new Int32Array(chosen.length).fill(window),
  }
  return { ...copied(table, rows, 1), history }
}

/** A copy whose values may be changed. */
function exchangeable({ history, ...x }: Matrix): Matrix {
  if (history === undefined) return { ...x, values: x.values.slice() }
  return { ...x, history: { ...history, table: { ...history.table, values: history.table.values.slice() } } }
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
