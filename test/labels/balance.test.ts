import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../../src/core/time.js'
import { labelBalance } from '../../src/labels/balance.js'
import { label } from '../../src/labels/label.js'
import type { LabelTypeName } from '../../src/labels/registry.js'
import { averageUniqueness } from '../../src/labels/uniqueness.js'
import { barsOf, type Row, START } from './make-bars.js'

describe('label balance', () => {
  const flat: Row = [100, 100, 100, 100]
  const up: Row = [100, 103, 100, 103]
  const down: Row = [100, 100, 97, 97]
  // Daily bars from 29 January: the decision of day d enters in bar d and has that bar alone.
  const base = barsOf([up, down, flat, up, null, up], '1d', START + 28 * DAY)
  const balanceOf = (type: LabelTypeName, side: Float64Array | null = null) =>
    labelBalance(
      label({
        ...{ base, availableTime: base.openTime, type, side, latencyBars: 0 },
        ...{ horizonMs: DAY, directionMs: DAY, profit: 0.02, stop: 0.01, threshold: 0.005, costs: 0 },
      }),
      DAY,
    )

  it('counts classes, rows without a class and unknown rows, by month of t0', () => {
    const balance = balanceOf('binary')
    expect(balance.classes).toEqual([0, 1])
    expect(balance.total).toEqual({ classes: [1, 3], labelled: 4, neither: 1, unknown: 1, outcomes: [0, 2, 3] })
    expect(balance.independent).toBe(5) // a day each
    expect(balance.months.map(({ month, counts }) => ({ month, counts }))).toEqual([
      { month: '2024-01', counts: { classes: [1, 1], labelled: 2, neither: 1, unknown: 0, outcomes: [0, 2, 1] } },
      { month: '2024-02', counts: { classes: [0, 2], labelled: 2, neither: 0, unknown: 1, outcomes: [0, 0, 2] } },
    ])
    // Half a row is added to each of the three bins. January: 1.5 1.5 1.5 of 4.5, all: 1.5 3.5 1.5 of 6.5.
    const [p, q] = [1.5 / 6.5, 1 / 3]
    const [r, s] = [3.5 / 6.5, 1 / 3]
    const psi = 2 * (q - p) * Math.log(q / p) + (s - r) * Math.log(s / r)
    expect(balance.months[0].psi).toBeCloseTo(psi, 12)
    expect(balance.months[0].noise).toBeCloseTo(2 / 3, 12) // 3 bins, 3 independent rows
  })

  it('has rows without a side beside those with a label', () => {
    const { total } = balanceOf('meta', Float64Array.of(1, 1, -1, 0, 1, Number.NaN))
    // Up wins for the long, down does not, flat does not for the short; no side twice; a hole.
    expect(total).toEqual({ classes: [2, 1], labelled: 3, neither: 2, unknown: 1, outcomes: [1, 1, 3] })
  })

  it('has the spread of values where there are no classes', () => {
    const balance = balanceOf('regression')
    // 0.02 (clipped), -0.02 (clipped), 0, 0.02, 0.02: mean 0.008, median 0.02
    expect(balance.total).toEqual({ classes: [], labelled: 5, neither: 0, unknown: 1, outcomes: [1, 1, 3] })
    expect(balance.values?.mean).toBeCloseTo(0.008, 12)
    expect(balance.values?.quantiles[3]).toBe(0.02)
    expect(balance.months[1].values?.quantiles).toEqual(new Array(7).fill(0.02))
    expect(balance.months[0].psi).toBeGreaterThan(0)
  })
})

describe('average uniqueness', () => {
  it('is the mean share of each cell that a label lives in', () => {
    // Cells 0 1 2 3: label A lives in 0-2, B in 1-2, C in 3. Alive: 1 2 2 1.
    // A = (1 + 1/2 + 1/2) / 3 = 2/3, B = (1/2 + 1/2) / 2 = 1/2, C = 1; the unknown one takes no room.
    const t0 = Float64Array.of(0, 1, 3, 0).map((x) => x * MINUTE)
    const t1 = Float64Array.of(3, 3, 4, Number.NaN).map((x) => x * MINUTE)
    const weights = averageUniqueness(t0, t1, MINUTE)
    expect(weights[0]).toBeCloseTo(2 / 3, 14)
    expect([...weights.subarray(1)]).toEqual([0.5, 1, Number.NaN])
  })

  it('equals the indicator matrix on random intervals', () => {
    const interval = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }))
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 30 }), (intervals) => {
        const weights = averageUniqueness(
          Float64Array.from(intervals, ([from]) => START + from * MINUTE),
          Float64Array.from(intervals, ([from, length]) => START + (from + length) * MINUTE),
          MINUTE,
        )
        intervals.forEach(([from, length], i) => {
          const shares = Array.from({ length }, (_, k) => from + k).map(
            (cell) => 1 / intervals.filter(([f, l]) => cell >= f && cell < f + l).length,
          )
          expect(weights[i]).toBeCloseTo(shares.reduce((a, b) => a + b, 0) / length, 12)
        })
      }),
      { numRuns: 100, seed: 2 },
    )
  })
})
