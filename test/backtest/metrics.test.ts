import { describe, expect, it } from 'vitest'
import { type MetricInterval, metricIntervals } from '../../src/backtest/bootstrap.js'
import { noneSkipped } from '../../src/backtest/leg.js'
import { computeMetrics, METRICS, type Metric, metricContext } from '../../src/backtest/metrics.js'
import { dailyEquity, drawdowns, longestDrawdownBars, monthlyReturns } from '../../src/backtest/periods.js'
import { blankTrade, createTradeRecorder } from '../../src/backtest/trades.js'
import type { Backtest, Trade } from '../../src/backtest/types.js'
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR } from '../../src/core/time.js'
import { START } from '../labels/make-bars.js'

const RETURNS = [
  0.01, -0.02, 0.015, 0, 0.03, -0.01, 0.005, -0.025, 0.02, 0, 0.012, -0.004, 0.007, -0.018, 0.026, 0.001, -0.009, 0.014,
  -0.006, 0.022, 0.003, -0.03,
]

/** A backtest with these daily returns and trades, on daily bars. */
function backtestOf(returns: readonly number[], trades: readonly Partial<Trade>[] = []): Backtest {
  const recorder = createTradeRecorder()
  for (const trade of trades) recorder.add({ ...blankTrade(), ...trade })
  let last = 10_000
  const equity = Float64Array.from(returns, (r) => (last *= 1 + r))
  return {
    trades: recorder.finish(),
    equity,
    initialEquity: 10_000,
    finalEquity: last,
    skipped: noneSkipped(),
    cutSlippage: 0,
    withoutFunding: false,
    withoutMarkPrice: false,
    events: [],
  }
}

function metricsOf(returns: readonly number[], trades: readonly Partial<Trade>[] = [], minTrades = 0) {
  const openTime = Float64Array.from(returns, (_, i) => START + i * DAY)
  return computeMetrics(metricContext(backtestOf(returns, trades), openTime, DAY), minTrades)
}

function expectClose(values: Float64Array, expected: readonly number[]) {
  expect(values.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) expect(values[i], `value ${i}`).toBeCloseTo(expected[i], 12)
}

describe('an account that comes to nothing', () => {
  // A gain, then all of it and twice as much again, then a day that would read as −50 % of a debt.
  const ruined = metricsOf([0.1, -3, -0.5, ...RETURNS], [{ net_pnl: -32_000, equity_before: 11_000 }])
  const said = 'ruin: the equity fell from 10,000 to -22,000 on 2024-01-02 00:00 UTC'

  it('is stated as ruin, and no return of its days is', () => {
    expect(ruined.max_drawdown).toEqual({ value: 1, note: said })
    expect(ruined.total_return).toMatchObject({ note: said })
    expect(ruined.trades).toEqual({ value: 1, note: said })
    for (const name of ['sharpe', 'sortino', 'calmar', 'volatility', 'var_95', 'skewness', 'max_drawdown_days'])
      expect(ruined[name], name).toEqual({ value: null, reason: said })
    expect(metricsOf(RETURNS).max_drawdown).not.toHaveProperty('note')
  })

  it('has no intervals of its days', () => {
    const openTime = Float64Array.from({ length: 25 }, (_, i) => START + i * DAY)
    const context = metricContext(backtestOf([0.1, -3, -0.5, ...RETURNS]), openTime, DAY)
    const intervals = metricIntervals(context, { seed: 1, replicates: 50, level: 0.9 })
    expect(intervals.max_drawdown).toMatchObject({ value: null, reason: expect.stringContaining(said) })
  })

  it('is one of which rounding alone is left', () => {
    expect(metricsOf([0.1, -1 + 1e-14]).max_drawdown).toMatchObject({
      note: expect.stringMatching(/^ruin: .* to 0 on/),
    })
  })
})

const reasonOf = (metric: Metric) => (metric.value === null ? metric.reason : `has the value ${metric.value}`)

describe('metrics of daily returns', () => {
  it('equal NumPy on 22 days', () => {
    // r.mean() / r.std(ddof=1) * sqrt(365); r.mean() / sqrt(mean(min(r, 0)**2)) * sqrt(365); np.quantile(r, .05); …
    const metrics = metricsOf(RETURNS)
    const expected = {
      total_return: 0.040975635402778154,
      sharpe: 2.285274305513154,
      sortino: 3.5156259284015414,
      volatility: 0.3121765685580997,
      var_95: 0.02475,
      expected_shortfall_95: 0.0275,
      max_drawdown: 0.03,
      max_drawdown_days: 5,
    }
    for (const [name, value] of Object.entries(expected)) expect(metrics[name].value, name).toBeCloseTo(value, 12)
  })

  it('compound to 365 days', () => {
    // 73 days with +10 % in all are a fifth of a year: 1.1⁵ - 1 = 0.61051; the worst loss is 20 %.
    const returns = new Array(73).fill(0)
    returns[3] = -0.2
    returns[9] = 1.1 / 0.8 - 1
    expect(metricsOf(returns).annualised_return.value).toBeCloseTo(0.61051, 10)
    expect(metricsOf(returns).calmar.value).toBeCloseTo(0.61051 / 0.2, 9)
  })

  it('say why they cannot be computed', () => {
    const none = metricsOf([0, 0, 0])
    expect(none.total_return).toEqual({ value: 0 })
    expect(reasonOf(none.sharpe)).toBe('daily returns do not vary')
    expect(reasonOf(none.sortino)).toBe('no losing day')
    expect(reasonOf(none.annualised_return)).toBe('3.0 days are fewer than 30')
    expect(reasonOf(none.var_95)).toBe('3 daily returns are fewer than 20')
    expect(reasonOf(none.win_rate)).toBe('no trades')
    expect(reasonOf(none.profit_factor)).toBe('no trades')
    expect(reasonOf(metricsOf(new Array(40).fill(0.001)).calmar)).toBe('no drawdown')
    expect(reasonOf(metricsOf([0.01]).sharpe)).toBe('1 daily returns are fewer than 2')
  })

  it('are a number or a reason for every metric, even without a single bar', () => {
    for (const metrics of [metricsOf([]), metricsOf([0]), metricsOf([-1, 0])]) {
      for (const { name } of METRICS) {
        const metric = metrics[name]
        if (metric.value === null) expect(metric.reason).not.toBe('')
        else expect(Number.isFinite(metric.value), name).toBe(true)
      }
    }
  })
})

describe('metrics of trades', () => {
  const trade = (net: number, change: Partial<Trade> = {}): Partial<Trade> => ({
    net_pnl: net,
    entry_time: START,
    exit_time: START + 6 * HOUR,
    quantity: 10,
    entry_price: 100,
    exit_price: 110,
    ...change,
  })
  const trades = [
    trade(30),
    trade(-10),
    trade(50, { fees: 2, slippage_cost: 1, funding: -0.5 }),
    trade(-10, { gross_pnl: 7 }),
  ]
  const metrics = metricsOf([0, 0, 0, 0], trades)

  it('equal hand arithmetic', () => {
    const expected = {
      trades: 4,
      win_rate: 0.5,
      average_win: 40, // (30 + 50) / 2
      average_loss: -10,
      profit_factor: 4, // 80 / 20
      expectancy: 15, // 60 / 4
      trades_per_day: 1,
      holding_hours: 6,
      exposure: 0.25, // 24 of 96 hours
      turnover: 0.84, // 4 × 10 × (100 + 110) / 10,000
      fees: 2,
      slippage: 1,
      funding: -0.5,
      gross_pnl: 7,
      net_pnl: 60,
    }
    for (const [name, value] of Object.entries(expected)) expect(metrics[name].value, name).toBeCloseTo(value, 10)
  })

  it('say when they rest on too few', () => {
    expect(metricsOf([0, 0], trades, 30).win_rate).toEqual({ value: 0.5, note: 'rests on 4 trades, fewer than 30' })
    expect(metricsOf([0, 0], trades, 4).win_rate).toEqual({ value: 0.5 })
    expect(reasonOf(metricsOf([0], [trade(5)]).profit_factor)).toBe('no losing trade')
  })
})

describe('periods', () => {
  it('take the last bar of each UTC day, and the first day from the start', () => {
    // Bars of 8 h from 16:00: one bar on the first day, three on the second, one on the third.
    const openTime = Float64Array.from({ length: 5 }, (_, i) => START + (16 + 8 * i) * HOUR)
    const daily = dailyEquity(openTime, Float64Array.of(110, 1, 2, 121, 60.5), 100)
    expect([...daily.day]).toEqual([START, START + DAY, START + 2 * DAY])
    expect([...daily.equity]).toEqual([110, 121, 60.5])
    expectClose(daily.returns, [0.1, 0.1, -0.5])
  })

  it('make months of days, against the end of the month before', () => {
    const openTime = Float64Array.from({ length: 60 }, (_, i) => START + i * DAY)
    const equity = openTime.map((t) => (t < Date.UTC(2024, 1, 1) ? 120 : 90))
    const months = monthlyReturns(openTime, equity, 100)
    expect(months.map(({ month }) => month)).toEqual(['2024-01', '2024-02'])
    expect(months[0].value).toBeCloseTo(0.2, 12)
    expect(months[1].value).toBeCloseTo(-0.25, 12)
  })

  it('measure drawdowns from the highest equity so far, the start included', () => {
    const losses = drawdowns(Float64Array.of(90, 100, 120, 108, 60, 121), 100)
    expectClose(losses, [0.1, 0, 0, 0.1, 0.5, 0])
    expect(longestDrawdownBars(losses)).toBe(2)
  })
})

describe('intervals', () => {
  const settings = { seed: 42, replicates: 2000, level: 0.95 }
  const random = createRandom(7, 'test returns')
  const independent = Array.from({ length: 1000 }, () => 0.001 + 0.01 * random.normal())
  const intervalsOf = (returns: readonly number[], trades: readonly Partial<Trade>[] = [], change = {}) => {
    const openTime = Float64Array.from(returns, (_, i) => START + i * DAY)
    return metricIntervals(metricContext(backtestOf(returns, trades), openTime, DAY), { ...settings, ...change })
  }
  const ends = (interval: MetricInterval) =>
    interval.value === null ? [] : [interval.low - interval.value, interval.high - interval.value]

  it('are those of the normal theory for independent days', () => {
    const intervals = intervalsOf(independent)
    // ± 1.96 × 0.01 / √1000 = ± 0.00062 for the mean; × √365 / 0.01 = ± 1.18 for the Sharpe ratio.
    const [low, high] = ends(intervals.mean_daily_return)
    expect(
      [-low, high].every((x) => x > 0.00052 && x < 0.00072),
      `${low} ${high}`,
    ).toBe(true)
    const [worst, best] = ends(intervals.sharpe)
    expect(
      [-worst, best].every((x) => x > 1 && x < 1.4),
      `${worst} ${best}`,
    ).toBe(true)
  })

  it('widen when neighbours resemble each other', () => {
    // An autoregression with 0.6 has a mean that varies √((1 + 0.6) / (1 - 0.6)) = 2 times as much as its values tell.
    let last = 0
    const related = independent.map((x) => {
      last = 0.6 * last + (x - 0.001) * 0.8
      return last
    })
    const width = (returns: readonly number[]) => {
      const [low, high] = ends(intervalsOf(returns).mean_daily_return)
      return high - low
    }
    expect(width(related) / width(independent)).toBeGreaterThan(1.5)
  })

  it('hold the metrics themselves', () => {
    const trades = Array.from({ length: 60 }, (_, i) => ({ net_pnl: i % 3 === 0 ? 25 : -10 }))
    const intervals = intervalsOf(RETURNS, trades)
    expect(intervals.sharpe.value).toBeCloseTo(2.285274305513154, 10)
    expect(intervals.win_rate.value).toBeCloseTo(1 / 3, 12)
    expect(intervals.profit_factor.value).toBeCloseTo(1.25, 12) // 20 × 25 / (40 × 10)
    for (const interval of Object.values(intervals)) {
      const [low, high] = ends(interval)
      expect(low).toBeLessThan(0)
      expect(high).toBeGreaterThan(0)
    }
  })

  it('are the same for the same seed and others for another', () => {
    expect(intervalsOf(RETURNS)).toEqual(intervalsOf(RETURNS))
    expect(intervalsOf(RETURNS, [], { seed: 43 })).not.toEqual(intervalsOf(RETURNS))
  })

  it('say why there are none', () => {
    const few = intervalsOf(RETURNS.slice(0, 9), new Array(12).fill({ net_pnl: 1 }))
    expect(few.sharpe).toEqual({ value: null, reason: '9 days are fewer than 10' })
    expect(few.profit_factor).toEqual({ value: null, reason: 'cannot be computed from these 12 trades' })
    expect(few.win_rate).toEqual({ value: 1, low: 1, high: 1, level: 0.95 })
    // One loss among twelve: a third of the resamples have none.
    const one = intervalsOf(RETURNS, [{ net_pnl: -1 }, ...new Array(11).fill({ net_pnl: 1 })])
    expect(one.profit_factor).toHaveProperty('reason', expect.stringMatching(/of 2000 resamples have no value/))
  })
})
