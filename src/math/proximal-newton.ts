/** Minimises a smooth function plus a weighted sum of absolute values, which has a kink wherever a variable is 0. */

import { dot, type LbfgsOptions, type LbfgsState, type Objective } from './lbfgs.js'

/**
 * A fixed guess of the smooth part's curvature. The variables are blocks of equal width, and the curvature between variable i of block k and
 * variable j of block m is `between[k, m] · within[i, j]`, plus `ridge` on the diagonal.
 */
export type Curvature = {
  /** Symmetric, positive semidefinite. [blocks × blocks] */
  readonly between: Float64Array
  /** Symmetric, positive semidefinite. [width × width] */
  readonly within: Float64Array
  /** ≥ 0 [blocks × width] */
  readonly ridge: Float64Array
}

/** Passes over all variables that one model of the function is worth, at most. */
const SWEEPS = 200

/**
 * Proximal Newton steps (Lee, Sun & Saunders 2014, SIAM J. Optim. 24): each minimises the smooth part's quadratic model plus the absolute values by
 * coordinate descent, so that variables end at exactly 0, and is halved until the function falls. The model's curvature is the guess times a scale
 * that follows what the last step found. One iteration per `next()`, as `lbfgs` does it; `gradientNorm` is that of the pseudo-gradient, 0 only where
 * the optimality conditions hold.
 *
 * @param smooth  value and gradient of the smooth part
 * @param l1      weight of each absolute value, ≥ 0   [n]
 * @param start   finite; not changed   [n]
 */
export function* proximalNewton(
  smooth: Objective,
  l1: Float64Array,
  curvature: Curvature,
  start: Float64Array,
  options: Pick<LbfgsOptions, 'tolerance' | 'maxIterations'>,
): Generator<LbfgsState, LbfgsState> {
  const n = start.length
  const x = start.slice()
  const gradient = new Float64Array(n)
  const trial = new Float64Array(n)
  const trialGradient = new Float64Array(n)
  let value = smooth(x, gradient) + penalty(l1, x)
  let scale = 1
  for (let iterations = 0; ; iterations++) {
    const gradientNorm = pseudoGradientNorm(x, gradient, l1)
    let end: LbfgsState['end'] = null
    let trialValue = value
    if (gradientNorm <= options.tolerance) end = 'converged'
    else if (iterations >= options.maxIterations) end = 'limit'
    else {
      const { to, bend } = modelMinimum(x, gradient, l1, curvature, scale, gradientNorm / 10)
      const step = to.map((target, i) => target - x[i])
      const gain = dot(gradient, step) + penalty(l1, to) - penalty(l1, x)
      let share = 1
      for (let tries = 0; ; tries++) {
        if (tries === 40) {
          end = 'stalled'
          break
        }
        for (let i = 0; i < n; i++) trial[i] = x[i] + share * step[i]
        trialValue = smooth(trial, trialGradient) + penalty(l1, trial)
        // Near the minimum the gain is less than what rounding does to the values. Written so that a NaN shortens the step.
        if (trialValue <= value + 1e-4 * share * gain + 4 * Number.EPSILON * Math.abs(value)) break
        share /= 2
      }
      let found = 0
      for (let i = 0; i < n; i++) {
        found += step[i] * ((trialGradient[i] - gradient[i]) / share - curvature.ridge[i] * step[i])
      }
      const expected = dot(step, bend)
      if (found > 0 && expected > 0) scale = Math.min(4, Math.max(0.01, found / expected))
    }
    const state: LbfgsState = { x, value, gradientNorm, iterations, end }
    yield state
    if (end !== null) return state
    x.set(trial)
    gradient.set(trialGradient)
    value = trialValue
  }
}

/**
 * Where the model is least, by coordinate descent until no variable's slope is off by more than `precision`, and the guessed curvature times the way
 * there, without scale and ridge.
 */
function modelMinimum(
  x: Float64Array,
  gradient: Float64Array,
  l1: Float64Array,
  { between, within, ridge }: Curvature,
  scale: number,
  precision: number,
): { to: Float64Array; bend: Float64Array } {
  const blocks = Math.sqrt(between.length)
  const width = Math.sqrt(within.length)
  const to = x.slice()
  const bend = new Float64Array(x.length)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let most = 0
    for (let k = 0; k < blocks; k++) {
      for (let j = 0; j < width; j++) {
        const at = k * width + j
        const own = scale * between[k * blocks + k] * within[j * width + j] + ridge[at]
        if (own === 0) continue // The model is flat in it: a constant column.
        const pull = own * to[at] - (gradient[at] + scale * bend[at] + ridge[at] * (to[at] - x[at]))
        const next = (Math.sign(pull) * Math.max(0, Math.abs(pull) - l1[at])) / own
        const change = next - to[at]
        if (change === 0) continue
        to[at] = next
        most = Math.max(most, Math.abs(change) * own)
        for (let m = 0; m < blocks; m++) {
          const factor = change * between[k * blocks + m]
          const offset = m * width
          for (let i = 0, row = j * width; i < width; i++, row++) bend[offset + i] += factor * within[row]
        }
      }
    }
    if (most <= precision) break
  }
  return { to, bend }
}

function penalty(l1: Float64Array, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += l1[i] * Math.abs(x[i])
  return sum
}

/** The largest slope towards the side on which the function falls; in a kink that is a minimum it is 0. */
function pseudoGradientNorm(x: Float64Array, gradient: Float64Array, l1: Float64Array): number {
  let most = 0
  for (let i = 0; i < x.length; i++) {
    const slope = x[i] === 0 ? Math.max(0, Math.abs(gradient[i]) - l1[i]) : gradient[i] + Math.sign(x[i]) * l1[i]
    most = Math.max(most, Math.abs(slope))
  }
  return most
}
