/** Orders as an exchange carries them out: limits, ticks, impact, terms of each pair, and what flat means on a spot market. */
import { describe, expect, it } from 'vitest'
import { checkAccount } from '../../src/backtest/check.js'
import { runAccount, runBacktest } from '../../src/backtest/engine.js'
import { type BacktestInputs, type BacktestSettings, EXIT_REASONS } from '../../src/backtest/types.js'
import { DAY, HOUR, MINUTE } from '../../src/core/time.js'
import { barsOf, type Row, START } from '../labels/make-bars.js'
import { decide, FREE } from './settings.js'

const COSTS = { makerBps: 2, takerBps: 5, slippageBps: 10 } as const
const at = (minutes: number) => START + minutes * MINUTE
const still = (price: number, rows: number): Row[] => new Array<Row>(rows).fill([price, price, price, price])

function run(
  rows: readonly Row[],
  sides: readonly (readonly [number, number])[],
  rules: Partial<BacktestSettings> = {},
  change: Partial<BacktestInputs> = {},
) {
  const base = change.base ?? barsOf(rows)
  const inputs = { decisions: decide(START, sides, 30), funding: null, markPrice: null, events: true, ...change, base }
  const result = runBacktest({ ...inputs, settings: { ...FREE, ...rules } })
  checkAccount({ ...result, instruments: [result], openTime: base.openTime })
  return result
}

const entriesOf = ({ events }: ReturnType<typeof run>) =>
  events.flatMap((event) => (event.type === 'entry' ? [event] : []))

describe('a limit order', () => {
  // Last close 50, 1 % better: 49.5 to buy, 50.5 to sell.
  const rules = { order: 'limit', limitBps: 100, orderBars: 4, latencyBars: 0, ...COSTS } as const

  it('that rested is filled at its price, as a maker, also by a market that jumps over it', () => {
    const { trades, events } = run([...still(50, 3), ...still(47, 40)], [[2, 1]], rules)
    const [entry] = events.filter((event) => event.type === 'entry')
    expect([entry.time, trades.entry_price[0]]).toEqual([at(3), 49.5])
    expect(entry).toMatchObject({ fee: expect.closeTo(trades.quantity[0] * 49.5 * 0.0002, 12) })
    // The stop of 1 % was jumped over with it: worse than a fill at the open.
    expect([EXIT_REASONS[trades.exit_reason[0]], trades.exit_reference[0]]).toEqual(['stop', 47])
    const short = run([...still(50, 3), ...still(53, 40)], [[2, -1]], rules)
    expect(short.trades.entry_price[0]).toBe(50.5)
  })

  it('that meets the market when it arrives takes what is offered, and nothing beyond its price', () => {
    // The open of 49.48 with 10 bp of slippage is 49.52948: no further than 49.5. At 49 it is 49.049.
    for (const [open, price] of [
      [49.48, 49.5],
      [49, 49 * 1.001],
    ]) {
      const [entry] = entriesOf(run([...still(50, 2), ...still(open, 40)], [[2, 1]], rules))
      expect(entry.price).toBeCloseTo(price, 12)
      expect(entry.fee).toBeCloseTo(entry.quantity * entry.price * 0.0005, 12)
    }
    const [short] = entriesOf(run([...still(50, 2), ...still(50.51, 40)], [[2, -1]], rules))
    expect(short.price).toBe(50.5)
  })

  it('without a last close to set it from is refused, and no market order', () => {
    const { trades, skipped } = run([...still(50, 1), null, ...still(60, 40)], [[2, 1]], rules)
    expect([trades.rows, skipped.notKnown]).toEqual([0, 1])
    const first = run(still(50, 40), [[0, 1]], rules) // no bar has closed yet
    expect([first.trades.rows, first.skipped.notKnown]).toEqual([0, 1])
  })

  it('takes what is there when it arrives, and rests with what is left of it', () => {
    const rows: Row[] = [...still(50, 2), [49, 49.6, 49, 49.6], [49.6, 49.7, 49.4, 49.6], ...still(49.6, 40)]
    const base = { ...barsOf(rows), volume: new Float64Array(rows.length).fill(500) }
    const filled = entriesOf(run(rows, [[2, 1]], { ...rules, volumeShare: 0.1, riskFraction: 0.004 }, { base }))
    // 40 ÷ 0.49 = 81.6 units: 50 at the open of 49, the rest a bar later at 49.5.
    expect(filled.map(({ price, quantity }) => [price, quantity])).toEqual([
      [expect.closeTo(49.049, 9), 50],
      [49.5, expect.closeTo(40 / 0.49 - 50, 9)],
    ])
  })
})

describe('ticks', () => {
  const rules = { latencyBars: 0, tickSize: 0.25 } as const
  const decisions = (side: 1 | -1) => ({
    ...decide(START, [[1, side]], 30),
    stop: Float64Array.of(0.0101),
    profit: Float64Array.of(0.0101),
  })

  it('hold the stop no later and the profit no earlier than their prices', () => {
    // 40 × 1.0101 = 40.404, 40 × 0.9899 = 39.596.
    const long = run(still(40, 20), [], rules, { decisions: decisions(1) }).trades
    expect([long.stop_price[0], long.profit_price[0]]).toEqual([39.75, 40.5])
    const short = run(still(40, 20), [], rules, { decisions: decisions(-1) }).trades
    expect([short.stop_price[0], short.profit_price[0]]).toEqual([40.25, 39.5])
  })

  it('are decimals: a profit at 100.3 is had by a bar that reaches 100.3', () => {
    // 1003 × 0.1 is 100.30000000000001 in binary.
    const rows: Row[] = [...still(100, 2), [100, 100.3, 100, 100.1], ...still(100, 20)]
    const own = { ...decide(START, [[1, 1]], 30), profit: Float64Array.of(0.0025) }
    const { trades } = run(rows, [], { latencyBars: 0, tickSize: 0.1 }, { decisions: own })
    expect([EXIT_REASONS[trades.exit_reason[0]], trades.exit_price[0]]).toEqual(['profit', 100.3])
  })

  it('hold stops that trail, each of several profits, and a stop nearer than a tick', () => {
    const rows: Row[] = [...still(40, 2), [40, 41.1, 40, 41], [41, 41, 40.5, 40.5], ...still(40, 20)]
    const { trades } = run(
      rows,
      [],
      { ...rules, trailing: 0.01 },
      { decisions: { ...decisions(1), profit: Float64Array.of(0.5) } },
    )
    expect([EXIT_REASONS[trades.exit_reason[0]], trades.exit_price[0]]).toEqual(['trailing', 40.75]) // 41.1 × 0.99 = 40.689
    const near = { ...decide(START, [[1, 1]], 30), stop: Float64Array.of(0.001), profit: Float64Array.of(0.5) }
    expect(run(still(40, 20), [], rules, { decisions: near }).trades.stop_price[0]).toBe(39.75)
    const takeProfits = [
      { share: 0.5, profit: 0.011 },
      { share: 0.5, profit: 0.021 },
    ]
    const held = run(
      [...still(40, 3), [40, 45, 40, 45], ...still(45, 20)],
      [],
      { ...rules, takeProfits },
      { decisions: decisions(1) },
    )
    expect(held.events.flatMap((event) => (event.type === 'exit' ? [event.price] : []))).toEqual([40.5, 41]) // 40.44, 40.84
  })

  it('that are no small part of the price are refused', () => {
    expect(() => run(still(40, 20), [[1, 1]], { tickSize: 5 })).toThrow(/tick of 5 is more than 5 % of the price 40/)
  })
})

describe('impact', () => {
  /** A day of minutes between 80 and 80.08 with a volume of 400, then as given. */
  const day = (after: readonly (readonly [number, number])[]) => {
    const list = [...Array.from({ length: 1440 }, (_, i) => [80 * (1 + 0.001 * (i % 2)), 400] as const), ...after]
    const rows = list.map(([price]): Row => [price, price, price, price])
    return { ...barsOf(rows), volume: Float64Array.from(list, ([, volume]) => volume) }
  }
  const rules = { slippage: 'volume-share', slippageBps: 0, impact: 1, latencyBars: 0 } as const
  const decisions = { ...decide(START, [[1440, 1]], 20), stop: Float64Array.of(0.5), profit: Float64Array.of(0.9) }
  const base = day(new Array(60).fill([80, 400]))

  it('is of what is filled, not of what was wanted', () => {
    // Wanted are 20,000 ÷ 40 = 500 units and more; 10,000 buy no more than 125. A square root of 125 ÷ 400 of 0.1 %.
    const impact = Math.abs(Math.log(1.001)) * Math.sqrt(125 / 400)
    const prices = [2, 20, 200].map((riskFraction) => {
      const { trades } = run([], [], { ...rules, riskFraction }, { base, decisions })
      expect(trades.quantity[0] * trades.entry_price[0]).toBeLessThanOrEqual(10_000)
      expect(trades.quantity[0]).toBeGreaterThan(124.9)
      return trades.entry_price[0]
    })
    expect(prices[1]).toBe(prices[0])
    expect(prices[2]).toBe(prices[0])
    expect(prices[0] / 80 - 1).toBeCloseTo(impact, 6)
    // A fill of a hundredth of the bar's volume has the impact of a hundredth.
    const [first] = entriesOf(run([], [], { ...rules, riskFraction: 20, volumeShare: 0.01 }, { base, decisions }))
    expect(first.quantity).toBe(4)
    expect(first.price / 80 - 1).toBeCloseTo(Math.abs(Math.log(1.001)) * 0.1, 6)
  })

  it('has a ceiling, which is counted, and no price below 0', () => {
    // After the entry a day without any volume: the exit is as large as it can be against it.
    const rows = [...new Array(2).fill([80, 400]), ...Array.from({ length: 1500 }, (_, i) => [80 + 0.08 * (i % 2), 0])]
    const quiet = day(rows as [number, number][])
    const own = { ...decisions, horizonMs: DAY + HOUR }
    const { trades, cutSlippage } = run([], [], { ...rules, maxSlippageBps: 300 }, { base: quiet, decisions: own })
    expect(trades.exit_price[0]).toBeCloseTo(trades.exit_reference[0] * 0.97, 9)
    expect(cutSlippage).toBe(1)
    const { cutSlippage: none } = run([], [], rules, { base, decisions })
    expect(none).toBe(0)
  })
})

describe('terms of a pair', () => {
  const one = (pair: string) => ({
    pair,
    base: barsOf(still(80, 40)),
    decisions: { ...decide(START, [[1, 1]], 20), stop: Float64Array.of(0.013) },
    funding: null,
    markPrice: null,
  })

  it('stand in the place of those of the account, for that pair alone', () => {
    const settings: BacktestSettings = {
      ...FREE,
      ...{ tickSize: 0.01, riskFraction: 0.001, slippageBps: 1 },
      pairs: { ONE: { tickSize: 0.5, stepSize: 2 }, THREE: { minNotional: 1e5 } },
    }
    const { instruments } = runAccount([one('ONE'), one('TWO'), one('THREE')], settings)
    const [first, second, third] = instruments
    // 10 ÷ 1.04 = 9.6 units; 80.008 on a tick; 78.96 to the nearer tick.
    expect([first.trades.quantity[0], first.trades.entry_price[0], first.trades.stop_price[0]]).toEqual([8, 80.5, 79])
    expect([second.trades.entry_price[0], second.trades.stop_price[0]]).toEqual([80.01, 78.96])
    expect(second.trades.quantity[0]).toBeGreaterThan(9.6)
    expect(third.skipped.tooSmall).toBe(1)
  })

  it('bound its size by its own leverage, and take it away by its own tiers', () => {
    const wide = { ...FREE, riskFraction: 100, leverage: 2 }
    const fall: Row[] = [...still(80, 3), [80, 80, 50, 50], ...still(50, 10)]
    const own = { leverage: 10, marginTiers: [{ upTo: 1e9, maintenance: 0.05, leverage: 10 }] }
    const alone = (pair: string) =>
      run(
        fall,
        [[1, 1]],
        { ...wide, pairs: { ONE: own }, liquidationFeeBps: 0 },
        { pair, decisions: { ...decide(START, [[1, 1]], 20), stop: Float64Array.of(0.6) } },
      )
    const first = alone('ONE').trades
    expect(first.quantity[0] * 80).toBeCloseTo(100_000, 4)
    expect(first.exit_price[0]).toBeCloseTo((10_000 - 100_000) / (1250 * (0.05 - 1)), 6)
    expect(alone('TWO').trades.quantity[0] * 80).toBeCloseTo(20_000, 4)
    // On one account their margins add up: 10,000 at a leverage of 2 use half of it, and the other half lends ten times as much.
    const near = { ...one('ONE'), decisions: { ...decide(START, [[1, 1]], 20), stop: Float64Array.of(0.0013) } }
    const shared = { ...FREE, leverage: 2, riskFraction: 0.013, pairs: { ONE: own } }
    const notional = runAccount([one('TWO'), near], shared).instruments.map(({ trades }) => trades.quantity[0] * 80)
    expect(notional).toEqual([expect.closeTo(10_000, 4), expect.closeTo(50_000, 4)])
  })
})

describe('a short signal on a spot market', () => {
  const spot = { market: 'spot', latencyBars: 1 } as const

  it('closes what is held at its own entry, opens nothing, and asks for no reversal', () => {
    const { trades, skipped } = run(
      still(80, 60),
      [
        [2, 1],
        [6, -1],
      ],
      spot,
    )
    expect([trades.rows, skipped.noShort, EXIT_REASONS[trades.exit_reason[0]]]).toEqual([1, 1, 'reversal'])
    expect(trades.exit_time[0]).toBe(at(7))
  })

  it('withdraws an order that waits, and closes what it bought by then', () => {
    const two = [
      [2, 1],
      [3, -1],
    ] as const
    const limit = { ...spot, order: 'limit', limitBps: 100, orderBars: 9 } as const
    const dip: Row[] = [...still(80, 5), [80, 80, 79, 80], ...still(80, 60)]
    const { trades, skipped } = run(dip, two, limit)
    expect([trades.rows, skipped.notFilled, skipped.noShort]).toEqual([0, 1, 1])
    const early: Row[] = [...still(80, 3), [80, 80, 79, 80], ...still(80, 60)]
    const bought = run(early, two, limit).trades
    expect([bought.entry_time[0], bought.exit_time[0]]).toEqual([at(3), at(4)])
  })
})
