import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalCdf, normalPdf, normalQuantile } from '../../src/validation/normal.js'
import {
  deflatedSharpe,
  expectedMaxSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  returnRecord,
  trialsVariance as varianceOfTrials,
} from '../../src/validation/overfitting.js'

describe('normal distribution', () => {
  it('has SciPy’s cumulative probabilities to 12 digits, tails included', () => {
    // scipy.stats.norm.cdf (1.17.1)
    for (const [x, p] of [
      [-37, 5.7255712225239266e-300],
      [-20, 2.7536241186061556e-89],
      [-8, 6.22096057427174e-16],
      [-5, 2.866515718791933e-7],
      [-3.5, 0.00023262907903552502],
      [-3, 0.0013498980316300933],
      [-2.5, 0.006209665325776132],
      [-1, 0.15865525393145707],
      [-0.1, 0.460172162722971],
      [0, 0.5],
      [0.3, 0.6179114221889526],
      [1, 0.8413447460685429],
      [2.9, 0.998134186699616],
      [3.1, 0.9990323967867817],
      [6, 0.9999999990134123],
    ]) {
      expect(Math.abs(normalCdf(x) / p - 1), `at ${x}`).toBeLessThan(1e-12)
    }
  })

  it('has SciPy’s quantiles to 12 digits', () => {
    // scipy.stats.norm.ppf
    for (const [p, x] of [
      [1e-300, -37.0470962993612],
      [1e-16, -8.222082216130435],
      [1e-9, -5.9978070150076865],
      [0.001, -3.090232306167813],
      [0.02425, -1.972961051311885],
      [0.25, -0.6744897501960817],
      [0.6, 0.2533471031357997],
      [0.9, 1.2815515655446004],
      [0.975, 1.959963984540054],
      [0.99, 2.3263478740408408],
      [0.999999, 4.753424308817087],
    ]) {
      expect(Math.abs(normalQuantile(p) / x - 1), `at ${p}`).toBeLessThan(1e-12)
    }
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15)
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(-0.1), normalCdf(Number.NaN)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
    ])
  })

  it('has a quantile that undoes its cumulative', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-14)
      }),
    )
    expect(normalPdf(0)).toBeCloseTo(0.3989422804014327, 15)
  })
})

describe('deflated Sharpe ratio', () => {
  // Bailey & López de Prado 2014, the numerical example: 100 trials whose annualised ratios have variance 1/2, 1250 daily
  // returns, annualised ratio 2.5 of 250 days, skewness −3, kurtosis 10.
  const record = { sharpe: 2.5 / Math.sqrt(250), observations: 1250, skewness: -3, kurtosis: 10 }
  const trialsVariance = 1 / 2 / 250

  it('reproduces the published example: SR0 0.1132, DSR 0.9004', () => {
    expect(expectedMaxSharpe(100, trialsVariance)).toBeCloseTo(0.1132, 4)
    expect(deflatedSharpe(record, { trials: 100, trialsVariance })).toBeCloseTo(0.9004, 4)
  })

  it('reproduces the example’s other half: 46 trials give 0.9505', () => {
    expect(deflatedSharpe(record, { trials: 46, trialsVariance })).toBeCloseTo(0.9505, 4)
  })

  it('falls with the number of trials, and is the probabilistic ratio for a single one', () => {
    const of = (trials: number) => deflatedSharpe(record, { trials, trialsVariance })
    expect(of(1)).toBe(probabilisticSharpe(record, 0))
    expect([1, 2, 10, 100, 1000].map(of)).toEqual([1, 2, 10, 100, 1000].map(of).sort((a, b) => b - a))
  })

  it('takes the variance of the trials as observed, but never less than that of a record without skill', () => {
    // 0.1, 0.3, 0.5: mean 0.3, (0.04 + 0 + 0.04)/2 = 0.04. Over 101 days a ratio without skill varies by 1/100.
    expect(varianceOfTrials([0.1, 0.3, Number.NaN, 0.5], 101)).toBeCloseTo(0.04, 12)
    expect(varianceOfTrials([0.3, 0.3001], 101)).toBe(0.01)
    expect(varianceOfTrials([0.3], 101)).toBe(0.01)
    expect(varianceOfTrials([], 1)).toBe(1)
  })

  it('falls with every trial, although trials that resemble each other hardly vary', () => {
    const alike = (trials: number) => varianceOfTrials(new Array<number>(trials).fill(0.1), record.observations)
    const of = (trials: number) => deflatedSharpe(record, { trials, trialsVariance: alike(trials) })
    expect(of(2)).toBeLessThan(of(1))
    expect(of(100)).toBeLessThan(of(2))
  })

  it('expects of the best of 10,000 skill-less trials nearly what integration gives', () => {
    // scipy.integrate.quad of x·n·φ(x)·Φ(x)^(n−1), n = 10,000: 3.8516; the paper's formula is an approximation.
    expect(Math.abs(expectedMaxSharpe(10_000, 1) - 3.8516)).toBeLessThan(0.02)
  })
})

describe('track record', () => {
  it('is even odds when the ratio equals the benchmark', () => {
    expect(probabilisticSharpe({ sharpe: 0.1, observations: 500, skewness: -1, kurtosis: 6 }, 0.1)).toBeCloseTo(0.5, 15)
  })

  it('is just long enough at its minimum length', () => {
    const record = { sharpe: 0.08, observations: 0, skewness: -0.7, kurtosis: 5 }
    const observations = minimumTrackRecord(record, 0.02, 0.95)
    expect(probabilisticSharpe({ ...record, observations }, 0.02)).toBeCloseTo(0.95, 12)
  })

  it('takes 2.73 years of daily returns for an annualised 2 to beat 1 at 95 % (Bailey & López de Prado 2012)', () => {
    // The paper's table of minimum track records, normal returns, 252 days: observed 2 against 1 → 2.73 years.
    const record = { sharpe: 2 / Math.sqrt(252), observations: 0, skewness: 0, kurtosis: 3 }
    expect(minimumTrackRecord(record, 1 / Math.sqrt(252)) / 252).toBeCloseTo(2.73, 2)
  })

  it('never suffices below the benchmark', () => {
    expect(minimumTrackRecord({ sharpe: 0.01, observations: 9, skewness: 0, kurtosis: 3 }, 0.02)).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  it('reads its moments off the returns', () => {
    // −1, 0, 4, 1 (mean 1): deviations −2, −1, 3, 0; m2 = 14/4, m3 = (−8 − 1 + 27)/4 = 4.5, m4 = (16 + 1 + 81)/4 = 24.5.
    const record = returnRecord(Float64Array.of(-1, Number.NaN, 0, 4, 1))
    expect(record.observations).toBe(4)
    expect(record.sharpe).toBeCloseTo(1 / Math.sqrt(14 / 3), 12)
    expect(record.skewness).toBeCloseTo(4.5 / 3.5 ** 1.5, 12)
    expect(record.kurtosis).toBeCloseTo(24.5 / 3.5 ** 2, 12)
  })

  it('is unknown for returns that never move', () => {
    const still = returnRecord(new Float64Array(50).fill(0.001))
    expect([still.sharpe, probabilisticSharpe(still, 0)]).toEqual([Number.NaN, Number.NaN])
  })
})
