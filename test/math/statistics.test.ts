import { describe, expect, it } from 'vitest'
import { mean, quantile, standardDeviation } from '../../src/math/statistics.js'

describe('statistics', () => {
  // numpy 2: x.mean(), x.std(ddof=1), np.quantile(x, [0, .1, .5, .9, 1])
  const x = Float64Array.of(3.5, -1, 2, 8, 0.25, 2)

  it('equal NumPy', () => {
    expect(mean(x)).toBeCloseTo(2.4583333333333335, 15)
    expect(standardDeviation(x)).toBeCloseTo(3.1321584676811396, 14)
    expect([0, 0.1, 0.5, 0.9, 1].map((p) => quantile(x, p))).toEqual([-1, -0.375, 2, 5.75, 8])
  })

  it('leave their input as it is', () => {
    expect([...x]).toEqual([3.5, -1, 2, 8, 0.25, 2])
  })

  it('are NaN where there are too few values', () => {
    expect(mean(new Float64Array(0))).toBeNaN()
    expect(standardDeviation(Float64Array.of(1))).toBeNaN()
    expect(quantile(new Float64Array(0), 0.5)).toBeNaN()
  })
})
