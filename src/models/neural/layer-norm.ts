/** Layer normalisation over the columns of each row. Ba, Kiros & Hinton 2016; weights and epsilon as in Keras. */
import type { Tensor1D, Tensor2D, Tf } from './engine.js'
import { columnSums, type Pass } from './layer.js'

const EPSILON = 1e-3

/** @param x  [n × width] */
export function layerNorm(tf: Tf, x: Tensor2D, [scale, shift]: readonly [Tensor1D, Tensor1D]): Pass {
  const width = x.shape[1]
  // A product: sums along rows are slow in WebAssembly.
  const even = tf.fill([width, 1], 1 / width) as Tensor2D
  const meanOf = (table: Tensor2D) => tf.matMul(table, even)
  const centred = tf.sub(x, meanOf(x)) as Tensor2D
  const inverse = tf.rsqrt(tf.add(meanOf(tf.square(centred) as Tensor2D), EPSILON))
  const normal = tf.mul(centred, inverse) as Tensor2D
  return {
    output: tf.add(tf.mul(normal, scale), shift) as Tensor2D,
    back(dy) {
      const dNormal = tf.mul(dy, scale) as Tensor2D
      const along = tf.mul(normal, meanOf(tf.mul(dNormal, normal) as Tensor2D))
      return {
        weights: [columnSums(tf, tf.mul(dy, normal) as Tensor2D), columnSums(tf, dy)],
        input: tf.mul(tf.sub(tf.sub(dNormal, meanOf(dNormal)), along), inverse) as Tensor2D,
      }
    },
  }
}
