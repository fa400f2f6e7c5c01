/**
 * Reads the test part, once: judges every candidate by the gates on it, enters all in the registry, and approves the best if it passed
 * and is better than the one in production.
 */
import { existsSync } from 'node:fs'
import type { Json } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import type { Timeframe } from '../core/time.js'
import { absolute, PLACES, placeFor } from '../datasets/workspace.js'
import { decidingSettings, type LabelChoice } from '../labels/problems.js'
import { LABEL_TYPES } from '../labels/registry.js'
import { type LeftOut, modelsLeftOut } from './select/left-out.js'
import {
  BACKTEST_SETTINGS,
  type Done,
  GATE_SETTINGS,
  inputsFrom,
  LABEL_SETTINGS,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const select: Stage = {
  name: 'select',
  purpose: 'Judge the candidates by the gates, register them, approve the best that passes',
  steps: [{ name: 'judge', scope: 'pair', plan: planSelect, run: judgeCandidates }],
}

function planSelect(context: PlanContext): PlannedTask[] {
  const { config, pair, done, workspace, warn } = context
  if (pair === null) return []
  if (LABEL_TYPES[config['labels.type']].side === null) {
    warn(
      `${config['labels.type']} labels name no side to trade: the models are fitted and scored, not selected or traded`,
    )
    return []
  }
  const bundles = done('train', 'bundle')
  const leftOut = modelsLeftOut(
    context,
    bundles.map(({ settings }) => String(settings.model)),
  )
  if (bundles.length === 0) {
    throw new UserError(`there is no candidate to judge: ${leftOutText(leftOut)}`, {
      hint: 'sluice status shows what failed; sluice train tries it again',
    })
  }
  return [
    {
      stage: 'select',
      step: 'judge',
      pair,
      unit: pair,
      inputs: [
        ...inputsFrom(bundles, ['predictions', 'feature_set']),
        ...inputsFrom(done('clean', 'bars'), [`bars_${config['bars.base']}`]),
        ...inputsFrom(done('clean', 'quality'), ['funding']),
      ],
      settings: {
        candidates: bundles.map(candidateOf),
        leftOut,
        // Not the bars and the funding of the backtest: those may change while every bundle stays what it is.
        trainedOn: [
          ...inputsFrom(done('features', 'months'), ['features']),
          ...inputsFrom(done('labels', 'table'), ['labels']),
        ].map(({ sha256 }) => sha256),
        ...pick(config, [
          'seed',
          'data.venue',
          'bars.base',
          'bars.decision',
          ...LABEL_SETTINGS,
          ...GATE_SETTINGS,
          ...BACKTEST_SETTINGS,
        ]),
      },
      manifest: `artifacts/selections/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 400e6,
      recheck: () => (existsSync(absolute(workspace, PLACES.registry)) ? null : 'the registry of models is gone'),
    },
  ]
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  return leftOut.map(({ model, why }) => `${model}, ${why}`).join('; ')
}

function candidateOf({ unit, settings, manifest, manifestPath }: Done) {
  const { model, parameters = {} } = settings
  return { unit, model, parameters, id: manifest.fingerprint, bundle: manifestPath.replace(/\/manifest\.json$/, '') }
}

type Candidate = {
  readonly unit: string
  readonly model: string
  readonly parameters: Json
  readonly id: string
  readonly bundle: string
}

async function judgeCandidates(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readBars, readFunding } = await import('../datasets/bars-table.js')
  const { rankCandidates } = await import('../validation/selection.js')
  const base = await readBars(io.paths(`bars_${task.settings['bars.base']}`), task.settings['bars.base'] as Timeframe)
  const market = { base, funding: await readFunding(io.paths('funding')) }
  const candidates = task.settings.candidates as unknown as Candidate[]
  const measured = []
  for (const [i, candidate] of candidates.entries()) {
    measured.push(await measure(candidate, task, io, market))
    io.progress(i + 1, candidates.length)
  }
  const ranked = rankCandidates(await deflated(measured, task))
  const registered = await enter(task, io, ranked)
  const leftOut = task.settings.leftOut as unknown as LeftOut[]
  const selection = {
    best: ranked.best.id,
    passed: ranked.approved,
    reason: ranked.reason,
    candidates: ranked.ranking,
    leftOut,
  }
  await io.write('selection', `${io.folder}/selection.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify(selection)))),
  )
  const { best } = ranked
  return {
    facts: {
      approved: ranked.approved,
      model: best.model,
      bundle: best.id,
      folder: best.bundle,
      reason: ranked.reason,
      leftOut,
    },
    summary: `${
      ranked.approved
        ? `${best.model} ${registered.version} passed all gates${registered.promoted ? ' and is approved' : `; ${registered.why}`}`
        : `not approved: ${ranked.reason}`
    }${leftOut.length > 0 ? `; left out: ${leftOutText(leftOut)}` : ''}`,
    notes: { version: registered.version, promoted: registered.promoted },
  }
}

async function measure(
  candidate: Candidate,
  task: Task,
  io: TaskIo,
  market: Parameters<typeof import('../backtest/trade-predictions.js').tradePredictions>[1],
) {
  const { computeMetrics, metricContext } = await import('../backtest/metrics.js')
  const { dailyEquity } = await import('../backtest/periods.js')
  const { backtestSettings } = await import('../backtest/settings.js')
  const { tradePredictions } = await import('../backtest/trade-predictions.js')
  const { durationMs } = await import('../config/durations.js')
  const { timeframeMs } = await import('../core/time.js')
  const { readPredictions, selectPredictions } = await import('../datasets/prediction-table.js')
  const { scorePredictions } = await import('../validation/score-predictions.js')
  const { settings } = task
  const path = task.inputs.find(({ name, unit }) => name === 'predictions' && unit === candidate.unit)?.path ?? ''
  const all = await readPredictions([absolute(io.workspace, path)])
  const test = selectPredictions(all, (row) => all.fold[row] === 0)
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const minTrades = Number(settings['gates.minTrades'])
  const { inputs, result } = tradePredictions(test, market, backtestSettings(settings), horizonMs)
  const stepMs = timeframeMs(inputs.base.timeframe)
  const traded = computeMetrics(metricContext(result, inputs.base.openTime, stepMs), minTrades)
  const { metrics: scored } = scorePredictions(test, {
    horizonRows: Math.ceil(horizonMs / timeframeMs(settings['bars.decision'] as Timeframe)),
    seed: Number(settings.seed),
    stream: `test ${candidate.model}`,
    level: 0.95,
  })
  const trades = result.trades.rows
  const money = (name: string) => {
    const metric = traded[name]
    return metric.value === null
      ? { value: null, count: trades, reason: metric.reason }
      : { value: metric.value, count: trades }
  }
  const predicted = (name: 'precision' | 'calibration_error' | 'auc_direction' | 'auc_long' | 'auc_short') => {
    const { value, count, reason } = scored[name]
    return reason === null ? { value, count } : { value, count, reason }
  }
  const gateMetrics = {
    precision: predicted('precision'),
    sharpe: money('sharpe'),
    maxDrawdown: money('max_drawdown'),
    calibrationError: predicted('calibration_error'),
  }
  const daily = [...dailyEquity(inputs.base.openTime, result.equity, result.initialEquity).returns]
  return {
    ...candidate,
    gateMetrics,
    daily,
    metrics: {
      ...gateMetrics,
      profit_factor: money('profit_factor'),
      total_return: money('total_return'),
      win_rate: money('win_rate'),
      auc_direction: predicted('auc_direction'),
      auc_long: predicted('auc_long'),
      auc_short: predicted('auc_short'),
    },
  }
}

/**
 * The gates of each candidate, with the Sharpe ratio deflated by the number of candidates that were tried on this test part. The trials
 * of earlier runs are not known yet, so the value is shown and decides nothing.
 */
async function deflated(candidates: readonly Measured[], { settings }: Task) {
  const { deflatedSharpe, returnRecord } = await import('../validation/overfitting.js')
  const { compositeScore, judge } = await import('../validation/gates.js')
  const minTrades = Number(settings['gates.minTrades'])
  const records = candidates.map(({ daily }) => returnRecord(Float64Array.from(daily)))
  const sharpes = records.map(({ sharpe }) => sharpe).filter((sharpe) => !Number.isNaN(sharpe))
  const mean = sharpes.reduce((sum, sharpe) => sum + sharpe, 0) / sharpes.length
  const variance =
    sharpes.length > 1 ? sharpes.reduce((sum, sharpe) => sum + (sharpe - mean) ** 2, 0) / (sharpes.length - 1) : 0
  const limits = {
    precision: Number(settings['gates.precision']),
    sharpe: Number(settings['gates.sharpe']),
    maxDrawdown: Number(settings['gates.maxDrawdown']),
    calibrationError: Number(settings['gates.calibrationError']),
  }
  return candidates.map(({ daily: _, gateMetrics, metrics, ...candidate }, i) => {
    const value = deflatedSharpe(records[i], { trials: candidates.length, trialsVariance: variance })
    const deflatedMetric = Number.isNaN(value)
      ? { value: null, count: gateMetrics.sharpe.count, reason: 'the daily returns have no Sharpe ratio' }
      : { value, count: gateMetrics.sharpe.count }
    const all = { ...gateMetrics, deflatedSharpe: deflatedMetric }
    return {
      ...candidate,
      gates: judge(all, { limits, minTrades }),
      score: compositeScore(all, minTrades),
      metrics: { ...metrics, deflatedSharpe: deflatedMetric },
    }
  })
}

type Measured = Awaited<ReturnType<typeof measure>>
type Judged = Awaited<ReturnType<typeof deflated>>[number]

/** All candidates go into the registry, the best first; the best becomes the model in production if it passed and is better. */
async function enter(task: Task, io: TaskIo, ranked: { best: Judged; approved: boolean; ranking: readonly Judged[] }) {
  const { openRegistry } = await import('../datasets/model-registry.js')
  const { canonicalJson, sha256 } = await import('../core/canonical.js')
  const { readFileSync } = await import('node:fs')
  const { isBetter } = await import('../validation/selection.js')
  const { settings } = task
  const venue = String(settings['data.venue'])
  const pair = task.pair ?? ''
  const labels = decidingSettings(settings as LabelChoice)
  const labelHash = sha256(canonicalJson(Object.fromEntries(labels.map((name) => [name, settings[name]]))))
  const schemaHash = sha256(canonicalJson({ bundle: 1, type: settings['labels.type'] }))
  const featureSetHash = String(JSON.parse(readFileSync(io.paths('feature_set')[0], 'utf8')).hash)
  const snapshot = sha256(canonicalJson(settings.trainedOn))
  const act = { who: 'sluice', why: 'select stage', time: io.startedAt, automatic: true }
  const registry = await openRegistry(placeFor(io.workspace, PLACES.registry))
  try {
    for (const { id, model, bundle, parameters, metrics, gates, score } of ranked.ranking) {
      registry.register({
        ...act,
        id,
        venue,
        pair,
        model,
        bundlePath: bundle,
        gitCommit: io.gitCommit,
        dataSnapshotHash: snapshot,
        schemaHash,
        featureSetHash,
        labelHash,
        parameters,
        metrics,
        gates,
        score,
      })
    }
    const entered = registry.get(ranked.best.id)
    const version = entered?.version ?? ''
    if (!ranked.approved) return { version, promoted: false, why: 'no gate-passing model' }
    const champion = registry.production(venue, pair)
    if (champion?.id === ranked.best.id) return { version, promoted: true, why: '' }
    if (champion !== null) {
      const judged = isBetter(ranked.best.metrics, champion.metrics, { minTrades: Number(settings['gates.minTrades']) })
      if (!judged.better)
        return {
          version,
          promoted: false,
          why: `${champion.model} ${champion.version} stays: ${judged.reasons.join('; ')}`,
        }
    }
    const decision = registry.approve({ ...act, id: ranked.best.id, why: 'passed all gates' })
    return { version, promoted: decision.model.state === 'approved', why: decision.reason }
  } finally {
    registry.close()
  }
}
