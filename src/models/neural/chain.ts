/** Layers one after the other. */
import type { Tensor, Tensor2D, Tf } from './engine.js'
import type { Pass } from './layer.js'
import type { Drop } from './network.js'

/** @param passes  each took the output of the one before, and those before one that gives no gradient of its input have no weights */
export function chained(passes: readonly Pass[]): Pass {
  return {
    output: passes[passes.length - 1].output,
    back(dy) {
      let gradient = dy
      const weights: (readonly Tensor[])[] = []
      for (const pass of passes.toReversed()) {
        const found = pass.back(gradient)
        weights.unshift(found.weights)
        if (found.input === null) return { weights: weights.flat(), input: null }
        gradient = found.input
      }
      return { weights: weights.flat(), input: gradient }
    },
  }
}

/** Nothing where nothing is dropped. */
export function dropped(tf: Tf, x: Tensor2D, drop: Drop): Pass[] {
  if (drop === null) return []
  const mask = drop(x.shape[0], x.shape[1])
  return [
    {
      output: tf.mul(x, mask) as Tensor2D,
      back: (dy) => ({ weights: [], input: tf.mul(dy, mask) as Tensor2D }),
    },
  ]
}

/** Of sequences, the last `rows` rows: the last step, or as many steps as they hold. */
export function lastStep(tf: Tf, x: Tensor2D, rows: number): Pass {
  const [n, width] = x.shape
  return {
    output: n === rows ? x : tf.slice(x, [n - rows, 0], [rows, width]),
    back: (dy) => ({
      weights: [],
      input: n === rows ? dy : tf.concat2d([tf.zeros([n - rows, width]) as Tensor2D, dy], 0),
    }),
  }
}
