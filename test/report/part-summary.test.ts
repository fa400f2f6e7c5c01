import { describe, expect, it } from 'vitest'
import { buyAndHold } from '../../src/backtest/buy-and-hold.js'
import { runBacktest } from '../../src/backtest/engine.js'
import { METRICS } from '../../src/backtest/metrics.js'
import { randomEntries } from '../../src/backtest/random-entries.js'
import type { BacktestInputs } from '../../src/backtest/types.js'
import { MINUTE } from '../../src/core/time.js'
import { PREDICTION_MEANINGS, summarisePart } from '../../src/report/part-summary.js'
import { PREDICTION_METRICS, type PredictionScores, VALUE_METRICS } from '../../src/validation/score-predictions.js'
import { DEFAULTS, hourlyFunding, randomDecisions } from '../backtest/settings.js'
import { randomBars, START } from '../labels/make-bars.js'

const INTERVALS = { seed: 1, replicates: 100, level: 0.95 }
const BASE = randomBars({ rows: 15 * 1440, seed: 2, volatility: 0.002 })

function inputsOf(overrides: Partial<BacktestInputs> = {}): BacktestInputs {
  return {
    base: BASE,
    decisions: randomDecisions(BASE, 3, 0.01, 240),
    funding: hourlyFunding(BASE, 4),
    markPrice: null,
    settings: DEFAULTS,
    ...overrides,
  }
}

/** Scores as they are when nothing was predicted, but for the precision. */
function scoresOf(precision: number | null): PredictionScores {
  const none = { value: null, count: 0, low: null, high: null, reason: 'nothing was predicted' }
  const metrics = Object.fromEntries(PREDICTION_METRICS.map((name) => [name, none])) as PredictionScores['metrics']
  return {
    metrics:
      precision === null ? metrics : { ...metrics, precision: { ...none, value: precision, low: 0.4, high: 0.7 } },
    values: null,
    confusion: null,
    reliability: null,
  }
}

function summaryOf(inputs: BacktestInputs, minTrades = 30, precision: number | null = 0.55) {
  const result = runBacktest({ ...inputs, events: true })
  const random = result.trades.rows > 0 ? randomEntries(inputs, result, { runs: 5, seed: 1 }) : null
  const hold = buyAndHold(inputs)
  const scores = scoresOf(precision)
  return {
    result,
    hold,
    summary: summarisePart({ inputs, result, hold, random, scores, minTrades, intervals: INTERVALS }),
  }
}

const metricOf = (rows: readonly { key: string; value: number | null }[], key: string) =>
  rows.find((row) => row.key === key)?.value ?? Number.NaN

describe('the summary of a part', () => {
  const { result, hold, summary } = summaryOf(inputsOf())

  it('splits the fees by kind, and the kinds add up to all fees', () => {
    const { maker, taker } = summary.feesByKind
    // The engine's own list of fills: entries and all exits but the resting profit order take.
    const fees = { maker: 0, taker: 0 }
    for (const event of result.events) {
      if (event.type === 'entry') fees.taker += event.fee
      if (event.type === 'exit') fees[event.reason === 'profit' ? 'maker' : 'taker'] += event.fee
    }
    expect(fees.maker).toBeGreaterThan(0)
    expect(maker).toBeCloseTo(fees.maker, 8)
    expect(taker).toBeCloseTo(fees.taker, 8)
    expect(maker + taker).toBeCloseTo(metricOf(summary.metrics, 'fees'), 8)
  })

  it('has every metric of the table, in its order, each with a value or a reason', () => {
    expect(summary.metrics.map(({ key }) => key)).toEqual(METRICS.map(({ name }) => name))
    expect(summary.predictions.map(({ key }) => key)).toEqual([...PREDICTION_METRICS])
    for (const row of [...summary.metrics, ...summary.predictions]) {
      expect(row.value === null ? row.reason : String(row.value), row.key).toMatch(/\w/)
      expect(row.meaning, row.key).toMatch(/\w/)
    }
    expect(Object.keys(PREDICTION_MEANINGS).sort()).toEqual([...PREDICTION_METRICS, ...VALUE_METRICS].sort())
  })

  it('has totals that agree: gross − fees − slippage − funding = net = the change of the account', () => {
    const of = (key: string) => metricOf(summary.metrics, key)
    expect(of('gross_pnl') - of('fees') - of('slippage') - of('funding')).toBeCloseTo(of('net_pnl'), 6)
    expect(result.finalEquity - summary.initialEquity).toBeCloseTo(of('net_pnl'), 6)
    expect(of('funding')).not.toBe(0)
  })

  it('gives an interval to what decides', () => {
    const sharpe = summary.metrics.find(({ key }) => key === 'sharpe')
    expect(sharpe?.interval?.[0]).toBeLessThan(sharpe?.value ?? Number.NaN)
    expect(sharpe?.interval?.[1]).toBeGreaterThan(sharpe?.value ?? Number.NaN)
    expect(summary.predictions.find(({ key }) => key === 'precision')).toMatchObject({
      value: 0.55,
      interval: [0.4, 0.7],
    })
  })

  it('spans the bars it ran on', () => {
    expect(summary.span).toEqual({ from: START, to: START + BASE.rows * MINUTE })
    expect(summary.trades).toBe(result.trades.rows)
  })

  it('sets the strategy beside its baselines', () => {
    expect(summary.random).toMatchObject({ runs: 5 })
    if ('unavailable' in summary.buyAndHold || 'unavailable' in hold) throw new Error('no buy and hold')
    expect(metricOf(summary.buyAndHold.metrics, 'total_return')).toBeCloseTo(hold.finalEquity / 10_000 - 1, 12)
    // One trade by design: that it is few is no news.
    expect(summary.buyAndHold.metrics.every(({ note }) => note === undefined)).toBe(true)
  })

  it('survives JSON, which has no NaN', () => {
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
  })

  it('notes on every value that it rests on few trades', () => {
    const few = summaryOf(inputsOf(), result.trades.rows + 1).summary.metrics
    expect(few.filter(({ value }) => value !== null).every(({ note }) => note?.includes('fewer than') === true)).toBe(
      true,
    )
    expect(summary.metrics.some(({ note }) => note !== undefined)).toBe(false)
  })
})

describe('the summary of a part without a trade', () => {
  const quiet = inputsOf({ decisions: randomDecisions(BASE, 3, 0, 240), funding: null })
  const { summary } = summaryOf(quiet, 30, null)

  it('says why there is no Sharpe ratio, no win rate and nothing to compare', () => {
    const of = (key: string) => summary.metrics.find((row) => row.key === key)
    expect(of('sharpe')).toMatchObject({ value: null, reason: 'daily returns do not vary' })
    expect(of('win_rate')).toMatchObject({ value: null, reason: 'no trades' })
    expect(of('total_return')).toMatchObject({ value: 0 })
    expect(summary.random).toEqual({ unavailable: 'the strategy made no trade to compare with' })
    expect(summary.reliability).toEqual({ unavailable: 'no row has a side' })
    expect(summary.predictions.find(({ key }) => key === 'precision')).toMatchObject({
      value: null,
      reason: 'nothing was predicted',
    })
    expect(summary.feesByKind).toEqual({ maker: 0, taker: 0 })
  })

  it('is marked as without funding where the series is absent', () => {
    expect(summary.withoutFunding).toBe(true)
    expect(summary.withoutMarkPrice).toBe(true)
    const spot = summaryOf({ ...quiet, settings: { ...DEFAULTS, market: 'spot' } }, 30, null).summary
    expect(spot.withoutFunding).toBe(false)
    expect(spot.withoutMarkPrice).toBe(false)
  })
})

describe('a part without funding', () => {
  const { summary } = summaryOf(inputsOf({ funding: null }))
  const row = (key: string) => summary.metrics.find((metric) => metric.key === key)

  it('has no funding total, which is not a total of zero', () => {
    expect(row('funding')).toMatchObject({ value: null, reason: 'funding is absent, or does not cover the trades' })
  })

  it('says so beside every total that funding would have changed', () => {
    for (const key of ['total_return', 'net_pnl'])
      expect(row(key)).toMatchObject({ note: expect.stringMatching(/^without funding/) })
    if ('unavailable' in summary.buyAndHold) throw new Error('there are bars to hold')
    expect(metricOf(summary.buyAndHold.metrics, 'funding')).toBeNaN()
  })

  it('is marked on a perpetual only: a spot market pays none', () => {
    const spot = summaryOf(inputsOf({ funding: null, settings: { ...DEFAULTS, market: 'spot' } })).summary
    expect(metricOf(spot.metrics, 'funding')).toBe(0)
  })
})
