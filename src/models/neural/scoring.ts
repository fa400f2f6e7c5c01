/** Scores of windows, their mean loss, and what each feature adds to them. */
import type { ModelTask } from '../model.js'
import type { Engine, Tensor2D, Tf } from './engine.js'
import { type Drop, type Network, type Shape, tensorsOf } from './network.js'
import type { Windows } from './windows.js'

/** A net with its weights, as it scores. */
export type Scorer = {
  readonly engine: Engine
  readonly network: Network
  readonly shape: Shape
  readonly weights: Float32Array
}

/** Windows at a time. A batch is always filled up to it, so that a row gets the same bits alone as among others. */
const BATCH = 64
/** Points of the path from the average window to the row's own. */
const POINTS = 8

/**
 * Scores of the chosen rows, whose windows are whole. [chosen × outputs]
 *
 * @param drop  called with the tensors' own engine; null: nothing is dropped
 */
export function scoresOf(
  scorer: Scorer,
  windows: Windows,
  chosen: Int32Array,
  drop: ((tf: Tf) => Drop) | null = null,
): Float32Array {
  const { outputs } = scorer.shape
  const scores = new Float32Array(chosen.length * outputs)
  for (const [at, x] of batches(scorer, windows, chosen)) {
    const found = scorer.engine.run((tf) => forward(scorer, tf, x, drop?.(tf) ?? null).dataSync<'float32'>())
    scores.set(found.subarray(0, Math.min(BATCH, chosen.length - at) * outputs), at * outputs)
  }
  return scores
}

/** The same on a backend whose values have to be waited for, without dropout. */
export async function scoresLater(scorer: Scorer, windows: Windows, chosen: Int32Array): Promise<Float32Array> {
  const { outputs } = scorer.shape
  const scores = new Float32Array(chosen.length * outputs)
  for (const [at, x] of batches(scorer, windows, chosen)) {
    const found = await scorer.engine.wait((tf) => forward(scorer, tf, x, null).data<'float32'>())
    scores.set(found.subarray(0, Math.min(BATCH, chosen.length - at) * outputs), at * outputs)
  }
  return scores
}

function forward({ network, shape, weights }: Scorer, tf: Tf, x: Float32Array, drop: Drop): Tensor2D {
  const input = tf.tensor2d(x, [shape.steps * BATCH, shape.features])
  return network.through(tf, input, tensorsOf(tf, network.weights, weights), drop, false).output
}

/** Windows `at` to `at` + BATCH; the last one stands for those that are not there. [steps · BATCH × features] */
function* batches(
  { shape: { steps, features } }: Scorer,
  windows: Windows,
  chosen: Int32Array,
): Generator<readonly [at: number, x: Float32Array]> {
  for (let at = 0; at < chosen.length; at += BATCH) {
    const rows = Int32Array.from({ length: BATCH }, (_, i) => chosen[Math.min(at + i, chosen.length - 1)])
    const x = new Float32Array(steps * BATCH * features)
    windows.gather(rows, x)
    yield [at, x]
  }
}

export type Targets = {
  readonly task: ModelTask
  /** Classes, or values in the net's own unit. */
  readonly y: ArrayLike<number>
  readonly weight: Float32Array | null
}

/** Weighted mean log loss, or root of the weighted mean squared error in the net's unit. */
export function lossOf(
  scores: Float32Array,
  outputs: number,
  chosen: Int32Array,
  { task, y, weight }: Targets,
): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < chosen.length; i++) {
    const share = weight === null ? 1 : weight[chosen[i]]
    const target = y[chosen[i]]
    if (task === 'regression') sum += share * (scores[i] - target) ** 2
    else sum += share * (logSum(scores, i * outputs, outputs) - scores[i * outputs + target])
    total += share
  }
  return task === 'regression' ? Math.sqrt(sum / total) : sum / total
}

/** ln Σ exp of `outputs` scores from `at` on. */
export function logSum(scores: Float32Array, at: number, outputs: number): number {
  let most = scores[at]
  for (let k = 1; k < outputs; k++) most = Math.max(most, scores[at + k])
  let sum = 0
  for (let k = 0; k < outputs; k++) sum += Math.exp(scores[at + k] - most)
  return most + Math.log(sum)
}

/**
 * Integrated gradients (Sundararajan, Taly & Yan 2017) from the window whose every value is its feature's mean, summed over the steps of
 * the window. They add up to the score's distance from that window's, but for the error of the sum that stands for the integral.
 *
 * @returns [chosen × outputs × features]
 */
export function attributions(scorer: Scorer, windows: Windows, chosen: Int32Array): Float64Array {
  const { engine, network, shape, weights } = scorer
  const { steps, features, outputs } = shape
  const all = new Float64Array(chosen.length * outputs * features)
  for (const [at, x] of batches(scorer, windows, chosen)) {
    const wanted = Math.min(BATCH, chosen.length - at)
    for (let point = 0; point < POINTS; point++) {
      const share = (point + 0.5) / POINTS
      const slopes = engine.run((tf) => {
        const input = tf.mul(tf.tensor2d(x, [steps * BATCH, features]), share) as Tensor2D
        const pass = network.through(tf, input, tensorsOf(tf, network.weights, weights), null, true)
        return Array.from({ length: outputs }, (_, output) => {
          const one = new Float32Array(BATCH * outputs)
          for (let i = output; i < one.length; i += outputs) one[i] = 1
          const { input: gradient } = pass.back(tf.tensor2d(one, [BATCH, outputs]))
          return (gradient as Tensor2D).dataSync<'float32'>()
        })
      })
      for (let t = 0; t < steps; t++) {
        for (let i = 0; i < wanted; i++) {
          for (let output = 0; output < outputs; output++) {
            for (let j = 0; j < features; j++) {
              const from = (t * BATCH + i) * features + j
              all[((at + i) * outputs + output) * features + j] += (slopes[output][from] * x[from]) / POINTS
            }
          }
        }
      }
    }
  }
  return all
}
