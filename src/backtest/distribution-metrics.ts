/**
 * The shape of the daily returns, and how they hang together in time.
 */
import { power } from '../core/power.js'
import { mean, quantile, standardDeviation } from '../math/statistics.js'
import type { MetricContext, MetricDefinition } from './metrics.js'
import { DAYS_PER_YEAR } from './periods.js'

const MINIMUM_DAYS = 20

/** Dependence in time cannot be drawn again in blocks: every joint between two blocks breaks it. */
const BROKEN = 'drawing days again in blocks breaks up what it measures'

function ofDays({ daily }: MetricContext, compute: (daily: Float64Array) => number | string): number | string {
  if (daily.length < MINIMUM_DAYS) return `${daily.length} daily returns are fewer than ${MINIMUM_DAYS}`
  return standardDeviation(daily) > 0 ? compute(daily) : 'daily returns do not vary'
}

/** Sum of the powers of the distances from the mean, each ÷ the population standard deviation. */
function standardisedMoment(x: Float64Array, order: number): number {
  const centre = mean(x)
  let squares = 0
  let powers = 0
  for (let i = 0; i < x.length; i++) {
    squares += (x[i] - centre) ** 2
    powers += power(x[i] - centre, order)
  }
  return powers / x.length / power(squares / x.length, order / 2)
}

/** Adjusted Fisher–Pearson coefficient G1, as pandas and so quantstats have it. */
function skewness(x: Float64Array): number {
  const n = x.length
  return (standardisedMoment(x, 3) * Math.sqrt(n * (n - 1))) / (n - 2)
}

/** Adjusted excess kurtosis G2, as pandas and so quantstats have it; a normal distribution has 0. */
function excessKurtosis(x: Float64Array): number {
  const n = x.length
  return ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (standardisedMoment(x, 4) - 3) + 6)
}

/** Of neighbouring days, around the mean of all (Box & Jenkins' estimate: the lower sum is over all days). */
export function autocorrelation(x: Float64Array, lag: number): number {
  const centre = mean(x)
  let products = 0
  let squares = 0
  for (let i = 0; i < x.length; i++) {
    squares += (x[i] - centre) ** 2
    if (i >= lag) products += (x[i] - centre) * (x[i - lag] - centre)
  }
  return squares > 0 ? products / squares : Number.NaN
}

/**
 * Statistic of Kwiatkowski, Phillips, Schmidt & Shin 1992 (J. Econometrics 54) for a level that does not move: the squared partial sums of
 * the distances from the mean ÷ n² × the long-run variance, Bartlett weights up to lag l4 = ⌊4 (n / 100)^¼⌋ of the paper.
 */
export function kpss(x: Float64Array): number {
  const n = x.length
  const centre = mean(x)
  const lags = Math.floor(4 * power(n / 100, 0.25))
  let partial = 0
  let squares = 0
  for (let i = 0; i < n; i++) {
    partial += x[i] - centre
    squares += partial * partial
  }
  let variance = 0
  for (let lag = 0; lag <= lags; lag++) {
    let products = 0
    for (let i = lag; i < n; i++) products += (x[i] - centre) * (x[i - lag] - centre)
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * products
  }
  return squares / (n * n) / (variance / n)
}

export const DISTRIBUTION_METRICS: readonly MetricDefinition[] = [
  {
    name: 'downside_deviation',
    unit: 'fraction',
    resample: 'days',
    meaning: 'Root mean square of the negative daily returns (over all days) × √365.',
    compute: ({ daily }) =>
      daily.length < 2
        ? `${daily.length} daily returns are fewer than 2`
        : Math.sqrt(daily.reduce((sum, value) => sum + Math.min(0, value) ** 2, 0) / daily.length) *
          Math.sqrt(DAYS_PER_YEAR),
  },
  {
    name: 'skewness',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Of daily returns, adjusted for their number; negative: the large days are losses.',
    compute: (c) => ofDays(c, skewness),
  },
  {
    name: 'excess_kurtosis',
    unit: 'ratio',
    resample: 'days',
    meaning: 'Of daily returns, adjusted for their number; above 0: more extreme days than a normal distribution has.',
    compute: (c) => ofDays(c, excessKurtosis),
  },
  {
    name: 'tail_ratio',
    unit: 'ratio',
    resample: 'days',
    meaning: '95 % quantile of daily returns ÷ the 5 % quantile, without its sign; above 1: gains reach further.',
    compute: (c) =>
      ofDays(c, (daily) => {
        const low = Math.abs(quantile(daily, 0.05))
        return low > 0 ? Math.abs(quantile(daily, 0.95)) / low : 'the 5 % quantile is 0'
      }),
  },
  {
    name: 'autocorrelation',
    unit: 'ratio',
    resample: { never: BROKEN },
    meaning: 'Of daily returns with the day before; independent days lie within ±1.96 ÷ √days in 95 % of cases.',
    compute: (c) => ofDays(c, (daily) => autocorrelation(daily, 1)),
  },
  {
    name: 'autocorrelation_size',
    unit: 'ratio',
    resample: { never: BROKEN },
    meaning: 'The same of their size without the sign: above 0, restless days come together.',
    compute: (c) => ofDays(c, (daily) => autocorrelation(daily.map(Math.abs), 1)),
  },
  {
    name: 'stationarity_kpss',
    unit: 'ratio',
    resample: { never: BROKEN },
    meaning:
      'KPSS statistic of daily returns (Kwiatkowski et al. 1992, lags ⌊4 (n/100)^¼⌋); above 0.463 their mean has moved (5 % level).',
    compute: (c) => ofDays(c, kpss),
  },
]
