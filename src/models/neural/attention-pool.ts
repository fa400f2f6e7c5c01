/**
 * One state from those of all steps: their mean, weighted by how much each matters, e = v · tanh(h · w + b) through a softmax over the steps.
 * The scores of Bahdanau, Cho & Bengio 2015 without a query, as Yang et al. 2016 (Hierarchical Attention Networks) pool words.
 */
import type { Tensor, Tensor1D, Tensor2D, Tf } from './engine.js'
import { columnSums, type Pass, slopeOf, tanhOf, transposed, transposedProduct } from './layer.js'

export type AttentionWeights = readonly [w: Tensor2D, b: Tensor1D, v: Tensor2D]

/**
 * @param h  states of all steps [steps · rows × units]
 * @returns  [rows × units]
 */
export function attentionPool(tf: Tf, h: Tensor2D, [w, b, v]: AttentionWeights, steps: number): Pass {
  const [n, units] = h.shape
  const rows = n / steps
  const s = tf.sigmoid(tf.mul(tf.add(tf.matMul(h, w), b), 2)) as Tensor2D
  const z = tanhOf(tf, s)
  const byRow = (column: Tensor2D): Tensor2D => transposed(tf, tf.reshape(column, [steps, rows]))
  const byStep = (table: Tensor2D): Tensor2D => tf.reshape(transposed(tf, table), [n, 1])
  const share = tf.softmax(byRow(tf.matMul(z, v))) as Tensor2D // [rows × steps]
  const each = byStep(share)
  return {
    output: tf.reshape(columnSums(tf, tf.reshape(tf.mul(h, each), [steps, rows * units])), [rows, units]),
    back(dy) {
      const pulled = tf.tile(dy, [steps, 1]) as Tensor2D
      const dShare = byRow(tf.matMul(tf.mul(h, pulled) as Tensor2D, tf.ones([units, 1]) as Tensor2D))
      const mean = tf.matMul(tf.mul(share, dShare) as Tensor2D, tf.ones([steps, 1]) as Tensor2D)
      const dEnergy = byStep(tf.mul(share, tf.sub(dShare, mean)) as Tensor2D)
      // tanh(x) = 2σ(2x) − 1 has the slope 4σ(1 − σ).
      const dz = tf.mul(tf.matMul(dEnergy, transposed(tf, v)), tf.mul(slopeOf(tf, s), 4)) as Tensor2D
      const weights: Tensor[] = [transposedProduct(tf, h, dz), columnSums(tf, dz), transposedProduct(tf, z, dEnergy)]
      return { weights, input: tf.add(tf.mul(pulled, each), tf.matMul(dz, transposed(tf, w))) as Tensor2D }
    },
  }
}
