/**
 * Reads the test part, once: judges every candidate by the gates on it, enters all in the registry, and approves the best if it passed
 * and is better than the one in production. What was tried before on the same time is an input.
 */
import { existsSync } from 'node:fs'
import type { Json } from '../core/canonical.js'
import { UserError } from '../core/errors.js'
import type { Span } from '../core/time.js'
import { contentHash } from '../datasets/bundle.js'
import type { TrialCount } from '../datasets/ledger-entries.js'
import { absolute, PLACES } from '../datasets/workspace.js'
import { LABEL_TYPES } from '../labels/registry.js'
import { type Entered, enter } from './select/enter.js'
import { type Judged, judgeAll } from './select/judge.js'
import { type LeftOut, modelsLeftOut } from './select/left-out.js'
import { type Candidate, measure } from './select/measure.js'
import { recordTrials, trialsSoFar } from './select/trials.js'
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
  TRADING_SETTINGS,
} from './stage.js'
import { marketContent, marketInputs, readMarket } from './traded-market.js'

export const select: Stage = {
  name: 'select',
  purpose: 'Judge the candidates by the gates, register them, approve the best that passes',
  steps: [{ name: 'judge', scope: 'pair', plan: planSelect, run: judgeCandidates }],
}

async function planSelect(context: PlanContext): Promise<PlannedTask[]> {
  const { config, pair, done, warn } = context
  if (pair === null) return []
  if (LABEL_TYPES[config['labels.type']].side === null) {
    warn(
      `${config['labels.type']} labels name no side to trade: the models are scored (metrics.json of each bundle), not selected or traded`,
    )
    return []
  }
  const bundles = done('train', 'bundle')
  const leftOut = await modelsLeftOut(
    context,
    bundles.map(({ settings }) => String(settings.model)),
  )
  if (bundles.length === 0) {
    throw new UserError(`there is no candidate to judge: ${leftOutText(leftOut)}`, {
      hint: 'sluice status shows what failed; sluice train tries it again',
    })
  }
  const { snapshot, scored, trials, uncounted } = await trialsSoFar(context, pair)
  const unknown =
    (config['labels.shuffle'] === null ? await unregistered(context, bundles) : null) ??
    (uncounted > 0 ? `the ledger has lost ${uncounted} of the fits, trials and backtests that were made here` : null)
  return [
    {
      stage: 'select',
      step: 'judge',
      pair,
      unit: pair,
      inputs: [...inputsFrom(bundles, ['predictions', 'feature_set', 'metrics']), ...marketInputs(context)],
      settings: {
        candidates: bundles.map(candidateOf),
        leftOut,
        snapshot,
        scored,
        trials,
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
          'labels.shuffle',
          ...LABEL_SETTINGS,
          ...GATE_SETTINGS,
          ...BACKTEST_SETTINGS,
        ]),
      },
      manifest: `artifacts/selections/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: ['duckdb'],
      memoryBytes: 450e6,
      recheck: () => unknown,
    },
  ]
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  return leftOut.map(({ model, why }) => `${model}, ${why}`).join('; ')
}

/** Why a selection that is whole on disk must be made again: the registry is another. */
async function unregistered({ workspace }: PlanContext, bundles: readonly Done[]): Promise<string | null> {
  const path = absolute(workspace, PLACES.registry)
  if (!existsSync(path)) return null
  const { openRegistry } = await import('../datasets/model-registry.js')
  const registry = await openRegistry(path, { create: false })
  try {
    const lost = bundles.find(({ manifest }) => registry.get(manifest.fingerprint) === null)
    return lost === undefined ? null : `the registry does not know ${lost.unit}`
  } finally {
    registry.close()
  }
}

function candidateOf({ unit, settings, manifest, manifestPath }: Done) {
  const { model, parameters = {} } = settings
  const bundle = manifestPath.replace(/\/manifest\.json$/, '')
  return { unit, model, parameters, id: manifest.fingerprint, bundle, content: contentHash(manifest) }
}

async function judgeCandidates(task: Task, io: TaskIo): Promise<TaskResult> {
  const { rankCandidates } = await import('../validation/selection.js')
  const market = await readMarket(task.settings, String(task.pair), (name) => io.paths(name))
  const candidates = task.settings.candidates as unknown as Candidate[]
  const measured = []
  for (const [i, candidate] of candidates.entries()) {
    measured.push(await measure(candidate, task, io, market))
    io.progress(i + 1, candidates.length)
  }
  const ranked = rankCandidates(await judgeAll(measured, task))
  // Before the registry: what was looked at counts, whatever becomes of it.
  const ledger = await count(task, io, ranked.ranking)
  const registered = task.settings['labels.shuffle'] === null ? await enter(task, io, ranked) : NOT_ENTERED
  const leftOut = task.settings.leftOut as unknown as LeftOut[]
  await write(io, ranked, task)
  const { best } = ranked
  return {
    facts: {
      approved: ranked.approved,
      model: best.model,
      bundle: best.id,
      folder: best.bundle,
      reason: ranked.reason,
      leftOut,
      snapshot: task.settings.snapshot,
      scored: task.settings.scored,
      trials: task.settings.trials,
    },
    summary: `${
      ranked.approved
        ? `${best.model}${registered.version === '' ? '' : ` ${registered.version}`} passed all gates${registered.promoted ? ' and is approved' : `; ${registered.why}`}`
        : `not approved: ${ranked.reason}`
    }${leftOut.length > 0 ? `; left out: ${leftOutText(leftOut)}` : ''}`,
    notes: { version: registered.version, promoted: registered.promoted, why: registered.why, ledger },
  }
}

/** What learned from labels that were moved to other rows is no model, whatever it seems worth. */
const NOT_ENTERED: Entered = {
  version: '',
  promoted: false,
  why: 'its labels were moved to other rows: not registered',
}

async function count(task: Task, io: TaskIo, judged: readonly Judged[]): Promise<Json> {
  const { backtestEntry } = await import('../datasets/ledger-entries.js')
  const { settings } = task
  const about = {
    venue: String(settings['data.venue']),
    pair: task.pair ?? '',
    snapshot: String(settings.snapshot),
  }
  const predictionsOf = (unit: string) =>
    task.inputs.find((input) => input.name === 'predictions' && input.unit === unit)?.sha256 ?? null
  const trading = Object.fromEntries(TRADING_SETTINGS.map((name) => [name, settings[name]]))
  const entries = judged.map(({ unit, model, dailySharpe, metrics }) =>
    backtestEntry(
      {
        ...about,
        ...{ model, part: 'test', settings: trading },
        predictions: String(predictionsOf(unit)),
        ...marketContent(task.inputs),
      },
      {
        outcome: { dailySharpe, total_return: metrics.total_return.value, trades: metrics.total_return.count },
        scored: settings.scored as Span,
      },
    ),
  )
  return recordTrials(io.workspace, about, entries, io.clock())
}

type Ranked = {
  readonly best: Judged
  readonly approved: boolean
  readonly reason: string
  readonly ranking: readonly Judged[]
}

async function write(io: TaskIo, { best, approved, reason, ranking }: Ranked, { settings, pair }: Task): Promise<void> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const text = (name: string, value: unknown) =>
    io.write(name, `${io.folder}/${name}.json`, (temporary) =>
      writeFileSync(temporary, prettyJson(JSON.parse(JSON.stringify(value)))),
    )
  await text('selection', {
    best: best.id,
    passed: approved,
    reason,
    trials: settings.trials,
    leftOut: settings.leftOut,
    candidates: ranking.map(({ test: _, outOfFold: __, ...candidate }) => candidate),
  })
  const { renderCandidates } = await import('../report/candidates-table.js')
  const table = renderCandidates(pair ?? '', ranking, settings.trials as unknown as TrialCount)
  await io.write('summary', `${io.folder}/summary.txt`, (temporary) => writeFileSync(temporary, table))
  await text('days', { candidates: ranking.map(({ id, test, outOfFold }) => ({ id, test, outOfFold })) })
}
