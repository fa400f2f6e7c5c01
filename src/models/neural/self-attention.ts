/**
 * Multi-head self-attention over the steps of each window. Vaswani et al. 2017. Every step sees every other, without a mask: a window holds
 * nothing later than its own row.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tf } from './engine.js'
import { columnSums, dense, type Pass, transposedProduct } from './layer.js'

/** Queries, keys and values side by side, then what brings the heads together. */
export type SelfAttentionWeights = readonly [wIn: Tensor2D, bIn: Tensor1D, wOut: Tensor2D, bOut: Tensor1D]

/** @param x  [steps · rows × width], width a multiple of `heads` */
export function selfAttention(
  tf: Tf,
  x: Tensor2D,
  [wIn, bIn, wOut, bOut]: SelfAttentionWeights,
  { steps, heads }: { readonly steps: number; readonly heads: number },
): Pass {
  const [n, width] = x.shape
  const rows = n / steps
  const size = width / heads
  /** Column blocks of steps → one sequence a row and head. [steps · rows × width] → [rows · heads × steps × size] */
  const split = (table: Tensor2D): Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(table, [steps, rows, heads, size]), [1, 2, 0, 3]), [rows * heads, steps, size])
  const merge = (sequences: Tensor3D): Tensor2D =>
    tf.reshape(tf.transpose(tf.reshape(sequences, [rows, heads, steps, size]), [2, 0, 1, 3]), [n, width])
  const turned = (sequences: Tensor3D) => tf.transpose(sequences, [0, 2, 1]) as Tensor3D
  const part = (table: Tensor2D, i: number) => tf.slice(table, [0, i * width], [n, width])

  const all = tf.add(tf.matMul(x, wIn), bIn) as Tensor2D
  const [q, k, v] = [0, 1, 2].map((i) => split(part(all, i)))
  const scale = 1 / Math.sqrt(size)
  const share = tf.softmax(tf.mul(tf.matMul(q, turned(k)), scale)) as Tensor3D // [rows · heads × steps × steps]
  const seen = merge(tf.matMul(share, v) as Tensor3D)
  const last = dense(tf, seen, wOut, bOut, true)
  return {
    output: last.output,
    back(dy) {
      const { weights: own, input } = last.back(dy)
      const dSeen = split(input as Tensor2D)
      const dShare = tf.matMul(dSeen, turned(v)) as Tensor3D
      const ones = tf.ones([steps, 1]) as Tensor2D
      const flat = tf.reshape(tf.mul(share, dShare), [rows * heads * steps, steps]) as Tensor2D
      const mean = tf.reshape(tf.matMul(flat, ones), [rows * heads, steps, 1])
      const dScores = tf.mul(tf.mul(share, tf.sub(dShare, mean)), scale) as Tensor3D
      const dAll = tf.concat2d(
        [
          merge(tf.matMul(dScores, k) as Tensor3D),
          merge(tf.matMul(turned(dScores), q) as Tensor3D),
          merge(tf.matMul(turned(share), dSeen) as Tensor3D),
        ],
        1,
      )
      const weights: Tensor[] = [transposedProduct(tf, x, dAll), columnSums(tf, dAll), ...own]
      return { weights, input: tf.matMul(dAll, tf.transpose(wIn) as Tensor2D) }
    },
  }
}
