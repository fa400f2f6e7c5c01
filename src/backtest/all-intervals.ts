/**
 * An interval for every metric that can have one: whole stretches of days, or of trades, are drawn again, and all metrics are computed from
 * the same draws. The headline metrics keep the intervals of bootstrap.ts, which decide gates.
 */
import { mean } from '../math/statistics.js'
import { pathBootstraps } from '../validation/bootstrap.js'
import { type IntervalSettings, type MetricInterval, MINIMUM_VALUES, metricIntervals } from './bootstrap.js'
import { METRICS, type MetricContext, type MetricDefinition, measured } from './metrics.js'
import { dayShapes, drawdownOf } from './periods.js'
import { TRADE_COLUMNS, type TradeColumn, type Trades } from './types.js'

/** By name, for every metric of the table. */
export function allIntervals(context: MetricContext, settings: IntervalSettings): Record<string, MetricInterval> {
  const headline = metricIntervals(context, settings)
  const rest = METRICS.filter(({ name }) => !Object.hasOwn(headline, name))
  const of = (what: 'days' | 'trades') => rest.filter(({ resample }) => resample === what)
  const never = rest.flatMap(({ name, resample }) =>
    typeof resample === 'string' ? [] : [[name, { value: null, reason: resample.never }] as const],
  )
  return {
    ...headline,
    ...Object.fromEntries(never),
    ...drawn(of('days'), 'days', context.daily.length, createDays(context), settings),
    ...drawn(of('trades'), 'trades', context.trades.rows, createTrades(context), settings),
  }
}

function drawn(
  metrics: readonly MetricDefinition[],
  what: string,
  rows: number,
  contextOf: (order: Int32Array) => MetricContext,
  { seed, replicates, level }: IntervalSettings,
): Record<string, MetricInterval> {
  const all = (interval: (i: number) => MetricInterval) =>
    Object.fromEntries(metrics.map(({ name }, i) => [name, interval(i)]))
  if (rows < MINIMUM_VALUES) {
    return all(() => ({ value: null, reason: `${rows} ${what} are fewer than ${MINIMUM_VALUES}` }))
  }
  const found = pathBootstraps(
    (order) => {
      const context = contextOf(order)
      return metrics.map((metric) => {
        const value = measured(metric, context)
        return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
      })
    },
    { rows, block: Math.max(1, Math.round(Math.cbrt(rows))), seed, stream: `all ${what}`, replicates, level },
  )
  return all((i) => {
    const { estimate, low, high, replicates: computed } = found[i]
    if (computed < 0.95 * replicates) {
      return { value: null, reason: `${replicates - computed} of ${replicates} resamples have no value` }
    }
    return { value: estimate, low, high, level }
  })
}

/** The account as it would have lived through these days: drawdowns inside each day stay those of its bars. */
function createDays(context: MetricContext): (order: Int32Array) => MetricContext {
  const { openTime, equity, initialEquity, daily, benchmark } = context
  const shapes = dayShapes(openTime, equity, initialEquity)
  const drawn = new Float64Array(daily.length)
  const held = new Float64Array(daily.length)
  return (order) => {
    let growth = initialEquity
    for (const day of order) growth *= 1 + daily[day]
    take(daily, order, drawn)
    if (typeof benchmark !== 'string') take(benchmark, order, held)
    return {
      ...context,
      daily: drawn,
      benchmark: typeof benchmark === 'string' ? benchmark : held,
      equity: Float64Array.of(growth),
      losses: Float64Array.of(drawdownOf(shapes, order)),
    }
  }
}

/** Other trades on the same account: metrics of trades read of the equity only its mean. */
function createTrades(context: MetricContext): (order: Int32Array) => MetricContext {
  const { trades } = context
  const level = mean(context.equity)
  const columns = TRADE_COLUMNS.map((name) => [name, new Float64Array(trades.rows)] as const)
  const resampled: Trades = {
    rows: trades.rows,
    ...(Object.fromEntries(columns) as Record<TradeColumn, Float64Array>),
  }
  return (order) => {
    for (const [name, column] of columns) take(trades[name], order, column)
    return { ...context, trades: resampled, equity: Float64Array.of(level) }
  }
}

/** A loop into the same array each time: a callback for each value, and a new array, cost ten times as much. */
function take(x: Float64Array, order: Int32Array, into: Float64Array): void {
  for (let i = 0; i < order.length; i++) into[i] = x[order[i]]
}
