/** Rolling kernels beside their definitions written out, on any data, with holes and any absolute bar number. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { rollingBeta, rollingCorrelation } from '../../src/math/rolling-correlation.js'
import { barsSinceMax, barsSinceMin, rollingMax, rollingMin } from '../../src/math/rolling-extremes.js'
import { rollingKurtosis, rollingSkewness, rollingStd, rollingZScore } from '../../src/math/rolling-moments.js'
import { rollingRank } from '../../src/math/rolling-rank.js'
import { rollingSlope, weightedMovingAverage } from '../../src/math/rolling-regression.js'
import { rollingMean, rollingSum } from '../../src/math/rolling-sum.js'

type Rolling = (x: Float64Array, window: number, origin: number) => Float64Array

const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length
const central = (x: readonly number[], power: number) => mean(x.map((value) => (value - mean(x)) ** power))
const deviation = (x: readonly number[]) => Math.sqrt((central(x, 2) * x.length) / (x.length - 1))
/** Position of the latest of the equal largest values, counted back from the end. */
const sinceMax = (x: readonly number[]) => x.length - 1 - x.lastIndexOf(Math.max(...x))

/** Each kernel and its definition for one window without holes. */
const KERNELS: Record<string, { kernel: Rolling; of: (window: number[]) => number }> = {
  rollingSum: { kernel: rollingSum, of: (w) => mean(w) * w.length },
  rollingMean: { kernel: rollingMean, of: mean },
  rollingMax: { kernel: rollingMax, of: (w) => Math.max(...w) },
  rollingMin: { kernel: rollingMin, of: (w) => Math.min(...w) },
  barsSinceMax: { kernel: barsSinceMax, of: sinceMax },
  barsSinceMin: { kernel: barsSinceMin, of: (w) => sinceMax(w.map((value) => -value)) },
  rollingStd: { kernel: rollingStd, of: deviation },
  rollingZScore: {
    kernel: rollingZScore,
    of: (w) => (new Set(w).size === 1 ? 0 : (w[w.length - 1] - mean(w)) / deviation(w)),
  },
  rollingSlope: {
    kernel: rollingSlope,
    of: (w) => {
      const middle = (w.length - 1) / 2
      return mean(w.map((value, i) => (i - middle) * value)) / mean(w.map((_, i) => (i - middle) ** 2))
    },
  },
  weightedMovingAverage: {
    kernel: weightedMovingAverage,
    of: (w) => w.reduce((sum, value, i) => sum + (i + 1) * value, 0) / ((w.length * (w.length + 1)) / 2),
  },
  rollingRank: {
    kernel: rollingRank,
    of: (w) => {
      const last = w[w.length - 1]
      const equal = w.filter((value) => value === last).length
      return (w.filter((value) => value < last).length + (equal + 1) / 2) / w.length
    },
  },
}

const someColumn = fc.record({
  // Few distinct values, so that ties and flat windows come up; a tenth are holes.
  values: fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: -3, max: 3 }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    ),
    {
      maxLength: 60,
    },
  ),
  window: fc.integer({ min: 2, max: 12 }),
  origin: fc.integer({ min: 0, max: 30_000_000 }),
})

describe.each(Object.entries(KERNELS))('%s', (_name, { kernel, of }) => {
  it('is its definition in every window, and NaN where the window is not full or has a hole', () => {
    fc.assert(
      fc.property(someColumn, ({ values, window, origin }) => {
        const actual = kernel(Float64Array.from(values), window, origin)
        expect(actual).toHaveLength(values.length)
        values.forEach((_, t) => {
          const inside = values.slice(Math.max(0, t - window + 1), t + 1)
          const known = inside.length === window && !inside.some(Number.isNaN)
          expect(Number.isNaN(actual[t]), `silence at ${t}`).toBe(!known)
          if (known) expect(actual[t]).toBeCloseTo(of(inside), 10)
        })
      }),
    )
  })

  it('gives the same bits on any suffix of the data once its window is full', () => {
    const random = createRandom(11, 'suffix')
    const x = Float64Array.from({ length: 500 }, () => 1000 + random.normal())
    for (const window of [2, 7, 20, 60]) {
      const whole = kernel(x, window, 12_345)
      for (const start of [1, 6, 20, 133]) {
        const part = kernel(x.subarray(start), window, 12_345 + start)
        expect(part.subarray(window - 1)).toEqual(whole.subarray(start + window - 1))
      }
    }
  })
})

describe('rolling moments', () => {
  const flat = new Float64Array(50).fill(0.1)

  it('have no deviation, no z-score and no shape where all values are equal', () => {
    expect(rollingStd(flat, 10, 3).subarray(9)).toEqual(new Float64Array(41))
    expect(rollingZScore(flat, 10, 3).subarray(9)).toEqual(new Float64Array(41))
    expect(rollingSkewness(flat, 10, 3).every(Number.isNaN)).toBe(true)
    expect(rollingKurtosis(flat, 10, 3).every(Number.isNaN)).toBe(true)
    expect(rollingCorrelation(flat, flat, { window: 10, origin: 3 }).every(Number.isNaN)).toBe(true)
  })

  it('are not blurred by a large level: shifting prices by 1e6 moves a deviation by less than 1e-9 of itself', () => {
    const random = createRandom(5, 'level')
    const x = Float64Array.from({ length: 20_000 }, () => random.below(1024) / 1024) // exact in binary, shifted too
    const low = rollingStd(x, 50, 0)
    const high = rollingStd(
      x.map((value) => value + 1e6),
      50,
      0,
    )
    expect(Math.max(...low.subarray(49).map((value, i) => Math.abs(high[i + 49] / value - 1)))).toBeLessThan(1e-9)
  })

  it('do not drift: the last of 200,000 means near 1e6 is as exact as the first', () => {
    const random = createRandom(6, 'drift')
    const x = Float64Array.from({ length: 200_000 }, () => 1e6 + random.normal())
    const last = rollingMean(x, 100, 0)[x.length - 1]
    expect(Math.abs(last / mean([...x.subarray(-100)]) - 1)).toBeLessThan(1e-15)
  })
})

describe('rollingBeta', () => {
  it('finds the slope of an exact line', () => {
    // y = 3x + 5, so every window's slope is 3.
    const x = Float64Array.from([1, 4, 2, 8, 5, 7, 1])
    const beta = rollingBeta(
      x,
      x.map((value) => 3 * value + 5),
      { window: 4, origin: 2 },
    )
    expect([...beta].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([NaN, NaN, NaN, 3, 3, 3, 3])
  })
})
