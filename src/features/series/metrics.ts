/**
 * Open interest and the long/short ratios that the exchange publishes every five minutes.
 */
import { MINUTE } from '../../core/time.js'
import type { JoinRows, SeriesKind, SeriesRows } from '../series.js'
import { carried } from './carry.js'

export type MetricsInputs = {
  readonly openInterest: Float64Array // base asset
  readonly openInterestValue: Float64Array // quote asset
  readonly accountRatio: Float64Array // accounts that are long per account that is short
  readonly topAccountRatio: Float64Array // the same of top traders
  readonly topPositionRatio: Float64Array // positions of top traders, long per short
  readonly takerRatio: Float64Array // volume that takers bought per volume that they sold, in the five minutes
}

type MetricsColumn =
  | 'sum_open_interest'
  | 'sum_open_interest_value'
  | 'count_long_short_ratio'
  | 'count_toptrader_long_short_ratio'
  | 'sum_toptrader_long_short_ratio'
  | 'sum_taker_long_short_vol_ratio'

/** A row counts for three periods: two may be missing, as now and then they are. */
export const METRICS_AGE = 15 * MINUTE

export const METRICS = {
  meaning: 'Open interest and long/short ratios every five minutes',
  columns: [
    'sum_open_interest',
    'sum_open_interest_value',
    'count_long_short_ratio',
    'count_toptrader_long_short_ratio',
    'sum_toptrader_long_short_ratio',
    'sum_taker_long_short_vol_ratio',
  ],
  inputs: ['openInterest', 'openInterestValue', 'accountRatio', 'topAccountRatio', 'topPositionRatio', 'takerRatio'],
  join: metricsInputs,
} as const satisfies SeriesKind<keyof MetricsInputs, MetricsColumn>

/** As known at each close: a row from the time that cleaning gives it (label + 5 minutes, whatever the label names) until `METRICS_AGE` later. */
export function metricsInputs(rows: JoinRows, series: SeriesRows<MetricsColumn>): MetricsInputs {
  const known = carried(rows, series, METRICS_AGE)
  return {
    openInterest: known.sum_open_interest,
    openInterestValue: known.sum_open_interest_value,
    accountRatio: known.count_long_short_ratio,
    topAccountRatio: known.count_toptrader_long_short_ratio,
    topPositionRatio: known.sum_toptrader_long_short_ratio,
    takerRatio: known.sum_taker_long_short_vol_ratio,
  }
}
