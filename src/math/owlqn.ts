/** Minimises a smooth function plus a weighted sum of absolute values, which has a kink wherever a variable is 0. */

import { descend, dot, type LbfgsOptions, type LbfgsState, type Objective, type Pair, remember } from './lbfgs.js'

/**
 * Orthant-wise limited-memory quasi-Newton (Andrew & Gao 2007, Scalable Training of L1-Regularized Log-Linear Models): the curvature is the
 * smooth part's, a step never leaves the orthant it begins in, and variables that would cross 0 stay there, exactly. One iteration per
 * `next()`, as `lbfgs` does it; `gradientNorm` is that of the pseudo-gradient, 0 only where the optimality conditions hold.
 *
 * @param smooth  value and gradient of the smooth part
 * @param l1      weight of each absolute value, ≥ 0   [n]
 * @param start   finite; not changed   [n]
 */
export function* owlqn(
  smooth: Objective,
  l1: Float64Array,
  start: Float64Array,
  options: LbfgsOptions,
): Generator<LbfgsState, LbfgsState> {
  const n = start.length
  const x = start.slice()
  const gradient = new Float64Array(n)
  const direction = new Float64Array(n)
  const pseudo = new Float64Array(n)
  const trial = new Float64Array(n)
  const trialGradient = new Float64Array(n)
  const pairs: Pair[] = []
  let value = smooth(x, gradient) + penalty(l1, x)
  for (let iterations = 0; ; iterations++) {
    pseudoGradient(x, gradient, l1, pseudo)
    const gradientNorm = pseudo.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0)
    let end: LbfgsState['end'] = null
    let trialValue = value
    if (gradientNorm <= options.tolerance) end = 'converged'
    else if (iterations >= options.maxIterations) end = 'limit'
    else {
      descend(direction, pseudo, pairs)
      // Where curvature would turn a variable against its own slope, it rests.
      for (let i = 0; i < n; i++) if (direction[i] * pseudo[i] >= 0) direction[i] = 0
      // Without curvature the length of the direction says nothing about the scale of x.
      let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-dot(direction, pseudo))) : 1
      for (let tries = 0; ; tries++) {
        if (tries === 40) {
          end = 'stalled'
          break
        }
        let gain = 0
        for (let i = 0; i < n; i++) {
          trial[i] = inOrthant(x[i] + step * direction[i], x[i], pseudo[i], l1[i])
          gain += pseudo[i] * (trial[i] - x[i])
        }
        trialValue = smooth(trial, trialGradient) + penalty(l1, trial)
        if (trialValue <= value + 1e-4 * gain) break
        step /= 2
      }
    }
    const state: LbfgsState = { x, value, gradientNorm, iterations, end }
    yield state
    if (end !== null) return state
    remember(pairs, x, trial, gradient, trialGradient, options.memory)
    x.set(trial)
    gradient.set(trialGradient)
    value = trialValue
  }
}

function penalty(l1: Float64Array, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += l1[i] * Math.abs(x[i])
  return sum
}

/** The slope towards the side on which the function falls; 0 in a kink that is a minimum. */
function pseudoGradient(x: Float64Array, gradient: Float64Array, l1: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    if (x[i] !== 0) out[i] = gradient[i] + Math.sign(x[i]) * l1[i]
    else out[i] = Math.sign(gradient[i]) * Math.max(0, Math.abs(gradient[i]) - l1[i])
  }
}

/** `to`, or 0 when it lies on the other side of 0 than the variable, or at 0 than its slope allows. */
function inOrthant(to: number, from: number, pseudo: number, l1: number): number {
  if (l1 === 0) return to
  const side = from !== 0 ? Math.sign(from) : -Math.sign(pseudo)
  return to * side > 0 ? to : 0
}
