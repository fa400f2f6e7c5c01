import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { medianInPlace, selectInPlace } from '../../src/math/order-statistic.js'

const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })), { minLength: 1 })

describe('an order statistic', () => {
  it('is what sorting finds, with ties and infinities, and parts the values', () => {
    fc.assert(
      fc.property(values, fc.nat(), (given, at) => {
        const x = Float64Array.from(given)
        const rank = at % x.length
        const sorted = x.slice().sort()
        const found = selectInPlace(x, rank)
        expect(found === sorted[rank]).toBe(true)
        expect(x.slice(0, rank).every((value) => value <= found)).toBe(true)
        expect(x.slice(rank).every((value) => value >= found)).toBe(true)
        expect(x.slice().sort()).toEqual(sorted)
      }),
      { numRuns: 500 },
    )
  })

  it('takes a number of steps in proportion to the length where the values are in order, all alike or a saw', () => {
    for (const of of [(i: number) => i, (i: number) => -i, () => 1, (i: number) => i % 7]) {
      // A million squared would not end.
      const x = Float32Array.from({ length: 1_000_000 }, (_, i) => of(i))
      const sorted = x.slice().sort()
      expect(selectInPlace(x, 314_159)).toBe(sorted[314_159])
    }
  })
})

describe('the median', () => {
  it('is the middle one, the mean of the middle two, or nothing', () => {
    expect(medianInPlace(Float32Array.of(9, 1, 5))).toBe(5)
    expect(medianInPlace(Float32Array.of(9, 1, 5, 2))).toBe(3.5)
    expect(medianInPlace(new Float32Array(0))).toBeNaN()
  })
})
