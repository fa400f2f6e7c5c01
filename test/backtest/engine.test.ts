import { describe, expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import { type BacktestInputs, EXIT_REASONS } from '../../src/backtest/types.js'
import { HOUR, MINUTE } from '../../src/core/time.js'
import { barsOf, type Row, START } from '../labels/make-bars.js'
import { DEFAULTS, decide, FREE, flatMark } from './settings.js'

const at = (minutes: number) => START + minutes * MINUTE
const flat: Row = [100, 100, 100, 100]

function run(
  rows: readonly Row[],
  sides: readonly (readonly [number, number])[],
  change: Partial<BacktestInputs> = {},
) {
  return runBacktest({
    base: barsOf(rows),
    decisions: decide(START, sides),
    funding: null,
    markPrice: null,
    settings: DEFAULTS,
    ...change,
  })
}

const reasonOf = (result: ReturnType<typeof run>, i = 0) => EXIT_REASONS[result.trades.exit_reason[i]]

describe('one trade, by hand', () => {
  // Risk 0.5 % of 10,000 = 50; the stop lies 1 away: 50 units. Bought at 100 × 1.0001 = 100.01 for a fee of
  // 100.01 × 50 × 0.0005 = 2.50025; slippage 0.01 × 50 = 0.5.
  it('a long that takes its profit as a resting order', () => {
    const result = run([flat, flat, [100, 102.5, 99.5, 102], flat, flat, flat], [[0, 1]])
    const { trades } = result
    expect(trades.rows).toBe(1)
    expect([trades.entry_time[0], trades.exit_time[0]]).toEqual([at(1), at(3)])
    expect(reasonOf(result)).toBe('profit')
    expect(trades.quantity[0]).toBeCloseTo(50, 10)
    expect(trades.entry_price[0]).toBeCloseTo(100.01, 10)
    expect(trades.exit_price[0]).toBe(102)
    expect(trades.gross_pnl[0]).toBeCloseTo(100, 9) // (102 - 100) × 50
    expect(trades.fees[0]).toBeCloseTo(2.50025 + 1.02, 9) // maker: 102 × 50 × 0.0002 = 1.02
    expect(trades.slippage_cost[0]).toBeCloseTo(0.5, 9)
    expect(trades.net_pnl[0]).toBeCloseTo(95.97975, 8) // 100 - 3.52025 - 0.5
    expect(trades.return_on_equity[0]).toBeCloseTo(0.009597975, 12)
    expect(trades.mae[0]).toBeCloseTo(-0.005, 12)
    expect(trades.mfe[0]).toBeCloseTo(0.02, 12)
    // Bar 1 is marked at its close: 10,000 - 2.50025 fee - 50 × (100.01 - 100).
    expect(result.equity[0]).toBe(10_000)
    expect(result.equity[1]).toBeCloseTo(9996.99975, 8)
    expect([...result.equity.subarray(2)]).toEqual(new Array(4).fill(result.finalEquity))
    expect(result.finalEquity).toBeCloseTo(10_095.97975, 8)
  })

  it('a long that is stopped at market', () => {
    const result = run([flat, flat, [100, 103, 98.5, 102], flat, flat], [[0, 1]])
    const { trades } = result
    expect(reasonOf(result)).toBe('stop') // the profit was touched in the same bar
    expect(trades.exit_reference[0]).toBe(99)
    expect(trades.exit_price[0]).toBeCloseTo(98.9901, 10) // 99 × 0.9999
    expect(trades.fees[0]).toBeCloseTo(2.50025 + 2.4747525, 9) // 98.9901 × 50 × 0.0005
    expect(trades.slippage_cost[0]).toBeCloseTo(0.5 + 0.495, 9) // 0.0099 × 50
    expect(trades.net_pnl[0]).toBeCloseTo(-55.9700025, 8) // -50 - 4.9750025 - 0.995
    expect(trades.mfe[0]).toBe(0) // the stop came first: the bar's high was not had
  })

  it('a short mirrors it', () => {
    const result = run([flat, flat, [100, 100.5, 97, 98], flat, flat], [[0, -1]], { settings: FREE })
    expect(reasonOf(result)).toBe('profit')
    expect(result.trades.exit_price[0]).toBe(98)
    expect(result.finalEquity).toBeCloseTo(10_100, 9) // (100 - 98) × 50
    expect(result.trades.mae[0]).toBeCloseTo(-0.005, 12)
    const costly = run([flat, flat, [100, 101, 100, 100], flat, flat], [[0, -1]])
    expect(costly.trades.entry_price[0]).toBeCloseTo(99.99, 10)
    expect(costly.trades.exit_price[0]).toBeCloseTo(101.0101, 10)
  })

  it('a stop that is jumped over fills at the open, a profit that is jumped over at its price', () => {
    const down = run([flat, flat, [97, 97.5, 96, 97], flat, flat], [[0, 1]], { settings: FREE })
    expect(down.trades.exit_price[0]).toBe(97)
    const up = run([flat, flat, [104, 105, 103, 104], flat, flat], [[0, 1]], { settings: FREE })
    expect(up.trades.exit_price[0]).toBe(102)
    const short = run([flat, flat, [104, 105, 103, 104], flat, flat], [[0, -1]], { settings: FREE })
    expect(short.trades.exit_price[0]).toBe(104)
  })

  it('ends at the close of the last bar of the horizon', () => {
    const result = run([flat, flat, flat, flat, [100, 100.5, 99.5, 100.2], [100, 110, 90, 100]], [[0, 1]])
    expect(reasonOf(result)).toBe('time')
    expect(result.trades.exit_time[0]).toBe(at(5))
    expect(result.trades.exit_reference[0]).toBe(100.2)
    expect(result.trades.bars_held[0]).toBe(4)
  })

  it('ends at the first known open after a hole', () => {
    const result = run([flat, flat, null, null, [99.5, 110, 90, 100], flat], [[0, 1]], { settings: FREE })
    expect(reasonOf(result)).toBe('gap')
    expect([result.trades.exit_time[0], result.trades.exit_price[0]]).toEqual([at(4), 99.5])
    expect([...result.equity]).toEqual([10_000, 10_000, 10_000, 10_000, 9975, 9975]) // -0.5 × 50
  })

  it('ends at the last known close when the data do', () => {
    const result = run([flat, flat, [100, 100.6, 100, 100.5], null], [[0, 1]], { settings: FREE })
    expect(reasonOf(result)).toBe('end')
    expect([result.trades.exit_time[0], result.trades.exit_price[0]]).toEqual([at(3), 100.5])
  })

  it('never commits more than the leverage allows, the fee of the entry included', () => {
    // Margin and fee are the equity: notional ÷ leverage + 0.0005 × notional = 10,000.
    const settings = { ...DEFAULTS, riskFraction: 0.5 }
    const cash = run([flat, flat, flat, flat, flat], [[0, 1]], { settings })
    expect(cash.trades.quantity[0] * cash.trades.entry_price[0]).toBeCloseTo(10_000 / 1.0005, 8)
    const levered = run([flat, flat, flat, flat, flat], [[0, 1]], { settings: { ...settings, leverage: 3 } })
    expect(levered.trades.quantity[0] * levered.trades.entry_price[0]).toBeCloseTo(30_000 / 1.0015, 8)
  })
})

describe('decisions', () => {
  it('are ignored, and counted, until the bar in which a position ends has closed', () => {
    const stopped: Row = [100, 100, 99, 100]
    // Entered in bar 1, stopped in bar 3. TradeDecisions at minutes 1, 2, 3 lie before its close, the one at 4 does not.
    const rows = [flat, flat, flat, stopped, flat, flat, flat, flat, flat, flat]
    const result = run(rows, [
      [0, 1],
      [1, 1],
      [2, -1],
      [3, 1],
      [4, 1],
      [5, 0],
    ])
    expect(result.skipped.inPosition).toBe(3)
    expect([...result.trades.decision_row]).toEqual([0, 4])
    expect(result.trades.entry_time[1]).toBe(at(5))
  })

  it('without a bar to enter at, without barriers or without equity do nothing', () => {
    expect(run([flat, null, flat], [[0, 1]]).skipped.noBar).toBe(1)
    expect(run([flat], [[0, 1]]).skipped.noBar).toBe(1)
    const decisions = { ...decide(START, [[0, 1]]), stop: Float64Array.of(Number.NaN) }
    expect(run([flat, flat], [], { decisions }).skipped.noBarrier).toBe(1)
    expect(run([flat, flat], [[0, 1]], { settings: { ...DEFAULTS, equity: 0 } }).skipped.noEquity).toBe(1)
  })

  it('to go short stay flat on a spot market, which has neither leverage nor funding', () => {
    const settings = {
      ...DEFAULTS,
      market: 'spot' as const,
      leverage: 5,
      riskFraction: 1,
      missingFunding: 'fail' as const,
    }
    const result = run(
      new Array(12).fill(flat),
      [
        [0, -1],
        [1, 1],
      ],
      { settings },
    )
    expect(result.skipped.noShort).toBe(1)
    const bought = result.trades.quantity[0] * result.trades.entry_price[0]
    expect(bought + 0.0005 * bought).toBeCloseTo(10_000, 8) // and the fee: nothing is owed
    expect(result.withoutFunding).toBe(false)
  })

  it('with a horizon shorter than latency and one bar are refused', () => {
    expect(() => run([flat], [], { decisions: decide(START, [[0, 1]], 1) })).toThrow(/horizon is 1 min.*take 2 min/)
  })
})

describe('funding', () => {
  const rows = new Array<Row>(20).fill(flat)
  const prints = (minutes: readonly number[], rate = 0.001) => ({
    time: Float64Array.from(minutes, (m) => at(m)),
    rate: new Float64Array(minutes.length).fill(rate),
    intervalHours: new Float64Array(minutes.length).fill(1 / 60),
  })
  const every = prints(rows.map((_, i) => i))

  it('is paid at each print while a position is open, not at the print of its entry', () => {
    // Open in bars 1 to 4: prints at minutes 2, 3 and 4 are paid, 50 units × 100 × 0.001 = 5 each.
    const long = run(rows, [[0, 1]], { funding: every, settings: FREE })
    expect(long.trades.funding[0]).toBeCloseTo(15, 9)
    expect(long.finalEquity).toBeCloseTo(9985, 9)
    expect([...long.equity.subarray(0, 6)].map(Math.round)).toEqual([10_000, 10_000, 9995, 9990, 9985, 9985])
    const short = run(rows, [[0, -1]], { funding: every, settings: FREE })
    expect(short.finalEquity).toBeCloseTo(10_015, 9)
  })

  it('is measured on the mark price when there is one, else on the close before', () => {
    const path: Row[] = [flat, flat, [100, 100.5, 100, 100.4], flat, flat, flat]
    const funding = { ...prints([0, 3]), intervalHours: Float64Array.of(3 / 60, 3 / 60) }
    expect(run(path, [[0, 1]], { funding }).trades.funding[0]).toBeCloseTo(50 * 100.4 * 0.001, 9)
    const close = Float64Array.of(100, 100, 100.2, 100, 100, 100)
    const markPrice = flatMark(close)
    expect(run(path, [[0, 1]], { funding, markPrice }).trades.funding[0]).toBeCloseTo(50 * 100.2 * 0.001, 9)
    close[2] = Number.NaN
    expect(() => run(path, [[0, 1]], { funding, markPrice })).toThrow(/mark price of 2024-01-01 00:02 UTC is missing/)
  })

  it('fails by name on a hole inside the series while a position is open, and only then', () => {
    const holed = prints(rows.map((_, i) => i).filter((minute) => minute !== 3))
    holed.time[3] = at(4.5) // 2 → 4.5 is further than one interval and a minute
    expect(() => run(rows, [[0, 1]], { funding: holed })).toThrow(/funding of 2024-01-01 00:03 UTC is missing/)
    expect(run(rows, [[8, 1]], { funding: holed }).trades.rows).toBe(1)
  })

  it('that is absent as a whole is left out and said so, refused, or assumed every eight hours', () => {
    const day = new Array<Row>(24).fill(flat)
    const hourly = (missingFunding: 'exclude' | 'fail' | 'assume:0.001') =>
      runBacktest({
        base: barsOf(day, '1h'),
        decisions: { ...decide(START, [[0, 1]]), horizonMs: 20 * HOUR },
        funding: null,
        markPrice: null,
        settings: { ...FREE, missingFunding },
      })
    expect(hourly('exclude').withoutFunding).toBe(true)
    expect(hourly('exclude').finalEquity).toBe(10_000)
    expect(() => hourly('fail')).toThrow(/there is no funding/)
    expect(hourly('assume:0.001').withoutFunding).toBe(false)
    expect(hourly('assume:0.001').finalEquity).toBeCloseTo(9990, 9) // at 08:00 and 16:00, 5 each
  })

  it('that ends before the data marks the totals only if a position was open afterwards', () => {
    const early = prints([0, 1, 2, 3, 4, 5, 6])
    expect(run(rows, [[0, 1]], { funding: early }).withoutFunding).toBe(false)
    expect(run(rows, [[8, 1]], { funding: early }).withoutFunding).toBe(true)
  })
})

describe('events', () => {
  it('are listed in the order in which they happen', () => {
    const funding = {
      time: Float64Array.of(at(0), at(1), at(2), at(3)),
      rate: new Float64Array(4).fill(0.001),
      intervalHours: new Float64Array(4).fill(1 / 60),
    }
    const rows: Row[] = [flat, flat, [100, 102, 100, 102], flat, flat, flat]
    const result = run(
      rows,
      [
        [0, 1],
        [1, 1],
      ],
      { funding, events: true },
    )
    expect(result.events.map((event) => [event.type, (event.time - START) / MINUTE])).toEqual([
      ['decision', 0],
      ['decision', 1],
      ['skip', 1],
      ['entry', 1],
      ['funding', 2],
      ['exit', 3],
    ])
    expect(run(rows, [[0, 1]]).events).toEqual([])
  })
})
