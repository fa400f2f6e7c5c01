/**
 * Metrics of the daily returns against those of buying and holding, and over windows that roll through the days.
 *
 * Alpha and beta are the intercept and slope of an ordinary least-squares line (Jensen 1968, risk-free rate 0): beta is the covariance ÷
 * the variance of the benchmark, as in quantstats and empyrical. Alpha is × 365 as in quantstats; empyrical compounds it.
 */
import { mean, quantile } from '../math/statistics.js'
import type { MetricContext, MetricDefinition } from './metrics.js'
import { DAYS_PER_YEAR } from './periods.js'

/** Fewer pairs of days make a slope of chance. */
const MINIMUM_DAYS = 20
const ROLLING_DAYS = 90

function line(
  { daily, benchmark }: MetricContext,
  compute: (beta: number, alpha: number) => number | string,
): number | string {
  if (typeof benchmark === 'string') return benchmark
  if (daily.length < MINIMUM_DAYS) return `${daily.length} daily returns are fewer than ${MINIMUM_DAYS}`
  const beta = slope(daily, benchmark)
  if (Number.isNaN(beta)) return 'buy and hold does not vary'
  return compute(beta, mean(daily) - beta * mean(benchmark))
}

/** NaN where x does not vary. */
function slope(y: Float64Array, x: Float64Array): number {
  const [yMean, xMean] = [mean(y), mean(x)]
  let products = 0
  let squares = 0
  for (let i = 0; i < x.length; i++) {
    products += (y[i] - yMean) * (x[i] - xMean)
    squares += (x[i] - xMean) ** 2
  }
  return squares > 0 ? products / squares : Number.NaN
}

/**
 * Sharpe ratio of each 90 days in a row; NaN where they do not vary. From sums of all days so far: an interval asks for it hundreds of times,
 * and daily returns are of one size, so that nothing is lost in the differences but what the last test takes for no variation.
 */
function rollingSharpe(daily: Float64Array): Float64Array {
  const days = daily.length
  const sums = new Float64Array(days + 1)
  const squares = new Float64Array(days + 1)
  for (let i = 0; i < days; i++) {
    sums[i + 1] = sums[i] + daily[i]
    squares[i + 1] = squares[i] + daily[i] * daily[i]
  }
  const found = new Float64Array(Math.max(0, days - ROLLING_DAYS + 1)).fill(Number.NaN)
  for (let start = 0; start < found.length; start++) {
    const sum = sums[start + ROLLING_DAYS] - sums[start]
    const square = squares[start + ROLLING_DAYS] - squares[start]
    const distances = square - (sum * sum) / ROLLING_DAYS
    if (!(distances > 1e-9 * square)) continue
    found[start] = (sum / ROLLING_DAYS / Math.sqrt(distances / (ROLLING_DAYS - 1))) * Math.sqrt(DAYS_PER_YEAR)
  }
  return found
}

function rolling(c: MetricContext, compute: (sharpes: Float64Array) => number): number | string {
  if (c.daily.length < ROLLING_DAYS) return `${c.daily.length} days are fewer than ${ROLLING_DAYS}`
  const known = rollingSharpe(c.daily).filter((value) => !Number.isNaN(value))
  return known.length === 0 ? 'daily returns do not vary' : compute(known)
}

export const BENCHMARK_METRICS: readonly MetricDefinition[] = [
  {
    name: 'alpha',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Mean daily return less beta × that of buy and hold, × 365: what the market does not explain.',
    compute: (c) => line(c, (_, alpha) => alpha * DAYS_PER_YEAR),
  },
  {
    name: 'beta',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Slope of daily returns on those of buy and hold; 0 is independent of the market.',
    compute: (c) => line(c, (beta) => beta),
  },
  {
    name: 'rolling_sharpe_low',
    unit: 'ratio',
    resample: 'days',
    meaning: `Lowest Sharpe ratio of any ${ROLLING_DAYS} days in a row.`,
    compute: (c) => rolling(c, (sharpes) => sharpes.reduce((least, value) => Math.min(least, value))),
  },
  {
    name: 'rolling_sharpe_median',
    unit: 'ratio',
    resample: 'days',
    meaning: `Median Sharpe ratio of all ${ROLLING_DAYS} days in a row.`,
    compute: (c) => rolling(c, (sharpes) => quantile(sharpes, 0.5)),
  },
  {
    name: 'rolling_gain_share',
    unit: 'fraction',
    resample: 'days',
    meaning: `Share of all ${ROLLING_DAYS} days in a row whose mean return is above zero.`,
    compute: (c) => rolling(c, (sharpes) => sharpes.filter((value) => value > 0).length / sharpes.length),
  },
]
