/** What a kind of net is made of: weights with names and shapes, a way through them and back, and a topology that others can read. */
import type { Json } from '../../core/canonical.js'
import type { Random } from '../../core/random.js'
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'
import { dense, type Pass } from './layer.js'

export type Shape = {
  readonly steps: number
  readonly features: number
  /** Scores that come out: one per class, or one value. */
  readonly outputs: number
}

export type WeightSpec = {
  /** As Keras names it. */
  readonly name: string
  readonly shape: readonly number[]
  /** `even`: Glorot & Bengio 2010, uniform; `zero`; `one`; `forget`: zero, but 1 for the second of four gates (Gers et al. 2000). */
  readonly start: 'even' | 'zero' | 'one' | 'forget'
}

/** Random zeros among values whose mean stays 1; null when nothing is to be dropped. [rows × columns] */
export type Drop = ((rows: number, columns: number) => Tensor2D) | null

export interface Network {
  readonly weights: readonly WeightSpec[]
  /**
   * @param x  [steps · rows × features]
   * @returns  scores [rows × outputs]; its `back` gives the gradients of all weights in order
   */
  through(tf: Tf, x: Tensor2D, weights: readonly Tensor[], drop: Drop, inputGradient: boolean): Pass
  /** The net as a Keras model in JSON. */
  readonly topology: Json
}

export function sizeOf({ shape }: WeightSpec): number {
  return shape.reduce((product, length) => product * length, 1)
}

export function startWeights(specs: readonly WeightSpec[], random: Random): Float32Array {
  const all = new Float32Array(specs.reduce((sum, spec) => sum + sizeOf(spec), 0))
  let at = 0
  for (const spec of specs) {
    const { shape, start } = spec
    const own = all.subarray(at, at + sizeOf(spec))
    at += own.length
    if (start === 'one') own.fill(1)
    if (start === 'forget') own.fill(1, own.length / 4, own.length / 2)
    if (start !== 'even') continue
    const taps = shape.length === 3 ? shape[0] : 1
    const limit = Math.sqrt(6 / (taps * (shape[shape.length - 2] + shape[shape.length - 1])))
    for (let i = 0; i < own.length; i++) own[i] = limit * (2 * random.next() - 1)
  }
  return all
}

/** The weights as tensors of their shapes. */
export function tensorsOf(tf: Tf, specs: readonly WeightSpec[], all: Float32Array): Tensor[] {
  let at = 0
  return specs.map((spec) => {
    const own = all.slice(at, at + sizeOf(spec))
    at += own.length
    return tf.tensor(own, [...spec.shape])
  })
}

export const headSpecs = (inputs: number, outputs: number): WeightSpec[] => [
  { name: 'scores/kernel', shape: [inputs, outputs], start: 'even' },
  { name: 'scores/bias', shape: [outputs], start: 'zero' },
]

/** Dropout, then the scores, of what the layers before made of a sequence. */
export function head(tf: Tf, before: Pass, [w, b]: readonly [Tensor2D, Tensor1D], drop: Drop): Pass {
  const mask = drop?.(before.output.shape[0], before.output.shape[1]) ?? null
  const kept = mask === null ? before.output : (tf.mul(before.output, mask) as Tensor2D)
  const scores = dense(tf, kept, w, b, true)
  return {
    output: scores.output,
    back(dy) {
      const last = scores.back(dy)
      const dKept = last.input as Tensor2D
      const rest = before.back(mask === null ? dKept : (tf.mul(dKept, mask) as Tensor2D))
      return { weights: [...rest.weights, ...last.weights], input: rest.input }
    },
  }
}
