/**
 * Multi-head self-attention over the steps of each window. Vaswani et al. 2017. Every step sees every other, without a mask: a window holds
 * nothing later than its own row.
 */
import { lastStep } from './chain.js'
import type { Tensor1D, Tensor2D, Tensor3D, Tf } from './engine.js'
import { columnSums, dense, type Pass, transposed, transposedProduct } from './layer.js'

/** Queries, keys and values side by side, then what brings the heads together. */
export type SelfAttentionWeights = readonly [wIn: Tensor2D, bIn: Tensor1D, wOut: Tensor2D, bOut: Tensor1D]

/**
 * @param x      [steps · rows × width], width a multiple of `heads`
 * @param asked  every step, or the last alone: who reads no other need not compute them
 * @returns      [steps · rows × width], or [rows × width]
 */
export function selfAttention(
  tf: Tf,
  x: Tensor2D,
  [wIn, bIn, wOut, bOut]: SelfAttentionWeights,
  { steps, heads, asked }: { readonly steps: number; readonly heads: number; readonly asked: 'every' | 'last' },
): Pass {
  const [n, width] = x.shape
  const rows = n / steps
  const size = width / heads
  /** Column blocks of steps → one sequence a row and head. [any · rows × width] → [rows · heads × any × size] */
  const split = (table: Tensor2D): Tensor3D => {
    const any = table.shape[0] / rows
    const parted = tf.transpose(tf.reshape(table, [any, rows, heads, size]), [1, 2, 0, 3])
    return tf.reshape(parted, [rows * heads, any, size])
  }
  const merge = (sequences: Tensor3D): Tensor2D => {
    const any = sequences.shape[1]
    const parted = tf.transpose(tf.reshape(sequences, [rows, heads, any, size]), [2, 0, 1, 3])
    return tf.reshape(parted, [any * rows, width])
  }
  const turned = (sequences: Tensor3D) => tf.transpose(sequences, [0, 2, 1]) as Tensor3D
  const part = (table: Tensor2D, i: number) => tf.slice(table, [0, i * width], [n, width])

  const [wq, wkv] = [tf.slice(wIn, [0, 0], [width, width]), tf.slice(wIn, [0, width], [width, 2 * width])]
  const asking = lastStep(tf, x, asked === 'every' ? n : rows)
  const xq = asking.output
  const q = split(tf.add(tf.matMul(xq, wq), tf.slice(bIn, [0], [width])) as Tensor2D)
  const both = tf.add(tf.matMul(x, wkv), tf.slice(bIn, [width], [2 * width])) as Tensor2D
  const [k, v] = [split(part(both, 0)), split(part(both, 1))]
  const scale = 1 / Math.sqrt(size)
  const share = tf.softmax(tf.mul(tf.matMul(q, turned(k)), scale)) as Tensor3D // [rows · heads × asked × steps]
  const seen = merge(tf.matMul(share, v) as Tensor3D)
  const last = dense(tf, seen, wOut, bOut, true)
  return {
    output: last.output,
    back(dy) {
      const { weights: own, input } = last.back(dy)
      const dSeen = split(input as Tensor2D)
      const dShare = tf.matMul(dSeen, turned(v)) as Tensor3D
      const ones = tf.ones([steps, 1]) as Tensor2D
      const [sequences, any] = share.shape
      const flat = tf.reshape(tf.mul(share, dShare), [sequences * any, steps]) as Tensor2D
      const mean = tf.reshape(tf.matMul(flat, ones), [sequences, any, 1])
      const dScores = tf.mul(tf.mul(share, tf.sub(dShare, mean)), scale) as Tensor3D
      const dq = merge(tf.matMul(dScores, k) as Tensor3D)
      const dBoth = tf.concat2d(
        [merge(tf.matMul(turned(dScores), q) as Tensor3D), merge(tf.matMul(turned(share), dSeen) as Tensor3D)],
        1,
      )
      const dIn = tf.concat2d([transposedProduct(tf, xq, dq), transposedProduct(tf, x, dBoth)], 1)
      const dBias = tf.concat1d([columnSums(tf, dq), columnSums(tf, dBoth)])
      const dAsking = tf.matMul(dq, transposed(tf, wq)) as Tensor2D
      const dAsked = asking.back(dAsking).input as Tensor2D
      const dx = tf.add(tf.matMul(dBoth, transposed(tf, wkv)), dAsked) as Tensor2D
      return { weights: [dIn, dBias, ...own], input: dx }
    },
  }
}
