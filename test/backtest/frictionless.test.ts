import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import type { TradeDecisions } from '../../src/backtest/types.js'
import { MINUTE } from '../../src/core/time.js'
import type { Bars } from '../../src/market/bars.js'
import { randomBars } from '../labels/make-bars.js'
import { FREE, randomDecisions } from './settings.js'

const RISK = 0.01

/**
 * The strategy written out from the contracts and nothing else: one position at a time; in at the open of the first bar at or after
 * the decision and its latency; a stop loses RISK of the equity, within leverage 1; inside a bar the stop comes first, at the
 * open of a bar that opens beyond it; a profit is never better than its barrier, as for the labels; after the horizon, out at the close of the last bar within it.
 *
 * @returns  equity after each trade
 */
function byHand(bars: Bars, { side, stop, profit, horizonMs }: TradeDecisions, latency: number): number[] {
  const horizon = horizonMs / MINUTE
  const result: number[] = []
  let equity = FREE.equity
  let free = 0 // first bar at whose open a decision is heard again
  for (let i = 0; i + horizon <= bars.rows; i++) {
    if (side[i] === 0 || i < free) continue
    const entry = bars.open[i + latency]
    const quantity = Math.min((RISK * equity) / (stop[i] * entry), equity / entry)
    const lose = entry * (1 - side[i] * stop[i])
    const win = entry * (1 + side[i] * profit[i])
    let exit = Number.NaN
    let bar = i + latency
    for (; Number.isNaN(exit); bar++) {
      const beyond = (price: number, barrier: number, up: boolean) => (up ? price >= barrier : price <= barrier)
      const [worst, best] = side[i] > 0 ? [bars.low[bar], bars.high[bar]] : [bars.high[bar], bars.low[bar]]
      if (beyond(worst, lose, side[i] < 0)) exit = beyond(bars.open[bar], lose, side[i] < 0) ? bars.open[bar] : lose
      else if (beyond(best, win, side[i] > 0)) exit = win
      else if (bar + 1 === i + horizon) exit = bars.close[bar]
    }
    equity += side[i] * quantity * (exit - entry)
    result.push(equity)
    free = bar
  }
  return result
}

it('is what the contracts say, written out by hand, where trading is free', () => {
  let trades = 0
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(0.01, 0.1, 1),
      fc.integer({ min: 0, max: 3 }),
      (seed, probability, latency) => {
        const base = randomBars({ rows: 800, seed })
        const all = randomDecisions(base, seed, probability)
        // What the end of the data cuts off has no outcome.
        const side = all.side.map((s, i) => (i + 30 <= base.rows ? s : 0))
        const decisions = { ...all, side }
        const settings = { ...FREE, latencyBars: latency, riskFraction: RISK, leverage: 1 }
        const result = runBacktest({ base, decisions, funding: null, markPrice: null, settings })
        const expected = byHand(base, decisions, latency)
        expect(result.trades.rows).toBe(expected.length)
        for (const [i, equity] of expected.entries()) {
          const after = result.trades.equity_before[i] + result.trades.net_pnl[i]
          expect(Math.abs(after - equity) / equity, `trade ${i}`).toBeLessThan(1e-9)
        }
        trades += expected.length
      },
    ),
    { numRuns: 60, seed: 12 },
  )
  expect(trades).toBeGreaterThan(500)
})
