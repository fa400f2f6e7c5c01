/**
 * A causal, dilated convolution over a batch of sequences: output t sees inputs t, t − d, t − 2d, …, zeros before the first. Written as
 * shifted slices side by side and one product, because the WebAssembly backend has no gradient of a filter. Weights as in Keras' Conv1D.
 */
import type { Tensor1D, Tensor2D, Tensor3D, Tf } from './engine.js'
import { columnSums, columnsOf, type Pass, transposed, transposedProduct } from './layer.js'

export type ConvolutionOptions = {
  readonly steps: number
  readonly dilation: number
  readonly inputGradient: boolean
}

/**
 * @param x       [steps · rows × inputs]
 * @param filter  the last tap is the newest [taps × inputs × filters]
 * @returns       [steps · rows × filters]
 */
export function causalConvolution(
  tf: Tf,
  x: Tensor2D,
  [filter, bias]: readonly [Tensor3D, Tensor1D],
  { steps, dilation, inputGradient }: ConvolutionOptions,
): Pass {
  const [taps, inputs, filters] = filter.shape
  const rows = x.shape[0] / steps
  const lag = (tap: number) => (taps - 1 - tap) * dilation * rows
  const flat: Tensor2D = tf.reshape(filter, [taps * inputs, filters])
  const seen = tf.tidy(() =>
    tf.concat2d(
      Array.from({ length: taps }, (_, tap) => later(tf, x, lag(tap))),
      1,
    ),
  )
  return {
    output: tf.add(tf.matMul(seen, flat), bias) as Tensor2D,
    back(dy) {
      const dw = tf.reshape(transposedProduct(tf, seen, dy), [taps, inputs, filters])
      if (!inputGradient) return { weights: [dw, columnSums(tf, dy)], input: null }
      const input = tf.tidy(() => {
        const parts = columnsOf(tf, tf.matMul(dy, transposed(tf, flat)), taps)
        return tf.addN(parts.map((part, tap) => earlier(tf, part, lag(tap)))) as Tensor2D
      })
      return { weights: [dw, columnSums(tf, dy)], input }
    },
  }
}

/** Rows moved down by `lag`, zeros in their place. */
function later(tf: Tf, x: Tensor2D, lag: number): Tensor2D {
  const [n, width] = x.shape
  if (lag === 0) return x
  if (lag >= n) return tf.zeros([n, width])
  return tf.concat2d([tf.zeros([lag, width]) as Tensor2D, tf.slice(x, [0, 0], [n - lag, width])], 0)
}

function earlier(tf: Tf, x: Tensor2D, lag: number): Tensor2D {
  const [n, width] = x.shape
  if (lag === 0) return x
  if (lag >= n) return tf.zeros([n, width])
  return tf.concat2d([tf.slice(x, [lag, 0], [n - lag, width]), tf.zeros([lag, width]) as Tensor2D], 0)
}
