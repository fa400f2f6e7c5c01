import { describe, expect, it } from 'vitest'
import { runAccount } from '../../src/backtest/engine.js'
import { computeMetrics, metricContext } from '../../src/backtest/metrics.js'
import { together } from '../../src/backtest/together.js'
import { MINUTE } from '../../src/core/time.js'
import { randomBars } from '../labels/make-bars.js'
import { DEFAULTS, randomDecisions } from './settings.js'

describe('several instruments as one backtest', () => {
  const list = [31, 32, 33].map((seed) => {
    const base = randomBars({ rows: 3000, seed })
    return { base, decisions: randomDecisions(base, seed, 0.02), funding: null, markPrice: null }
  })
  const result = runAccount(list, { ...DEFAULTS, riskFraction: 0.002 })
  const one = together(result)

  it('has every trade once, in the order in which they ended', () => {
    expect(one.trades.rows).toBe(result.instruments.reduce((sum, { trades }) => sum + trades.rows, 0))
    expect([...new Set(one.instrument)].sort()).toEqual([0, 1, 2])
    for (let i = 1; i < one.trades.rows; i++)
      expect(one.trades.exit_time[i]).toBeGreaterThanOrEqual(one.trades.exit_time[i - 1])
    for (const [i, { trades }] of result.instruments.entries()) {
      const own = [...one.trades.net_pnl].filter((_, row) => one.instrument[row] === i)
      expect(own.sort()).toEqual([...trades.net_pnl].sort())
    }
  })

  it('earns what its trades earn, and has the metrics of an account', () => {
    const net = one.trades.net_pnl.reduce((sum, pnl) => sum + pnl, 0)
    expect(one.finalEquity).toBeCloseTo(10_000 + net, 6)
    const metrics = computeMetrics(metricContext(one, result.openTime, MINUTE), 1)
    expect(metrics.trades.value).toBe(one.trades.rows)
    expect(metrics.total_return.value).toBeCloseTo(net / 10_000, 9)
  })
})
