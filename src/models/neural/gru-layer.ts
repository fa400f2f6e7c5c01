/**
 * A GRU layer over a whole batch of sequences. Cho et al. 2014, as in Keras with reset_after=false: gates z, r, h, h′ = z·h + (1 − z)·h̃,
 * the reset before the product; the logistic curve in both gates. Made quick as the LSTM is (`lstm-layer.ts`).
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

/** zr: both gates; half: σ(2x) of the candidate; rh: the state after the reset, which the candidate sees. */
type Step = { readonly zr: Tensor2D; readonly half: Tensor2D; readonly rh: Tensor2D; readonly h: Tensor2D }
type Back = { readonly dz: Tensor2D; readonly dh: Tensor2D; readonly dOuter: Tensor2D; readonly dReset: Tensor2D }

/**
 * @param x  [steps · rows × inputs]
 * @returns  state h after the last step [rows × units], or of all [steps · rows × units]
 */
export function gru(tf: Tf, x: Tensor2D, weights: RecurrentWeights, options: RecurrentOptions): Pass {
  const { steps, all, inputGradient } = options
  const [kernel, recurrent, bias] = weights
  const units = recurrent.shape[0]
  const inputs = x.shape[1]
  const rows = x.shape[0] / steps
  const twice = doubled(tf, 3 * units, 2 * units, 3 * units)
  const outer = tf.mul(kernel, twice) as Tensor2D
  const ofGates = tf.slice(recurrent, [0, 0], [units, 2 * units])
  const ofCandidate = tf.mul(tf.slice(recurrent, [0, 2 * units], [units, units]), 2) as Tensor2D
  const projected = tf.tidy(() => tf.add(tf.matMul(x, outer), tf.mul(bias, twice)) as Tensor2D)
  const zeros = tf.zeros([rows, units]) as Tensor2D
  const made: Step[] = []
  for (let t = 0; t < steps; t++) {
    made.push(tf.tidy(() => forward(tf, stepOf(tf, projected, t, rows), made[t - 1]?.h ?? zeros, ofGates, ofCandidate)))
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
      const gatesTransposed = transposed(tf, ofGates)
      const candidateTransposed = transposed(tf, ofCandidate)
      const ones = tf.ones([rows, 1]) as Tensor2D
      const inputsOf: Tensor2D[] = []
      let later: Back | null = null
      for (let t = steps - 1; t >= 0; t--) {
        const last: Back | null = later
        later = tf.tidy((): Back => {
          const before = made[t - 1]?.h ?? zeros
          const { zr, half, rh } = made[t]
          const [z, r] = columnsOf(tf, zr, 2)
          const own = all ? stepOf(tf, dy, t, rows) : t === steps - 1 ? dy : null
          const dh = (own === null || last === null ? (own ?? last?.dh) : tf.add(own, last.dh)) as Tensor2D
          // 2 · slope of σ, of a candidate 2σ − 1: the gradient of twice the candidate's input.
          const dCandidate = tf.mul(tf.mul(tf.mul(dh, tf.sub(1, z)), 2), slopeOf(tf, half)) as Tensor2D
          const dRh = tf.matMul(dCandidate, candidateTransposed)
          const dGates = tf.mul(
            tf.concat2d([tf.mul(dh, tf.sub(before, tanhOf(tf, half))), tf.mul(dRh, before)] as Tensor2D[], 1),
            slopeOf(tf, zr),
          ) as Tensor2D
          const dz = tf.concat2d([dGates, dCandidate], 1)
          const seen = tf.concat2d([stepOf(tf, x, t, rows), before, ones], 1)
          const dOuter = tf.matMul(transposed(tf, seen), dz) as Tensor2D
          const dReset = tf.matMul(transposed(tf, rh), dCandidate) as Tensor2D
          return {
            dz,
            dh: tf.addN([tf.mul(dh, z), tf.mul(dRh, r), tf.matMul(dGates, gatesTransposed)]) as Tensor2D,
            dOuter: last === null ? dOuter : (tf.add(dOuter, last.dOuter) as Tensor2D),
            dReset: last === null ? dReset : (tf.add(dReset, last.dReset) as Tensor2D),
          }
        })
        if (last !== null) tf.dispose([last.dh, last.dOuter, last.dReset])
        if (inputGradient) inputsOf.unshift(later.dz)
        else later.dz.dispose()
      }
      const { dOuter, dReset } = later as Back
      const dw = tf.mul(dOuter, twice) as Tensor2D
      return {
        weights: [
          tf.slice(dw, [0, 0], [inputs, 3 * units]),
          tf.concat2d([tf.slice(dw, [inputs, 0], [units, 2 * units]), tf.mul(dReset, 2) as Tensor2D], 1),
          tf.reshape(tf.slice(dw, [inputs + units, 0], [1, 3 * units]), [3 * units]),
        ],
        input: inputGradient ? (tf.matMul(tf.concat2d(inputsOf, 0), transposed(tf, outer)) as Tensor2D) : null,
      }
    },
  }
}

function forward(tf: Tf, projected: Tensor2D, before: Tensor2D, ofGates: Tensor2D, ofCandidate: Tensor2D): Step {
  const [rows, units] = before.shape
  const zr = tf.sigmoid(tf.add(tf.slice(projected, [0, 0], [rows, 2 * units]), tf.matMul(before, ofGates))) as Tensor2D
  const [z, r] = columnsOf(tf, zr, 2)
  const rh = tf.mul(r, before) as Tensor2D
  const candidate = tf.slice(projected, [0, 2 * units], [rows, units])
  const half = tf.sigmoid(tf.add(candidate, tf.matMul(rh, ofCandidate))) as Tensor2D
  const fresh = tanhOf(tf, half)
  return { zr, half, rh, h: tf.add(fresh, tf.mul(z, tf.sub(before, fresh))) as Tensor2D }
}
