import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../../src/core/time.js'
import { labelBalance } from '../../src/labels/balance.js'
import { barrierDistances } from '../../src/labels/distances.js'
import { label } from '../../src/labels/label.js'
import { averageUniqueness } from '../../src/labels/uniqueness.js'
import { barsOf, type Row, START } from './make-bars.js'

describe('label balance', () => {
  it('counts classes, rows without a class and unknown rows, by month of t0', () => {
    const flat: Row = [100, 100, 100, 100]
    const up: Row = [100, 103, 100, 100]
    const down: Row = [100, 100, 97, 100]
    // Daily bars from 29 January: the decision of day d enters in bar d and has that bar alone.
    const base = barsOf([up, down, flat, up, null, up], '1d', START + 28 * DAY)
    const labels = label({
      base,
      availableTime: base.openTime,
      type: 'binary',
      horizonMs: DAY,
      profit: 0.02,
      stop: 0.01,
      latencyBars: 0,
    })
    const balance = labelBalance(labels)
    expect(balance.classes).toEqual([0, 1])
    expect(balance.total).toEqual({ classes: [1, 3], neither: 1, unknown: 1 })
    expect(balance.months).toEqual([
      { month: '2024-01', counts: { classes: [1, 1], neither: 1, unknown: 0 } },
      { month: '2024-02', counts: { classes: [0, 2], neither: 0, unknown: 1 } },
    ])
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

describe('barrier distances', () => {
  const settings = { profit: 0.02, stop: 0.01, atrMultiple: 1.5 }

  it('are the settings when fixed', () => {
    const { profit, stop } = barrierDistances({ ...settings, barrier: 'fixed' }, 2, null)
    expect([...profit, ...stop]).toEqual([0.02, 0.02, 0.01, 0.01])
  })

  it('follow the range and keep the ratio of profit to stop', () => {
    const range = { atr: Float64Array.of(2, Number.NaN), close: Float64Array.of(100, 100) }
    const { profit, stop } = barrierDistances({ ...settings, barrier: 'atr' }, 2, range)
    expect([...stop]).toEqual([0.03, Number.NaN]) // 1.5 × 2 ÷ 100
    expect([...profit]).toEqual([0.06, Number.NaN]) // 0.02 ÷ 0.01 = 2 times as far
  })
})
