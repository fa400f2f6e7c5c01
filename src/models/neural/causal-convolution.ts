/**
 * A causal, dilated convolution over a batch of sequences: output t sees inputs t, t − d, t − 2d, …, zeros before the first. Written as
 * shifted steps side by side and one product, because the WebAssembly backend has no gradient of a filter. Weights as in Keras' Conv1D.
 * It computes those steps alone that are asked for: who reads the last step of a net needs few of the steps before.
 */
import type { Tensor1D, Tensor2D, Tensor3D, Tf } from './engine.js'
import { columnSums, columnsOf, type Pass, transposed, transposedProduct } from './layer.js'

export type ConvolutionOptions = {
  /** The steps that the input holds, in order. */
  readonly given: readonly number[]
  /** The steps that are asked for, in order; what they see is given. */
  readonly wanted: readonly number[]
  readonly dilation: number
  readonly inputGradient: boolean
}

/** What a convolution sees of the steps that are wanted of it, in order. */
export function seenSteps(wanted: readonly number[], taps: number, dilation: number): number[] {
  const all = wanted.flatMap((step) => Array.from({ length: taps }, (_, back) => step - back * dilation))
  return [...new Set(all)].filter((step) => step >= 0).sort((a, b) => a - b)
}

/**
 * @param x       [given · rows × inputs]
 * @param filter  the last tap is the newest [taps × inputs × filters]
 * @returns       [wanted · rows × filters]
 */
export function causalConvolution(
  tf: Tf,
  x: Tensor2D,
  [filter, bias]: readonly [Tensor3D, Tensor1D],
  { given, wanted, dilation, inputGradient }: ConvolutionOptions,
): Pass {
  const [taps, inputs, filters] = filter.shape
  const rows = x.shape[0] / given.length
  const lag = (tap: number) => (taps - 1 - tap) * dilation
  const flat: Tensor2D = tf.reshape(filter, [taps * inputs, filters])
  const seen = tf.tidy(() => {
    const shifted = (tap: number) => placesOf(wanted, given, -lag(tap))
    return tf.concat2d(
      Array.from({ length: taps }, (_, tap) => takeSteps(tf, x, shifted(tap), rows)),
      1,
    )
  })
  return {
    output: tf.add(tf.matMul(seen, flat), bias) as Tensor2D,
    back(dy) {
      const dw = tf.reshape(transposedProduct(tf, seen, dy), [taps, inputs, filters])
      if (!inputGradient) return { weights: [dw, columnSums(tf, dy)], input: null }
      const input = tf.tidy(() => {
        const parts = columnsOf(tf, tf.matMul(dy, transposed(tf, flat)), taps)
        const shifted = (tap: number) => placesOf(given, wanted, lag(tap))
        return tf.addN(parts.map((part, tap) => takeSteps(tf, part, shifted(tap), rows))) as Tensor2D
      })
      return { weights: [dw, columnSums(tf, dy)], input }
    },
  }
}

/** 0 to `steps` − 1. */
export function everyStep(steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => step)
}

/** Where in `among` each step lies once it is moved by `shift`; −1 where it is not there. */
export function placesOf(steps: readonly number[], among: readonly number[], shift = 0): number[] {
  const place = new Map(among.map((step, i) => [step, i]))
  return steps.map((step) => place.get(step + shift) ?? -1)
}

/** Steps by their places, zeros for −1. [places · rows × columns] */
export function takeSteps(tf: Tf, x: Tensor2D, places: readonly number[], rows: number): Tensor2D {
  if (places.length * rows === x.shape[0] && places.every((place, i) => place === i)) return x
  const width = x.shape[1]
  const parts: Tensor2D[] = []
  for (let i = 0; i < places.length; ) {
    const [from, begin] = [places[i], i]
    do i++
    while (i < places.length && places[i] === (from < 0 ? -1 : from + i - begin))
    const length = (i - begin) * rows
    parts.push(from < 0 ? tf.zeros([length, width]) : tf.slice(x, [from * rows, 0], [length, width]))
  }
  return tf.concat2d(parts, 0)
}
