/** What the engine does beyond one market order with one stop, by hand. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkAccount } from '../../src/backtest/check.js'
import { runAccount, runBacktest } from '../../src/backtest/engine.js'
import { type BacktestInputs, type BacktestSettings, EXIT_REASONS } from '../../src/backtest/types.js'
import { DAY, MINUTE } from '../../src/core/time.js'
import { barsOf, type Row, randomBars, START } from '../labels/make-bars.js'
import { DEFAULTS, decide, FREE, flatMark, hourlyFunding, randomDecisions } from './settings.js'

const flat: Row = [100, 100, 100, 100]
const at = (minutes: number) => START + minutes * MINUTE

function run(
  rows: readonly Row[],
  sides: readonly (readonly [number, number])[],
  rules: Partial<BacktestSettings> = {},
  change: Partial<BacktestInputs> = {},
) {
  const base = { ...barsOf(rows), ...(change.base ?? {}) }
  return runBacktest({
    decisions: decide(START, sides, 30),
    funding: null,
    markPrice: null,
    events: true,
    ...change,
    base,
    settings: { ...FREE, ...rules },
  })
}

const reasonsOf = ({ trades }: ReturnType<typeof run>) => [...trades.exit_reason].map((code) => EXIT_REASONS[code])
const withVolume = (rows: readonly Row[], volume: number) => ({
  ...barsOf(rows),
  volume: new Float64Array(rows.length).fill(volume),
})

describe('limit orders', () => {
  const rules = { order: 'limit', limitBps: 50, orderBars: 3, makerBps: 2, takerBps: 5, slippageBps: 1 } as const

  it('are filled at their price when the market goes through it, for the fee of a resting order', () => {
    // Last close 100, half a per cent better: 99.5. Bar 2 touches it and no more, bar 3 goes through.
    const result = run(
      [
        flat,
        flat,
        [100, 100, 99.5, 99.8],
        [99.8, 100, 99.4, 99.9],
        ...new Array<Row>(30).fill([99.9, 99.9, 99.9, 99.9]),
      ],
      [[1, 1]],
      rules,
    )
    const { trades } = result
    expect(trades.entry_time[0]).toBe(at(3))
    expect(trades.entry_price[0]).toBeCloseTo(99.5, 10)
    expect(trades.slippage_cost[0]).toBeCloseTo(trades.quantity[0] * 99.9 * 0.0001, 6) // the exit's alone
    expect(trades.stop_price[0]).toBeCloseTo(99.5 * 0.99, 10)
    const [entry] = result.events.filter((event) => event.type === 'entry')
    expect(entry).toMatchObject({ fee: expect.closeTo(trades.quantity[0] * 99.5 * 0.0002, 9) })
  })

  it('are withdrawn when the price does not come', () => {
    const result = run([flat, flat, flat, flat, flat, [90, 100, 90, 95], flat], [[1, 1]], rules)
    expect(result.trades.rows).toBe(0) // bars 2, 3 and 4 were its time
    expect(result.skipped.notFilled).toBe(1)
  })

  it('take what is offered where the market already is beyond them', () => {
    const result = run(
      [flat, flat, [99, 99.2, 98.9, 99], ...new Array<Row>(30).fill([99, 99, 99, 99])],
      [[1, 1]],
      rules,
    )
    expect(result.trades.entry_reference[0]).toBe(99)
    expect(result.trades.entry_price[0]).toBeCloseTo(99 * 1.0001, 10) // a market order after all
  })

  it('do not take their profit in the bar that filled them, but may be stopped in it', () => {
    const both: Row = [100, 103, 99.4, 100]
    const quiet = new Array<Row>(30).fill([100, 100, 100, 100])
    expect(reasonsOf(run([flat, flat, both, ...quiet], [[1, 1]], rules))).toEqual(['time'])
    expect(reasonsOf(run([flat, flat, [100, 103, 98, 100], ...quiet], [[1, 1]], rules))).toEqual(['stop'])
  })
})

describe('volume', () => {
  it('bounds a fill: the rest comes in the next bars, at their prices', () => {
    // 50 units wanted, 10 a bar is 10 % of 200 a bar … 20 + 20 + 10.
    const rows: Row[] = [
      flat,
      flat,
      [101, 101, 101, 101],
      [102, 102, 102, 102],
      ...new Array<Row>(40).fill([102, 102, 102, 102]),
    ]
    const result = run(
      rows,
      [[0, 1]],
      { volumeShare: 0.1, riskFraction: 0.005 },
      {
        base: withVolume(rows, 200),
        decisions: { ...decide(START, [[0, 1]], 30), profit: Float64Array.of(0.5) },
      },
    )
    const entries = result.events.filter((event) => event.type === 'entry')
    expect(entries.map((event) => event.type === 'entry' && [event.quantity, event.price])).toEqual([
      [20, 100],
      [20, 101],
      [10, 102],
    ])
    const { trades } = result
    expect(trades.quantity[0]).toBe(50)
    expect(trades.entry_price[0]).toBeCloseTo((20 * 100 + 20 * 101 + 10 * 102) / 50, 10)
    // Out again at the horizon's close, 20 of them, then 20 and 10 at the next opens.
    const exits = result.events.filter((event) => event.type === 'exit')
    expect(exits.map((event) => event.type === 'exit' && event.quantity)).toEqual([20, 20, 10])
    expect(result.finalEquity).toBeCloseTo(10_000 + 50 * 102 - 5040, 8)
  })

  it('bounds a market order by the book that was there, each side by its own, and a resting one not', () => {
    // 50 units wanted; a fifth of 100 asks, then no book is known, so that all the rest comes.
    const rows: Row[] = new Array<Row>(45).fill(flat)
    const none = () => new Float64Array(rows.length).fill(Number.NaN)
    const depth = { bids: none(), asks: none() }
    depth.asks[1] = 100
    depth.bids.fill(60)
    const rules = { depthShare: 0.2, riskFraction: 0.005 }
    const decisions = { ...decide(START, [[0, 1]], 30), profit: Float64Array.of(0.5) }
    const { events } = run(rows, [[0, 1]], rules, { depth, decisions })
    const of = (type: 'entry' | 'exit') => events.flatMap((event) => (event.type === type ? [event.quantity] : []))
    expect(of('entry')).toEqual([20, 30])
    expect(of('exit')).toEqual([12, 12, 12, 12, 2]) // the horizon's close, then the next opens: a fifth of 60 bids each
    // At 5 % profit it all goes to whoever comes: the book on the other side says nothing of a resting order.
    const up: Row[] = rows.map((row, bar) => (bar === 10 ? [100, 106, 100, 100] : row))
    const resting = run(up, [[0, 1]], rules, { depth, decisions: { ...decisions, profit: Float64Array.of(0.05) } })
    const exits = resting.events.flatMap((event) => (event.type === 'exit' ? [[event.quantity, event.price]] : []))
    expect(exits).toEqual([[50, 105]])
  })

  it('leaves nothing behind where steps do not add up in binary', () => {
    // 0.3 bought and sold in pieces of 0.1: 0.3 − 0.1 − 0.1 − 0.1 is 2.8e-17, which is no order.
    const rows: Row[] = new Array<Row>(45).fill(flat)
    const rules = { volumeShare: 0.1, stepSize: 0.1, riskFraction: 0.00003 }
    const decisions = { ...decide(START, [[0, 1]], 30), profit: Float64Array.of(0.5) }
    const { events } = run(rows, [[0, 1]], rules, { base: withVolume(rows, 1), decisions })
    const of = (type: 'entry' | 'exit') => events.flatMap((event) => (event.type === type ? [event.quantity] : []))
    expect(of('entry')).toHaveLength(3)
    expect(of('exit')).toHaveLength(3)
  })

  it('withdraws what was not filled in time, and what a stop overtakes', () => {
    const rows: Row[] = [flat, flat, flat, flat, flat, flat, ...new Array<Row>(40).fill(flat)]
    const result = run(rows, [[0, 1]], { volumeShare: 0.01, orderBars: 2 }, { base: withVolume(rows, 100) })
    expect(result.trades.quantity[0]).toBe(2)
    const stopped: Row[] = [flat, flat, [100, 100, 98, 98], ...new Array<Row>(40).fill(flat)]
    const overtaken = run(stopped, [[0, 1]], { volumeShare: 0.01 }, { base: withVolume(stopped, 100) })
    expect(overtaken.trades.quantity[0]).toBe(2) // bars 1 and 2; the stop at 99 ends the buying
    expect(reasonsOf(overtaken)).toEqual(['stop'])
  })
})

describe('exits', () => {
  const tiers = [
    { share: 0.33, profit: 0.02 },
    { share: 0.33, profit: 0.04 },
    { share: 0.34, profit: 0.06 },
  ]

  it('sell in parts: 33 % at 2 %, 33 % at 4 %, 34 % at 6 %', () => {
    const rows: Row[] = [flat, flat, [100, 102.5, 100, 102], [102, 106.5, 102, 106], flat]
    const result = run(rows, [[0, 1]], { takeProfits: tiers })
    const exits = result.events.filter((event) => event.type === 'exit')
    expect(exits.map((event) => event.type === 'exit' && [event.price, event.quantity])).toEqual([
      [expect.closeTo(102, 9), expect.closeTo(16.5, 9)],
      [expect.closeTo(104, 9), expect.closeTo(16.5, 9)],
      [expect.closeTo(106, 9), expect.closeTo(17, 9)],
    ])
    expect(result.trades.rows).toBe(1)
    expect(result.finalEquity).toBeCloseTo(10_000 + 16.5 * 2 + 16.5 * 4 + 17 * 6, 8)
    expect(result.trades.exit_price[0]).toBeCloseTo((16.5 * 102 + 16.5 * 104 + 17 * 106) / 50, 9)
  })

  it('stop what is left: the stop first, where a bar has both', () => {
    const rows: Row[] = [flat, flat, [100, 102.5, 100, 102], [102, 107, 98, 100], flat]
    const result = run(rows, [[0, 1]], { takeProfits: tiers })
    expect(reasonsOf(result)).toEqual(['stop'])
    expect(result.finalEquity).toBeCloseTo(10_000 + 16.5 * 2 - 33.5 * 1, 8)
  })

  it('follow the best price with the stop, from the bar after it', () => {
    // Bar 2 reaches 101.5: from bar 3 on the stop is 101.5 × 0.99 = 100.485, which bar 2 itself had been below.
    const rows: Row[] = [flat, flat, [100, 101.5, 100, 101], [101, 101.2, 100.9, 101], [101, 101, 100, 100.2], flat]
    const result = run(rows, [[0, 1]], { trailing: 0.01 })
    expect(reasonsOf(result)).toEqual(['trailing'])
    expect(result.trades.exit_price[0]).toBeCloseTo(100.485, 9)
    expect(result.trades.stop_price[0]).toBe(99)
    expect(result.trades.exit_time[0]).toBe(at(5))
  })

  it('turn with a signal for the other side, both at one open', () => {
    const rows: Row[] = [flat, flat, flat, [101, 101, 101, 101], ...new Array<Row>(40).fill([101, 101, 101, 101])]
    const sides = [
      [0, 1],
      [2, -1],
    ] as const
    const result = run(rows, sides, { reversal: true })
    expect(reasonsOf(result)).toEqual(['reversal', 'time'])
    expect([result.trades.exit_time[0], result.trades.entry_time[1]]).toEqual([at(3), at(3)])
    expect([...result.trades.side]).toEqual([1, -1])
    expect(run(rows, sides).skipped.inPosition).toBe(1)
  })
})

describe('liquidation', () => {
  // 10 × leverage, all of it: 1,000 units at 100 with a margin of 10,000. Maintenance 2.5 %: (10,000 − 100,000) ÷ (1,000 × (0.025 − 1)) = 92.3077.
  const rules = { leverage: 10, riskFraction: 1, liquidationFeeBps: 125 } as const
  const decisions = { ...decide(START, [[0, 1]], 30), stop: Float64Array.of(0.09), profit: Float64Array.of(0.5) }
  const price = 90_000 / (1000 * 0.975)

  it('takes a position away inside the bar, with its fee', () => {
    const rows: Row[] = [flat, flat, [100, 100, 91.5, 99], flat, flat]
    const result = run(rows, [], rules, { decisions })
    expect(reasonsOf(result)).toEqual(['liquidation'])
    expect(result.trades.exit_price[0]).toBeCloseTo(price, 9)
    const gone = 1000 * (100 - price)
    expect(result.trades.liquidation_fee[0]).toBeCloseTo(1000 * price * 0.0125, 6)
    expect(result.finalEquity).toBeCloseTo(10_000 - gone - 1000 * price * 0.0125, 6)
  })

  it('comes before a stop in the same bar, and only when the mark price was there', () => {
    const rows: Row[] = [flat, flat, [100, 100, 90.5, 99], flat, flat]
    expect(reasonsOf(run(rows, [], rules, { decisions }))).toEqual(['liquidation'])
    const markPrice = flatMark(new Float64Array(5).fill(100))
    expect(reasonsOf(run(rows, [], rules, { decisions, markPrice }))).toEqual(['stop']) // 90.5 ≤ 91, the mark stayed
    const low = markPrice.low.slice()
    low[2] = 92
    const quiet: Row[] = [flat, flat, flat, flat, flat]
    const marked = run(quiet, [], rules, { decisions, markPrice: { ...markPrice, low } })
    expect(reasonsOf(marked)).toEqual(['liquidation'])
  })

  it('never costs an isolated position more than its margin', () => {
    const rows: Row[] = [flat, flat, [80, 80, 80, 80], flat, flat] // far below the bankruptcy price of 90
    const result = run(rows, [], rules, { decisions })
    expect(result.trades.exit_price[0]).toBe(90)
    expect(result.trades.liquidation_fee[0]).toBe(0) // nothing is left to pay it from
    expect(result.finalEquity).toBeCloseTo(0, 6)
    // Slippage and the fee of the fill are paid from the margin too: what is lost besides is the entry's own cost.
    const costly = run(rows, [], { ...rules, takerBps: 5, slippageBps: 20 }, { decisions })
    const [entry] = costly.events.filter((event) => event.type === 'entry')
    const held = costly.trades.quantity[0] * costly.trades.entry_price[0]
    expect(costly.finalEquity).toBeCloseTo(10_000 - held / 10 - (entry.type === 'entry' ? entry.fee : 0), 6)
  })

  it('of a crossed account closes all of it, where its equity meets what it must keep', () => {
    // Two longs of 500 at 100, account 10,000. Both fall to 80: the equity goes from 10,000 to −10,000 on the way.
    const fall: Row[] = [flat, flat, [100, 100, 80, 99], flat, flat]
    const one = { base: barsOf(fall), funding: null, markPrice: null, decisions: { ...decisions } }
    const half = { ...decisions, stop: Float64Array.of(0.18) } // 10,000 ÷ 0.18 a point … 555.6 units, or what leverage leaves
    const result = runAccount(
      [one, { ...one, decisions: half }],
      { ...FREE, ...rules, riskFraction: 0.45, margin: 'cross', liquidationFeeBps: 125 },
      true,
    )
    checkAccount(result)
    for (const { trades } of result.instruments) expect(EXIT_REASONS[trades.exit_reason[0]]).toBe('liquidation')
    const [a, b] = result.instruments.map(({ trades }) => trades.exit_price[0])
    expect(a).toBeCloseTo(b, 9) // the same way down
    const quantity = result.instruments.reduce((sum, { trades }) => sum + trades.quantity[0], 0)
    // Before the fees the account had exactly the maintenance of what it held at that price.
    expect(10_000 - quantity * (100 - a)).toBeCloseTo(0.025 * quantity * a, 6)
  })

  it('does not happen on a spot market', () => {
    const rows: Row[] = [flat, flat, [100, 100, 95, 99], [99, 99, 60, 60], flat]
    const result = run(rows, [], { ...rules, market: 'spot' }, { decisions })
    expect(reasonsOf(result)).toEqual(['stop'])
  })
})

describe('rules of the exchange', () => {
  it('round the order, and refuse one that is too small', () => {
    const rules = { stepSize: 1, tickSize: 0.5, slippageBps: 1, riskFraction: 0.00523 } as const
    const result = run([flat, flat, flat, ...new Array<Row>(40).fill(flat)], [[0, 1]], rules)
    expect(result.trades.quantity[0]).toBe(52) // 52.3
    expect(result.trades.entry_price[0]).toBe(100.5) // 100.01, and no such tick
    expect(result.trades.exit_price[0]).toBe(99.5)
    const small = run([flat, flat, flat, flat], [[0, 1]], { minNotional: 6000 })
    expect([small.trades.rows, small.skipped.tooSmall]).toEqual([0, 1]) // 50 × 100
  })

  it('lower the fee when enough was traded', () => {
    const tiers = [{ volume: 5000, makerBps: 0, takerBps: 0 }]
    const days = [0, 1].map((day) => day * 1440)
    const rows = new Array<Row>(2 * 1440 + 60).fill(flat)
    const result = run(
      rows,
      days.map((minute) => [minute, 1] as const),
      { takerBps: 5, feeTiers: tiers },
    )
    expect(result.trades.rows).toBe(2)
    expect(result.trades.fees[0]).toBeCloseTo(2 * 5000 * 0.0005, 9)
    expect(result.trades.fees[1]).toBe(0) // 10,000 yesterday
    expect(result.trades.decision_time[1] - START).toBe(DAY)
  })
})

describe('limits of the account', () => {
  const base = barsOf([flat, flat, ...new Array<Row>(40).fill(flat)])
  const one = { base, funding: null, markPrice: null, decisions: decide(START, [[0, 1]], 30) }

  it('hold the number of positions, in the order of the instruments', () => {
    const { instruments } = runAccount([one, one, one], { ...FREE, maxPositions: 2, riskFraction: 0.001 })
    expect(instruments.map(({ trades }) => trades.rows)).toEqual([1, 1, 0])
    expect(instruments[2].skipped.limits).toBe(1)
  })

  it('hold the leverage over all positions together', () => {
    // Risking 0.8 % at a stop of 1 % is 80 % of the equity; the second finds 20 %.
    const { instruments } = runAccount([one, one, one], { ...FREE, riskFraction: 0.008 })
    expect(instruments.map(({ trades }) => trades.quantity[0])).toEqual([
      expect.closeTo(80, 9),
      expect.closeTo(20, 9),
      undefined,
    ])
    expect(instruments[2].skipped.noEquity).toBe(1)
  })

  it('open nothing more below a drawdown', () => {
    const fall: Row[] = [flat, flat, [98, 98, 98, 98], ...new Array<Row>(40).fill([98, 98, 98, 98])]
    const rules = { maxDrawdown: 0.005, riskFraction: 0.01 } as const
    const result = run(
      fall,
      [
        [0, 1],
        [10, 1],
      ],
      rules,
    ) // the first costs 2 %
    expect([result.trades.rows, result.skipped.limits]).toEqual([1, 1])
  })
})

describe('faults that others had', () => {
  it('charges no funding after the last bar that there is (lean#9801)', () => {
    // A delisted instrument: data end at minute 3, the prints go on.
    const rows: Row[] = [flat, flat, flat, null, null, null]
    const every = {
      time: Float64Array.from({ length: 6 }, (_, i) => at(i)),
      rate: new Float64Array(6).fill(0.01),
      intervalHours: new Float64Array(6).fill(1 / 60),
    }
    const result = run(rows, [[0, 1]], {}, { funding: every })
    expect(reasonsOf(result)).toEqual(['end'])
    expect(result.trades.funding[0]).toBeCloseTo(50 * 100 * 0.01, 9) // minute 2 alone; minute 1 is the entry
  })

  it('pays every print of an instrument that changes its interval from 8 h to 4 h (freqtrade#12583)', () => {
    const hours = [0, 8, 16, 20, 24]
    const rows = new Array<Row>(26).fill(flat)
    const funding = {
      time: Float64Array.from(hours, (hour) => START + hour * 3_600_000),
      rate: new Float64Array(5).fill(0.001),
      intervalHours: Float64Array.of(8, 8, 4, 4, 4),
    }
    const base = barsOf(rows, '1h')
    const decisions = { ...decide(START, [[0, 1]]), horizonMs: 25 * 3_600_000 }
    const result = runBacktest({ base, decisions, funding, markPrice: null, settings: FREE })
    expect(result.trades.funding[0]).toBeCloseTo(4 * 50 * 100 * 0.001, 9) // 8, 16, 20, 24 h
  })

  it('liquidates on a dip inside a bar that closes where it opened (backtesting.py#939)', () => {
    const rows: Row[] = [flat, flat, [100, 100, 80, 100], flat, flat]
    const decisions = { ...decide(START, [[0, 1]], 30), stop: Float64Array.of(0.5), profit: Float64Array.of(0.5) }
    const result = run(rows, [], { leverage: 10, riskFraction: 50 }, { decisions })
    expect(reasonsOf(result)).toEqual(['liquidation'])
  })
})

describe('a golden run', () => {
  it('gives the same events, byte for byte', () => {
    const list = [21, 22].map((seed) => {
      const bars = randomBars({ rows: 5000, seed, holes: 0.002, volatility: 0.003 })
      const base = { ...bars, volume: bars.close.map((close, i) => (Number.isNaN(close) ? close : 50 + (i % 97))) }
      return {
        base,
        decisions: randomDecisions(base, seed, 0.03, 60),
        funding: hourlyFunding(base, seed),
        markPrice: null,
      }
    })
    const rules: BacktestSettings = {
      ...DEFAULTS,
      ...{
        leverage: 3,
        riskFraction: 0.02,
        slippage: 'volume-share',
        volumeShare: 0.5,
        tickSize: 0.01,
        stepSize: 0.01,
      },
      takeProfits: [
        { share: 0.5, profit: 0.01 },
        { share: 0.5, profit: 0.02 },
      ],
      ...{ trailing: 0.02, reversal: true, margin: 'cross', maxPositions: 2 },
    }
    const { events, finalEquity } = runAccount(list, rules, true)
    const hash = createHash('sha256')
    for (const event of events) hash.update(`${JSON.stringify(event)}\n`)
    expect([events.length, finalEquity, hash.digest('hex').slice(0, 16)]).toMatchInlineSnapshot(`
      [
        1597,
        1718.833316254971,
        "0669d4277d70bc7d",
      ]
    `)
  })
})
