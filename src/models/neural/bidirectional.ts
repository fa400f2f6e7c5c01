/**
 * A recurrent layer and its mirror image, which reads the window from its last row to its first; their states side by side (Schuster &
 * Paliwal 1997). Both read the rows of the window and no other, so that nothing later than the window's own row is seen.
 */
import type { Tensor2D, Tf } from './engine.js'
import { columnsOf, type Pass, type RecurrentOptions, type RecurrentWeights, stepOf } from './layer.js'

type Layer = (tf: Tf, x: Tensor2D, weights: RecurrentWeights, options: RecurrentOptions) => Pass

/**
 * @param x  [steps · rows × inputs]
 * @returns  both last states [rows × 2 · units], or of all steps [steps · rows × 2 · units]
 */
export function bidirectional(
  tf: Tf,
  layer: Layer,
  x: Tensor2D,
  [forward, backward]: readonly [RecurrentWeights, RecurrentWeights],
  options: RecurrentOptions,
): Pass {
  const { steps, all } = options
  const turned = (sequence: Tensor2D) => reversed(tf, sequence, steps)
  const ahead = layer(tf, x, forward, options)
  const back = layer(tf, turned(x), backward, options)
  return {
    output: tf.concat2d([ahead.output, all ? turned(back.output) : back.output], 1),
    back(dy) {
      const [dAhead, dBack] = columnsOf(tf, dy, 2)
      const first = ahead.back(dAhead)
      const second = back.back(all ? turned(dBack) : dBack)
      return {
        weights: [...first.weights, ...second.weights],
        input:
          first.input === null || second.input === null
            ? null
            : (tf.add(first.input, turned(second.input)) as Tensor2D),
      }
    },
  }
}

function reversed(tf: Tf, x: Tensor2D, steps: number): Tensor2D {
  const rows = x.shape[0] / steps
  return tf.concat2d(
    Array.from({ length: steps }, (_, t) => stepOf(tf, x, steps - 1 - t, rows)),
    0,
  )
}
