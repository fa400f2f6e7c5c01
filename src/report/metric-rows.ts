/**
 * The metrics of a backtest and their intervals, joined into rows of a report in the registry's order.
 */
import type { MetricInterval } from '../backtest/bootstrap.js'
import { METRICS, type Metric } from '../backtest/metrics.js'
import type { MetricRow } from './input.js'

/**
 * @param metrics    of `computeMetrics(…)`
 * @param intervals  of `metricIntervals(…)`; those of metrics that are not in `metrics` are left out
 */
export function metricRows(
  metrics: Readonly<Record<string, Metric>>,
  intervals: Readonly<Record<string, MetricInterval>>,
): MetricRow[] {
  return METRICS.filter(({ name }) => Object.hasOwn(metrics, name)).map(({ name, unit, meaning }) => {
    const metric = metrics[name]
    const row = { key: name, unit, meaning, ...metric }
    if (!Object.hasOwn(intervals, name)) return row
    const interval = intervals[name]
    return interval.value === null
      ? { ...row, intervalReason: interval.reason }
      : { ...row, interval: [interval.low, interval.high] as const }
  })
}
