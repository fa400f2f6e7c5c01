/**
 * What takes the engine many times: entries drawn by lot, and the same trades under other costs, delays and markets. Units of their own, so that
 * all workers share them; the step that trades the parts puts them together.
 */
import type { RandomEntries, RandomRuns } from '../../backtest/random-entries.js'
import type { CostReruns } from '../../backtest/stress/stress.js'
import type { Backtest, BacktestInputs } from '../../backtest/types.js'
import type { Json } from '../../core/canonical.js'
import { assert } from '../../core/errors.js'
import { TRADED_PARTS, type TradedPart } from '../../datasets/traded-parts.js'
import {
  BACKTEST_SETTINGS,
  type Done,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Task,
  type TaskIo,
  type TaskResult,
} from '../stage.js'
import { marketInputs, readMarket } from '../traded-market.js'

/** How many runs of random entries each part is compared with, and how many of them are a unit. */
const RANDOM_RUNS = 200
const RUNS_A_UNIT = 100

type Kind = { readonly kind: 'costs' } | { readonly kind: 'random'; readonly from: number; readonly to: number }

const KINDS: readonly Kind[] = [
  { kind: 'costs' },
  ...Array.from({ length: RANDOM_RUNS / RUNS_A_UNIT }, (_, i) => ({
    ...{ kind: 'random' as const, from: i * RUNS_A_UNIT, to: (i + 1) * RUNS_A_UNIT },
  })),
]

/** `reruns.json`: NaN is null. */
type StoredReruns = { readonly part: TradedPart } & (
  | { readonly kind: 'costs'; readonly costs: CostReruns }
  | { readonly kind: 'random'; readonly runs: StoredRuns | null }
)
type StoredRuns = { readonly placed: number; readonly values: { readonly [name: string]: readonly (number | null)[] } }

/** What the trades of a pair are made from. */
export function tradedBy(context: PlanContext, selection: Done) {
  const { config, done } = context
  const { model, bundle } = selection.manifest.facts
  const chosen = done('train', 'bundle').filter(({ manifest }) => manifest.fingerprint === bundle)
  return {
    inputs: [...inputsFrom(chosen, ['predictions', 'metrics']), ...marketInputs(context)],
    settings: {
      ...{ model, bundle },
      ...pick(config, ['seed', 'data.venue', 'bars.base', 'bars.decision', 'labels.horizon', ...BACKTEST_SETTINGS]),
    },
  }
}

export function planReruns(context: PlanContext): PlannedTask[] {
  const { config, pair, done } = context
  const [selection] = done('select', 'judge')
  if (pair === null || selection === undefined) return []
  const { inputs, settings } = tradedBy(context, selection)
  return TRADED_PARTS.flatMap((part) =>
    KINDS.map((kind) => ({
      stage: 'backtest' as const,
      step: 'reruns',
      pair,
      unit: `${pair} ${part} ${kind.kind === 'costs' ? 'costs' : `random ${kind.from + 1}–${kind.to}`}`,
      inputs,
      settings: { ...settings, ...kind, part },
      manifest: `artifacts/reruns/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: ['duckdb' as const],
      memoryBytes: 450e6,
    })),
  )
}

export async function rerunPart(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { randomRuns } = await import('../../backtest/random-entries.js')
  const { backtestSettings } = await import('../../backtest/settings.js')
  const { costReruns } = await import('../../backtest/stress/stress.js')
  const { tradePredictions } = await import('../../backtest/trade-predictions.js')
  const { durationMs } = await import('../../config/durations.js')
  const { readPredictions, tradedRows } = await import('../../datasets/prediction-table.js')
  const { settings } = task
  const { part, ...kind } = settings as unknown as Kind & { readonly part: TradedPart }
  const market = await readMarket(settings, String(task.pair), (name) => io.paths(name))
  const rows = tradedRows(await readPredictions(io.paths('predictions')), part)
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const { inputs, result } = tradePredictions(rows, market, backtestSettings(settings), horizonMs)
  const write = (stored: object) =>
    io.write('reruns', `${io.folder}/reruns.json`, (temporary) =>
      writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify({ part, kind: kind.kind, ...stored })))),
    )
  const { rows: trades } = result.trades
  if (kind.kind === 'costs') {
    await write({ costs: costReruns(inputs, result) })
    return { facts: { part }, summary: `${part}: ${trades} trades under other costs, delays and markets` }
  }
  const { from, to } = kind
  const seed = Number(settings.seed)
  const runs = trades > 0 ? randomRuns(inputs, result, { from, to, seed }, (run) => io.progress(run, to - from)) : null
  await write({ runs: runs === null ? null : storedRuns(runs) })
  return { facts: { part }, summary: `${part}: ${to - from} runs with random entries` }
}

function storedRuns({ placed, values }: RandomRuns): Json {
  const lists = Object.entries(values).map(([name, list]) => [
    name,
    [...list].map((value) => (Number.isNaN(value) ? null : value)),
  ])
  return { placed, values: Object.fromEntries(lists) }
}

/** Of one part, as its units wrote them; `random` is null without a trade. */
export async function readReruns(
  part: string,
  inputs: BacktestInputs,
  result: Backtest,
  io: TaskIo,
): Promise<{ readonly costs: CostReruns; readonly random: RandomEntries | null }> {
  const { readJson } = await import('../../datasets/files.js')
  const { besideRandom } = await import('../../backtest/random-entries.js')
  const own = io
    .paths('reruns')
    .map((path) => readJson(path) as StoredReruns)
    .filter((stored) => stored.part === part)
  const costs = own.flatMap((stored) => (stored.kind === 'costs' ? [stored.costs] : []))
  const runs = own.flatMap((stored) => (stored.kind === 'random' ? [stored.runs] : []))
  assert(costs.length === 1 && runs.length === KINDS.length - 1, `${own.length} reruns of ${part}`)
  const known = runs.filter((one) => one !== null)
  return { costs: costs[0], random: known.length === 0 ? null : besideRandom(inputs, result, known.map(runsOf)) }
}

function runsOf({ placed, values }: StoredRuns): RandomRuns {
  const lists = Object.entries(values).map(([name, list]) => [
    name,
    Float64Array.from(list, (value) => value ?? Number.NaN),
  ])
  return { placed, values: Object.fromEntries(lists) as RandomRuns['values'] }
}
