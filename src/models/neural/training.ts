/**
 * Training by mini-batches: Adam with a bounded gradient and a learning rate that falls along a cosine, dropout, early stopping with the
 * weights of the best epoch. All chance comes from the seed, by epoch, so the same seed on the same backend gives the same bytes.
 */
import { setImmediate } from 'node:timers/promises'
import { createRandom, type Random } from '../../core/random.js'
import { createAdam } from '../../math/adam.js'
import type { Checkpoint, RoundReport } from '../model.js'
import { readCheckpoint, writeCheckpoint } from './checkpoint.js'
import type { Tensor1D, Tensor2D, Tf } from './engine.js'
import { type Drop, type Network, tensorsOf } from './network.js'
import { logSum, lossOf, type Scorer, scoresLater, type Targets } from './scoring.js'
import type { Windows } from './windows.js'

export type TrainingRows = Targets & {
  readonly windows: Windows
  /** The same rows with windows of another length. */
  readonly windowsOf: (steps: number) => Windows
}

export type TrainingOptions = {
  readonly rounds: number
  readonly earlyStoppingRounds: number
  readonly batch: number
  readonly learningRate: number
  /** Share of the learning rate that is left in the last round. */
  readonly finalRate: number
  readonly clipNorm: number
  readonly dropout: number
  /** 0: all windows have the net's own length. */
  readonly shortestSteps: number
  /** The net for windows of another length: its weights are the same. */
  readonly ofSteps: (steps: number) => Network
  readonly seed: number
  /** What one of the net's units is in units of y: reports are in those. */
  readonly unit: number
  readonly onRound?: (report: RoundReport) => void
  readonly checkpoint?: Checkpoint
}

export type Trained = {
  readonly weights: Float32Array
  readonly bestRound: number
  readonly history: readonly RoundReport[]
}

/** Training rows that a round's loss is taken on, evenly spread: all of them would take a third of the round. */
const LOSS_ROWS = 4096

/** @param start  its weights are where training begins, and stay as they are */
export async function trainNetwork(
  start: Scorer,
  train: TrainingRows,
  validation: TrainingRows | null,
  options: TrainingOptions,
): Promise<Trained> {
  const { rounds, earlyStoppingRounds, batch, learningRate, finalRate, unit, checkpoint } = options
  const kept = readCheckpoint(checkpoint?.read() ?? null, start.weights.length)
  const weights = kept?.weights ?? start.weights.slice()
  const scorer = { ...start, weights }
  const adam = createAdam(weights.length, { clipNorm: options.clipNorm }, kept?.adam)
  const { outputs } = start.shape
  const loss = async (rows: TrainingRows, chosen: Int32Array) =>
    unit * lossOf(await scoresLater(scorer, rows.windows, chosen), outputs, chosen, rows)
  const { steps } = start.shape
  const shortest = Math.min(options.shortestSteps, steps)
  const lengthBy = (random: Random) => shortest + random.below(steps - shortest + 1)
  const lengths = new Map<number, readonly [Scorer, TrainingRows]>([[steps, [scorer, train]]])
  /** Rows with a whole window of the net's length have one of every shorter length. */
  const ofLength = (length: number): readonly [Scorer, TrainingRows] => {
    const known = lengths.get(length) ?? [
      { ...scorer, network: options.ofSteps(length), shape: { ...start.shape, steps: length } },
      { ...train, windows: train.windowsOf(length) },
    ]
    lengths.set(length, known)
    return known
  }
  const looked = spread(train.windows.whole, LOSS_ROWS)
  const history: RoundReport[] = (kept?.history ?? []).map((report) => ({ ...report, rounds }))
  let best = kept?.best ?? { weights: weights.slice(), round: 0, loss: Number.POSITIVE_INFINITY }
  const isOver = () => validation !== null && history.length - best.round >= earlyStoppingRounds
  for (let round = history.length + 1; round <= rounds && !isOver(); round++) {
    const random = createRandom(options.seed, `net round ${round}`)
    const order = shuffled(train.windows.whole, random)
    const progress = rounds === 1 ? 0 : (round - 1) / (rounds - 1)
    const rate = learningRate * (finalRate + (1 - finalRate) * 0.5 * (1 + Math.cos(Math.PI * progress)))
    for (let at = 0; at < order.length; at += batch) {
      const [own, rows] = ofLength(shortest === 0 ? steps : lengthBy(random))
      const gradient = await gradientOf(own, rows, order.subarray(at, at + batch), options.dropout, random)
      adam.step(weights, gradient, rate)
      await setImmediate()
    }
    const validationLoss = validation === null ? Number.NaN : await loss(validation, validation.windows.whole)
    const report = { round, rounds, trainLoss: await loss(train, looked), validationLoss }
    history.push(report)
    options.onRound?.(report)
    await setImmediate()
    if (validation === null || validationLoss < best.loss) {
      best = { weights: weights.slice(), round, loss: validationLoss }
    }
    checkpoint?.write(writeCheckpoint({ weights, adam: adam.state, best, history }))
  }
  return { weights: best.weights, bestRound: best.round, history }
}

/** Of the weighted mean loss of some rows; a row's weight is in units of the mean weight. [weights] */
function gradientOf(
  { engine, network, shape, weights }: Scorer,
  { windows, task, y, weight }: TrainingRows,
  chosen: Int32Array,
  dropout: number,
  random: Random,
): Promise<Float32Array> {
  const { steps, features, outputs } = shape
  const n = chosen.length
  const x = new Float32Array(steps * n * features)
  windows.gather(chosen, x)
  return engine.wait(async (tf) => {
    const drop = dropout === 0 ? null : dropWith(tf, dropout, random)
    const input = tf.tensor2d(x, [steps * n, features])
    const pass = network.through(tf, input, tensorsOf(tf, network.weights, weights), drop, false)
    const scores = await pass.output.data<'float32'>()
    const slope = new Float32Array(n * outputs)
    for (let i = 0; i < n; i++) {
      const share = (weight === null ? 1 : weight[chosen[i]]) / n
      const target = y[chosen[i]]
      const sum = task === 'regression' ? 0 : logSum(scores, i * outputs, outputs)
      for (let k = 0; k < outputs; k++) {
        const at = i * outputs + k
        slope[at] =
          share * (task === 'regression' ? scores[at] - target : Math.exp(scores[at] - sum) - (k === target ? 1 : 0))
      }
    }
    const { weights: parts } = pass.back(tf.tensor2d(slope, [n, outputs]))
    // One value to wait for, not one for each of the weights.
    return tf.concat1d(parts.map((part) => tf.reshape(part, [part.size]) as Tensor1D)).data<'float32'>()
  })
}

function dropWith(tf: Tf, share: number, random: Random): NonNullable<Drop> {
  return (rows, columns): Tensor2D => {
    const kept = Float32Array.from({ length: rows * columns }, () => (random.next() < share ? 0 : 1 / (1 - share)))
    return tf.tensor2d(kept, [rows, columns])
  }
}

/** Fisher and Yates. */
function shuffled(rows: Int32Array, random: Random): Int32Array {
  const order = rows.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const k = random.below(i + 1)
    const kept = order[i]
    order[i] = order[k]
    order[k] = kept
  }
  return order
}

/** At most `count` of them, evenly spread. */
export function spread(rows: Int32Array, count: number): Int32Array {
  if (rows.length <= count) return rows
  return Int32Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)])
}
