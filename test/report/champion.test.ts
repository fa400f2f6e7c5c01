import { describe, expect, it } from 'vitest'
import { DAY } from '../../src/core/time.js'
import { championBaseline } from '../../src/report/champion.js'
import { isUnavailable } from '../../src/report/input.js'
import type { DayRecord } from '../../src/validation/paired.js'

const START = Date.UTC(2024, 0, 1)
const record = (i: number, change: number, rest: Partial<DayRecord> = {}): DayRecord => ({
  day: START + i * DAY,
  return: change,
  ...{ signals: 2, won: 1, trades: 1, gains: 10, losses: 5 },
  ...rest,
})
const champion = (days: readonly DayRecord[]) => ({ model: 'lightgbm', version: '1.0.0', days })
const settings = { initialEquity: 1000, seed: 1 }

describe('the previous champion', () => {
  it('is put beside the strategy on the days that both have, and on no other', () => {
    // By hand. Common days 1 and 2. Strategy: 1.1 · 0.9 − 1 = −1 %, drawdown 0.1; champion: 1.02 · 1.03 − 1 = 5.06 %, no drawdown.
    const own = [record(0, 0.5), record(1, 0.1), record(2, -0.1, { won: 2 })]
    const found = championBaseline(own, champion([record(1, 0.02), record(2, 0.03), record(9, 0.9)]), settings)
    if (isUnavailable(found)) throw new Error(found.unavailable)
    const value = (rows: typeof found.metrics, key: string) => rows.find((row) => row.key === key)?.value
    expect(found.days).toBe(2)
    expect(value(found.strategy, 'total_return')).toBeCloseTo(-0.01, 12)
    expect(value(found.strategy, 'max_drawdown')).toBeCloseTo(0.1, 12)
    expect(value(found.strategy, 'precision')).toBe(3 / 4)
    expect(value(found.metrics, 'total_return')).toBeCloseTo(0.0506, 12)
    expect(value(found.metrics, 'max_drawdown')).toBe(0)
    expect(value(found.metrics, 'profit_factor')).toBe(2)
    // Mean 2.5 %, sample deviation 0.5 % · √2, × √365.
    expect(value(found.metrics, 'sharpe')).toBeCloseTo((0.025 / (0.005 * Math.SQRT2)) * Math.sqrt(365), 9)
    expect([...found.equity]).toEqual([1020, 1020 * 1.03])
    expect([...found.time]).toEqual([START + 2 * DAY, START + 3 * DAY])
    expect(found.difference).toMatchObject({ value: null, reason: '2 common days are fewer than 20' })
    expect(found.chance).toBeNull()
  })

  it('says how often chance makes such a difference', () => {
    const own = Array.from({ length: 60 }, (_, i) => record(i, 0.01 + 0.001 * Math.sin(i)))
    const theirs = own.map((day) => ({ ...day, return: day.return - 0.01 }))
    const found = championBaseline(own, champion(theirs), settings)
    if (isUnavailable(found)) throw new Error(found.unavailable)
    expect(found.difference.value).toBeCloseTo(0.01, 12)
    expect(found.chance).toBeLessThan(0.01)
  })

  it('is none, with a reason, where no day is common', () => {
    expect(championBaseline([record(0, 0.1)], champion([record(1, 0.1)]), settings)).toEqual({
      unavailable: 'lightgbm 1.0.0 was not out of sample on any of these days',
    })
  })
})
