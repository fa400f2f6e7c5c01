import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import type { Funding } from '../../src/market/bars.js'
import { feeOf, marketFill, roundTripCost } from '../../src/portfolio/costs.js'
import { fundingPaid, fundingSchedule, PRINT } from '../../src/portfolio/funding.js'

const costs = { makerBps: 2, takerBps: 5, slippageBps: 1 }

describe('costs', () => {
  it('fill buys above and sells below the reference', () => {
    expect(marketFill(100, 1, 1)).toBeCloseTo(100.01, 12)
    expect(marketFill(100, -1, 1)).toBeCloseTo(99.99, 12)
  })

  it('take basis points of the notional', () => {
    expect(feeOf(5000, 5)).toBeCloseTo(2.5, 12)
    expect(roundTripCost(costs)).toBeCloseTo(0.0012, 15) // 2 × (5 + 1) bp
  })
})

describe('funding', () => {
  const series = (hours: readonly number[], interval = 8): Funding => ({
    time: Float64Array.from(hours, (h) => Math.round(h * HOUR)),
    rate: Float64Array.from(hours, (h) => h / 1e6),
    intervalHours: new Float64Array(hours.length).fill(interval),
  })
  const day = { from: 0, to: 24 * HOUR }
  const list = (schedule: ReturnType<typeof fundingSchedule>) =>
    Array.from(schedule.time, (t, i) => [t / HOUR, schedule.rate[i], schedule.kind[i]])

  it('is paid by longs when positive and by shorts when negative', () => {
    expect(fundingPaid(1, 50, 100, 0.0001)).toBeCloseTo(0.5, 12)
    expect(fundingPaid(-1, 50, 100, 0.0001)).toBeCloseTo(-0.5, 12)
    expect(fundingPaid(-1, 50, 100, -0.0001)).toBeCloseTo(0.5, 12)
  })

  it('schedules exactly the prints recorded in the span', () => {
    expect(list(fundingSchedule(series([0, 8, 16, 24]), day, 'exclude'))).toEqual([
      [0, 0, PRINT.known],
      [8, 8e-6, PRINT.known],
      [16, 16e-6, PRINT.known],
    ])
  })

  it('names a hole inside the series whatever the policy', () => {
    for (const missing of ['exclude', 'fail', 'assume:0.0001'] as const) {
      expect(list(fundingSchedule(series([0, 16]), day, missing))).toEqual([
        [0, 0, PRINT.known],
        [8, Number.NaN, PRINT.hole],
        [16, 16e-6, PRINT.known],
      ])
    }
  })

  it('sees a hole at the edge of the span when the series goes on beyond it', () => {
    expect(list(fundingSchedule(series([-8, 8, 16]), day, 'exclude'))[0]).toEqual([0, Number.NaN, PRINT.hole])
  })

  it('accepts a change of interval and a print that is a minute late', () => {
    const changed: Funding = { ...series([0, 4, 12, 20]), intervalHours: Float64Array.of(4, 4, 8, 8) }
    expect(fundingSchedule(changed, day, 'exclude').kind.every((kind) => kind === PRINT.known)).toBe(true)
    const late = series([0, 8 + 1 / 60, 16])
    expect(fundingSchedule(late, day, 'exclude').kind.every((kind) => kind === PRINT.known)).toBe(true)
    expect(fundingSchedule(series([0, 8 + 2 / 60, 16]), day, 'exclude').kind).toContain(PRINT.hole)
  })

  it('lets the policy decide before the first and after the last print', () => {
    expect(list(fundingSchedule(series([8]), day, 'exclude'))).toEqual([
      [0, 0, PRINT.excluded],
      [8, 8e-6, PRINT.known],
      [16, 0, PRINT.excluded],
    ])
    expect(list(fundingSchedule(series([8]), day, 'assume:0.0002'))[0]).toEqual([0, 0.0002, PRINT.assumed])
    expect(list(fundingSchedule(series([8]), day, 'fail'))[0]).toEqual([0, Number.NaN, PRINT.hole])
  })

  it('lets the policy decide when nothing was recorded', () => {
    expect(list(fundingSchedule(null, day, 'assume:0.0001'))).toEqual(
      [0, 8, 16].map((hour) => [hour, 0.0001, PRINT.assumed]),
    )
    expect(fundingSchedule(null, day, 'exclude').absent).toBe(true)
    expect(fundingSchedule(series([100]), day, 'exclude').absent).toBe(true)
    expect(() => fundingSchedule(null, day, 'fail')).toThrow(/no funding from 1970-01-01 00:00 UTC to 1970-01-02 00:00/)
  })

  it('is in order of time and inside the span for any series', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -40, max: 60 }), { maxLength: 12 }), (hours) => {
        const { time } = fundingSchedule(series(hours.sort((a, b) => a - b)), day, 'exclude')
        time.forEach((t, i) => {
          expect(t).toBeGreaterThanOrEqual(i === 0 ? day.from : time[i - 1])
          expect(t).toBeLessThan(day.to)
        })
      }),
      { numRuns: 100, seed: 3 },
    )
  })
})
