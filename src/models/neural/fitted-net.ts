/** A fitted net: windows of scaled rows through the layers. */
import { assert } from '../../core/errors.js'
import { createRandom } from '../../core/random.js'
import { softmaxRows } from '../../math/logistic.js'
import type { FeatureImportance, FittedModel, Matrix, RoundReport } from '../model.js'
import { checkColumns } from '../parameters.js'
import type { Engine, Tensor2D, Tf } from './engine.js'
import { type Sampling, type StoredNet, writeNet } from './net-files.js'
import type { Drop, Network } from './network.js'
import { attributions, type Scorer, scoresOf } from './scoring.js'
import { type Windows, windowsOf } from './windows.js'

export function fittedNet(
  net: StoredNet,
  network: Network,
  engine: Engine,
  history: readonly RoundReport[],
): FittedModel {
  const { kind, task, classes, scaler, steps, target } = net
  const { features } = scaler
  const shape = { steps, features: features.length, outputs: classes }
  const scorer: Scorer = { engine, network, shape, weights: net.weights }
  const margins = (x: Matrix, out: Float64Array = new Float64Array(x.rows * classes)) => {
    checkColumns(x, features.length)
    assert(out.length === x.rows * classes, `room for ${out.length} of ${x.rows * classes} scores`)
    const windows = windowsOf(x, steps, scaler)
    const scores =
      net.sampling === null
        ? scoresOf(scorer, windows, windows.whole)
        : sampledScores(scorer, windows, net.sampling, task === 'classification')
    out.fill(Number.NaN)
    windows.whole.forEach((row, i) => {
      for (let k = 0; k < classes; k++) out[row * classes + k] = target.mean + target.scale * scores[i * classes + k]
    })
    return out
  }
  return {
    kind,
    task,
    classes,
    features,
    window: steps,
    bestRound: net.bestRound,
    history,
    margins,
    predict: task === 'regression' ? margins : (x, out) => softmaxRows(margins(x, out), classes),
    contributions(x) {
      const whole = margins(x)
      const windows = windowsOf(x, steps, scaler)
      const found = attributions(scorer, windows, windows.whole)
      const width = features.length + 1
      const out = new Float64Array(x.rows * classes * width).fill(Number.NaN)
      windows.whole.forEach((row, i) => {
        for (let k = 0; k < classes; k++) {
          const at = (row * classes + k) * width
          let rest = whole[row * classes + k]
          for (let j = 0; j < features.length; j++) {
            out[at + j] = target.scale * found[(i * classes + k) * features.length + j]
            rest -= out[at + j]
          }
          out[at + features.length] = rest
        }
      })
      return out
    },
    importance: () => net.importance,
    files: () => writeNet(net, network),
    close: () => {},
  }
}

/**
 * Monte Carlo dropout: the mean of several passes, each with masks of its own, of probabilities where there are classes. A pass drops the same
 * columns of every row, so that a row gets the same bits alone as among others.
 *
 * @returns of classes the logarithms of the mean probabilities, else the mean values [whole × outputs]
 */
function sampledScores(
  scorer: Scorer,
  windows: Windows,
  { samples, dropout, seed }: Sampling,
  isClass: boolean,
): Float64Array {
  const { outputs } = scorer.shape
  const sum = new Float64Array(windows.whole.length * outputs)
  for (let sample = 0; sample < samples; sample++) {
    const drop = (tf: Tf): Drop => {
      const random = createRandom(seed, `net sample ${sample}`)
      return (rows, columns) => {
        const mask = Float32Array.from({ length: columns }, () => (random.next() < dropout ? 0 : 1 / (1 - dropout)))
        return tf.tile(tf.tensor2d(mask, [1, columns]), [rows, 1]) as Tensor2D
      }
    }
    const scores = Float64Array.from(scoresOf(scorer, windows, windows.whole, drop))
    const said = isClass ? softmaxRows(scores, outputs) : scores
    said.forEach((value, i) => {
      sum[i] += value / samples
    })
  }
  return isClass ? sum.map(Math.log) : sum
}

/** Gain = mean over rows and scores of the size of what a feature adds; what float32 cannot tell from nothing is 0. */
export function importanceOf(
  scorer: Scorer,
  windows: Windows,
  chosen: Int32Array,
  features: readonly string[],
): FeatureImportance[] {
  const found = attributions(scorer, windows, chosen)
  const sums = new Float64Array(features.length)
  found.forEach((value, at) => {
    sums[at % features.length] += Math.abs(value)
  })
  const most = sums.reduce((a, b) => Math.max(a, b), 0)
  const count = found.length / features.length
  return features.map((feature, j) => ({ feature, gain: sums[j] <= most * 1e-9 ? 0 : sums[j] / count }))
}
