/** Extremes followed bar by bar against a plain search of each window, on data that make every step of it happen. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barsSinceMax, barsSinceMin, rollingMax, rollingMin } from '../../src/math/rolling-extremes.js'

/** The same by looking at every value of every window; of equal ones the latest. */
function searched(x: Float64Array, window: number, sign: 1 | -1) {
  const value = new Float64Array(x.length).fill(Number.NaN)
  const age = new Float64Array(x.length).fill(Number.NaN)
  for (let i = window - 1; i < x.length; i++) {
    const inside = x.subarray(i - window + 1, i + 1)
    if (inside.some(Number.isNaN)) continue
    let at = 0
    for (let j = 1; j < window; j++) if (sign * inside[j] >= sign * inside[at]) at = j
    value[i] = inside[at]
    age[i] = window - 1 - at
  }
  return { value, age }
}

function expectSearched(x: Float64Array, window: number): void {
  const most = searched(x, window, 1)
  const least = searched(x, window, -1)
  expect(rollingMax(x, window)).toEqual(most.value)
  expect(barsSinceMax(x, window)).toEqual(most.age)
  expect(rollingMin(x, window)).toEqual(least.value)
  expect(barsSinceMin(x, window)).toEqual(least.age)
}

describe('extremes of the last bars', () => {
  // Few different values make many ties; NaN are holes, infinities are values like others.
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  )

  it('are those of a search, with ties, holes and infinities', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (values, window) => {
        expectSearched(Float64Array.from(values), window)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['rises', (i: number) => i],
    ['falls', (i: number) => -i],
    ['falls between peaks', (i: number) => -(i % 23)],
    ['swings', (i: number) => Math.sin(i / 3) + Math.sin(i / 17)],
    ['stays', () => 7],
  ])('are those of a search where the line %s', (_name, at) => {
    for (const window of [1, 2, 7, 23, 24, 60])
      expectSearched(
        Float64Array.from({ length: 150 }, (_, i) => at(i)),
        window,
      )
  })
})
