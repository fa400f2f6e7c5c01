/** Entropy, scaling and fractional differences, by hand arithmetic or their definition written out. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { rollingEntropy } from '../../src/math/entropy.js'
import { fractionalWeights, weightedPast } from '../../src/math/fractional-difference.js'
import { hurstExponent, varianceRatio } from '../../src/math/scaling.js'

const column = (...values: number[]) => Float64Array.from(values)

/** Prices whose log return is `share` of the last one plus noise. */
function walk(length: number, share: number): Float64Array {
  const random = createRandom(8, `walk ${share}`)
  let level = 0
  let step = 0
  return Float64Array.from({ length }, () => {
    step = share * step + 0.01 * random.normal()
    level += step
    return Math.exp(level)
  })
}

describe('rolling entropy', () => {
  it('is that of the shares of the bins', () => {
    // Two bins at 0: 2 of 4 each = 1; then 3 and 1 of 4: -(¾ log₂ ¾ + ¼ log₂ ¼) = 0.8113; then all four in one = 0.
    const entropy = rollingEntropy(column(-1, -1, 1, 1, 5, 5), { edges: [0], window: 4 })
    expect(entropy.subarray(0, 3)).toEqual(column(NaN, NaN, NaN))
    expect(entropy[3]).toBeCloseTo(1, 14)
    expect(entropy[4]).toBeCloseTo(0.8112781244591328, 14)
    expect(entropy[5]).toBe(0)
  })

  it('puts a value at an edge into the bin above, and counts anew after a hole', () => {
    expect(rollingEntropy(column(0, 1), { edges: [0], window: 2 })[1]).toBe(0)
    const entropy = rollingEntropy(column(-1, 1, NaN, 1, 1, -1), { edges: [0], window: 2 })
    expect([...entropy].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([NaN, 1, NaN, NaN, 0, 1])
  })
})

describe('scaling', () => {
  it('is the ratio of variances, and the slope of their logarithms, as defined', () => {
    const close = walk(200, 0.2)
    const [end, window] = [150, 64]
    const variance = (bars: number) => {
      const changes = Array.from({ length: window }, (_, i) => Math.log(close[end - i] / close[end - i - bars]))
      const mean = changes.reduce((a, b) => a + b) / window
      return changes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (window - 1)
    }
    const ratio = varianceRatio(close, 5, { window, origin: 17 })
    expect(ratio[end]).toBeCloseTo(variance(5) / (5 * variance(1)), 10)
    expect(ratio.findIndex((value) => !Number.isNaN(value))).toBe(68)
    // Bars 1, 2, 4, 8: ln k is 0 … 3 times ln 2, their mean 1.5, Σ(j - 1.5)² = 5.
    const rise = [1, 2, 4, 8].map((bars, j) => (j - 1.5) * Math.log(Math.sqrt(variance(bars))))
    const slope = rise.reduce((a, b) => a + b) / (5 * Math.LN2)
    expect(hurstExponent(close, 8, { window, origin: 17 })[end]).toBeCloseTo(slope, 10)
  })

  it('is ½ for a random walk, more for one that trends and less for one that reverts', () => {
    const hurst = (share: number) => hurstExponent(walk(60_001, share), 32, { window: 59_000, origin: 0 })[60_000]
    expect(hurst(0)).toBeCloseTo(0.5, 1)
    expect(hurst(0.5)).toBeGreaterThan(0.6)
    expect(hurst(-0.5)).toBeLessThan(0.4)
    expect(varianceRatio(new Float64Array(30).fill(2), 2, { window: 10, origin: 0 }).every(Number.isNaN)).toBe(true)
  })
})

describe('fractional differences', () => {
  it('have the weights of the binomial series', () => {
    // Order 0.4: -0.4; 0.4 · (0.4 - 1) / 2 = -0.12; 0.12 · (0.4 - 2) / 3 = -0.064; 0.064 · (0.4 - 3) / 4 = -0.0416.
    const weights = fractionalWeights(0.4, 0.04)
    ;[1, -0.4, -0.12, -0.064, -0.0416].forEach((weight, k) => {
      expect(weights[k]).toBeCloseTo(weight, 15)
    })
    expect(weights).toHaveLength(5) // the next is -0.0416 · 3.4 / 5 … = -0.0299, below 0.04
  })

  it('of order 1 are differences, and the newest value weighs 1', () => {
    expect(fractionalWeights(1, 1e-9)).toEqual(column(1, -1))
    // 5 - 0.5 · 3 - 0.25 · 2.
    expect(weightedPast(column(2, 3, 5), column(1, -0.5, -0.25))).toEqual(column(NaN, NaN, 3))
    expect(weightedPast(column(2, NaN, 5, 4), column(1, -1))).toEqual(column(NaN, NaN, NaN, -1))
  })
})
