/**
 * Gaussian hidden Markov model of returns: regimes that last, each with its own mean and variance (Hamilton 1989, Econometrica
 * 57(2); fitted after Baum et al. 1970 with the scaling of Rabiner 1989, Proc. IEEE 77(2)). States are numbered by variance,
 * the calmest 0, so that a number means the same in every fit.
 */
import { eachRefit, type Refit, silenceRefit } from './refit.js'

export type MarkovModel = {
  readonly states: number
  readonly initial: Float64Array // probability of each state in the first bar [states]
  readonly transition: Float64Array // from state i to state j [states · states], row by row
  readonly mean: Float64Array // [states]
  readonly variance: Float64Array // rising [states]
}

/** Of a state, in units of the window's variance. */
const LEAST_VARIANCE = 1e-3
const MOST_ITERATIONS = 20
/** Gain of mean log likelihood below which the fit is taken as done. */
const LEAST_GAIN = 1e-4
const FIRST_STAY = 0.9

/**
 * Density of each value in each state, in units of the largest of its states, so that a far value does not vanish in all.
 *
 * @returns log of the units, summed
 */
function emissions(x: Float64Array, { states, mean, variance }: MarkovModel, out: Float64Array): number {
  const scale = Float64Array.from(variance, (value) => -0.5 / value)
  const offset = Float64Array.from(variance, (value) => -0.5 * Math.log(2 * Math.PI * value))
  let units = 0
  for (let t = 0; t < x.length; t++) {
    let most = Number.NEGATIVE_INFINITY
    for (let k = 0; k < states; k++) {
      const d = x[t] - mean[k]
      const log = offset[k] + scale[k] * d * d
      out[t * states + k] = log
      if (log > most) most = log
    }
    for (let k = 0; k < states; k++) out[t * states + k] = Math.exp(out[t * states + k] - most)
    units += most
  }
  return units
}

export type Filtered = {
  /** P(state k in bar t | x[0] … x[t]) [n · states], row by row. */
  readonly probability: Float64Array
  readonly logLikelihood: number
}

/** Where the chain is, bar by bar, from the values up to that bar alone; x [n] has no NaN. */
export function filterStates(x: Float64Array, model: MarkovModel): Filtered {
  const density = new Float64Array(x.length * model.states)
  const units = emissions(x, model, density)
  const probability = new Float64Array(density.length)
  const logLikelihood = units + forward(model, density, probability, new Float64Array(x.length))
  return { probability, logLikelihood }
}

/** The scaled forward pass; fills `probability` and each bar's scale, and returns the sum of their logarithms. */
function forward(
  { states, initial, transition }: MarkovModel,
  density: Float64Array,
  probability: Float64Array,
  scales: Float64Array,
): number {
  let sum = 0
  for (let t = 0; t < scales.length; t++) {
    const row = t * states
    let scale = 0
    for (let j = 0; j < states; j++) {
      let reached = 0
      if (t === 0) reached = initial[j]
      else for (let i = 0; i < states; i++) reached += probability[row - states + i] * transition[i * states + j]
      scale += probability[row + j] = reached * density[row + j]
    }
    for (let j = 0; j < states; j++) probability[row + j] /= scale
    scales[t] = scale
    sum += Math.log(scale)
  }
  return sum
}

/**
 * Fit by Baum and Welch's iterations from a fixed start: values sorted by size into equal parts, one a state.
 *
 * @param x     known values of mean 0 and variance 1, more than `states` [n]
 * @param step  smallest move that the values can make: no state is narrower, or one would close down on the bars in which
 *              the price stood still and take them for a regime
 */
export function fitStates(x: Float64Array, states: number, step = 0): MarkovModel {
  const work = workspace(x.length, states, Math.max(LEAST_VARIANCE, step * step))
  let model = firstModel(x, states, work.leastVariance)
  let last = Number.NEGATIVE_INFINITY
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const { likelihood, better } = baumWelch(x, model, work)
    if (likelihood - last < LEAST_GAIN) break
    last = likelihood
    model = better
  }
  return byVariance(model)
}

function firstModel(x: Float64Array, states: number, leastVariance: number): MarkovModel {
  const squares = x.map((value) => value * value).sort()
  const variance = Float64Array.from({ length: states }, (_, k) => {
    const part = squares.subarray(Math.floor((k * x.length) / states), Math.floor(((k + 1) * x.length) / states))
    return Math.max(leastVariance, part.reduce((sum, value) => sum + value, 0) / part.length)
  })
  const leave = (1 - FIRST_STAY) / (states - 1)
  const transition = new Float64Array(states * states).fill(leave)
  for (let k = 0; k < states; k++) transition[k * states + k] = FIRST_STAY
  return {
    states,
    initial: new Float64Array(states).fill(1 / states),
    transition,
    mean: new Float64Array(states),
    variance,
  }
}

type Work = {
  readonly density: Float64Array // [n · states], row by row
  readonly probability: Float64Array // [n · states]
  readonly scales: Float64Array // [n]
  readonly leastVariance: number // of a state
}

function workspace(n: number, states: number, leastVariance: number): Work {
  const column = () => new Float64Array(n * states)
  return { density: column(), probability: column(), scales: new Float64Array(n), leastVariance }
}

/**
 * One iteration: the mean log likelihood of the model, and the model that makes the expected numbers of its states and
 * moves most likely. States keep their numbers.
 */
export function baumWelch(
  x: Float64Array,
  model: MarkovModel,
  work = workspace(x.length, model.states, LEAST_VARIANCE),
): { readonly likelihood: number; readonly better: MarkovModel } {
  const { density, probability, scales } = work
  const { states } = model
  const units = emissions(x, model, density)
  const likelihood = (units + forward(model, density, probability, scales)) / x.length
  const transition = shares(expectedMoves(model, work), states)
  const better = { states, initial: probability.slice(0, states), transition, ...moments(x, work, states) }
  return { likelihood, better }
}

/** The backward pass: expected number of each move; turns `probability` from filtered to smoothed. */
function expectedMoves({ states, transition }: MarkovModel, { density, probability, scales }: Work): Float64Array {
  const n = scales.length
  const moves = new Float64Array(states * states)
  let backward = new Float64Array(states).fill(1)
  let earlier = new Float64Array(states)
  for (let t = n - 2; t >= 0; t--) {
    const row = t * states
    const next = row + states
    for (let i = 0; i < states; i++) {
      let sum = 0
      for (let j = 0; j < states; j++) {
        const onward = (transition[i * states + j] * density[next + j] * backward[j]) / scales[t + 1]
        moves[i * states + j] += probability[row + i] * onward
        sum += onward
      }
      earlier[i] = sum
    }
    // What comes after t + 1 has been counted: its filtered probability becomes the smoothed one.
    for (let j = 0; j < states; j++) probability[next + j] *= backward[j]
    ;[backward, earlier] = [earlier, backward]
  }
  for (let j = 0; j < states; j++) probability[j] *= backward[j]
  return moves
}

/** Each row divided by its sum; a state that is never left stays as it is. */
function shares(moves: Float64Array, states: number): Float64Array {
  for (let i = 0; i < states; i++) {
    let sum = 0
    for (let j = 0; j < states; j++) sum += moves[i * states + j]
    for (let j = 0; j < states; j++) moves[i * states + j] = sum > 0 ? moves[i * states + j] / sum : Number(i === j)
  }
  return moves
}

/** Weighted mean and variance of each state, in two passes. */
function moments(
  x: Float64Array,
  { probability, leastVariance }: Work,
  states: number,
): Pick<MarkovModel, 'mean' | 'variance'> {
  const mean = new Float64Array(states)
  const variance = new Float64Array(states)
  for (let k = 0; k < states; k++) {
    let total = 0
    let sum = 0
    for (let t = 0; t < x.length; t++) {
      total += probability[t * states + k]
      sum += probability[t * states + k] * x[t]
    }
    mean[k] = total > 0 ? sum / total : 0
    let squares = 0
    for (let t = 0; t < x.length; t++) squares += probability[t * states + k] * (x[t] - mean[k]) ** 2
    variance[k] = Math.max(leastVariance, total > 0 ? squares / total : 1)
  }
  return { mean, variance }
}

function byVariance({ states, initial, transition, mean, variance }: MarkovModel): MarkovModel {
  const order = Array.from({ length: states }, (_, k) => k).sort((a, b) => variance[a] - variance[b])
  const pick = (x: Float64Array) => Float64Array.from(order, (k) => x[k])
  const rows = order.flatMap((i) => order.map((j) => transition[i * states + j]))
  return {
    states,
    initial: pick(initial),
    transition: Float64Array.from(rows),
    mean: pick(mean),
    variance: pick(variance),
  }
}

/**
 * Probability of each state at each bar, given the returns up to that bar, under a fit that never saw it. Filtered from the
 * window's first bar on, never smoothed.
 *
 * @param returns  NaN = not known [n]
 * @returns        calmest state first, each NaN until window + every returns in a row are known and where a fit's window
 *                 did not vary [states][n]
 */
export function stateProbabilities(returns: Float64Array, states: number, refit: Refit): Float64Array[] {
  const columns = Array.from({ length: states }, () => new Float64Array(returns.length).fill(Number.NaN))
  eachRefit(returns, refit, (start, end) => {
    const first = start - refit.window
    const seen = returns.subarray(first, start)
    const scale = scaleOf(seen)
    if (scale === null) return
    const span = returns.subarray(first, end).map((value) => (value - scale.mean) / scale.deviation)
    const model = fitStates(span.subarray(0, refit.window), states, scale.step / scale.deviation)
    const { probability } = filterStates(span, model)
    columns.forEach((column, k) => {
      for (let t = start; t < end; t++) column[t] = probability[(t - first) * states + k]
    })
  })
  for (const column of columns) silenceRefit(column, returns, refit)
  return columns
}

/** Mean, deviation and smallest move of the values that a fit sees; null where they do not vary. */
function scaleOf(x: Float64Array): { mean: number; deviation: number; step: number } | null {
  let mean = 0
  let step = Number.POSITIVE_INFINITY
  for (let t = 0; t < x.length; t++) {
    mean += x[t] / x.length
    if (x[t] !== 0) step = Math.min(step, Math.abs(x[t]))
  }
  let variance = 0
  for (let t = 0; t < x.length; t++) variance += (x[t] - mean) ** 2 / x.length
  return variance > 0 ? { mean, deviation: Math.sqrt(variance), step } : null
}
