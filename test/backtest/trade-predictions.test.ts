import { describe, expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import { backtestSettings } from '../../src/backtest/settings.js'
import { type TradedRows, tradePredictions } from '../../src/backtest/trade-predictions.js'
import { type BacktestSettings, EXIT_REASONS } from '../../src/backtest/types.js'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import { MINUTE } from '../../src/core/time.js'
import type { Bars } from '../../src/market/bars.js'
import { barsOf, randomBars, START } from '../labels/make-bars.js'
import { DEFAULTS, FREE } from './settings.js'

const HORIZON = 5 * MINUTE

/** One row a decision: [minute of t0, side, confidence, threshold]. */
function predictions(list: readonly (readonly [number, number, number, number])[]): TradedRows {
  const of = (at: 0 | 1 | 2 | 3) => Float64Array.from(list, (row) => row[at])
  return {
    rows: list.length,
    t0: of(0).map((minute) => START + minute * MINUTE),
    side: of(1),
    confidence: of(2),
    threshold: of(3),
    profit: new Float64Array(list.length).fill(0.02),
    stop: new Float64Array(list.length).fill(0.01),
  }
}

const FLAT = barsOf(Array.from({ length: 60 }, () => [100, 100.1, 99.9, 100] as const))
const trade = (rows: TradedRows, base: Bars = FLAT) =>
  tradePredictions(rows, { base, funding: null, markPrice: null }, FREE, HORIZON)
const minutes = (times: Float64Array) => [...times].map((time) => (time - START) / MINUTE)

describe('the backtest of a part', () => {
  it('begins with the bar at the first decision and ends one horizon after the last', () => {
    const { inputs, result } = trade(
      predictions([
        [10, 1, 0.7, 0.6],
        [20, 1, 0.7, 0.6],
      ]),
    )
    expect(minutes(inputs.base.openTime)).toEqual(Array.from({ length: 15 }, (_, i) => 10 + i))
    expect(result.equity.length).toBe(15)
  })

  it('lets the last trade run its horizon', () => {
    const { result } = trade(
      predictions([
        [10, 1, 0.7, 0.6],
        [20, -1, 0.7, 0.6],
      ]),
    )
    // One bar of latency: entered at minute 21, closed at t0 + 5 minutes.
    expect(minutes(result.trades.entry_time)).toEqual([11, 21])
    expect(minutes(result.trades.exit_time)).toEqual([15, 25])
    expect([...result.trades.exit_reason].map((code) => EXIT_REASONS[code])).toEqual(['time', 'time'])
  })

  it('ends with the data where that is earlier, and the last trade with it', () => {
    const { inputs, result } = trade(
      predictions([
        [10, 1, 0.7, 0.6],
        [57, 1, 0.7, 0.6],
      ]),
    )
    expect(minutes(inputs.base.openTime).at(-1)).toBe(59)
    expect(minutes(result.trades.exit_time)).toEqual([15, 60])
    expect(EXIT_REASONS[result.trades.exit_reason[1]]).toBe('end')
  })

  it('enters where confidence reaches the threshold of the row, and nowhere else', () => {
    const { inputs, result } = trade(
      predictions([
        [0, 1, 0.59, 0.6], // below
        [10, 1, 0.6, 0.6], // at the threshold
        [20, -1, 0.7, 0.8], // below that of its own fold
        [30, -1, 0.8, 0.8],
        [40, 0, 0.9, 0.6], // flat
        [50, 1, Number.NaN, 0.6], // not known
      ]),
    )
    expect([...inputs.decisions.side]).toEqual([0, 1, 0, -1, 0, 0])
    expect(minutes(result.trades.decision_time)).toEqual([10, 30])
    expect([...result.trades.decision_row]).toEqual([1, 3])
    expect([...result.trades.side]).toEqual([1, -1])
  })

  it('keeps the rows without a trade, from which random entries are drawn', () => {
    const { inputs } = trade(
      predictions([
        [0, 0, 0, 0.6],
        [10, 1, 0.9, 0.6],
        [20, 1, 0.1, 0.6],
      ]),
    )
    expect(minutes(inputs.decisions.time)).toEqual([0, 10, 20])
  })

  it('does not see a price from before its first decision or after its last horizon', () => {
    const base = randomBars({ rows: 400, seed: 3 })
    const rows = predictions(
      Array.from({ length: 40 }, (_, i) => [100 + 5 * i, i % 2 === 0 ? 1 : -1, 0.7, 0.6] as const),
    )
    const { result } = trade(rows, base)
    expect(result.trades.rows).toBeGreaterThan(20)
    const other = randomBars({ rows: 400, seed: 4, volatility: 0.02 })
    const splice = (own: Float64Array, foreign: Float64Array) =>
      own.map((value, bar) => (bar < 100 || bar >= 300 ? foreign[bar] : value))
    const changed = {
      ...base,
      open: splice(base.open, other.open),
      high: splice(base.high, other.high),
      low: splice(base.low, other.low),
      close: splice(base.close, other.close),
    }
    expect(trade(rows, changed).result).toEqual(result)
    expect(trade(rows, { ...changed, close: other.close }).result).not.toEqual(result)
  })

  it('is an account of its own: what an earlier part lost is not its loss', () => {
    const base = randomBars({ rows: 600, seed: 9 })
    const list = Array.from({ length: 100 }, (_, i) => [5 * i, 1, 0.7, 0.6] as const)
    const settings = { ...DEFAULTS, missingFunding: 'exclude' as const }
    const run = (rows: TradedRows) =>
      tradePredictions(rows, { base, funding: null, markPrice: null }, settings, HORIZON)
    const outOfFold = run(predictions(list.slice(0, 80)))
    const test = run(predictions(list.slice(80)))
    expect(outOfFold.result.finalEquity).not.toBe(10_000)
    expect(test.result.trades.equity_before[0]).toBe(10_000)
    expect(test.result.equity[0]).toBe(10_000) // the entry comes a bar later
    const whole = run(predictions(list))
    expect(test.result.finalEquity).not.toBe(whole.result.finalEquity)
  })

  it('is the engine on those decisions: nothing is added or lost', () => {
    const base = randomBars({ rows: 400, seed: 5 })
    const rows = predictions(
      Array.from({ length: 60 }, (_, i) => [6 * i, i % 3 === 0 ? 1 : -1, 0.5 + (i % 5) / 10, 0.7] as const),
    )
    const { inputs, result } = trade(rows, base)
    expect(runBacktest(inputs)).toEqual(result)
    expect(result.trades.rows + result.skipped.inPosition + result.skipped.noBar).toBe(
      inputs.decisions.side.filter((side) => side !== 0).length,
    )
  })
})

describe('a short that is predicted on a spot market', () => {
  const spot: BacktestSettings = { ...FREE, market: 'spot' }
  // No short is decided for: side 0. Decided for at minute 0, predicted to fall at minute 2.
  const rows = (short: number): TradedRows => ({
    ...predictions([
      [0, 1, 0.9, 0.6],
      [2, 0, 0, 0.6],
    ]),
    p_short: Float64Array.of(0.05, short),
  })
  const trade = (short: number, settings = spot) =>
    tradePredictions(rows(short), { base: FLAT, funding: null, markPrice: null }, settings, HORIZON).result

  it('closes what is held, where it is as sure as a signal', () => {
    const { trades, skipped } = trade(0.6)
    expect([EXIT_REASONS[trades.exit_reason[0]], skipped.noShort]).toEqual(['reversal', 1])
    expect((trades.exit_time[0] - trades.decision_time[0]) / MINUTE).toBe(3) // minute 2 and the latency of one bar
    expect(EXIT_REASONS[trade(0.59).trades.exit_reason[0]]).toBe('time')
  })

  it('is nothing where shorts are decided for', () => {
    expect(EXIT_REASONS[trade(0.6, FREE).trades.exit_reason[0]]).toBe('time')
  })
})

describe('settings from the configuration', () => {
  const configuration = {
    ...(resolveConfig([]).config as unknown as Record<string, Json>),
    'backtest.equity': 5000,
    'backtest.makerBps': -1,
    'backtest.takerBps': 4,
    'backtest.slippageBps': 3,
    'backtest.latencyBars': 2,
    'backtest.leverage': 6,
    'backtest.riskFraction': 0.01,
    'backtest.missingFunding': 'assume:0.0001',
    'data.venue': 'binance-um',
  }

  it('are taken over by name', () => {
    expect(backtestSettings(configuration)).toMatchObject({
      equity: 5000,
      makerBps: -1,
      takerBps: 4,
      slippageBps: 3,
      latencyBars: 2,
      leverage: 6,
      riskFraction: 0.01,
      missingFunding: 'assume:0.0001',
      market: 'perpetual',
    })
  })

  it('know a spot market, which has no shorts, no funding and no leverage', () => {
    const settings = backtestSettings({ ...configuration, 'data.venue': 'binance-spot', 'backtest.riskFraction': 1 })
    expect(settings.market).toBe('spot')
    const rows = predictions([
      [0, -1, 0.9, 0.6],
      [10, 1, 0.9, 0.6],
    ])
    const { result } = tradePredictions(rows, { base: FLAT, funding: null, markPrice: null }, settings, HORIZON)
    expect(result.skipped.noShort).toBe(1)
    expect([...result.trades.side]).toEqual([1])
    const bought = result.trades.quantity[0] * result.trades.entry_price[0]
    expect(bought * 1.0004).toBeCloseTo(5000, 6) // with the fee of 4 bp
    expect([...result.trades.funding]).toEqual([0])
    expect(result.withoutFunding).toBe(false)
  })
})
