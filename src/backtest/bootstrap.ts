/**
 * How much of a result is luck: intervals of the metrics that decide, from resampling whole stretches of days or of
 * trades, so that what hangs together in time stays together.
 */
import { power } from '../core/power.js'
import {
  type BootstrapInterval,
  type BootstrapOptions,
  blockBootstrap,
  pathBootstrap,
  type WeightedStatistic,
} from '../validation/bootstrap.js'
import type { MetricContext } from './metrics.js'
import { DAYS_PER_YEAR, dayShapes, drawdownOf } from './periods.js'

export type MetricInterval =
  | { readonly value: number; readonly low: number; readonly high: number; readonly level: number }
  | { readonly value: null; readonly reason: string }

export type IntervalSettings = { readonly seed: number; readonly replicates: number; readonly level: number }

export const MINIMUM_VALUES = 10

/**
 * Stationary-bootstrap intervals of the headline metrics: mean daily return, Sharpe, total return, drawdown, win rate and profit factor. Total
 * return and drawdown are of the same days in another order and number; the drawdown stays one of bars, for each day keeps its course.
 *
 * Blocks have a mean length of n^(1/3), the rate that is best for a mean (Politis & Romano 1994 take the constant from
 * the data, which is not done here).
 *
 * @returns null with the reason where there are fewer than 10 days or trades, or where the metric, or more than one in
 *          twenty resamples of it, cannot be computed
 */
export function metricIntervals(context: MetricContext, settings: IntervalSettings): Record<string, MetricInterval> {
  const { daily, trades } = context
  const shapes = dayShapes(context.openTime, context.equity, context.initialEquity)
  const { ruin } = context
  const drawnDays = (name: string, bootstrap: (options: BootstrapOptions) => BootstrapInterval) =>
    ruin === null
      ? interval(daily.length, 'days', name, bootstrap, settings)
      : { value: null, reason: `${ruin}: its days cannot be drawn again` }
  const ofDays = (name: string, statistic: WeightedStatistic) =>
    drawnDays(name, (options) => blockBootstrap(statistic, options))
  const ofTrades = (name: string, statistic: WeightedStatistic) =>
    interval(trades.rows, 'trades', name, (options) => blockBootstrap(statistic, options), settings)
  return {
    mean_daily_return: ofDays('mean_daily_return', weightedMean(daily)),
    sharpe: ofDays('sharpe', weightedSharpe(daily)),
    total_return: ofDays('total_return', weightedGrowth(daily)),
    max_drawdown: drawnDays('max_drawdown', (options) => pathBootstrap((order) => drawdownOf(shapes, order), options)),
    win_rate: ofTrades('win_rate', weightedMean(trades.net_pnl.map(wins))),
    profit_factor: ofTrades('profit_factor', weightedProfitFactor(trades.net_pnl)),
  }
}

function interval(
  rows: number,
  what: string,
  stream: string,
  bootstrap: (options: BootstrapOptions) => BootstrapInterval,
  { seed, replicates, level }: IntervalSettings,
): MetricInterval {
  if (rows < MINIMUM_VALUES) return { value: null, reason: `${rows} ${what} are fewer than ${MINIMUM_VALUES}` }
  const block = Math.max(1, Math.round(Math.cbrt(rows)))
  const found = bootstrap({ rows, block, seed, stream, replicates, level })
  if (Number.isNaN(found.estimate)) return { value: null, reason: `cannot be computed from these ${rows} ${what}` }
  if (found.replicates < 0.95 * replicates) {
    return { value: null, reason: `${replicates - found.replicates} of ${replicates} resamples have no value` }
  }
  return { value: found.estimate, low: found.low, high: found.high, level }
}

const wins = (pnl: number) => (pnl > 0 ? 1 : 0)

function weightedMean(x: Float64Array): WeightedStatistic {
  return (counts) => {
    let sum = 0
    for (let i = 0; i < x.length; i++) sum += counts[i] * x[i]
    return sum / x.length
  }
}

function weightedGrowth(daily: Float64Array): WeightedStatistic {
  return (counts) => {
    let growth = 1
    for (let i = 0; i < daily.length; i++) if (counts[i] !== 0) growth *= power(1 + daily[i], counts[i])
    return growth - 1
  }
}

function weightedSharpe(daily: Float64Array): WeightedStatistic {
  const mean = weightedMean(daily)
  return (counts) => {
    const centre = mean(counts)
    let squares = 0
    for (let i = 0; i < daily.length; i++) squares += counts[i] * (daily[i] - centre) ** 2
    const deviation = Math.sqrt(squares / (daily.length - 1))
    return deviation > 0 ? (centre / deviation) * Math.sqrt(DAYS_PER_YEAR) : Number.NaN
  }
}

function weightedProfitFactor(pnl: Float64Array): WeightedStatistic {
  return (counts) => {
    let gains = 0
    let losses = 0
    for (let i = 0; i < pnl.length; i++) {
      if (pnl[i] > 0) gains += counts[i] * pnl[i]
      else losses -= counts[i] * pnl[i]
    }
    return losses > 0 ? gains / losses : Number.NaN
  }
}
