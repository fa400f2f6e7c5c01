import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.js'
import { derive } from '../../src/report/derived.js'
import { drawnRows, lastRowOfEach } from '../../src/report/sample.js'
import { sampleReportInput } from '../support/report-input.js'

describe('rows that a chart draws', () => {
  it('are all rows of a short series', () => {
    expect(drawnRows([Float64Array.of(5, 6, 7)], 10)).toEqual([0, 1, 2])
    expect(drawnRows([new Float64Array(0)], 10)).toEqual([])
  })

  it('are the lowest and the highest of each stretch, and the ends', () => {
    // 12 values, limit 6: two stretches of six; lows at 2 and 9, highs at 4 and 7.
    const x = Float64Array.of(5, 4, 1, 5, 9, 5, 5, 8, 5, 2, 5, 5)
    expect(drawnRows([x], 6)).toEqual([0, 2, 4, 7, 9, 11])
  })

  it('hold the extremes of every series, in order and within the limit, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.option(fc.integer(), { nil: Number.NaN })), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.integer({ min: 6, max: 120 }),
        (pairs, limit) => {
          const series = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i]))
          const rows = drawnRows(series, limit)
          expect(rows.length).toBeLessThanOrEqual(Math.max(limit, Math.min(limit, pairs.length)))
          expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b))
          expect([rows[0], rows.at(-1)]).toEqual([0, pairs.length - 1])
          for (const x of series) {
            const known = x.filter((value) => !Number.isNaN(value))
            if (known.length === 0) continue
            const drawn = rows.map((row) => x[row]).filter((value) => !Number.isNaN(value))
            expect(Math.max(...drawn)).toBe(Math.max(...known))
            expect(Math.min(...drawn)).toBe(Math.min(...known))
          }
        },
      ),
    )
  })
})

describe('an equity curve', () => {
  it('shows its deepest drawdown where that is no extreme of the equity', () => {
    const input = sampleReportInput({ days: 120 })
    // 100, 90 (-10 %), 200, 150 (-25 %), then 200 again: 150 is neither low nor high of its stretch.
    const equity = new Float64Array(input.test.equity.length).fill(200)
    equity.set([100, 90, 200, 150])
    const test = { ...input.test, initialEquity: 100, equity, buyAndHold: { unavailable: 'not asked for' } }
    const { drawn, whole } = derive({ ...input, test }).test
    expect(drawn.length).toBeLessThan(equity.length)
    expect(Math.max(...drawn.map((row) => whole.drawdown[row]))).toBe(0.25)
  })
})

describe('last row of each period', () => {
  it('is found across holes', () => {
    const time = Float64Array.of(0, HOUR / 2, HOUR, 5 * HOUR, DAY)
    expect(lastRowOfEach(time, HOUR)).toEqual([1, 2, 3, 4])
    expect(lastRowOfEach(time, DAY)).toEqual([3, 4])
  })
})
