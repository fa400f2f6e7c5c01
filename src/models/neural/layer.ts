/**
 * What the layers of a net share. Gradients are written out, layer by layer, not taken from a tape: TensorFlow.js would ask its
 * WebAssembly backend for products of transposed matrices, which it computes element by element, and for filter gradients that it
 * lacks. Transposed first, in blocks that stay in the cache, the products go through the fast kernel.
 */
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'

/** A layer that has been gone through; sequences lie step after step, [steps · rows × columns]. */
export type Pass = {
  readonly output: Tensor2D
  /** From the gradient of the output to those of the weights, in their order, and of the input. */
  back(gradient: Tensor2D): Gradients
}

export type Gradients = {
  readonly weights: readonly Tensor[]
  /** Null where it was not asked for: nobody needs that of the first layer in training. */
  readonly input: Tensor2D | null
}

/** Rows that are transposed at a time. */
const BLOCK = 256

/** x · w + b */
export function dense(tf: Tf, x: Tensor2D, w: Tensor2D, b: Tensor1D, inputGradient: boolean): Pass {
  return {
    output: tf.add(tf.matMul(x, w), b) as Tensor2D,
    back: (dy) => ({
      weights: [transposedProduct(tf, x, dy), columnSums(tf, dy)],
      input: inputGradient ? tf.matMul(dy, tf.transpose(w) as Tensor2D) : null,
    }),
  }
}

export function rectified(tf: Tf, x: Tensor2D): Pass {
  return {
    output: tf.relu(x) as Tensor2D,
    back: (dy) => ({ weights: [], input: tf.mul(dy, tf.step(x)) as Tensor2D }),
  }
}

/** aᵀ · b; [n × k], [n × m] → [k × m] */
export function transposedProduct(tf: Tf, a: Tensor2D, b: Tensor2D): Tensor2D {
  const [n, k] = a.shape
  const m = b.shape[1]
  let sum: Tensor2D | null = null
  for (let at = 0; at < n; at += BLOCK) {
    const rows = Math.min(BLOCK, n - at)
    const last: Tensor2D | null = sum
    sum = tf.tidy(() => {
      const part = tf.matMul(
        transposed(tf, tf.slice(a, [at, 0], [rows, k])),
        tf.slice(b, [at, 0], [rows, m]),
      ) as Tensor2D
      return last === null ? part : (tf.add(last, part) as Tensor2D)
    })
    last?.dispose()
  }
  return sum as Tensor2D
}

export function transposed(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.transpose(x) as Tensor2D
}

/** [n × m] → [m]; a product, for sums over the first axis are slow in WebAssembly */
export function columnSums(tf: Tf, x: Tensor2D): Tensor1D {
  return tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]) as Tensor2D, x), [x.shape[1]])
}

/** From σ(2x) to tanh(x): σ has a vector kernel in WebAssembly, tanh does not. */
export function tanhOf(tf: Tf, half: Tensor2D): Tensor2D {
  return tf.sub(tf.mul(half, 2), 1) as Tensor2D
}

/** s · (1 − s), the slope of σ where it has the value s. */
export function slopeOf(tf: Tf, s: Tensor2D): Tensor2D {
  return tf.mul(s, tf.sub(1, s)) as Tensor2D
}

/** Step t of a sequence. [rows × columns] */
export function stepOf(tf: Tf, x: Tensor2D, t: number, rows: number): Tensor2D {
  return tf.slice(x, [t * rows, 0], [rows, x.shape[1]])
}

/** Columns side by side, as many parts of equal width. [rows × parts · width] */
export function columnsOf(tf: Tf, x: Tensor2D, parts: number): Tensor2D[] {
  const [rows, all] = x.shape
  const width = all / parts
  return Array.from({ length: parts }, (_, part) => tf.slice(x, [0, part * width], [rows, width]))
}

/** A row of ones, with 2 from `from` to `to`. */
export function doubled(tf: Tf, width: number, from: number, to: number): Tensor1D {
  return tf.tensor1d(Float32Array.from({ length: width }, (_, i) => (i >= from && i < to ? 2 : 1)))
}

export type RecurrentWeights = readonly [kernel: Tensor2D, recurrent: Tensor2D, bias: Tensor1D]

export type RecurrentOptions = {
  readonly steps: number
  /** Gives the states of all steps, not only the last. */
  readonly all: boolean
  readonly inputGradient: boolean
}
