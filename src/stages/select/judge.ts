/**
 * The candidates of a run through the gates: with the Sharpe ratio deflated by all that was tried on their time, and with what their
 * out-of-fold days say of the choice among them.
 */
import type { TrialCount } from '../../datasets/ledger-entries.js'
import type { GateMetric, Metric } from '../../validation/gates.js'
import type { Task } from '../stage.js'
import type { Measured } from './measure.js'

/** So seldom may the chosen candidate lose money out of sample that its choice need not mean anything. */
const LOSS_LIMIT = 0.05

export async function judgeAll(candidates: readonly Measured[], { settings }: Task) {
  const { compositeScore, judge } = await import('../../validation/gates.js')
  const { returnRecord } = await import('../../validation/overfitting.js')
  const minTrades = Number(settings['gates.minTrades'])
  const records = candidates.map(({ test }) => returnRecord(Float64Array.from(test, (day) => day.return)))
  const trials = settings.trials as unknown as TrialCount
  const luck = await luckOf(records, trials)
  const pbo = await overfittingOf(candidates)
  const tough = await againstTrees(candidates)
  return candidates.map(({ gateMetrics, metrics, stability, ...candidate }, i) => {
    const { deflated, trackRecord } = luck[i]
    const all = {
      ...gateMetrics,
      deflatedSharpe: { ...deflated, count: gateMetrics.sharpe.count },
      pbo: pbo.metric,
      stability,
      ...(tough[i] === null ? {} : { beatsTrees: tough[i] }),
    }
    return {
      ...candidate,
      dailySharpe: Number.isNaN(records[i].sharpe) ? null : records[i].sharpe,
      gates: judge(all, { limits: limitsOf(settings), minTrades }),
      score: compositeScore(all, minTrades),
      metrics: {
        ...gateMetrics,
        ...metrics,
        deflatedSharpe: all.deflatedSharpe,
        minimum_track_record: trackRecord,
        pbo: plain(pbo.metric),
        loss_probability: pbo.loss,
        stability,
        ...(tough[i] === null ? {} : { beatsTrees: tough[i] }),
      } as { readonly [name: string]: Metric },
    }
  })
}

export type Judged = Awaited<ReturnType<typeof judgeAll>>[number]

function limitsOf(settings: Task['settings']) {
  const limit = (name: string) => Number(settings[`gates.${name}`])
  return {
    precision: limit('precision'),
    sharpe: limit('sharpe'),
    maxDrawdown: limit('maxDrawdown'),
    calibrationError: limit('calibrationError'),
    deflatedSharpe: limit('deflatedSharpe'),
    pbo: limit('pbo'),
    stability: limit('stability'),
  }
}

function plain({ value, count, reason }: GateMetric): Metric {
  return { value, count, ...(reason === undefined ? {} : { reason }) }
}

/** Deflated Sharpe ratio and the days that it takes to tell the ratio from that of the best of the trials without skill. */
async function luckOf(records: readonly import('../../validation/overfitting.js').ReturnRecord[], trials: TrialCount) {
  const { deflatedSharpe, expectedMaxSharpe, minimumTrackRecord, trialsVariance } = await import(
    '../../validation/overfitting.js'
  )
  const sharpes = [...trials.otherSharpes, ...records.map(({ sharpe }) => sharpe)]
  return records.map((record) => {
    const count = record.observations
    if (Number.isNaN(record.sharpe)) {
      const reason = count < 3 ? `${count} days are too few: it takes 3` : 'the daily returns do not vary'
      const unknown: Metric = { value: null, count, reason }
      return { deflated: unknown, trackRecord: unknown }
    }
    const variance = trialsVariance(sharpes, count)
    const value = deflatedSharpe(record, { trials: trials.tried, trialsVariance: variance })
    const days = minimumTrackRecord(record, expectedMaxSharpe(trials.tried, variance))
    const deflated: Metric = Number.isNaN(value)
      ? { value: null, count, reason: 'the moments of the daily returns contradict each other' }
      : { value, count }
    const trackRecord: Metric = Number.isFinite(days)
      ? { value: days, count }
      : { value: null, count, reason: 'no record is long enough: the ratio does not exceed what luck gives' }
    return { deflated, trackRecord }
  })
}

async function overfittingOf(candidates: readonly Measured[]): Promise<{ metric: GateMetric; loss: Metric }> {
  const { backtestOverfitting } = await import('../../validation/backtest-overfitting.js')
  const days = commonReturns(candidates)
  const count = days[0].length
  const found = backtestOverfitting(days)
  if (typeof found === 'string') {
    const unknown = { value: null, count, reason: found }
    return {
      metric:
        candidates.length > 1 ? unknown : { ...unknown, notRequired: 'one candidate was not chosen among others' },
      loss: unknown,
    }
  }
  const { value, lossProbability: loss } = found
  const excuse =
    loss <= LOSS_LIMIT
      ? { excuse: `the one chosen loses money in ${(100 * loss).toFixed(1)} % of the other halves, at most 5 %` }
      : {}
  return { metric: { value, count, ...excuse }, loss: { value: loss, count } }
}

/**
 * What costs more to train and to understand must earn more: networks and ensembles against the best tree, on the out-of-fold days that both
 * have. Null where there is nothing to beat, or the candidate is neither.
 */
async function againstTrees(candidates: readonly Measured[]): Promise<(Metric | null)[]> {
  const { isModelName, MODEL_LIBRARIES } = await import('../../models/registry.js')
  const { isEnsemble } = await import('../../validation/ensembles/registry.js')
  const { commonDays } = await import('../../validation/paired.js')
  const libraryOf = (model: string) => (isModelName(model) ? MODEL_LIBRARIES[model] : null)
  const trees = candidates.filter(({ model }) => ['xgboost', 'lightgbm'].includes(libraryOf(model) ?? ''))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return candidates.map(({ model, outOfFold }): Metric | null => {
    if (trees.length === 0 || (libraryOf(model) !== 'tfjs' && !isEnsemble(model))) return null
    const behind = trees.map((tree) => {
      const pairs = commonDays(outOfFold, tree.outOfFold)
      return { days: pairs.length, difference: mean(pairs.map(([own, theirs]) => own.return - theirs.return)) }
    })
    const { days, difference } = behind.reduce((a, b) => (b.difference < a.difference ? b : a))
    if (difference === 0) return { value: null, count: days, reason: 'it earns what the best tree earns, no more' }
    return { value: difference, count: days }
  })
}

/** On the out-of-fold days that all have. */
function commonReturns(candidates: readonly Measured[]): Float64Array[] {
  const byDay = candidates.map(({ outOfFold }) => new Map(outOfFold.map((record) => [record.day, record.return])))
  const days = candidates[0].outOfFold.map(({ day }) => day).filter((day) => byDay.every((one) => one.has(day)))
  return byDay.map((one) => Float64Array.from(days, (day) => one.get(day) ?? Number.NaN))
}
