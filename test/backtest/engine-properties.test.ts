import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import { EXIT_REASONS } from '../../src/backtest/types.js'
import { MINUTE } from '../../src/core/time.js'
import { label } from '../../src/labels/label.js'
import { randomBars } from '../labels/make-bars.js'
import { FREE, flatMark, hourlyFunding, randomDecisions } from './settings.js'

const sum = (x: Float64Array) => x.reduce((total, value) => total + value, 0)
const market = fc.record({
  seed: fc.integer(),
  holes: fc.constantFrom(0, 0.002, 0.03),
  probability: fc.constantFrom(0.005, 0.05, 1),
})
const costs = fc.record({
  makerBps: fc.double({ min: 0, max: 20, noNaN: true }),
  takerBps: fc.double({ min: 0, max: 20, noNaN: true }),
  slippageBps: fc.double({ min: 0, max: 20, noNaN: true }),
})

describe('the engine', () => {
  it('conserves money: Δequity = gross − fees − slippage − funding', () => {
    let trades = 0
    fc.assert(
      fc.property(market, costs, fc.constantFrom(1, 3), fc.boolean(), (m, cost, leverage, marked) => {
        const base = randomBars({ rows: 600, ...m })
        const result = runBacktest({
          base,
          decisions: randomDecisions(base, m.seed, m.probability),
          funding: hourlyFunding(base, m.seed),
          markPrice: marked ? flatMark(base.open) : null,
          settings: { ...FREE, ...cost, leverage, riskFraction: 0.02 },
        })
        const t = result.trades
        trades += t.rows
        const booked = sum(t.gross_pnl) - sum(t.fees) - sum(t.slippage_cost) - sum(t.funding)
        expect(Math.abs(result.finalEquity - result.initialEquity - booked) / result.initialEquity).toBeLessThan(1e-9)
        expect(result.equity[base.rows - 1]).toBe(result.finalEquity)
        for (let i = 0; i < t.rows; i++) {
          const after = i + 1 < t.rows ? t.equity_before[i + 1] : result.finalEquity
          expect(Math.abs(after - t.equity_before[i] - t.net_pnl[i])).toBeLessThan(1e-9 * result.initialEquity)
          expect(t.mae[i]).toBeLessThanOrEqual(0)
          expect(t.mfe[i]).toBeGreaterThanOrEqual(0)
          if (i > 0) expect(t.decision_time[i]).toBeGreaterThanOrEqual(t.exit_time[i - 1])
        }
        expect(result.equity.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 80, seed: 4 },
    )
    expect(trades).toBeGreaterThan(500)
  })

  it('earns less with costs than without, in every trade', () => {
    fc.assert(
      fc.property(market, costs, (m, cost) => {
        const base = randomBars({ rows: 600, ...m })
        const shared = { base, decisions: randomDecisions(base, m.seed, m.probability), funding: null, markPrice: null }
        const free = runBacktest({ ...shared, settings: FREE })
        const costly = runBacktest({ ...shared, settings: { ...FREE, ...cost } })
        expect([...costly.trades.decision_row]).toEqual([...free.trades.decision_row])
        costly.trades.return_on_equity.forEach((value, i) => {
          expect(value).toBeLessThanOrEqual(free.trades.return_on_equity[i] + 1e-12)
        })
        expect(costly.finalEquity).toBeLessThanOrEqual(free.finalEquity + 1e-6)
      }),
      { numRuns: 60, seed: 5 },
    )
  })

  it('agrees with the labels on every trade when trading is free', () => {
    let compared = 0
    fc.assert(
      fc.property(market, fc.integer({ min: 0, max: 3 }), (m, latencyBars) => {
        const base = randomBars({ rows: 800, ...m })
        const decisions = randomDecisions(base, m.seed, m.probability, 60)
        const { trades } = runBacktest({
          base,
          decisions,
          funding: null,
          markPrice: null,
          settings: { ...FREE, latencyBars },
        })
        const shared = {
          base,
          availableTime: decisions.time,
          horizonMs: 60 * MINUTE,
          profit: 0.02,
          stop: 0.01,
          latencyBars,
        }
        const ternary = label({ ...shared, type: 'ternary' })
        const binary = label({ ...shared, type: 'binary' })
        for (let i = 0; i < trades.rows; i++) {
          const row = trades.decision_row[i]
          const side = trades.side[i]
          const reason = EXIT_REASONS[trades.exit_reason[i]]
          if (side > 0 && !Number.isNaN(binary.t1[row])) {
            expect(trades.exit_time[i]).toBe(binary.t1[row])
            expect(trades.gross_pnl[i] / (trades.quantity[i] * trades.entry_reference[i])).toBeCloseTo(
              binary.longReturn[row],
              12,
            )
            expect(reason).toBe(binary.label[row] === 1 ? 'profit' : binary.label[row] === 0 ? 'stop' : 'time')
            compared++
          }
          if (Number.isNaN(ternary.t1[row])) continue
          expect(trades.entry_reference[i]).toBe(ternary.entryPrice[row])
          expect(reason === 'profit', `row ${row}, side ${side}`).toBe(ternary.label[row] === side)
          if (ternary.label[row] === side) expect(trades.exit_time[i]).toBe(ternary.t1[row])
          compared++
        }
      }),
      { numRuns: 60, seed: 6 },
    )
    expect(compared).toBeGreaterThan(1000)
  })

  it('does not see the future: what it did before a cut does not depend on the bars after it', () => {
    const base = randomBars({ rows: 1000, seed: 8, holes: 0.003 })
    const other = randomBars({ rows: 1000, seed: 9 })
    const decisions = randomDecisions(base, 8, 0.05)
    const whole = runBacktest({ base, decisions, funding: null, markPrice: null, settings: FREE, events: true })
    for (const cut of [100, 333, 777]) {
      const spliced = { ...base }
      for (const column of ['open', 'high', 'low', 'close'] as const) {
        spliced[column] = base[column].slice()
        spliced[column].set(other[column].subarray(cut), cut)
      }
      const result = runBacktest({
        base: spliced,
        decisions,
        funding: null,
        markPrice: null,
        settings: FREE,
        events: true,
      })
      expect(result.equity.subarray(0, cut)).toEqual(whole.equity.subarray(0, cut))
      const earlier = (run: typeof whole) => run.events.filter((event) => event.time < base.openTime[cut])
      expect(earlier(result)).toEqual(earlier(whole))
    }
  })
})
