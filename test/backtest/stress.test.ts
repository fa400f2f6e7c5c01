/** Stress tests: the surface is the engine's own, the break-even is where the gain ends, shocks do what they say, chance is seeded. */
import { describe, expect, it } from 'vitest'
import { buyAndHold } from '../../src/backtest/buy-and-hold.js'
import { runBacktest } from '../../src/backtest/engine.js'
import { noneSkipped } from '../../src/backtest/leg.js'
import { randomEntries } from '../../src/backtest/random-entries.js'
import { dayPaths, signalTest, tradeOrder } from '../../src/backtest/stress/chance.js'
import { regimes } from '../../src/backtest/stress/regimes.js'
import { shocks } from '../../src/backtest/stress/shocks.js'
import { costReruns, stressTest } from '../../src/backtest/stress/stress.js'
import { costSurface, withCosts } from '../../src/backtest/stress/surface.js'
import { worstWindows } from '../../src/backtest/stress/windows.js'
import { blankTrade, createTradeRecorder } from '../../src/backtest/trades.js'
import type { Backtest, BacktestInputs } from '../../src/backtest/types.js'
import { DAY, HOUR } from '../../src/core/time.js'
import { type Bars, sliceBars } from '../../src/market/bars.js'
import { barsOf, type Row, randomBars, START } from '../labels/make-bars.js'
import { DEFAULTS, decide, FREE, hourlyFunding, randomDecisions } from './settings.js'

const BASE = randomBars({ rows: 12 * 1440, seed: 5, volatility: 0.002, holes: 0.001 })
const INPUTS: BacktestInputs = {
  base: BASE,
  decisions: randomDecisions(BASE, 3, 0.01, 240),
  funding: hourlyFunding(BASE, 4),
  markPrice: null,
  settings: DEFAULTS,
}

/** Minutes that rise by 0.1 % each from 100. */
const RISING = barsOf(
  Array.from({ length: 600 }, (_, i): Row => {
    const [open, close] = [100 * 1.001 ** i, 100 * 1.001 ** (i + 1)]
    return [open, close, open, close]
  }),
)

/** Longs of five bars in the rise, one every ten minutes: a gain before costs. */
const GAINING: BacktestInputs = {
  base: RISING,
  decisions: decide(
    START,
    Array.from({ length: 50 }, (_, i) => [10 * i, 1]),
  ),
  funding: null,
  markPrice: null,
  settings: { ...DEFAULTS, market: 'spot' },
}

const sumOf = (x: Float64Array) => x.reduce((total, value) => total + value, 0)

const daysOf = (returns: readonly number[]): { result: Backtest; openTime: Float64Array } => {
  let last = 10_000
  const equity = Float64Array.from(returns, (r) => (last *= 1 + r))
  const skipped = noneSkipped()
  return {
    result: {
      ...{ trades: createTradeRecorder().finish(), equity, initialEquity: 10_000, finalEquity: last, skipped },
      ...{ cutSlippage: 0, withoutFunding: false, withoutMarkPrice: false, events: [] },
    },
    openTime: Float64Array.from(returns, (_, i) => START + i * DAY),
  }
}

describe('the cost surface', () => {
  const surface = costSurface(INPUTS)

  it('has at the assumed costs and latency the backtest itself', () => {
    const own = runBacktest(INPUTS)
    const cell = surface.cells.find(({ multiple, latencyBars }) => multiple === 1 && latencyBars === 1)
    expect(cell?.totalReturn).toBeCloseTo(own.finalEquity / own.initialEquity - 1, 14)
    expect(cell?.trades).toBe(own.trades.rows)
    expect(surface.cells).toHaveLength(36)
  })

  it('has without costs the engine without costs, and its own row for another latency', () => {
    const settings = { ...DEFAULTS, latencyBars: 7 }
    const wide = costSurface({ ...INPUTS, settings })
    expect(wide.latencies).toEqual([0, 1, 2, 3, 4, 5, 7])
    const free = runBacktest({ ...INPUTS, settings: { ...FREE, latencyBars: 7 } })
    const cell = wide.cells.find(({ multiple, latencyBars }) => multiple === 0 && latencyBars === 7)
    expect(cell?.totalReturn).toBeCloseTo(free.finalEquity / free.initialEquity - 1, 14)
  })

  it('says why a latency cannot be run', () => {
    // The horizon is five bars.
    const cell = costSurface(GAINING).cells.find(({ latencyBars }) => latencyBars === 5)
    expect(cell?.totalReturn).toBeNull()
    expect(cell?.reason).toMatch(/\w/)
  })

  it('breaks even where the engine does', () => {
    const { breakEven } = costSurface(GAINING)
    if (breakEven.multiple === null) throw new Error(breakEven.reason)
    const gain = (multiple: number) =>
      runBacktest({ ...GAINING, settings: withCosts(GAINING.settings, multiple) }).finalEquity - 10_000
    expect(gain(breakEven.multiple - 0.002)).toBeGreaterThan(0)
    expect(gain(breakEven.multiple + 0.002)).toBeLessThan(0)
    // Entered at the open after t0 + 1 bar and held for 4 rises of 0.1 %: 1.001⁴ − 1 = 40.06 bp; a round trip costs 2 × (5 + 1) = 12 bp
    // for each multiple, a little of it on the higher exit price: 40.06 / 12 = 3.34.
    expect(breakEven.multiple).toBeCloseTo(3.34, 1)
    expect(breakEven.roundTripBps).toBeCloseTo(12 * breakEven.multiple, 10)
  })

  it('scales every part of every cost, and takes no more than all of them away', () => {
    // Prices that go up and down with a volume, after a day by which slippage is known.
    const base = { ...BASE, volume: BASE.close.map((close, bar) => (Number.isNaN(close) ? close : 60 + (bar % 80))) }
    const free = runBacktest({ ...INPUTS, base, settings: FREE })
    const tiers = [{ volume: 1, makerBps: 1, takerBps: 8 }]
    for (const one of [
      { slippage: 'spread', spreadBps: 30 },
      { slippage: 'volatility', volatilityShare: 0.5 },
      { slippage: 'volume-share', impact: 0.5 },
      { feeTiers: tiers, takerBps: 8 },
    ] as const) {
      const inputs = { ...INPUTS, base, settings: { ...FREE, ...one } }
      const { trades } = runBacktest(inputs)
      const paid = sumOf(trades.fees) + sumOf(trades.slippage_cost)
      const { cells } = costSurface(inputs)
      const cell = (multiple: number) =>
        cells.find((found) => found.multiple === multiple && found.latencyBars === 1)?.totalReturn ?? Number.NaN
      const costs = (multiple: number) => free.finalEquity / 10_000 - 1 - cell(multiple)
      // The first day's decisions are trades only where slippage asks for no day before it.
      const asks = 'slippage' in one && one.slippage !== 'spread'
      if (!asks) expect(cell(0)).toBeCloseTo(free.finalEquity / 10_000 - 1, 12)
      expect(paid, JSON.stringify(one)).toBeGreaterThan(100)
      const [none, once, twice, thrice] = [0, 1, 2, 3].map(costs)
      expect(twice - none).toBeGreaterThan(1.7 * (once - none))
      expect(thrice - none).toBeGreaterThan(2.3 * (once - none))
      const liquidity = shocks(inputs, trades).find(({ name }) => name === 'liquidity')?.totalReturn
      if ('slippage' in one) expect(liquidity).toBe(cell(2))
    }
  })

  it('leaves what makers are paid as it is, and breaks even on what entries pay', () => {
    expect(withCosts({ ...DEFAULTS, makerBps: -1 }, 3)).toMatchObject({ makerBps: -1, takerBps: 15, slippageBps: 3 })
    // Half of a spread of 8 bp and a fee of 2 bp: a round trip of 12 bp, as with the defaults.
    const spread = { slippage: 'spread', spreadBps: 8, takerBps: 2, makerBps: 2 } as const
    const { breakEven } = costSurface({ ...GAINING, settings: { ...FREE, ...spread, market: 'spot' } })
    if (breakEven.multiple === null) throw new Error(breakEven.reason)
    expect(breakEven.multiple).toBeCloseTo(3.34, 1)
    expect(breakEven.roundTripBps).toBeCloseTo(12 * breakEven.multiple, 8)
  })

  it('says why nothing breaks even', () => {
    const reasonOf = (inputs: BacktestInputs) => {
      const { breakEven } = costSurface(inputs)
      return breakEven.multiple === null ? breakEven.reason : String(breakEven.multiple)
    }
    expect(reasonOf({ ...GAINING, settings: FREE })).toBe('no costs are assumed')
    expect(reasonOf({ ...GAINING, decisions: decide(START, []) })).toBe('no trades')
    const short = decide(START, [[10, -1]])
    expect(reasonOf({ ...GAINING, settings: DEFAULTS, decisions: short })).toBe('it loses without any costs')
    const cheap = { ...GAINING.settings, takerBps: 0.1, slippageBps: 0 }
    expect(reasonOf({ ...GAINING, settings: cheap })).toBe('it still gains at 10 times the costs')
  })
})

describe('shocks', () => {
  it('of the gap take 5 % of the position in one trade of twenty', () => {
    // 41 longs in a flat market, far apart, without costs; 0.5 % of the equity at risk with a stop of 1 %: half the equity is in the trade.
    const flat = barsOf(Array.from({ length: 420 }, (): Row => [100, 100, 100, 100]))
    const decisions = decide(
      START,
      Array.from({ length: 41 }, (_, i) => [10 * i, 1]),
      3, // two bars: a gap after the second would come too late
    )
    const inputs = {
      base: flat,
      decisions,
      funding: null,
      markPrice: null,
      settings: { ...FREE, market: 'spot' as const },
    }
    const { trades } = runBacktest(inputs)
    expect(trades.rows).toBe(41)
    const [same, gap] = shocks(inputs, trades)
    expect(same).toMatchObject({ name: 'as it was', totalReturn: 0 })
    // Trades 0, 20 and 40 fill their stop at 95 instead of 99: (1 − 0.5 × 0.05)³ − 1 = −0.0731…
    expect(gap.totalReturn).toBeCloseTo((1 - 0.5 * 0.05) ** 3 - 1, 10)
  })

  it('of volatility double each logarithmic move', () => {
    // One long of four bars that rise by 0.1 % each; doubled they rise by 1.001⁸ − 1, below the target of 2 %.
    const inputs = { ...GAINING, settings: { ...FREE, market: 'spot' as const }, decisions: decide(START, [[10, 1]]) }
    const result = runBacktest(inputs)
    const rise = (bars: number) => 0.5 * (1.001 ** bars - 1)
    expect(result.finalEquity / 10_000 - 1).toBeCloseTo(rise(4), 10)
    const found = shocks(inputs, result.trades).find(({ name }) => name === 'volatility')
    expect(found?.totalReturn).toBeCloseTo(rise(8), 10)
  })

  it('of costs and liquidity are cells of the same engine', () => {
    const found = shocks(INPUTS, runBacktest(INPUTS).trades)
    const by = (name: string) => found.find((shock) => shock.name === name)
    const cell = costSurface(INPUTS).cells.find(({ multiple, latencyBars }) => multiple === 2 && latencyBars === 1)
    expect(by('costs')?.totalReturn).toBe(cell?.totalReturn)
    const thin = runBacktest({ ...INPUTS, settings: { ...DEFAULTS, slippageBps: 2 } })
    expect(by('liquidity')?.totalReturn).toBeCloseTo(thin.finalEquity / 10_000 - 1, 14)
  })
})

describe('the worst windows', () => {
  it('are those of the days themselves', () => {
    const { result, openTime } = daysOf([0.1, -0.1, 0.2, -0.05, -0.05, 0, 0, 0, 0])
    const hold = daysOf([0, 0.01, 0, 0, 0, 0, 0, 0, 0]).result
    const [day, week, thirty, month] = worstWindows(result, hold, openTime)
    expect(day).toMatchObject({ from: START + DAY, to: START + 2 * DAY })
    if (day.return === null || week.return === null || month.return === null) throw new Error('no window')
    expect(day.return).toBeCloseTo(-0.1, 12)
    expect(day.buyAndHold).toBeCloseTo(0.01, 12)
    // Days 3 to 9: 0.95² = 0.9025 after 1.2 is +8.3 %; days 2 to 8: × 0.9, −2.53 %.
    expect(week.return).toBeCloseTo(0.9 * 1.2 * 0.95 ** 2 - 1, 12)
    expect(week.from).toBe(START + DAY)
    expect(thirty).toEqual({ name: '30 days', return: null, reason: '9 days are fewer than 30' })
    expect(month.return).toBeCloseTo(1.1 * 0.9 * 1.2 * 0.95 ** 2 - 1, 12)
  })
})

describe('regimes', () => {
  it('hold each day once by volatility, and compound to the whole', () => {
    const result = runBacktest(INPUTS)
    const found = regimes(result, BASE, BASE, { seed: 1, replicates: 50, level: 0.95 })
    const thirds = found.slice(0, 3)
    expect(thirds.map(({ days }) => days)).toEqual([4, 4, 4])
    expect(thirds.reduce((sum, { trades }) => sum + trades, 0)).toBe(result.trades.rows)
    const growth = thirds.reduce((product, { totalReturn }) => product * (1 + totalReturn), 1)
    expect(growth).toBeCloseTo(result.finalEquity / 10_000, 10)
    expect(found.slice(3).map(({ days }) => days)).toEqual([0, 0]) // 12 days have no trend of 20
    expect(found[0].reason).toBe('4 days are fewer than 10')
  })

  it('call the days after a rise of 20 days rising', () => {
    // Hours that rise for 30 days and fall for 30; the trend at the start of a day is of the 20 days before it.
    const hours = Array.from({ length: 60 * 24 }, (_, i): Row => {
      const at = (hour: number) => 100 + Math.min(hour, 60 * 24 - hour) / 24
      return [at(i), Math.max(at(i), at(i + 1)), Math.min(at(i), at(i + 1)), at(i + 1)]
    })
    const base = barsOf(hours, '1h')
    const equity = new Float64Array(base.rows).fill(10_000)
    const { result } = daysOf([0])
    const found = regimes({ ...result, equity }, base, base, { seed: 1, replicates: 20, level: 0.95 })
    // Days 20 to 39 stand above 20 days before; day 40 is as high as day 20 and so falling.
    expect(found.slice(3).map(({ days }) => days)).toEqual([20, 20])
    expect(base.openTime[1] - base.openTime[0]).toBe(HOUR)
  })

  it('look back beyond the first bar that was traded, where prices are at hand', () => {
    // The same hours, of which those from day 25 on were traded: all 35 days have a trend, 15 rise and 20 fall.
    const hours = Array.from({ length: 60 * 24 }, (_, i): Row => {
      const at = (hour: number) => 100 + Math.min(hour, 60 * 24 - hour) / 24
      return [at(i), Math.max(at(i), at(i + 1)), Math.min(at(i), at(i + 1)), at(i + 1)]
    })
    const history = barsOf(hours, '1h')
    const traded = sliceBars(history, 25 * 24, history.rows)
    const { result } = daysOf([0])
    const settings = { seed: 1, replicates: 20, level: 0.95 }
    const equity = new Float64Array(traded.rows).fill(10_000)
    const daysWith = (before: Bars) =>
      regimes({ ...result, equity }, traded, before, settings)
        .slice(3)
        .map(({ days }) => days)
    expect(daysWith(history)).toEqual([15, 20])
    // The first 20 of the traded days stay without where nothing is known of before; all of the others fall.
    expect(daysWith(traded)).toEqual([0, 15])
  })
})

describe('luck', () => {
  const withTrades = (returns: readonly number[]): Backtest => {
    const recorder = createTradeRecorder()
    for (const return_on_equity of returns) recorder.add({ ...blankTrade(), return_on_equity })
    return { ...daysOf([0]).result, trades: recorder.finish() }
  }

  it('of the order: gains first is the worst there is when all losses follow', () => {
    // Five gains of 10 %, then five losses of 10 %: 1 − 0.9⁵ = 0.40951 from the peak; no order can fall further.
    const found = tradeOrder(withTrades([...new Array(5).fill(0.1), ...new Array(5).fill(-0.1)]), 42)
    if ('unavailable' in found) throw new Error(found.unavailable)
    expect(found.actual).toBeCloseTo(1 - 0.9 ** 5, 12)
    expect(found.drawdown.p99).toBeLessThanOrEqual(found.actual + 1e-12)
    expect(found.drawdown.p05).toBeGreaterThanOrEqual(0.1 - 1e-12)
    expect(tradeOrder(withTrades([0.1]), 42)).toEqual({ unavailable: '1 trades are fewer than 10' })
  })

  it('of the days: the same return each day has one path only', () => {
    const { result, openTime } = daysOf(new Array(30).fill(-0.01))
    const found = dayPaths(result, openTime, 42)
    if ('unavailable' in found) throw new Error(found.unavailable)
    expect(found.totalReturn.p05).toBeCloseTo(0.99 ** 30 - 1, 10)
    expect(found.totalReturn.p95).toBeCloseTo(0.99 ** 30 - 1, 10)
    expect(found.drawdown.median).toBeCloseTo(1 - 0.99 ** 30, 10)
    expect(found.losing).toBe(1)
  })

  it('of the entries: one more than the better runs, over one more than all', () => {
    const result = runBacktest(INPUTS)
    const random = randomEntries(INPUTS, result, { runs: 9, seed: 1 })
    const strategy = result.finalEquity / 10_000 - 1
    const better = random.values.total_return.filter((value) => value >= strategy).length
    const found = signalTest(random)
    if ('unavailable' in found) throw new Error(found.unavailable)
    expect(found.p.total_return).toBeCloseTo((1 + better) / 10, 12)
    expect(signalTest(null)).toEqual({ unavailable: 'no trades' })
  })
})

describe('the whole', () => {
  const made = (seed: number) => {
    const result = runBacktest(INPUTS)
    const hold = buyAndHold(INPUTS)
    const random = randomEntries(INPUTS, result, { runs: 5, seed })
    const settings = { seed, replicates: 20, level: 0.95 }
    return stressTest(
      INPUTS,
      result,
      'unavailable' in hold ? null : hold,
      random,
      costReruns(INPUTS, result),
      BASE,
      settings,
    )
  }

  it('is the same for the same seed, another for another, and survives JSON', () => {
    const one = made(1)
    expect(made(1)).toEqual(one)
    expect(made(2).days).not.toEqual(one.days)
    expect(JSON.parse(JSON.stringify(one))).toEqual(one)
  })

  it('can be made of a part without a trade', () => {
    const quiet = { ...INPUTS, decisions: randomDecisions(BASE, 3, 0, 240) }
    const none = runBacktest(quiet)
    const found = stressTest(quiet, none, null, null, costReruns(quiet, none), BASE, {
      ...{ seed: 1, replicates: 20, level: 0.95 },
    })
    expect(found.surface.breakEven).toEqual({ multiple: null, reason: 'no trades' })
    expect(found.signal).toEqual({ unavailable: 'no trades' })
  })
})
