/**
 * Trades the predictions of the best candidate that were made out of sample: the folds and the test part, each an account of its own,
 * never added up; where there are several pairs, also all of them on one account. Beside each stand buying and holding, entries drawn by lot, and what worse costs, markets and luck would have made of it. Where folds score a row several times, the first path
 * through them is the out-of-fold part, and the others are traded for comparison: nothing is averaged, for nobody ships an average.
 */
import type { Stress } from '../backtest/stress/stress.js'
import type { Json } from '../core/canonical.js'
import type { Span, Timeframe } from '../core/time.js'
import type { PartSummary } from '../report/part-summary.js'
import { planAccount, tradeAccount } from './backtest/account.js'
import { planReruns, readReruns, rerunPart, tradedBy } from './backtest/reruns.js'
import { writeEquity, writeTrades } from './backtest/tables.js'
import {
  dataSnapshot,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
  TRADING_SETTINGS,
} from './stage.js'
import { hasBook, marketContent, readMarket } from './traded-market.js'

export const backtest: Stage = {
  name: 'backtest',
  purpose: 'Trade the predictions that were made out of sample, bar by bar',
  steps: [
    { name: 'reruns', scope: 'pair', plan: planReruns, run: rerunPart },
    { name: 'parts', scope: 'pair', plan: planBacktest, run: tradeParts },
    { name: 'account', scope: 'all', isolated: true, plan: planAccount, run: tradeAccount },
  ],
}

const LEVEL = 0.95
const REPLICATES = 500

function planBacktest(context: PlanContext): PlannedTask[] {
  const { config, pair, done } = context
  const [selection] = done('select', 'judge')
  if (pair === null || selection === undefined) return []
  const { inputs, settings } = tradedBy(context, selection)
  return [
    {
      stage: 'backtest',
      step: 'parts',
      pair,
      unit: pair,
      inputs: [...inputs, ...inputsFrom(done('backtest', 'reruns'), ['reruns'])],
      settings: { ...settings, snapshot: dataSnapshot(context), ...pick(config, ['train.split', 'gates.minTrades']) },
      manifest: `artifacts/backtests/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 650e6,
    },
  ]
}

async function tradeParts(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readPredictions, spanOf, tradedRows } = await import('../datasets/prediction-table.js')
  const { TRADED_PARTS } = await import('../datasets/traded-parts.js')
  const market = await readMarket(task.settings, String(task.pair), (name) => io.paths(name))
  const all = await readPredictions(io.paths('predictions'))
  await refuseOverlap(all, task, io)
  const parts = TRADED_PARTS.map((name) => ({ name, rows: tradedRows(all, name) }))
  const texts: string[] = []
  const warnings = new Set<string>()
  const facts: Record<string, Json> = {}
  const stressed: Record<string, Stress> = {}
  for (const [i, { name, rows }] of parts.entries()) {
    const { summary, stress, cutSlippage } = await tradePart(name, rows, market, task, io)
    stressed[name] = stress
    const value = (key: string) => summary.metrics.find((metric) => metric.key === key)?.value ?? null
    facts[name] = { trades: summary.trades, sharpe: value('sharpe'), total_return: value('total_return') }
    texts.push(`${name.replaceAll('_', '-')} ${summary.trades} trades ${percent(value('total_return'))}`)
    if (cutSlippage > 0)
      warnings.add(`${name.replaceAll('_', '-')}: slippage of ${cutSlippage} fills was cut at backtest.maxSlippageBps`)
    if (summary.withoutFunding) warnings.add('totals are without funding')
    io.progress(i + 1, parts.length)
  }
  if (task.settings['backtest.depthShare'] !== null && !hasBook(task.inputs))
    warnings.add('backtest.depthShare bounds nothing: no order book was downloaded (download.kinds: bookDepth)')
  await writeStress(stressed, io)
  const paths = await tradeAllPaths(all, market, task, io)
  if (paths.length > 0) facts.paths = paths as unknown as Json
  const { foresightMark, splitReport } = await import('../report/split.js')
  const mark = foresightMark(splitReport(String(task.settings['train.split']), []))
  if (mark !== null) warnings.add(mark)
  await count(task, io, facts, new Map(parts.map(({ name, rows }) => [name, spanOf(rows)])))
  return { facts, summary: texts.join(', '), warnings: [...warnings] }
}

/** @throws UserError naming the first row that the model which scored it had learnt from */
async function refuseOverlap(all: Rows, { pair, settings }: Task, io: TaskIo): Promise<void> {
  const { durationMs } = await import('../config/durations.js')
  const { UserError } = await import('../core/errors.js')
  const { isoMinute } = await import('../core/time.js')
  const { readJson } = await import('../datasets/files.js')
  const { firstOverlap } = await import('../validation/overlap.js')
  type Parts = { readonly parts: { readonly [P in 'train' | 'validation']: { readonly learnt: readonly Span[] } } }
  const { final, folds } = readJson(io.paths('metrics')[0]) as { final: Parts; folds: (Parts & { fold: number })[] }
  const learnt = new Map(
    [{ ...final, fold: 0 }, ...folds].map(({ fold, parts: { train, validation } }) => [
      fold,
      { train: train.learnt, validation: validation.learnt },
    ]),
  )
  const found = firstOverlap(all, learnt, durationMs(String(settings['labels.horizon'])) ?? 0)
  if (found === null) return
  const { row, part, learnt: met } = found
  throw new UserError(
    Number.isFinite(met.to)
      ? `${pair}: the prediction of ${isoMinute(all.t0[row])} is not out of sample: the model of ${all.fold[row] === 0 ? 'the final split' : `fold ${all.fold[row]}`} had its ${part} part from ${isoMinute(met.from)} to ${isoMinute(met.to)}`
      : `${pair}: predictions of fold ${all.fold[row]}, and the bundle has no such fold`,
    { hint: 'such a backtest would not come true; train again with --force' },
  )
}

async function writeStress(parts: Readonly<Record<string, Stress>>, io: TaskIo): Promise<void> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  await io.write('stress', `${io.folder}/stress.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify(parts)))),
  )
}

/** Both parts in the ledger; the test part stands there already if select traded it in the same way. */
async function count(
  task: Task,
  io: TaskIo,
  facts: Readonly<Record<string, Json>>,
  spans: ReadonlyMap<string, Span>,
): Promise<void> {
  const { recordInLedger } = await import('../datasets/ledger.js')
  const { backtestEntry } = await import('../datasets/ledger-entries.js')
  const { placeFor, PLACES } = await import('../datasets/workspace.js')
  const { settings, inputs, pair } = task
  const about = {
    venue: String(settings['data.venue']),
    pair: pair ?? '',
    snapshot: String(settings.snapshot),
    model: String(settings.model),
    predictions: String(inputs.find(({ name }) => name === 'predictions')?.sha256),
    ...marketContent(inputs),
    settings: Object.fromEntries(TRADING_SETTINGS.map((name) => [name, settings[name]])),
  }
  const entries = (['test', 'out_of_fold'] as const).map((part) =>
    backtestEntry({ ...about, part }, { outcome: facts[part], scored: spans.get(part) }),
  )
  await recordInLedger(placeFor(io.workspace, PLACES.registry), entries, io.clock())
}

function percent(value: number | null): string {
  return value === null ? 'N/A' : `${value >= 0 ? '+' : ''}${(100 * value).toFixed(2)} %`
}

type Rows = import('../datasets/prediction-table.js').Predictions
type Market = Parameters<typeof import('../backtest/trade-predictions.js').tradePredictions>[1]

/** None where the first path is all there is. */
async function tradeAllPaths(all: Rows, market: Market, task: Task, io: TaskIo) {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { backtestSettings } = await import('../backtest/settings.js')
  const { durationMs } = await import('../config/durations.js')
  const { selectPredictions } = await import('../datasets/prediction-table.js')
  const { tradePaths } = await import('./backtest/paths.js')
  const { settings } = task
  const count = all.path.reduce((most, path) => Math.max(most, path), 0)
  if (count < 2) return []
  const paths = tradePaths(
    Array.from({ length: count }, (_, i) => selectPredictions(all, (row) => all.path[row] === i + 1)),
    market,
    backtestSettings(settings),
    {
      horizonMs: durationMs(String(settings['labels.horizon'])) ?? 0,
      minTrades: Number(settings['gates.minTrades']),
    },
  )
  await io.write('paths', `${io.folder}/paths.json`, (temporary) => writeFileSync(temporary, prettyJson(paths)))
  return paths
}

async function tradePart(
  name: string,
  rows: Rows,
  market: Market,
  task: Task,
  io: TaskIo,
): Promise<{ summary: PartSummary; stress: Stress; cutSlippage: number }> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { durationMs } = await import('../config/durations.js')
  const { timeframeMs } = await import('../core/time.js')
  const { buyAndHold } = await import('../backtest/buy-and-hold.js')
  const { backtestSettings } = await import('../backtest/settings.js')
  const { stressTest } = await import('../backtest/stress/stress.js')
  const { tradePredictions } = await import('../backtest/trade-predictions.js')
  const { summarisePart } = await import('../report/part-summary.js')
  const { scorePredictions } = await import('../validation/score-predictions.js')
  const { settings } = task
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const { inputs, result } = tradePredictions(rows, market, backtestSettings(settings), horizonMs)
  const hold = buyAndHold(inputs)
  const { costs, random } = await readReruns(name, inputs, result, io)
  const scores = scorePredictions(rows, {
    horizonRows: Math.ceil(horizonMs / timeframeMs(settings['bars.decision'] as Timeframe)),
    seed: Number(settings.seed),
    stream: name,
    level: LEVEL,
  })
  const intervals = { seed: Number(settings.seed), replicates: REPLICATES, level: LEVEL }
  const summary = summarisePart({
    inputs,
    result,
    hold,
    random,
    scores,
    minTrades: Number(settings['gates.minTrades']),
    intervals,
  })
  const { trades, equity } = result
  await writeTrades(io, name, trades)
  const none = new Float64Array(inputs.base.rows).fill(Number.NaN)
  await writeEquity(io, name, inputs.base.openTime, {
    close: inputs.base.close,
    equity,
    buy_and_hold: 'unavailable' in hold ? none : hold.equity,
  })
  await io.write(`part_${name}`, `${io.folder}/part-${name}.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify(summary)))),
  )
  return {
    summary,
    cutSlippage: result.cutSlippage,
    stress: stressTest(inputs, result, 'unavailable' in hold ? null : hold, random, costs, market.base, intervals),
  }
}
