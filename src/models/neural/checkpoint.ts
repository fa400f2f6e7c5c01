/** The state of training after a round, as bytes: from it the next round is the same, bit for bit, as without a stop. */
import type { AdamState } from '../../math/adam.js'
import type { RoundReport } from '../model.js'

export type TrainingState = {
  readonly weights: Float32Array
  readonly adam: AdamState
  readonly best: { readonly weights: Float32Array; readonly round: number; readonly loss: number }
  /** Of every round so far. */
  readonly history: readonly Pick<RoundReport, 'round' | 'trainLoss' | 'validationLoss'>[]
}

/** Numbers before the history: format, weights, rounds, steps of Adam, best round, best loss. */
const HEAD = 6
const FORMAT = 1

/** Float64 in the machine's order: head, both losses of each round, both moments; then float32: weights, best weights. */
export function writeCheckpoint({ weights, adam, best, history }: TrainingState): Uint8Array {
  const n = weights.length
  const doubles = HEAD + 2 * history.length + 2 * n
  const bytes = new Uint8Array(8 * doubles + 8 * n)
  const x = new Float64Array(bytes.buffer, 0, doubles)
  x.set([FORMAT, n, history.length, adam.steps, best.round, best.loss])
  history.forEach(({ trainLoss, validationLoss }, i) => {
    x.set([trainLoss, validationLoss], HEAD + 2 * i)
  })
  x.set(adam.first, doubles - 2 * n)
  x.set(adam.second, doubles - n)
  const y = new Float32Array(bytes.buffer, 8 * doubles)
  y.set(weights)
  y.set(best.weights, n)
  return bytes
}

/** Null where there is none, or it is not that of a net with so many weights. */
export function readCheckpoint(stored: Uint8Array | null, n: number): TrainingState | null {
  if (stored === null || stored.length < 8 * HEAD) return null
  const bytes = stored.slice() // aligned, and ours
  const [format, weights, rounds, steps, round, loss] = new Float64Array(bytes.buffer, 0, HEAD)
  const doubles = HEAD + 2 * rounds + 2 * n
  if (format !== FORMAT || weights !== n || bytes.length !== 8 * doubles + 8 * n) return null
  const x = new Float64Array(bytes.buffer, 0, doubles)
  const y = new Float32Array(bytes.buffer, 8 * doubles)
  return {
    weights: y.slice(0, n),
    adam: { steps, first: x.slice(doubles - 2 * n, doubles - n), second: x.slice(doubles - n) },
    best: { weights: y.slice(n), round, loss },
    history: Array.from({ length: rounds }, (_, i) => ({
      round: i + 1,
      trainLoss: x[HEAD + 2 * i],
      validationLoss: x[HEAD + 2 * i + 1],
    })),
  }
}
