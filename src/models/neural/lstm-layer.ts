/**
 * An LSTM layer over a whole batch of sequences. Hochreiter & Schmidhuber 1997; gates i, f, c, o and weights as in Keras, with the
 * logistic curve in all gates.
 *
 * What makes it quick in WebAssembly: the inputs of all steps go through one product; all four gates are one σ, the cell's as tanh(x) =
 * 2σ(2x) − 1; going back, a step has one product for all weights and one for the state.
 */
import type { Tensor2D, Tf } from './engine.js'
import {
  columnsOf,
  doubled,
  type Pass,
  type RecurrentOptions,
  type RecurrentWeights,
  slopeOf,
  stepOf,
  tanhOf,
  transposed,
} from './layer.js'

type Step = { readonly s: Tensor2D; readonly c: Tensor2D; readonly tc: Tensor2D; readonly h: Tensor2D }
type Back = { readonly dz: Tensor2D; readonly dc: Tensor2D; readonly dh: Tensor2D; readonly dw: Tensor2D }

/**
 * @param x  [steps · rows × inputs]
 * @returns  state h after the last step [rows × units], or of all [steps · rows × units]
 */
export function lstm(tf: Tf, x: Tensor2D, weights: RecurrentWeights, options: RecurrentOptions): Pass {
  const { steps, all, inputGradient } = options
  const [kernel, recurrent, bias] = weights
  const units = recurrent.shape[0]
  const inputs = x.shape[1]
  const rows = x.shape[0] / steps
  const twice = doubled(tf, 4 * units, 2 * units, 3 * units)
  const outer = tf.mul(kernel, twice) as Tensor2D
  const inner = tf.mul(recurrent, twice) as Tensor2D
  const projected = tf.tidy(() => tf.add(tf.matMul(x, outer), tf.mul(bias, twice)) as Tensor2D)
  const made: Step[] = []
  for (let t = 0; t < steps; t++) {
    made.push(tf.tidy(() => forward(tf, stepOf(tf, projected, t, rows), made[t - 1], inner)))
  }
  projected.dispose()
  return {
    output: all
      ? tf.concat2d(
          made.map(({ h }) => h),
          0,
        )
      : made[steps - 1].h,
    back(dy) {
      const innerTransposed = transposed(tf, inner)
      const ones = tf.ones([rows, 1]) as Tensor2D
      const zeros = tf.zeros([rows, units]) as Tensor2D
      const gates: Tensor2D[] = []
      let later: Back | null = null
      for (let t = steps - 1; t >= 0; t--) {
        const last: Back | null = later
        later = tf.tidy((): Back => {
          const before = made[t - 1]
          const own = all ? stepOf(tf, dy, t, rows) : t === steps - 1 ? dy : null
          const dh = (own === null || last === null ? (own ?? last?.dh) : tf.add(own, last.dh)) as Tensor2D
          const { dz, dc } = backward(tf, made[t], before?.c ?? zeros, dh, last?.dc ?? null)
          // Input, state and 1 side by side: the gradients of kernel, recurrent kernel and bias are one product.
          const seen = tf.concat2d([stepOf(tf, x, t, rows), before?.h ?? zeros, ones], 1)
          const dw = tf.matMul(transposed(tf, seen), dz) as Tensor2D
          return {
            dz,
            dc,
            dh: tf.matMul(dz, innerTransposed) as Tensor2D,
            dw: last === null ? dw : (tf.add(dw, last.dw) as Tensor2D),
          }
        })
        if (last !== null) tf.dispose([last.dc, last.dh, last.dw])
        if (inputGradient) gates.unshift(later.dz)
        else later.dz.dispose()
      }
      const dw = tf.mul((later as Back).dw, twice) as Tensor2D
      return {
        weights: [
          tf.slice(dw, [0, 0], [inputs, 4 * units]),
          tf.slice(dw, [inputs, 0], [units, 4 * units]),
          tf.reshape(tf.slice(dw, [inputs + units, 0], [1, 4 * units]), [4 * units]),
        ],
        input: inputGradient ? (tf.matMul(tf.concat2d(gates, 0), transposed(tf, outer)) as Tensor2D) : null,
      }
    },
  }
}

function forward(tf: Tf, projected: Tensor2D, before: Step | undefined, inner: Tensor2D): Step {
  const z = before === undefined ? projected : tf.add(projected, tf.matMul(before.h, inner))
  const s = tf.sigmoid(z) as Tensor2D
  const [i, f, half, o] = columnsOf(tf, s, 4)
  const fresh = tf.mul(i, tanhOf(tf, half)) as Tensor2D
  const c = before === undefined ? fresh : (tf.add(tf.mul(f, before.c), fresh) as Tensor2D)
  const tc = tanhOf(tf, tf.sigmoid(tf.mul(c, 2)) as Tensor2D)
  return { s, c, tc, h: tf.mul(o, tc) as Tensor2D }
}

/** Gradients of the gates' inputs (of the cell's gate: of twice its input) and of the cell of the step before. */
function backward(tf: Tf, { s, tc }: Step, cellBefore: Tensor2D, dh: Tensor2D, dcLater: Tensor2D | null) {
  const [i, f, half, o] = columnsOf(tf, s, 4)
  const through = tf.mul(tf.mul(dh, o), tf.sub(1, tf.mul(tc, tc)))
  const dc = (dcLater === null ? through : tf.add(through, dcLater)) as Tensor2D
  const ds = tf.concat2d(
    [tf.mul(dc, tanhOf(tf, half)), tf.mul(dc, cellBefore), tf.mul(dc, tf.mul(i, 2)), tf.mul(dh, tc)] as Tensor2D[],
    1,
  )
  return { dz: tf.mul(ds, slopeOf(tf, s)) as Tensor2D, dc: tf.mul(dc, f) as Tensor2D }
}
