/** Alpha, beta, rolling windows, shape and dependence of daily returns, and an interval for everything. */
import { describe, expect, it } from 'vitest'
import { allIntervals } from '../../src/backtest/all-intervals.js'
import { metricIntervals } from '../../src/backtest/bootstrap.js'
import { noneSkipped } from '../../src/backtest/leg.js'
import { computeMetrics, METRICS, type Metric, metricContext } from '../../src/backtest/metrics.js'
import { blankTrade, createTradeRecorder } from '../../src/backtest/trades.js'
import type { Backtest, Trade } from '../../src/backtest/types.js'
import { createRandom } from '../../src/core/random.js'
import { DAY } from '../../src/core/time.js'
import { START } from '../labels/make-bars.js'

const RETURNS = [
  0.01, -0.02, 0.015, 0, 0.03, -0.01, 0.005, -0.025, 0.02, 0, 0.012, -0.004, 0.007, -0.018, 0.026, 0.001, -0.009, 0.014,
  -0.006, 0.022, 0.003, -0.03,
]
const MARKET = [
  0.02, -0.01, 0.01, 0.005, 0.015, -0.02, 0.01, -0.03, 0.01, -0.005, 0.02, 0.001, 0.002, -0.01, 0.03, -0.004, -0.012,
  0.008, 0.002, 0.015, -0.001, -0.025,
]

function backtestOf(returns: readonly number[], trades: readonly Partial<Trade>[] = []): Backtest {
  const recorder = createTradeRecorder()
  for (const trade of trades) recorder.add({ ...blankTrade(), ...trade })
  let last = 10_000
  return {
    trades: recorder.finish(),
    equity: Float64Array.from(returns, (r) => (last *= 1 + r)),
    initialEquity: 10_000,
    finalEquity: last,
    skipped: noneSkipped(),
    cutSlippage: 0,
    withoutFunding: false,
    withoutMarkPrice: false,
    events: [],
  }
}

function contextOf(returns: readonly number[], market?: readonly number[], trades: readonly Partial<Trade>[] = []) {
  const openTime = Float64Array.from(returns, (_, i) => START + i * DAY)
  const hold = market === undefined ? { unavailable: 'no bar can be entered' } : backtestOf(market)
  return metricContext(backtestOf(returns, trades), openTime, DAY, hold)
}

const valuesOf = (...of: Parameters<typeof contextOf>) => computeMetrics(contextOf(...of), 0)
const reasonOf = (metric: Metric) => (metric.value === null ? metric.reason : `has the value ${metric.value}`)

describe('metrics of daily returns', () => {
  it('equal pandas, SciPy and NumPy on 22 days', () => {
    // scipy.stats.linregress(market, r): slope, intercept × 365; pd.Series(r).skew(), .kurt(); np.percentile(r, 95) / -np.percentile(r, 5);
    // sqrt(mean(minimum(r, 0)²) × 365); Σ d[1:] d[:-1] / Σ d², also of |r|; KPSS as in the paper with l4 = int(4 × 0.22^¼) = 2.
    const metrics = valuesOf(RETURNS, MARKET)
    const expected = {
      beta: 0.9615998187602065,
      alpha: 0.21884082048764844,
      skewness: -0.22740563874984163,
      excess_kurtosis: -0.557823338402363,
      tail_ratio: 1.0424242424242423,
      downside_deviation: 0.20292519893703778,
      autocorrelation: -0.4674474512540873,
      autocorrelation_size: -0.3669377688825311,
      stationarity_kpss: 0.08710422525061282,
    }
    for (const [name, value] of Object.entries(expected)) expect(metrics[name].value, name).toBeCloseTo(value, 10)
  })

  it('have a beta of 2 and the alpha that was added to a doubled market', () => {
    // 2 × market + 0.001 a day: 0.001 × 365 = 0.365 a year.
    const metrics = valuesOf(
      MARKET.map((r) => 2 * r + 0.001),
      MARKET,
    )
    expect(metrics.beta.value).toBeCloseTo(2, 10)
    expect(metrics.alpha.value).toBeCloseTo(0.365, 10)
  })

  it('find a mean that has moved, and none in days that alternate', () => {
    // 200 days around 0, then 200 around 0.01 with the same ±0.001: the partial sums run far away.
    const moved = Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 0.01) + (i % 2 === 0 ? 0.001 : -0.001))
    expect(valuesOf(moved).stationarity_kpss.value).toBeGreaterThan(0.463)
    const steady = Array.from({ length: 400 }, (_, i) => ((i * 7919) % 13) / 1000 - 0.006)
    expect(valuesOf(steady).stationarity_kpss.value).toBeLessThan(0.463)
  })

  it('roll through windows of 90 days', () => {
    // Days alternate by ±0.01 around 0.001, then around -0.001; each window of even length has the same deviation:
    // √(90 × 0.01² / 89) = 0.010056…, so the first is 0.001 / 0.010056 × √365 = 1.8998 and the last is its negative.
    const days = Array.from({ length: 180 }, (_, i) => (i < 90 ? 0.001 : -0.001) + (i % 2 === 0 ? 0.01 : -0.01))
    const sharpe = (0.001 / Math.sqrt((90 * 0.01 ** 2) / 89)) * Math.sqrt(365)
    const metrics = valuesOf(days)
    expect(metrics.rolling_sharpe_low.value).toBeCloseTo(-sharpe, 6)
    // 91 windows start on day 0 to 90; the one from day 45 has as many good days as bad ones.
    expect(metrics.rolling_gain_share.value).toBeCloseTo(45 / 91, 1)
    expect(reasonOf(valuesOf(days.slice(0, 89)).rolling_sharpe_low)).toBe('89 days are fewer than 90')
    expect(reasonOf(valuesOf(new Array(120).fill(0.001)).rolling_sharpe_low)).toBe('daily returns do not vary')
    const quiet = [...days.slice(0, 90), ...new Array(90).fill(0)]
    expect(valuesOf(quiet).rolling_sharpe_median.value).toBeGreaterThan(0)
  })

  it('say why they cannot be computed', () => {
    expect(reasonOf(valuesOf(RETURNS).beta)).toBe('no bar can be entered')
    expect(reasonOf(valuesOf(RETURNS, new Array(22).fill(0)).alpha)).toBe('buy and hold does not vary')
    expect(reasonOf(valuesOf(RETURNS.slice(0, 19), MARKET.slice(0, 19)).beta)).toBe(
      '19 daily returns are fewer than 20',
    )
    expect(reasonOf(valuesOf(new Array(30).fill(0)).skewness)).toBe('daily returns do not vary')
  })
})

describe('the payoff ratio', () => {
  it('is the average win over the average loss', () => {
    // (30 + 50) / 2 = 40 against (10 + 22) / 2 = 16.
    const trades = [30, -10, 50, -22].map((net_pnl) => ({ net_pnl }))
    expect(valuesOf([0, 0], undefined, trades).payoff_ratio.value).toBe(2.5)
    expect(reasonOf(valuesOf([0], undefined, [{ net_pnl: 3 }]).payoff_ratio)).toBe('no losing trade')
  })
})

describe('intervals of all metrics', () => {
  const random = createRandom(11, 'test returns')
  const market = Array.from({ length: 300 }, () => 0.02 * random.normal())
  const returns = market.map((r) => 0.5 * r + 0.001 + 0.01 * random.normal())
  const trades = Array.from({ length: 120 }, (_, i) => ({
    net_pnl: i % 3 === 0 ? 25 + (i % 7) : -10 - (i % 5),
    return_on_equity: (i % 3 === 0 ? 25 : -10) / 10_000,
    fees: 1 + (i % 4) / 10,
    gross_pnl: i % 3 === 0 ? 27 : -8 - (i % 2),
    slippage_cost: 0.5 + (i % 3) / 10,
    funding: (i % 5) - 2,
    entry_time: START + i * DAY,
    exit_time: START + i * DAY + (1 + (i % 4)) * 3_600_000,
    quantity: 1 + (i % 2),
    entry_price: 100,
    exit_price: 101,
  }))
  const context = contextOf(returns, market, trades)
  const settings = { seed: 42, replicates: 400, level: 0.95 }
  const intervals = allIntervals(context, settings)
  const values = computeMetrics(context, 0)

  it('exist for each metric of the table, with a value or a reason', () => {
    expect(METRICS.filter(({ name }) => intervals[name] === undefined)).toEqual([])
    for (const { name, resample } of METRICS) {
      const interval = intervals[name]
      if (interval.value === null)
        expect(interval.reason, name).toBe(typeof resample === 'string' ? '' : resample.never)
      else {
        expect(interval.value, name).toBeCloseTo(values[name].value ?? Number.NaN, 9)
        expect(interval.low, name).toBeLessThan(interval.high)
      }
    }
  })

  it('of the slope are those of the textbook', () => {
    // Standard error of a slope: 0.01 / (0.02 × √300) = 0.0289, so ± 1.96 × 0.0289 = ± 0.0566.
    const { beta } = intervals
    if (beta.value === null) throw new Error(beta.reason)
    expect((beta.high - beta.low) / 2).toBeGreaterThan(0.04)
    expect((beta.high - beta.low) / 2).toBeLessThan(0.075)
    expect(beta.low).toBeLessThan(0.5)
    expect(beta.high).toBeGreaterThan(0.5)
  })

  it('leave those that decide as they were', () => {
    expect(intervals).toMatchObject(metricIntervals(context, settings))
  })

  it('say what there is too little of', () => {
    const few = allIntervals(contextOf(RETURNS.slice(0, 9), MARKET.slice(0, 9), trades.slice(0, 4)), settings)
    expect(few.volatility).toEqual({ value: null, reason: '9 days are fewer than 10' })
    expect(few.expectancy).toEqual({ value: null, reason: '4 trades are fewer than 10' })
  })
})
