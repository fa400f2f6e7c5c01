/**
 * One candidate, measured: its test part, which is read here and nowhere before, and its out-of-fold part, which says whether the choice among
 * candidates and their features means anything.
 */
import type { Json } from '../../core/canonical.js'
import type { Timeframe } from '../../core/time.js'
import { absolute } from '../../datasets/workspace.js'
import type { Metric } from '../../validation/gates.js'
import type { Stability } from '../../validation/stability.js'
import type { Task, TaskIo } from '../stage.js'

export type Candidate = {
  readonly unit: string
  readonly model: string
  readonly parameters: Json
  readonly id: string
  readonly bundle: string
  readonly content: string // hash of all its files
}

export type Market = Parameters<typeof import('../../backtest/trade-predictions.js').tradePredictions>[1]
type Predictions = import('../../datasets/prediction-table.js').Predictions

const LEVEL = 0.95
const REPLICATES = 500

export async function measure(candidate: Candidate, task: Task, io: TaskIo, market: Market) {
  const { readPredictions, tradedRows } = await import('../../datasets/prediction-table.js')
  const all = await readPredictions([absolute(io.workspace, pathOf(task, 'predictions', candidate.unit))])
  const test = await tradePart(tradedRows(all, 'test'), task, market)
  const outOfFold = await tradePart(tradedRows(all, 'out_of_fold'), task, market)
  const of = await scored(test, task)
  return {
    ...candidate,
    test: test.days,
    outOfFold: outOfFold.days,
    stability: await stabilityOf(candidate, task, io),
    gateMetrics: gateMetrics(test, of),
    metrics: otherMetrics(test, of),
  }
}

export type Measured = Awaited<ReturnType<typeof measure>>

function pathOf(task: Task, name: string, unit: string): string {
  return task.inputs.find((input) => input.name === name && input.unit === unit)?.path ?? ''
}

async function tradePart(rows: Predictions, { settings }: Task, market: Market) {
  const { dayRecords } = await import('../../backtest/day-records.js')
  const { computeMetrics, metricContext } = await import('../../backtest/metrics.js')
  const { metricIntervals } = await import('../../backtest/bootstrap.js')
  const { backtestSettings } = await import('../../backtest/settings.js')
  const { tradePredictions } = await import('../../backtest/trade-predictions.js')
  const { durationMs } = await import('../../config/durations.js')
  const { timeframeMs } = await import('../../core/time.js')
  const { wonOf } = await import('../../validation/decision.js')
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const traded = tradePredictions(rows, market, backtestSettings(settings), horizonMs)
  const { base } = traded.inputs
  const context = metricContext(traded.result, base.openTime, timeframeMs(base.timeframe))
  return {
    rows,
    trades: traded.result.trades.rows,
    values: computeMetrics(context, Number(settings['gates.minTrades'])),
    intervals: metricIntervals(context, { seed: Number(settings.seed), replicates: REPLICATES, level: LEVEL }),
    days: dayRecords(rows, wonOf(Int8Array.from(rows.side), rows.outcome), traded),
  }
}

type Part = Awaited<ReturnType<typeof tradePart>>

function money({ values, intervals, trades }: Part, name: string): Metric {
  const metric = values[name]
  const interval = intervals[name]
  if (metric.value === null) return { value: null, count: trades, reason: metric.reason }
  const ends =
    interval === undefined || interval.value === null ? {} : { interval: [interval.low, interval.high] as const }
  return { value: metric.value, count: trades, ...ends }
}

async function scored({ rows }: Part, { settings }: Task) {
  const { durationMs } = await import('../../config/durations.js')
  const { timeframeMs } = await import('../../core/time.js')
  const { scorePredictions } = await import('../../validation/score-predictions.js')
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const { metrics } = scorePredictions(rows, {
    horizonRows: Math.ceil(horizonMs / timeframeMs(settings['bars.decision'] as Timeframe)),
    seed: Number(settings.seed),
    // As the backtest draws: one number has one interval.
    stream: 'test',
    level: LEVEL,
  })
  return (name: 'precision' | 'calibration_error' | 'auc_direction' | 'auc_long' | 'auc_short'): Metric => {
    const { value, count, reason, low, high } = metrics[name]
    return {
      value,
      count,
      ...(reason === null ? {} : { reason }),
      ...(low === null || high === null ? {} : { interval: [low, high] as const }),
    }
  }
}

type Scored = Awaited<ReturnType<typeof scored>>

function gateMetrics(test: Part, of: Scored) {
  return {
    precision: of('precision'),
    sharpe: money(test, 'sharpe'),
    maxDrawdown: money(test, 'max_drawdown'),
    calibrationError: of('calibration_error'),
  }
}

function otherMetrics(test: Part, of: Scored): { [name: string]: Metric } {
  return {
    profit_factor: money(test, 'profit_factor'),
    total_return: money(test, 'total_return'),
    win_rate: money(test, 'win_rate'),
    auc_direction: of('auc_direction'),
    auc_long: of('auc_long'),
    auc_short: of('auc_short'),
  }
}

/** Of what the models of the folds lean on most; features that none of them chose count as features. */
async function stabilityOf({ unit }: Candidate, task: Task, io: TaskIo): Promise<Metric> {
  const { readFileSync } = await import('node:fs')
  const metrics = JSON.parse(readFileSync(absolute(io.workspace, pathOf(task, 'metrics', unit)), 'utf8'))
  const { index, reason, folds }: Stability = metrics.selection.importance
  return { value: index, count: folds, ...(reason === null ? {} : { reason }) }
}
