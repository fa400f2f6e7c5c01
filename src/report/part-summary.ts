/**
 * One backtest as the numbers that a report shows: what fits into JSON. Curves and trades go beside it, as tables.
 */
import { allIntervals } from '../backtest/all-intervals.js'
import type { IntervalSettings } from '../backtest/bootstrap.js'
import { computeMetrics, METRICS, type MetricContext, metricContext } from '../backtest/metrics.js'
import { COMPARED_METRICS, type Comparison, type RandomEntries } from '../backtest/random-entries.js'
import { type Backtest, type BacktestInputs, EXIT_REASONS } from '../backtest/types.js'
import { type Span, timeframeMs } from '../core/time.js'
import { feeOf } from '../portfolio/costs.js'
import type { Reliability } from '../validation/reliability.js'
import {
  PREDICTION_METRICS,
  type PredictionMetricName,
  type PredictionScores,
  VALUE_METRICS,
  type ValueMetricName,
} from '../validation/score-predictions.js'
import type { MetricRow, Unavailable, Unit } from './input.js'

export type PartSummary = {
  readonly span: Span
  readonly initialEquity: number
  readonly stepMs: number
  readonly trades: number
  readonly metrics: readonly MetricRow[]
  readonly predictions: readonly MetricRow[]
  /** Rows by outcome (−1, 0, 1) and signal (short, none, long). */
  readonly confusion: readonly (readonly number[])[] | Unavailable
  readonly buyAndHold: { readonly metrics: readonly MetricRow[] } | Unavailable
  readonly random:
    | (Pick<RandomEntries, 'runs' | 'tradesPerRun'> & { readonly metrics: Readonly<Record<string, Comparison>> })
    | Unavailable
  readonly reliability: Reliability | Unavailable
  readonly feesByKind: { readonly maker: number; readonly taker: number }
  readonly skipped: Backtest['skipped']
  readonly withoutFunding: boolean
  readonly withoutMarkPrice: boolean
}

export type PartInputs = {
  readonly inputs: BacktestInputs
  readonly result: Backtest
  readonly hold: Backtest | Unavailable
  readonly random: RandomEntries | null
  readonly scores: PredictionScores
  readonly minTrades: number
  readonly intervals: IntervalSettings
}

export function summarisePart({ inputs, result, hold, random, scores, minTrades, intervals }: PartInputs): PartSummary {
  const { base } = inputs
  const stepMs = timeframeMs(base.timeframe)
  const context = metricContext(result, base.openTime, stepMs, hold)
  return {
    span: { from: base.openTime[0], to: base.openTime[base.rows - 1] + stepMs },
    initialEquity: result.initialEquity,
    stepMs,
    trades: result.trades.rows,
    metrics: moneyRows(context, minTrades, intervals).map((row) => markFunding(row, result.withoutFunding)),
    predictions: predictionRows(scores),
    confusion: scores.confusion ?? { unavailable: 'the label names no side' },
    buyAndHold:
      'unavailable' in hold
        ? hold
        : {
            metrics: moneyRows(metricContext(hold, base.openTime, stepMs), 0, null).map((row) =>
              markFunding(row, hold.withoutFunding),
            ),
          },
    random:
      random === null
        ? { unavailable: 'the strategy made no trade to compare with' }
        : {
            runs: random.runs,
            tradesPerRun: random.tradesPerRun,
            metrics: Object.fromEntries(COMPARED_METRICS.map((name) => [name, random.metrics[name]])),
          },
    reliability: scores.reliability ?? { unavailable: 'no row has a side' },
    feesByKind: feesByKind(inputs, result),
    skipped: result.skipped,
    withoutFunding: result.withoutFunding,
    withoutMarkPrice: result.withoutMarkPrice,
  }
}

/** Every metric of money with its interval, as a report shows it. */
export function moneyRows(context: MetricContext, minTrades: number, intervals: IntervalSettings | null): MetricRow[] {
  const values = computeMetrics(context, minTrades)
  const found = intervals === null ? {} : allIntervals(context, intervals)
  return METRICS.map(({ name, unit, meaning }): MetricRow => {
    const metric = values[name]
    const row = { key: name, unit: unit as Unit, meaning }
    if (metric.value === null) return { ...row, value: null, reason: metric.reason }
    const interval = found[name]
    return {
      ...row,
      value: metric.value,
      ...(metric.note === undefined ? {} : { note: metric.note }),
      ...(interval === undefined
        ? {}
        : interval.value === null
          ? { intervalReason: interval.reason }
          : { interval: [interval.low, interval.high] as const }),
    }
  })
}

/** What funding would have changed. */
const TOTALS: readonly string[] = ['total_return', 'annualised_return', 'net_pnl']

/** Funding that is not known is not zero, and a total without it says so. */
export function markFunding(row: MetricRow, withoutFunding: boolean): MetricRow {
  if (!withoutFunding) return row
  if (row.key === 'funding') {
    const { key, unit, meaning } = row
    return {
      key,
      unit,
      ...(meaning === undefined ? {} : { meaning }),
      value: null,
      reason: 'funding is absent, or does not cover the trades',
    }
  }
  if (row.value === null || !TOTALS.includes(row.key)) return row
  return { ...row, note: row.note === undefined ? 'without funding' : `without funding; ${row.note}` }
}

const PREDICTION_UNITS: Readonly<Partial<Record<PredictionMetricName, Unit>>> = {
  precision: 'fraction',
  recall: 'fraction',
  signals: 'count',
  independent_signals: 'count',
}

export const PREDICTION_MEANINGS: Readonly<Record<PredictionMetricName | ValueMetricName, string>> = {
  precision: 'Winning signals / all signals at the threshold; a row that hits no barrier has not won.',
  recall: 'Winning signals / rows on which some side would have won.',
  f1: 'Harmonic mean of precision and recall.',
  auc_direction:
    'Among rows that reach a barrier: chance that one that went up is ranked above one that went down; 0.5 is chance.',
  auc_long:
    'Chance that a row where a long wins is ranked above one where it does not; restless hours alone lift it above 0.5.',
  auc_short: 'The same for shorts.',
  average_precision_long: 'Area under the precision-recall curve, longs; the base rate is chance.',
  average_precision_short: 'The same for shorts.',
  log_loss_long: 'Mean negative log-likelihood of “a long wins”, calibrated; smaller is better.',
  log_loss_short: 'The same for shorts.',
  brier_long: 'Mean squared error of the calibrated probability that a long wins.',
  brier_short: 'The same for shorts.',
  calibration_error:
    'Mean distance between stated confidence and what came true, in up to 10 bins of equal count, beyond what chance makes.',
  signals: 'Rows at or above the threshold; neighbours share most of their outcome.',
  independent_signals: 'Signals whose label intervals do not overlap: what one position at a time would take.',
  mse: 'Regression: mean squared error of the predicted value.',
  mae: 'Regression: mean absolute error of the predicted value.',
  r2: 'Regression: 1 − squared error / spread around the mean of the part; 0 is what that mean would score.',
  explained_variance: 'Regression: as R², but a constant error costs nothing.',
}

const VALUE_UNITS: Readonly<Record<ValueMetricName, Unit>> = {
  mse: 'value', // a squared return of some 1e-5
  mae: 'value',
  r2: 'score',
  explained_variance: 'score',
}

function predictionRows({ metrics, values }: PredictionScores): MetricRow[] {
  const all = [
    ...PREDICTION_METRICS.map((key) => ({ key, unit: PREDICTION_UNITS[key] ?? ('score' as const), ...metrics[key] })),
    ...(values === null ? [] : VALUE_METRICS.map((key) => ({ key, unit: VALUE_UNITS[key], ...values[key] }))),
  ]
  return all.map(({ key, unit, value, low, high, reason }): MetricRow => {
    const row = { key, unit, meaning: PREDICTION_MEANINGS[key] }
    if (value === null) return { ...row, value: null, reason: reason ?? 'cannot be computed' }
    return { ...row, value, ...(low === null || high === null ? {} : { interval: [low, high] as const }) }
  })
}

/** Entries pay the taker fee; so do all exits but the resting take-profit order. */
function feesByKind({ settings }: BacktestInputs, { trades }: Backtest): { maker: number; taker: number } {
  let maker = 0
  let total = 0
  for (let i = 0; i < trades.rows; i++) {
    total += trades.fees[i]
    if (EXIT_REASONS[trades.exit_reason[i]] === 'profit')
      maker += feeOf(trades.quantity[i] * trades.exit_price[i], settings.makerBps)
  }
  return { maker, taker: total - maker }
}
