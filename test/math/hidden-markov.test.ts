/** The hidden Markov model: its filter beside every path written out, its fit on values made by the model. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import {
  baumWelch,
  filterStates,
  fitStates,
  type MarkovModel,
  stateProbabilities,
} from '../../src/math/hidden-markov.js'

const column = (...values: number[]) => Float64Array.from(values)

const THREE: MarkovModel = {
  states: 3,
  initial: column(0.5, 0.3, 0.2),
  transition: column(0.8, 0.15, 0.05, 0.1, 0.7, 0.2, 0.05, 0.25, 0.7),
  mean: column(0.1, 0, -0.4),
  variance: column(0.2, 1, 4),
}

const density = (x: number, mean: number, variance: number) =>
  Math.exp((-0.5 * (x - mean) ** 2) / variance) / Math.sqrt(2 * Math.PI * variance)

/** Every path of states with the joint probability of the path and the values. */
function everyPath(x: readonly number[], { states, initial, transition, mean, variance }: MarkovModel) {
  return Array.from({ length: states ** x.length }, (_, code) => {
    const path = x.map((_value, t) => Math.floor(code / states ** t) % states)
    const joint = path.reduce((p, k, t) => {
      const reached = t === 0 ? initial[k] : transition[path[t - 1] * states + k]
      return p * reached * density(x[t], mean[k], variance[k])
    }, 1)
    return { path, joint }
  })
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

/** Values of two states with deviations 0.5 and 2, left with probability 0.02 and 0.08. */
function simulated(length: number): { x: Float64Array; state: Uint8Array } {
  const random = createRandom(9, 'regimes')
  const state = new Uint8Array(length)
  const x = new Float64Array(length)
  for (let t = 0; t < length; t++) {
    const last = t === 0 ? 0 : state[t - 1]
    state[t] = random.next() < (last === 0 ? 0.02 : 0.08) ? 1 - last : last
    x[t] = (state[t] === 0 ? 0.5 : 2) * random.normal()
  }
  return { x, state }
}

/** Values that a model makes. */
function drawn(
  { states, initial, transition, mean, variance }: MarkovModel,
  length: number,
  seed: number,
): Float64Array {
  const random = createRandom(seed, 'drawn')
  const pick = (shares: Float64Array) => {
    const at = random.next()
    const upTo = shares.map((_, k) => shares.subarray(0, k + 1).reduce((sum, share) => sum + share, 0))
    return upTo.findIndex((sum, k) => at < sum || k === states - 1)
  }
  let state = pick(initial)
  return Float64Array.from({ length }, (_, t) => {
    if (t > 0) state = pick(transition.subarray(state * states, (state + 1) * states))
    return mean[state] + Math.sqrt(variance[state]) * random.normal()
  })
}

describe('the filter', () => {
  it('is what all paths together say, bar by bar', () => {
    const x = [0.3, -1.2, 2.5, 0.1, -0.2, -3, 0.6]
    const { probability, logLikelihood } = filterStates(Float64Array.from(x), THREE)
    for (let t = 0; t < x.length; t++) {
      const paths = everyPath(x.slice(0, t + 1), THREE)
      const total = sum(paths.map(({ joint }) => joint))
      for (const k of [0, 1, 2]) {
        const ending = paths.filter(({ path }) => path[t] === k).map(({ joint }) => joint)
        expect(probability[3 * t + k]).toBeCloseTo(sum(ending) / total, 12)
      }
      if (t === x.length - 1) expect(logLikelihood).toBeCloseTo(Math.log(total), 12)
    }
  })

  it('bears a value that no state would ever give', () => {
    const { probability, logLikelihood } = filterStates(column(0, 1e4, 0), THREE)
    expect([...probability].every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(probability[3 + 2]).toBe(1)
    expect(Number.isFinite(logLikelihood)).toBe(true)
  })
})

describe('an iteration of the fit', () => {
  const x = [0.3, -1.2, 2.5, 0.1, -0.2, -3, 0.6]
  const { likelihood, better } = baumWelch(Float64Array.from(x), THREE)
  const paths = everyPath(x, THREE)
  const total = sum(paths.map(({ joint }) => joint))
  /** Expectation over all paths, given the values. */
  const expected = (of: (path: readonly number[]) => number) =>
    sum(paths.map(({ path, joint }) => (joint / total) * of(path)))

  it('counts states and moves as all paths together do', () => {
    expect(likelihood).toBeCloseTo(Math.log(total) / x.length, 12)
    for (const i of [0, 1, 2]) {
      expect(better.initial[i]).toBeCloseTo(
        expected((path) => Number(path[0] === i)),
        12,
      )
      const left = expected((path) => path.slice(0, -1).filter((k) => k === i).length)
      for (const j of [0, 1, 2]) {
        const moved = expected((path) => path.filter((k, t) => t > 0 && path[t - 1] === i && k === j).length)
        expect(better.transition[3 * i + j]).toBeCloseTo(moved / left, 12)
      }
    }
  })

  it('takes mean and variance of each state over all paths', () => {
    for (const k of [0, 1, 2]) {
      const weight = x.map((_, t) => expected((path) => Number(path[t] === k)))
      const mean = sum(x.map((value, t) => weight[t] * value)) / sum(weight)
      expect(better.mean[k]).toBeCloseTo(mean, 12)
      const variance = sum(x.map((value, t) => weight[t] * (value - mean) ** 2)) / sum(weight)
      expect(better.variance[k]).toBeCloseTo(variance, 12)
    }
  })

  it('never makes the values less likely', () => {
    let model = THREE
    let last = Number.NEGATIVE_INFINITY
    for (let i = 0; i < 15; i++) {
      const step = baumWelch(Float64Array.from(x), model)
      expect(step.likelihood).toBeGreaterThanOrEqual(last - 1e-12)
      ;({ likelihood: last, better: model } = step)
    }
  })
})

describe('the fit', () => {
  it('finds the states that made the values, the calmer first', () => {
    const { x, state } = simulated(6000)
    const model = fitStates(x, 2)
    expect(Math.sqrt(model.variance[0])).toBeCloseTo(0.5, 1)
    expect(Math.sqrt(model.variance[1])).toBeCloseTo(2, 1)
    expect(model.transition[0]).toBeCloseTo(0.98, 2)
    expect(model.transition[3]).toBeCloseTo(0.92, 1)
    expect(model.transition[1] / model.transition[2]).toBeCloseTo(0.25, 1)
    const { probability } = filterStates(x, model)
    const right = state.filter((value, t) => (probability[2 * t + 1] > 0.5 ? 1 : 0) === value)
    expect(right.length / state.length).toBeGreaterThan(0.93)
  })

  it('makes the values more likely than the model that made them', () => {
    const { x } = simulated(3000)
    const truth: MarkovModel = {
      states: 2,
      initial: column(0.5, 0.5),
      transition: column(0.98, 0.02, 0.08, 0.92),
      mean: column(0, 0),
      variance: column(0.25, 4),
    }
    const fitted = filterStates(x, fitStates(x, 2)).logLikelihood
    expect(fitted).toBeGreaterThan(filterStates(x, truth).logLikelihood)
  })

  it('finds the peak of three states that the model which made the values lies on', () => {
    // A calm state, and a price that bounces: a state that goes up, one that goes down, each soon left for the other.
    const bouncing: MarkovModel = {
      states: 3,
      initial: column(0.6, 0.2, 0.2),
      transition: column(0.97, 0.015, 0.015, 0.04, 0.16, 0.8, 0.04, 0.8, 0.16),
      mean: column(0, 1.1, -1.1),
      variance: column(0.2, 0.3, 0.3),
    }
    const lasting: MarkovModel = {
      ...bouncing,
      transition: column(0.98, 0.015, 0.005, 0.02, 0.95, 0.03, 0.01, 0.05, 0.94),
      mean: column(0, 0, 0),
      variance: column(0.1, 0.7, 5),
    }
    for (const [model, seed] of [bouncing, lasting].flatMap((model) =>
      [1, 2, 3].map((seed) => [model, seed] as const),
    )) {
      const x = drawn(model, 1200, seed)
      const fitted = filterStates(x, fitStates(x, 3)).logLikelihood
      expect(fitted, `seed ${seed}`).toBeGreaterThan(filterStates(x, model).logLikelihood)
      let climbing = model
      for (let i = 0; i < 300; i++) climbing = baumWelch(x, climbing).better
      expect(fitted, `seed ${seed}`).toBeGreaterThan(filterStates(x, climbing).logLikelihood - 0.5)
    }
  })

  it('takes the bars of a price that moves in steps for one regime with their neighbours', () => {
    // Two regimes, rounded to steps of half a deviation of the calm one: a third of its values are 0.
    const { x, state } = simulated(4000)
    const rounded = x.map((value) => Math.round(value * 2) / 2)
    const share = (model: MarkovModel) => {
      const { probability } = filterStates(rounded, model)
      return state.filter((value, t) => (probability[2 * t + 1] > 0.5 ? 1 : 0) === value).length / state.length
    }
    const stepped = fitStates(rounded, 2, 0.5)
    expect(stepped.variance[0]).toBeGreaterThanOrEqual(0.25)
    expect(share(stepped)).toBeGreaterThan(0.93)
    // Without a step, the calmest of three states is the values 0 alone.
    expect(fitStates(rounded, 3).variance[0]).toBeLessThan(0.01)
    expect(fitStates(rounded, 3, 0.5).variance[0]).toBeGreaterThanOrEqual(0.25)
  })
})

describe('state probabilities', () => {
  const { x } = simulated(260)
  const refit = { window: 100, every: 20, origin: 5 }

  it('are those of the filter under a fit that ends before the stretch', () => {
    const [calm, volatile] = stateProbabilities(x, 2, refit)
    expect(calm.findIndex((value) => !Number.isNaN(value))).toBe(119)
    // Bar 0 is number 5, so refits fall on bars 15, 35 … 175. Bar 180 rests on bars 75 … 174.
    const seen = x.subarray(75, 175)
    const mean = seen.reduce((a, b) => a + b) / 100
    const deviation = Math.sqrt(seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 100)
    const span = x.subarray(75, 181).map((value) => (value - mean) / deviation)
    const { probability } = filterStates(
      span,
      fitStates(span.subarray(0, 100), 2, Math.min(...seen.map(Math.abs)) / deviation),
    )
    expect(calm[180]).toBeCloseTo(probability[2 * 105], 9)
    expect(calm[180] + volatile[180]).toBeCloseTo(1, 12)
  })

  it('do not depend on the unit of the returns, nor on what came before', () => {
    const [calm] = stateProbabilities(x, 2, refit)
    const small = stateProbabilities(
      x.map((value) => value / 1024),
      2,
      refit,
    )[0]
    expect(small).toEqual(calm)
    const rest = stateProbabilities(x.subarray(30), 2, { ...refit, origin: 35 })[0]
    expect(rest.subarray(119)).toEqual(calm.subarray(149))
  })
})
