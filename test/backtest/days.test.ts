/**
 * A traded account by day: sums that add up, and a drawdown that can be made again from days in any order.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayRecords } from '../../src/backtest/day-records.js'
import { dailyEquity, dayShapes, drawdownOf, drawdowns } from '../../src/backtest/periods.js'
import type { Traded } from '../../src/backtest/trade-predictions.js'
import { DAY, HOUR } from '../../src/core/time.js'

const times = (hours: number, step: number) => Float64Array.from({ length: hours / step }, (_, i) => i * step * HOUR)

describe('the shape of days', () => {
  it('is what two days give by hand', () => {
    // From 100: day one 100, 120, 90, 110; day two 99, 121, 55, 132.
    const equity = Float64Array.of(100, 120, 90, 110, 99, 121, 55, 132)
    const shapes = dayShapes(times(48, 6), equity, 100)
    expect([...shapes.end]).toEqual([1.1, 1.2])
    expect([...shapes.high]).toEqual([1.2, 1.2]) // 120/100, 132/110
    expect([...shapes.low]).toEqual([0.9, 0.5]) // 90/100, 55/110
    expect([...shapes.drop].map((x) => x.toFixed(6))).toEqual(['0.250000', '0.545455']) // 1 − 90/120, 1 − 55/121
    // The second day first: down to 50 of 100, back to 120; then 108 … 144, 108, 132: the deepest is 1 − 55/121 inside the second.
    expect(drawdownOf(shapes, Int32Array.of(1, 0))).toBeCloseTo(1 - 55 / 121, 12)
    // The first day twice: 110 → 99 is 1 − 99/132 = 0.25 from the new peak 132.
    expect(drawdownOf(shapes, Int32Array.of(0, 0))).toBeCloseTo(0.25, 12)
  })

  it('makes the drawdown of bars again, and that of any days put together', () => {
    const step = fc.double({ min: 0.7, max: 1.4, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (days, stream) => {
          const factors = days.flat()
          let value = 1000
          const equity = Float64Array.from(factors, (factor) => (value *= factor))
          const shapes = dayShapes(times(days.length * 24, 6), equity, 1000)
          const order = Int32Array.from({ length: days.length }, () => Number(stream.next().value) % days.length)
          for (const some of [Int32Array.from(days.keys()), order]) {
            let again = 1000
            const joined = Float64Array.from(
              [...some].flatMap((d) => days[d]),
              (factor) => (again *= factor),
            )
            expect(drawdownOf(shapes, some)).toBeCloseTo(Math.max(...drawdowns(joined, 1000)), 9)
          }
        },
      ),
    )
  })
})

describe('day records', () => {
  it('put signals on the day of the decision and trades on the day they end', () => {
    const openTime = times(72, 6)
    const equity = Float64Array.from({ length: 12 }, (_, i) => 100 + i)
    const rows = {
      ...{ rows: 5, profit: new Float64Array(5), stop: new Float64Array(5) },
      t0: Float64Array.of(6, 12, 30, 36, 54).map((hour) => hour * HOUR),
      side: Float64Array.of(1, 1, -1, 0, 1),
      confidence: Float64Array.of(0.7, 0.3, 0.6, 0.9, 0.6),
      threshold: Float64Array.of(0.5, 0.5, 0.6, 0.5, 0.5),
      usable: Float64Array.of(1, 1, 1, 1, 0), // the last has no known outcome
    }
    const trades = { rows: 3, exit_time: Float64Array.of(DAY, DAY + 1, 2 * DAY), net_pnl: Float64Array.of(5, -2, 0) }
    const traded = {
      inputs: { base: { openTime } },
      result: { trades, equity, initialEquity: 100 },
    } as unknown as Traded
    const records = dayRecords(rows, Uint8Array.of(1, 1, 0, 1, 1), traded)
    const { returns } = dailyEquity(openTime, equity, 100)
    // A trade that ends at midnight belongs to the day that ends there; one without a gain is a loss of 0.
    expect(records).toEqual([
      { day: 0, return: returns[0], signals: 1, won: 1, trades: 1, gains: 5, losses: 0 },
      { day: DAY, return: returns[1], signals: 1, won: 0, trades: 2, gains: 0, losses: 2 },
      { day: 2 * DAY, return: returns[2], signals: 0, won: 0, trades: 0, gains: 0, losses: 0 },
    ])
  })
})
