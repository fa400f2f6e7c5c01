/**
 * Gaussian hidden Markov model of returns: regimes that last, each with its own mean and variance (Hamilton 1989, Econometrica
 * 57(2); fitted after Baum et al. 1970 with the scaling of Rabiner 1989, Proc. IEEE 77(2)). States are numbered by variance,
 * the calmest 0, so that a number means the same in every fit.
 */
import { assert } from '../core/errors.js'
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
const MOST_ITERATIONS = 300
/** Gain of mean log likelihood below which the fit is taken as done. */
const LEAST_GAIN = 3e-6
/** Iterations after which the starts are told apart. */
const SHORT = 12
/** Where the values sorted by size are cut into the first states, by number of states. */
const CUTS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  2: [[0, 0.5, 1]],
  3: [
    [0, 1 / 3, 2 / 3, 1],
    [0, 0.5, 0.9, 1],
    [0, 0.7, 0.97, 1],
  ],
}
const STAY = 0.98
/** The middle one of the cuts is tried with states that are soon left as well. */
const SHORT_STAY = 0.6
/** A start with a state that goes up and one that goes down, in deviations, and seldom lasts: prices that bounce between two ticks. */
const TURN = 0.7
const TURN_STAY = 0.3

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
    for (let k = 0; k < states; k++) {
      const below = out[t * states + k] - most
      out[t * states + k] = below === 0 ? 1 : Math.exp(below)
    }
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

/** Below this a product of probabilities is put into the sum of their logarithms: one more factor of this size is no zero yet. */
const SMALL = 1e-100

/** The scaled forward pass; fills `probability` and each bar's scale, and returns the sum of their logarithms. */
function forward(
  { states, initial, transition }: MarkovModel,
  density: Float64Array,
  probability: Float64Array,
  scales: Float64Array,
): number {
  let sum = 0
  let product = 1 // of scales, none of which is above 1: one logarithm for many
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
    product *= scale
    if (product < SMALL) {
      sum += Math.log(product)
      product = 1
    }
  }
  return sum + Math.log(product)
}

/**
 * Fit by Baum and Welch's iterations, which end at the nearest peak of the likelihood: the best of several starts. Those that tell
 * states by size are followed for a while and the likeliest of them to its end; that of three states which turn is followed to its
 * end as well, for it rises late.
 *
 * @param x       known values of mean 0 and variance 1, more than `states` [n]
 * @param states  2 or 3
 * @param step    smallest move that the values can make: no state is narrower, or one would close down on the bars in which
 *                the price stood still and take them for a regime
 */
export function fitStates(x: Float64Array, states: number, step = 0): MarkovModel {
  const work = workspace(x.length, states, Math.max(LEAST_VARIANCE, step * step))
  const begun = startsBySize(x, states, work.leastVariance).map((start) => climb(x, start, work, SHORT))
  const ends = [climb(x, likeliest(begun).model, work, MOST_ITERATIONS)]
  if (states === 3) ends.push(climb(x, turningStart(begun[0].model), work, MOST_ITERATIONS))
  return byVariance(likeliest(ends).model)
}

type Climbed = { readonly model: MarkovModel; readonly likelihood: number }

const likeliest = (all: readonly Climbed[]) =>
  all.reduce((best, one) => (one.likelihood > best.likelihood ? one : best))

/** Until an iteration gains next to nothing, or so many are done. */
function climb(x: Float64Array, start: MarkovModel, work: Work, most: number): Climbed {
  let model = start
  let last = Number.NEGATIVE_INFINITY
  for (let iteration = 0; iteration < most; iteration++) {
    const { likelihood, better } = baumWelch(x, model, work)
    const isDone = likelihood - last < LEAST_GAIN
    last = likelihood
    if (isDone) break
    model = better
  }
  return { model, likelihood: last }
}

function startsBySize(x: Float64Array, states: number, leastVariance: number): MarkovModel[] {
  const cuts = CUTS[states]
  assert(cuts !== undefined, `no start for ${states} states`)
  const squares = x.map((value) => value * value).sort()
  const start = (shares: readonly number[], stay: number): MarkovModel => {
    const at = shares.map((share) => Math.floor(share * x.length))
    const variance = Float64Array.from({ length: states }, (_, k) => {
      const part = squares.subarray(at[k], at[k + 1])
      return Math.max(leastVariance, part.reduce((sum, value) => sum + value, 0) / part.length)
    })
    const initial = new Float64Array(states).fill(1 / states)
    return { states, initial, transition: transitions(states, stay), mean: new Float64Array(states), variance }
  }
  return [...cuts.map((shares) => start(shares, STAY)), start(cuts[cuts.length >> 1], SHORT_STAY)]
}

/** The states of a model, the calmer one in the middle and the others on either side of it, each left sooner than not. */
function turningStart(model: MarkovModel): MarkovModel {
  return {
    ...model,
    transition: transitions(model.states, TURN_STAY),
    mean: Float64Array.of(0, TURN, -TURN),
  }
}

function transitions(states: number, stay: number): Float64Array {
  const out = new Float64Array(states * states).fill((1 - stay) / (states - 1))
  for (let k = 0; k < states; k++) out[k * states + k] = stay
  return out
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
  const backward = new Float64Array(states).fill(1)
  const onward = new Float64Array(states)
  for (let t = n - 2; t >= 0; t--) {
    const row = t * states
    const next = row + states
    const inverse = 1 / scales[t + 1]
    for (let j = 0; j < states; j++) {
      onward[j] = density[next + j] * backward[j] * inverse
      // What comes after t + 1 has been counted: its filtered probability becomes the smoothed one.
      probability[next + j] *= backward[j]
    }
    for (let i = 0; i < states; i++) {
      let sum = 0
      for (let j = 0; j < states; j++) {
        const reached = transition[i * states + j] * onward[j]
        moves[i * states + j] += probability[row + i] * reached
        sum += reached
      }
      backward[i] = sum
    }
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
  const total = new Float64Array(states)
  for (let t = 0; t < x.length; t++) {
    for (let k = 0; k < states; k++) {
      total[k] += probability[t * states + k]
      mean[k] += probability[t * states + k] * x[t]
    }
  }
  for (let k = 0; k < states; k++) mean[k] = total[k] > 0 ? mean[k] / total[k] : 0
  for (let t = 0; t < x.length; t++) {
    for (let k = 0; k < states; k++) variance[k] += probability[t * states + k] * (x[t] - mean[k]) ** 2
  }
  for (let k = 0; k < states; k++) variance[k] = Math.max(leastVariance, total[k] > 0 ? variance[k] / total[k] : 1)
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
