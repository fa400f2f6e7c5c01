import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSeries, lastKnown, seriesKnownAt } from '../../src/features/series.js'

const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 }).map((list) => Float64Array.from(list).sort())

describe('a series by the time at which its rows were known', () => {
  it('gives each moment the last row that was known by then, rows of the same time included', () => {
    // Rows known at 10, 20, 20, 30.
    const available = Float64Array.of(10, 20, 20, 30)
    expect([...lastKnown(available, Float64Array.of(9, 10, 19, 20, 29, 31))]).toEqual([-1, 0, 0, 2, 2, 3])
  })

  it('is cut by the rule by which it is joined', () => {
    fc.assert(
      fc.property(times, times, (available, moments) => {
        const series = { available, time: available, columns: { row: available.map((_, i) => i) } }
        const joined = lastKnown(available, moments)
        moments.forEach((moment, i) => {
          const cut = seriesKnownAt(series, moment)
          expect(cut.available.length).toBe(joined[i] + 1)
          expect(cut.columns.row.length).toBe(joined[i] + 1)
          expect(cut.available.every((time) => time <= moment)).toBe(true)
          // Nothing that comes later moves what is joined.
          expect(lastKnown(cut.available, moments.subarray(0, i + 1))).toEqual(joined.subarray(0, i + 1))
        })
      }),
    )
  })

  it('that is out of order or not of one length is a fault of ours', () => {
    expect(() =>
      checkSeries('x', { available: Float64Array.of(2, 1), time: Float64Array.of(0, 0), columns: {} }),
    ).toThrow(/row 1 of x was known before/)
    const available = Float64Array.of(1, 2)
    const short = { available, time: available, columns: { rate: Float64Array.of(1) } }
    expect(() => checkSeries('x', short)).toThrow('x.rate has 1 of 2 rows')
    const timeless = { available, time: Float64Array.of(1), columns: {} }
    expect(() => checkSeries('x', timeless)).toThrow('x.time has 1 of 2 rows')
  })
})
