/** GARCH(1,1) and Engle's test: by hand, by definition, and on returns that were made by the model. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { archEffect } from '../../src/math/arch-effect.js'
import { fitGarch, garchLines, nextVariance } from '../../src/math/garch.js'

const TRUE = { alpha: 0.1, beta: 0.85 }

/** Returns of deviation 0.01 whose variance follows GARCH(1,1). */
function simulated(length: number, { alpha, beta } = TRUE, seed = 3): Float64Array {
  const random = createRandom(seed, 'two peaks')
  let variance = 1
  let square = 1
  return Float64Array.from({ length }, () => {
    variance = 1 - alpha - beta + alpha * square + beta * variance
    const surprise = Math.sqrt(variance) * random.normal()
    square = surprise * surprise
    return 0.01 * surprise
  })
}

/** Mean of -(ln h + e² / h) / 2, e in units of the window's deviation, as the model's definition has it. */
function likelihood(returns: Float64Array, alpha: number, beta: number): number {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / returns.length
  const squares = [...returns].map((value) => (value - mean) ** 2 / variance)
  let h = 1
  let sum = 0
  squares.forEach((square, t) => {
    if (t > 0) h = 1 - alpha - beta + alpha * squares[t - 1] + beta * h
    sum -= (Math.log(h) + square / h) / 2
  })
  return sum / returns.length
}

describe('GARCH(1,1)', () => {
  it('forecasts the variance by hand', () => {
    // 1 - 0.1 - 0.8 + 0.1 · 4 + 0.8 · 1 = 1.3, in units of the long-run variance.
    expect(nextVariance({ alpha: 0.1, beta: 0.8 }, 4, 1)).toBeCloseTo(1.3, 15)
  })

  it('finds the parameters that made the returns', () => {
    const { alpha, beta, deviation } = fitGarch(simulated(30_000)) ?? expect.fail('no fit')
    expect(Math.abs(alpha - TRUE.alpha)).toBeLessThan(0.015)
    expect(Math.abs(beta - TRUE.beta)).toBeLessThan(0.025)
    expect(deviation).toBeCloseTo(0.01, 3)
  })

  it('states the likelihood as defined, and no parameters nearby have a larger one', () => {
    const returns = simulated(600)
    const { alpha, beta, logLikelihood } = fitGarch(returns) ?? expect.fail('no fit')
    expect(logLikelihood).toBeCloseTo(likelihood(returns, alpha, beta), 12)
    for (const [a, b] of [
      [0.005, 0],
      [-0.005, 0],
      [0, 0.005],
      [0, -0.005],
      [0.005, -0.005],
      [-0.005, 0.005],
    ]) {
      expect(likelihood(returns, alpha + a, beta + b), `at α ${a}, β ${b}`).toBeLessThan(logLikelihood)
    }
  })

  it('finds the higher of two peaks', () => {
    // Short windows of weak, short memory, of which some have a second peak at a long one.
    for (const seed of [9, 24, 33]) {
      const returns = simulated(200, { alpha: 0.15, beta: 0.01 }, seed)
      const fit = fitGarch(returns) ?? expect.fail('no fit')
      let most = Number.NEGATIVE_INFINITY
      for (let persistence = 0.02; persistence < 1; persistence += 0.04) {
        for (let share = 0.01; share < 1; share += 0.06) {
          most = Math.max(most, likelihood(returns, persistence * share, persistence * (1 - share)))
        }
      }
      expect(fit.logLikelihood, `seed ${seed}`).toBeGreaterThanOrEqual(most - 1e-9)
    }
  })

  it('finds a peak of very long memory and little weight beside a short one', () => {
    for (const seed of [7, 11, 15, 18]) {
      const returns = simulated(500, { alpha: 0.006, beta: 0.985 }, seed)
      const fit = fitGarch(returns) ?? expect.fail('no fit')
      let most = Number.NEGATIVE_INFINITY
      for (const persistence of [0.1, 0.5, 0.7, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.996]) {
        for (const share of [0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.3]) {
          most = Math.max(most, likelihood(returns, persistence * share, persistence * (1 - share)))
        }
      }
      expect(fit.logLikelihood, `seed ${seed}`).toBeGreaterThanOrEqual(most - 1e-9)
    }
  })

  it('has no fit where nothing moved', () => {
    expect(fitGarch(new Float64Array(50))).toBeNull()
    const { forecast } = garchLines(new Float64Array(100), { window: 30, every: 10, origin: 0 })
    expect(forecast.every(Number.isNaN)).toBe(true)
  })

  it('follows the variance from the first bar of the window before the last refit', () => {
    const returns = simulated(90)
    const refit = { window: 40, every: 10, origin: 7 }
    const lines = garchLines(returns, refit)
    // Bar 0 is number 7, so refits fall on bars 3, 13 … 73, 83. Bar 75 rests on bars 33 … 72.
    const fit = fitGarch(returns.subarray(33, 73)) ?? expect.fail('no fit')
    let h = 1
    for (let t = 33; t < 75; t++) h = nextVariance(fit, ((returns[t] - fit.mean) / fit.deviation) ** 2, h)
    const surprise = (returns[75] - fit.mean) / fit.deviation
    expect(lines.surprise[75]).toBeCloseTo(surprise / Math.sqrt(h), 12)
    h = nextVariance(fit, surprise ** 2, h)
    expect(lines.level[75]).toBeCloseTo(Math.sqrt(h), 12)
    expect(lines.forecast[75]).toBeCloseTo(fit.deviation * Math.sqrt(h), 12)
    expect(lines.persistence[75]).toBe(fit.alpha + fit.beta)
    // 40 + 10 returns in a row, wherever the refits fall.
    expect(lines.forecast.findIndex((value) => !Number.isNaN(value))).toBe(49)
  })

  it('says the same about a bar whatever came before its window, and nothing over a hole', () => {
    const returns = simulated(200)
    const whole = garchLines(returns, { window: 40, every: 10, origin: 7 }).forecast
    const rest = garchLines(returns.subarray(33), { window: 40, every: 10, origin: 40 }).forecast
    expect(rest.subarray(49)).toEqual(whole.subarray(82))
    const holed = returns.slice()
    holed[100] = Number.NaN
    const { forecast } = garchLines(holed, { window: 40, every: 10, origin: 7 })
    expect(forecast.subarray(49, 100)).toEqual(whole.subarray(49, 100))
    expect(forecast.subarray(100, 150).every(Number.isNaN)).toBe(true)
    expect(forecast.subarray(150)).toEqual(whole.subarray(150))
  })
})

/** window · R² of y on its lags by Gram and Schmidt, column by column. */
function lagrangeMultiplier(returns: readonly number[], lags: number): number {
  const squares = returns.map((value) => value * value)
  const columns = Array.from({ length: lags + 1 }, (_, k) => squares.slice(lags - k, squares.length - k))
  const window = columns[0].length
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const centred = columns.map((x) => x.map((value) => value - dot(x, new Array(window).fill(1)) / window))
  const basis: number[][] = []
  let left = centred[0]
  for (const column of centred.slice(1)) {
    const rest = basis.reduce((x, b) => x.map((value, i) => value - (dot(x, b) / dot(b, b)) * b[i]), column)
    basis.push(rest)
    left = left.map((value, i) => value - (dot(left, rest) / dot(rest, rest)) * rest[i])
  }
  return window * (1 - dot(left, left) / dot(centred[0], centred[0]))
}

describe('the ARCH effect', () => {
  it('is bars times R² of the squares on their past', () => {
    const returns = simulated(260)
    const effect = archEffect(returns, { lags: 5, window: 60, origin: 1234 })
    expect(effect.findIndex((value) => !Number.isNaN(value))).toBe(64)
    for (const end of [64, 65, 100, 177, 259]) {
      expect(effect[end]).toBeCloseTo(lagrangeMultiplier([...returns.subarray(end - 64, end + 1)], 5), 8)
    }
  })

  it('is by hand window · r² with one lag', () => {
    // Squares 1, 4, 1, 0: (4, 1, 0) on (1, 4, 1). Means 5/3 and 2; products Σxy = 8 - 10 = -2, Σxx = 6, Σyy = 26/3.
    const effect = archEffect(Float64Array.of(1, 2, -1, 0), { lags: 1, window: 3, origin: 0 })
    expect(effect[3]).toBeCloseTo(3 * (4 / (6 * (26 / 3))), 14)
  })

  it('lies near the number of lags without clustering, far above it with', () => {
    const settings = { lags: 5, window: 4000, origin: 0 }
    const random = createRandom(1, 'no clustering')
    const noise = Float64Array.from({ length: 4005 }, () => random.normal())
    expect(archEffect(noise, settings)[4004]).toBeLessThan(15) // 1 % of χ²(5) lies above 15.1
    expect(archEffect(simulated(4005), settings)[4004]).toBeGreaterThan(100)
  })

  it('is not known where the squares do not vary', () => {
    const bounce = Float64Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 1 : -1))
    expect(archEffect(bounce, { lags: 2, window: 10, origin: 0 }).every(Number.isNaN)).toBe(true)
  })
})
