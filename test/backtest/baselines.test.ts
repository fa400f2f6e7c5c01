import { describe, expect, it } from 'vitest'
import { buyAndHold } from '../../src/backtest/buy-and-hold.js'
import { runBacktest } from '../../src/backtest/engine.js'
import { besideRandom, randomEntries, randomRuns } from '../../src/backtest/random-entries.js'
import type { BacktestInputs } from '../../src/backtest/types.js'
import { MINUTE } from '../../src/core/time.js'
import { label } from '../../src/labels/label.js'
import { barsOf, type Row, randomBars, START } from '../labels/make-bars.js'
import { DEFAULTS, decide, FREE, hourlyFunding, randomDecisions } from './settings.js'

const flat: Row = [100, 100, 100, 100]

function held(inputs: Partial<BacktestInputs> & Pick<BacktestInputs, 'base'>) {
  const result = buyAndHold({
    decisions: decide(START, [[0, 0]]),
    funding: null,
    markPrice: null,
    settings: DEFAULTS,
    ...inputs,
  })
  if ('unavailable' in result) throw new Error(result.unavailable)
  return result
}

describe('buy and hold', () => {
  it('buys once with everything, pays both fees and slippage, and holds to the last close', () => {
    const result = held({ base: barsOf([flat, flat, null, [100, 112, 95, 110]]) })
    // Bought at 100.01 with a fee of 5 bp of it: 10,000 / (100.01 × 1.0005). Sold at 110 × 0.9999 less 5 bp.
    const quantity = 10_000 / (100.01 * 1.0005)
    expect(result.trades.quantity[0]).toBeCloseTo(quantity, 9)
    expect(result.finalEquity).toBeCloseTo(quantity * 110 * 0.9999 * 0.9995, 7)
    expect(result.equity[0]).toBe(10_000)
    expect(result.equity[1]).toBeCloseTo(quantity * 100, 8)
    expect(result.equity[2]).toBeCloseTo(quantity * 100, 8) // carried through the hole
    expect(result.equity[3]).toBeCloseTo(result.finalEquity, 9)
    expect([result.trades.mae[0], result.trades.mfe[0]].map((x) => Math.round(x * 100))).toEqual([-5, 12])
    expect(result.withoutFunding).toBe(true)
  })

  it('pays funding as an engine position does', () => {
    const base = randomBars({ rows: 400, seed: 3, volatility: 0.0001 })
    const funding = hourlyFunding(base, 3)
    const settings = { ...FREE, riskFraction: 1, latencyBars: 0 } // entered at a print, which is not paid
    // Barriers far away: the engine's position lives from bar 0 to the end, as the baseline's does.
    const decisions = { ...decide(START, [[0, 1]], 400), stop: Float64Array.of(0.5), profit: Float64Array.of(0.9) }
    const strategy = runBacktest({ base, decisions, funding, markPrice: null, settings })
    const result = held({ base, decisions, funding, settings })
    expect(result.trades.funding[0]).not.toBe(0)
    expect(result.trades.funding[0]).toBeCloseTo(strategy.trades.funding[0], 9)
    for (let i = 0; i < base.rows; i++) expect(result.equity[i]).toBeCloseTo(strategy.equity[i], 8)
  })

  it('pays slippage by the model of the strategy, from the first bar for which the day before is known', () => {
    const base = randomBars({ rows: 3000, seed: 4 })
    const decisions = decide(
      START,
      Array.from({ length: 2900 }, (_, minute) => [minute, 0] as [number, number]),
    )
    const spread = held({ base, decisions, settings: { ...FREE, slippage: 'spread', slippageBps: 1, spreadBps: 4 } })
    expect(spread.trades.entry_price[0]).toBeCloseTo(spread.trades.entry_reference[0] * 1.0003, 9)
    const settings = { ...FREE, slippage: 'volatility', slippageBps: 0, volatilityShare: 0.5 } as const
    const { trades } = held({ base, decisions, settings })
    const entry = (trades.entry_time[0] - START) / MINUTE
    expect(entry).toBe(721) // half of a day of returns is known, and the first bar has none
    let squares = 0
    for (let bar = 1; bar < 721; bar++) squares += Math.log(base.close[bar] / base.close[bar - 1]) ** 2
    const lost = trades.entry_price[0] / trades.entry_reference[0] - 1
    expect(lost).toBeCloseTo(0.5 * Math.sqrt(squares / 720), 9)
    expect(trades.slippage_cost[0]).toBeGreaterThan(0)
  })

  it('says why there is none', () => {
    const inputs = { decisions: decide(START, [[0, 0]]), funding: null, markPrice: null, settings: DEFAULTS }
    expect(buyAndHold({ ...inputs, base: barsOf([flat, null]) })).toEqual({ unavailable: 'no bar can be entered' })
    const settings = { ...DEFAULTS, missingFunding: 'fail' as const }
    expect(buyAndHold({ ...inputs, settings, base: barsOf([flat, flat]) })).toHaveProperty('unavailable')
  })
})

describe('random entries', () => {
  const base = randomBars({ rows: 6000, seed: 21, holes: 0.0005 })
  const shared = { base, funding: null, markPrice: null, settings: DEFAULTS }
  const decisions = randomDecisions(base, 21, 0.004, 60)
  const inputs = { ...shared, decisions }
  const strategy = runBacktest(inputs)
  const random = randomEntries(inputs, strategy, { runs: 40, seed: 42 })

  it('make as many trades as the strategy', () => {
    expect(strategy.trades.rows).toBeGreaterThan(15)
    expect(random.tradesPerRun).toBe(strategy.trades.rows)
  })

  it.each([
    { order: 'limit' as const, limitBps: 20 },
    { volumeShare: 0.05 },
    { trailing: 0.005 },
    {
      takeProfits: [
        { share: 0.5, profit: 0.001 },
        { share: 0.5, profit: 0.01 },
      ],
    },
  ])('stand beside a strategy of other orders and exits, of which not all are filled: %o', (rules) => {
    const volume = new Float64Array(base.rows).fill(100)
    const other = { ...inputs, base: { ...base, volume }, settings: { ...DEFAULTS, ...rules } }
    const found = randomEntries(other, runBacktest(other), { runs: 10, seed: 1 })
    expect(found.tradesPerRun).toBeGreaterThan(0)
    expect(found.tradesPerRun).toBeLessThanOrEqual(strategy.trades.rows)
  })

  it('are the same for the same seed and others for another', () => {
    expect(randomEntries(inputs, strategy, { runs: 40, seed: 42 })).toEqual(random)
    expect(randomEntries(inputs, strategy, { runs: 40, seed: 43 }).values.total_return).not.toEqual(
      random.values.total_return,
    )
  })

  it('are the same where their runs are done apart', () => {
    const seed = 42
    const apart = [
      randomRuns(inputs, strategy, { from: 0, to: 13, seed }),
      randomRuns(inputs, strategy, { from: 13, to: 40, seed }),
    ]
    expect(besideRandom(inputs, strategy, apart)).toEqual(random)
  })

  it('leave a strategy that knows the future far behind', () => {
    const known = label({
      base,
      availableTime: decisions.time,
      type: 'ternary',
      horizonMs: 60 * MINUTE,
      profit: 0.02,
      stop: 0.01,
      latencyBars: 1,
    })
    const oracle = {
      ...decisions,
      side: Int8Array.from(known.label, (x, i) => (i % 97 === 0 && !Number.isNaN(x) ? x : 0)),
    }
    const best = runBacktest({ ...shared, decisions: oracle })
    expect(best.trades.rows).toBeGreaterThan(10)
    const { metrics } = randomEntries({ ...shared, decisions: oracle }, best, { runs: 40, seed: 1 })
    expect(metrics.total_return).toHaveProperty('percentile', 1)
    expect(metrics.win_rate).toHaveProperty('percentile', 1)
    expect(metrics.max_drawdown).toHaveProperty('percentile', 1)
    // Every trade of the oracle wins, so it has no profit factor to compare.
    expect(metrics.profit_factor).toEqual({ strategy: null, reason: 'no losing trade' })
  })

  it('rank a strategy that knows nothing evenly', () => {
    // The percentile of a random strategy among random entries is uniform: of 30, the mean lies near 0.5 (sd 0.053).
    let sum = 0
    for (let seed = 0; seed < 30; seed++) {
      const mine = { ...shared, decisions: randomDecisions(base, 100 + seed, 0.004, 60) }
      const { metrics } = randomEntries(mine, runBacktest(mine), { runs: 20, seed })
      sum += metrics.total_return.strategy === null ? Number.NaN : metrics.total_return.percentile
    }
    expect(sum / 30).toBeGreaterThan(0.34)
    expect(sum / 30).toBeLessThan(0.66)
  })

  it('place what fits when the strategy is always in the market, and say how many', () => {
    const busy = { ...shared, decisions: randomDecisions(base, 5, 1, 60) }
    const result = runBacktest(busy)
    const { tradesPerRun } = randomEntries(busy, result, { runs: 3, seed: 1 })
    expect(tradesPerRun).toBeGreaterThan(0.5 * result.trades.rows)
    expect(tradesPerRun).toBeLessThanOrEqual(result.trades.rows)
  })
})
