import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kolmogorovSmirnov, populationStability } from '../../src/math/two-samples.js'

const sample = (...values: number[]) => Float64Array.from(values).sort()

describe('the population stability index', () => {
  it('is the sum over the bins of the first sample, by hand', () => {
    // Two bins, cut at the median 2 of the first (the 2nd of 4 values); half a row is added to each bin.
    // first: 2 and 2 of 4 → 2.5/5 = 0.5 each; second: 1 and 3 of 4 → 1.5/5 = 0.3 and 3.5/5 = 0.7
    // (0.3 - 0.5) ln(0.3/0.5) + (0.7 - 0.5) ln(0.7/0.5) = 0.2 · 0.5108256 + 0.2 · 0.3364722
    expect(populationStability(sample(1, 2, 3, 4), sample(0, 3, 5, 9), 2)).toBeCloseTo(0.16945957207744, 12)
  })

  it('has a bin less for each pair of equal quantiles, and none of nothing', () => {
    // Thirds of 0 0 0 1 are cut at 0 and 0 (the 2nd and the 3rd value): one edge, which puts the zeros below it and the 1 above.
    // first: 3.5/5 and 1.5/5; second: 0.5/3 and 2.5/3
    const [p, q] = [
      [3.5 / 5, 1.5 / 5],
      [0.5 / 3, 2.5 / 3],
    ]
    const byHand = (q[0] - p[0]) * Math.log(q[0] / p[0]) + (q[1] - p[1]) * Math.log(q[1] / p[1])
    expect(populationStability(sample(0, 0, 0, 1), sample(1, 1), 3)).toBeCloseTo(byHand, 12)
    expect(populationStability(sample(), sample(1))).toBeNaN()
    expect(populationStability(sample(1), sample())).toBeNaN()
    expect(populationStability(sample(5, 5, 5), sample(5, 5)), 'a constant has one bin').toBe(0)
  })

  it('is never below zero, zero of itself, and blind to a rising change of scale', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [first, second] = [sample(...a), sample(...b)]
        const index = populationStability(first, second)
        expect(index).toBeGreaterThanOrEqual(0)
        expect(populationStability(first, first)).toBe(0)
        // Rises from each whole number to the next, in unequal and rounded steps.
        const scale = (x: Float64Array) => x.map((value) => (value / 3) ** 3 + 8)
        expect(populationStability(scale(first), scale(second))).toBe(index)
      }),
    )
  })

  it('puts equal values of both samples into one bin, however their neighbours would interpolate', () => {
    const first = sample(0, 0, 3, 3, 10, 10)
    // Cut into tenths at the values 1 to 6 of the first: 0, 3 (10 is its largest, and no edge). Counts 2 2 2 and 1 2 1 of rows
    // 6 and 4, with half a row each: p = 2.5/7.5 thrice, q = 1.5/5.5, 2.5/5.5, 1.5/5.5.
    const [p, outer, inner] = [2.5 / 7.5, 1.5 / 5.5, 2.5 / 5.5]
    const byHand = 2 * (outer - p) * Math.log(outer / p) + (inner - p) * Math.log(inner / p)
    expect(populationStability(first, sample(-1, 3, 3, 11))).toBeCloseTo(byHand, 12)
  })
})

describe('the Kolmogorov–Smirnov statistic', () => {
  it('is the largest distance of the two step functions, by hand', () => {
    // After 2: 2/4 of the first, 0 of the second; after 3: 3/4 and 1/3; after 4: 1 and 1/3, the largest: 2/3.
    expect(kolmogorovSmirnov(sample(1, 2, 3, 4), sample(3, 5, 6))).toBeCloseTo(2 / 3, 15)
    // Ties are passed together: after 1, 2/3 and 1/2.
    expect(kolmogorovSmirnov(sample(1, 1, 2), sample(1, 2))).toBeCloseTo(1 / 6, 15)
    expect(kolmogorovSmirnov(sample(1, 2), sample(3, 4)), 'apart').toBe(1)
    expect(kolmogorovSmirnov(sample(), sample(1))).toBeNaN()
  })

  it('is what counting at every value gives, and the same with the samples exchanged', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 })
    const upTo = (x: Float64Array, limit: number) => x.filter((value) => value <= limit).length / x.length
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [first, second] = [sample(...a), sample(...b)]
        const counted = [...first, ...second].map((at) => Math.abs(upTo(first, at) - upTo(second, at)))
        expect(kolmogorovSmirnov(first, second)).toBeCloseTo(Math.max(...counted), 12)
        expect(kolmogorovSmirnov(second, first)).toBeCloseTo(Math.max(...counted), 12)
      }),
    )
  })
})
