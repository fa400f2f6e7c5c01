import { describe, expect, it } from 'vitest'
import { rollingMetrics } from '../../src/backtest/rolling.js'
import { DAY } from '../../src/core/time.js'

describe('metrics of a window of days', () => {
  const returns = Float64Array.of(0.01, -0.01, 0.02, 0, 0.03)
  const day = Float64Array.from(returns, (_, i) => i * DAY)
  const hold = Float64Array.of(0.02, -0.02, 0.04, 0, 0.06)
  // One trade ends at the very midnight after day 1, one inside day 3, one inside day 4.
  const trades = {
    rows: 3,
    exit_time: Float64Array.of(2 * DAY, 3 * DAY + 5, 4 * DAY + 5),
    net_pnl: Float64Array.of(5, -1, 2),
  }
  const own = rollingMetrics({ day, equity: day, returns }, hold, trades, 3)

  it('are there once the window is full', () => {
    expect([...own.sharpe].map(Number.isNaN)).toEqual([true, true, false, false, false])
  })

  it('are what they are by hand', () => {
    // Days 0 … 2: mean 0.02 ÷ 3, deviations ±: squares 0.0000111 + 0.0002778 + 0.0001778 = 0.00046667, ÷ 2.
    const deviation = Math.sqrt(0.00046666666 / 2)
    expect(own.sharpe[2]).toBeCloseTo((0.02 / 3 / deviation) * Math.sqrt(365), 5)
    expect(own.volatility[2]).toBeCloseTo(deviation * Math.sqrt(365), 8)
    expect([...own.beta.subarray(2)]).toEqual([0.5, 0.5, 0.5].map((x) => expect.closeTo(x, 12)))
    expect([own.winRate[2], own.winRate[3], own.winRate[4]]).toEqual([1, 0.5, 0.5])
  })

  it('are not known where nothing moved, nothing ended, or nothing is there to compare with', () => {
    const still = rollingMetrics({ day, equity: day, returns: new Float64Array(5) }, null, { ...trades, rows: 0 }, 3)
    expect([still.sharpe[4], still.beta[4], still.winRate[4]].every(Number.isNaN)).toBe(true)
    expect(still.volatility[4]).toBe(0)
  })
})
