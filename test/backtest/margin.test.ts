/** What a position can lose, and when it is taken away: by hand, and by the exchange's formula. */
import { describe, expect, it } from 'vitest'
import { checkAccount } from '../../src/backtest/check.js'
import { runAccount, runBacktest } from '../../src/backtest/engine.js'
import { type BacktestInputs, type BacktestSettings, EXIT_REASONS } from '../../src/backtest/types.js'
import { MINUTE } from '../../src/core/time.js'
import { liquidationPrice, marginTable } from '../../src/portfolio/margin.js'
import { barsOf, type Row, START } from '../labels/make-bars.js'
import { decide, FREE, flatMark } from './settings.js'

const flat: Row = [200, 200, 200, 200]
const fallen = (price: number): Row => [price, price, price, price]

/** One decision at minute 0, entered at the open of bar 1: 0.5 of the price as stop, so that margin ends first. */
function run(
  rows: readonly Row[],
  side: 1 | -1,
  rules: Partial<BacktestSettings>,
  change: Partial<BacktestInputs> = {},
) {
  const base = barsOf(rows)
  const decisions = { ...decide(START, [[0, side]], 30), stop: Float64Array.of(0.5), profit: Float64Array.of(0.9) }
  const settings = { ...FREE, riskFraction: 100, liquidationFeeBps: 0, ...rules }
  const result = runBacktest({ base, decisions, funding: null, markPrice: null, events: true, ...change, settings })
  checkAccount({ ...result, instruments: [result], openTime: base.openTime })
  return result
}

const reasonOf = ({ trades }: ReturnType<typeof run>) => EXIT_REASONS[trades.exit_reason[0]]

describe('an isolated position', () => {
  // Leverage 8, all of 10,000: 400 units at 200, and 25 of each unit's price are its margin.
  const rules = { leverage: 8 } as const

  it('loses its margin and no more over a hole, long and short', () => {
    const long = run([flat, flat, null, null, fallen(120), flat], 1, rules)
    expect([reasonOf(long), long.trades.exit_price[0]]).toEqual(['liquidation', expect.closeTo(175, 9)])
    expect(long.finalEquity).toBeCloseTo(0, 8)
    expect(long.finalEquity).toBeGreaterThanOrEqual(0)
    const short = run([flat, flat, null, fallen(300), flat], -1, rules)
    expect([reasonOf(short), short.trades.exit_price[0]]).toEqual(['liquidation', expect.closeTo(225, 9)])
    expect(short.finalEquity).toBeGreaterThanOrEqual(0)
  })

  it('that only falls over the hole is closed after it as before', () => {
    const result = run([flat, flat, null, fallen(190), flat], 1, rules)
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['gap', 190])
  })

  it('loses no more when a signal turns it', () => {
    const rows = [flat, flat, flat, fallen(140), fallen(140), fallen(140)]
    const two = decide(
      START,
      [
        [0, 1],
        [2, -1],
      ],
      30,
    )
    const decisions = { ...two, stop: Float64Array.of(0.5, 0.5), profit: Float64Array.of(0.9, 0.9) }
    const result = run(rows, 1, { ...rules, reversal: true }, { decisions })
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['liquidation', expect.closeTo(175, 9)])
  })

  it('loses no more at a stop, where the mark price stays behind the last', () => {
    const decisions = { ...decide(START, [[0, 1]], 30), stop: Float64Array.of(0.01), profit: Float64Array.of(0.9) }
    const markPrice = flatMark(new Float64Array(5).fill(200))
    const result = run([flat, flat, fallen(150), flat, flat], 1, rules, { decisions, markPrice })
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['stop', expect.closeTo(175, 9)])
  })

  it('pays costs of its end from what is left of the margin', () => {
    const { trades, finalEquity } = run([flat, flat, null, fallen(176), flat], 1, { ...rules, takerBps: 100 })
    // 400 ÷ 1.08 units; at 176 a margin of 25 has 1 left of each, and the fee would be 1.76.
    expect(trades.quantity[0]).toBeCloseTo(400 / 1.08, 8)
    expect(trades.fees[0]).toBeCloseTo((400 / 1.08) * (2 + 1), 6)
    expect(finalEquity).toBeCloseTo(0, 6)
    expect(finalEquity).toBeGreaterThanOrEqual(0)
  })

  it('has behind it the margin of what is left of it', () => {
    // A quarter is sold 1 % higher: 100 units gain 2 each; 300 are left, with 7,500.
    const rows = [flat, flat, [200, 202.5, 200, 202] as Row, fallen(100), flat]
    const takeProfits = [
      { share: 0.25, profit: 0.01 },
      { share: 0.75, profit: 0.9 },
    ]
    const result = run(rows, 1, { ...rules, takeProfits })
    expect(result.finalEquity).toBeCloseTo(10_000 + 100 * 2 - 300 * 25, 6)
  })

  it('is liquidated by the tier of what is left of it', () => {
    // Two tiers: 1 % up to 50,000, then 10 %. All 400 units are in the second, the last quarter in the first.
    const marginTiers = [
      { upTo: 50_000, maintenance: 0.01, leverage: 20 },
      { upTo: 1e6, maintenance: 0.1, leverage: 8 },
    ]
    const takeProfits = [
      { share: 0.75, profit: 0.01 },
      { share: 0.25, profit: 0.9 },
    ]
    // 100 units with 2,500: (2,500 − 20,000) ÷ (100 × (0.01 − 1)) = 176.77.
    const price = 17_500 / 99
    expect(liquidationPrice(marginTable(marginTiers), 1, 100, 200, 2500)).toBeCloseTo(price, 9)
    const rows = [flat, flat, [200, 202.5, 200, 202] as Row, [202, 202, 170, 170] as Row, flat]
    const { events } = run(rows, 1, { ...rules, marginTiers, takeProfits })
    const last = events[events.length - 1]
    expect(last).toMatchObject({ type: 'exit', reason: 'liquidation', price: expect.closeTo(price, 9) })
  })

  it('is liquidated in a hole of the bars by a mark price that is known there', () => {
    const markPrice = flatMark(Float64Array.of(200, 200, 100, 200, 200))
    const result = run([flat, flat, null, flat, flat], 1, rules, { markPrice })
    // (10,000 − 80,000) ÷ (400 × (0.025 − 1))
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['liquidation', expect.closeTo(70_000 / 390, 9)])
    expect(result.trades.bars_held[0]).toBe(2)
  })

  it('pays funding from its margin when nothing else is left', () => {
    // 1 % of 80,000 a print: 800 of the 10,000 that are its margin. Liquidated at (9,200 − 80,000) ÷ (400 × −0.975).
    const funding = {
      time: Float64Array.of(START + 2 * MINUTE),
      rate: Float64Array.of(0.01),
      intervalHours: Float64Array.of(8),
    }
    const rows = [flat, flat, flat, [200, 200, 150, 150] as Row, flat]
    const result = run(rows, 1, rules, { funding })
    expect(result.trades.funding[0]).toBeCloseTo(800, 6)
    expect(result.trades.exit_price[0]).toBeCloseTo(70_800 / 390, 8)
    const deep = run([flat, flat, flat, fallen(100), flat], 1, rules, { funding })
    expect(deep.finalEquity).toBeCloseTo(0, 6)
    expect(deep.finalEquity).toBeGreaterThanOrEqual(0)
    // 20 % would be 16,000: there are 10,000.
    const dear = run(rows, 1, rules, { funding: { ...funding, rate: Float64Array.of(0.2) } })
    expect([dear.trades.funding[0], dear.trades.exit_price[0]]).toEqual([expect.closeTo(10_000, 6), 200])
  })

  it('is backed by cash: what another has not realised is no margin', () => {
    // The short of all 50 units gained 40 each: the equity is 12,000, and still 10,000 of cash stand behind it.
    const one = (side: 1 | -1, minute: number) => ({
      base: barsOf([flat, flat, fallen(160), fallen(160), fallen(160), fallen(160), fallen(160)]),
      decisions: { ...decide(START, [[minute, side]], 30), stop: Float64Array.of(0.5), profit: Float64Array.of(0.9) },
      funding: null,
      markPrice: null,
    })
    const settings = { ...FREE, riskFraction: 100 }
    const { instruments } = runAccount([one(-1, 0), one(1, 3)], settings)
    expect(instruments[0].trades.quantity[0]).toBeCloseTo(50, 8)
    expect(instruments[1].skipped.noEquity).toBe(1)
  })
})

describe('a crossed account', () => {
  const rules = { leverage: 8, margin: 'cross' } as const

  it('is liquidated where the exchange says, in one tier and over several', () => {
    const marginTiers = [
      { upTo: 30_000, maintenance: 0.01, leverage: 20 },
      { upTo: 60_000, maintenance: 0.03, leverage: 10 },
      { upTo: 1e6, maintenance: 0.06, leverage: 8 },
    ]
    // Binance: (wallet + amount − side × quantity × entry) ÷ (quantity × (rate − side)) in the tier where that price lies.
    const amounts = [0, 30_000 * 0.02, 30_000 * 0.02 + 60_000 * 0.03]
    const byTier = (side: number, quantity: number) => {
      const prices = marginTiers.map(
        ({ maintenance }, i) => (10_000 + amounts[i] - side * quantity * 200) / (quantity * (maintenance - side)),
      )
      return prices.find(
        (price, i) =>
          price * quantity <= marginTiers[i].upTo && (i === 0 || price * quantity > marginTiers[i - 1].upTo),
      )
    }
    let compared = 0
    for (const side of [1, -1] as const) {
      for (const leverage of [1.5, 2, 3.7, 5, 7.9]) {
        const far = side > 0 ? 20 : 400
        const rows: Row[] = [flat, flat, [200, Math.max(200, far), Math.min(200, far), far], flat]
        const decisions = {
          ...decide(START, [[0, side]], 30),
          stop: Float64Array.of(0.99),
          profit: Float64Array.of(0.95),
        }
        const result = run(rows, side, { ...rules, marginTiers, leverage }, { decisions })
        const price = byTier(side, result.trades.quantity[0])
        expect(reasonOf(result)).toBe('liquidation')
        expect(result.trades.exit_price[0] / (price ?? Number.NaN)).toBeCloseTo(1, 10)
        compared++
      }
    }
    expect(compared).toBe(10)
  })

  it('is liquidated at the open that jumps over that point, and shows the debt', () => {
    const result = run([flat, flat, fallen(160), flat], 1, rules)
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['liquidation', 160])
    expect(result.finalEquity).toBeCloseTo(10_000 - 400 * 40, 6)
    const hole = run([flat, flat, null, fallen(160), flat], 1, rules)
    expect([reasonOf(hole), hole.trades.exit_price[0]]).toEqual(['liquidation', 160])
  })

  it('goes down together: what one gains on the way stands behind the other', () => {
    // A long of 400 falls to 100 while a short of the same on another market gains as much: nothing happens.
    const fall: Row[] = [flat, flat, [200, 200, 100, 100], fallen(100)]
    const one = (side: 1 | -1) => ({
      base: barsOf(fall),
      decisions: { ...decide(START, [[0, side]], 30), stop: Float64Array.of(0.99), profit: Float64Array.of(0.99) },
      funding: null,
      markPrice: null,
    })
    const half = { ...FREE, ...rules, sizing: 'fixed-risk', riskFraction: 3.9 } as const
    const { instruments } = runAccount([one(1), one(-1)], half)
    // Each went to its own worst: the long to 100, the short stayed at 200, for nothing says that they moved at once.
    expect(EXIT_REASONS[instruments[0].trades.exit_reason[0]]).toBe('liquidation')
    expect(instruments[1].trades.exit_price[0]).toBeCloseTo(200, 9)
  })

  it('takes the open of a mark price to be as near to the mark before as its range allows', () => {
    const markPrice = { ...flatMark(Float64Array.of(200, 200, 150, 200)), high: Float64Array.of(200, 200, 155, 200) }
    const result = run([flat, flat, flat, flat], 1, rules, { markPrice })
    expect([reasonOf(result), result.trades.exit_price[0]]).toEqual(['liquidation', 155])
  })
})
