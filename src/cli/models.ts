/**
 * What `sluice models list|show|approve|reject` do and how they look. Text and values are returned; printing, the clock and the
 * user's name are the caller's.
 */
import { EXIT, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { isoMinute } from '../core/time.js'
import { type Decision, type Registry, shortId } from '../datasets/model-registry.js'
import {
  type Judgement,
  MODEL_STATES,
  type ModelEvent,
  type ModelRow,
  type ModelState,
} from '../datasets/model-rows.js'
import { fixed, percent } from '../report/format.js'
import type { GateName, Metric } from '../validation/gates.js'
import { failures, mayBeApproved } from '../validation/selection.js'
import { textTable } from './text-table.js'

/** Which model: its id, the first digits of it, or its version, among those of `pair` and `venue` if given. */
export type ModelChoice = { readonly model: string; readonly pair?: string; readonly venue?: string }

/** `time` is UTC ms; `who` is the person who typed the command. */
export type ModelDecision = ModelChoice & { readonly who: string; readonly why?: string; readonly time: number }

export type ModelOutcome = Decision & {
  /** One line for people. */
  readonly message: string
}

/**
 * @param pairs  all when empty
 * @throws UserError when `state` is none
 */
export function listModels(
  registry: Registry,
  {
    pairs = [],
    venue,
    state,
  }: { readonly pairs?: readonly string[]; readonly venue?: string; readonly state?: string } = {},
): ModelRow[] {
  const all = registry.list({
    ...(venue === undefined ? {} : { venue }),
    ...(state === undefined ? {} : { state: knownState(state) }),
  })
  return pairs.length === 0 ? all : all.filter(({ pair }) => pairs.includes(pair))
}

/** @throws UserError when no model, or more than one, is meant */
export function showModel(
  registry: Registry,
  choice: ModelChoice,
): { readonly model: ModelRow; readonly events: ModelEvent[]; readonly judgements: Judgement[] } {
  const model = findModel(registry, choice)
  return { model, events: registry.events(model.id), judgements: registry.judgements(model.id) }
}

/** @throws UserError when no model, or more than one, is meant; when it did not pass its gates and no reason is given */
export function approveModel(registry: Registry, decision: ModelDecision): ModelOutcome {
  const row = findModel(registry, decision)
  const why = decision.why?.trim() ?? ''
  if (row.state !== 'approved' && !mayBeApproved(row.gates) && why === '') {
    throw new UserError(`${named(row)} did not pass ${failures(row.gates)}`, {
      hint: 'say why it is approved all the same: --why "…"',
      exitCode: EXIT.gate,
    })
  }
  const done = registry.approve({ id: row.id, who: person(decision.who), why, time: decision.time, automatic: false })
  const replaced = done.retired === null ? '' : `; ${named(done.retired)} is retired`
  return {
    ...done,
    message: done.changed
      ? `${named(row)} is now in production${replaced}`
      : `${named(row)}: nothing to do, ${done.reason}`,
  }
}

/** @throws UserError when no model, or more than one, is meant */
export function rejectModel(registry: Registry, decision: ModelDecision): ModelOutcome {
  const row = findModel(registry, decision)
  const why = decision.why?.trim() ?? ''
  const done = registry.reject({ id: row.id, who: person(decision.who), why, time: decision.time, automatic: false })
  const gone = row.state === 'approved' ? `; ${row.pair} on ${row.venue} has no model in production now` : ''
  return {
    ...done,
    message: done.changed ? `${named(row)} is rejected${gone}` : `${named(row)}: nothing to do, ${done.reason}`,
  }
}

/** @throws UserError when no reason is given, no model is in production, or none was before it */
export function rollbackModel(
  registry: Registry,
  {
    venue,
    pair,
    who,
    why = '',
    time,
  }: Omit<ModelDecision, 'model'> & { readonly venue: string; readonly pair: string },
): ModelOutcome {
  if (why.trim() === '') {
    throw new UserError(`nobody says why ${pair} is rolled back`, { hint: 'add --why "…"', exitCode: EXIT.usage })
  }
  const done = registry.rollback({ venue, pair, who: person(who), why: why.trim(), time, automatic: false })
  const gone = done.retired === null ? '' : `; ${named(done.retired)} is rejected`
  return { ...done, message: `${named(done.model)} is back in production${gone}` }
}

/** One line per model; the venue is shown where there is more than one. */
export function renderModelList(rows: readonly ModelRow[]): string {
  if (rows.length === 0) return 'no model is registered'
  const venues = new Set(rows.map(({ venue }) => venue)).size
  const columns = LIST_COLUMNS.filter(({ title }) => title !== 'venue' || venues > 1)
  return textTable(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
    columns.flatMap(({ right }, index) => (right === true ? [index] : [])),
  )
}

/**
 * Everything that is known of one model, its history last.
 *
 * @param problem  why its bundle would be refused; null when it is whole
 */
export function renderModel(
  row: ModelRow,
  events: readonly ModelEvent[],
  judgements: readonly Judgement[] = [],
  problem: string | null = null,
): string {
  const facts = [
    ['id', row.id],
    ['pair', `${row.pair} on ${row.venue}`],
    ['state', row.state === 'approved' ? 'approved (in production)' : row.state],
    ['score', row.score.toFixed(4)],
    ['created', isoMinute(row.createdAt)],
    ['bundle', row.bundlePath],
    ['content', row.contentHash ?? 'not recorded'],
    ['whole', problem === null ? 'yes: every file has its hash' : `no: ${problem}`],
    ['git commit', row.gitCommit ?? 'not known'],
    ['data', row.dataSnapshotHash],
    ['schema', row.schemaHash],
    ['features', row.featureSetHash],
    ['labels', row.labelHash],
    ['parameters', JSON.stringify(row.parameters)],
  ]
  const gates = row.gates.map(({ gate, passed, required, reason }) => [
    gate,
    passed ? 'passed' : required ? 'failed' : 'failed (not required)',
    reason,
  ])
  const metrics = Object.entries(row.metrics).map(([name, metric]) => [
    name,
    metricText(metric),
    fixed(metric.count, 0),
  ])
  const judged = judgements.map((one) => [
    isoMinute(one.time),
    one.score.toFixed(4),
    ...JUDGED.map(([, name]) => shortValue(one.metrics[name]?.value ?? null)),
    `${one.gates.filter(({ passed }) => passed).length} of ${one.gates.length}`,
  ])
  const history = events.map(({ time, action, who, why, automatic }) => [
    isoMinute(time),
    action,
    automatic ? `${who} (automatic)` : who,
    why,
  ])
  return [
    `${row.model} ${row.version}`,
    textTable([], facts),
    section('gates', ['gate', 'result', 'reason'], gates),
    section('metrics', ['metric', 'value', 'rests on'], metrics),
    section('judged', ['time', 'score', ...JUDGED.map(([title]) => title), 'gates'], judged),
    section('history', ['time', 'action', 'who', 'why'], history),
  ].join('\n\n')
}

/** With its interval where it has one. */
export function metricText({ value, interval, reason }: Metric): string {
  if (value === null) return `N/A (${reason ?? 'not computed'})`
  return interval === undefined
    ? shortValue(value)
    : `${shortValue(value)} [${shortValue(interval[0])} … ${shortValue(interval[1])}]`
}

/** What is shown of a model's performance over time. */
const JUDGED = [
  ['precision', 'precision'],
  ['Sharpe', 'sharpe'],
  ['drawdown', 'maxDrawdown'],
  ['DSR', 'deflatedSharpe'],
] as const

function shortValue(value: number | null): string {
  return value === null ? 'N/A' : String(Number(value.toPrecision(4)))
}

type Column = { readonly title: string; readonly right?: true; readonly cell: (row: ModelRow) => string }

const LIST_COLUMNS: readonly Column[] = [
  { title: 'id', cell: ({ id }) => shortId(id) },
  { title: 'venue', cell: ({ venue }) => venue },
  { title: 'pair', cell: ({ pair }) => pair },
  { title: 'model', cell: ({ model }) => model },
  { title: 'version', cell: ({ version }) => version },
  { title: 'state', cell: ({ state }) => state },
  { title: 'precision', right: true, cell: (row) => gateValue(row, 'precision', percent) },
  { title: 'Sharpe', right: true, cell: (row) => gateValue(row, 'sharpe', (value) => fixed(value, 2)) },
  { title: 'drawdown', right: true, cell: (row) => gateValue(row, 'maxDrawdown', percent) },
  { title: 'score', right: true, cell: ({ score }) => score.toFixed(4) },
]

function gateValue(row: ModelRow, name: GateName, shown: (value: number) => string): string {
  const value = row.gates.find(({ gate }) => gate === name)?.value ?? null
  return value === null ? 'N/A' : shown(value)
}

export function findModel(registry: Registry, { model, pair, venue }: ModelChoice): ModelRow {
  const filter = { ...(pair === undefined ? {} : { pair }), ...(venue === undefined ? {} : { venue }) }
  const found = registry.get(model, filter)
  if (found !== null) return found
  const among = registry.list(filter)
  const of = `${pair === undefined ? '' : ` of ${pair}`}${venue === undefined ? '' : ` on ${venue}`}`
  if (among.length === 0) {
    const known = [...new Set(registry.list().map((row) => row.pair))]
    throw new UserError(`no model${of} is registered${pair === undefined ? '' : suggestion(pair, known)}`, {
      hint: '`sluice models list` names those that are; `sluice run` makes one',
      exitCode: EXIT.usage,
    })
  }
  const length = Math.min(64, Math.max(4, model.length))
  const names = among.flatMap(({ id, version }) => [version, id.slice(0, length)])
  throw new UserError(`no model${of} has the id or version ${model}${suggestion(model, names)}`, {
    hint: '`sluice models list` names them; the first digits of an id are enough',
    exitCode: EXIT.usage,
  })
}

function knownState(state: string): ModelState {
  const known = MODEL_STATES.find((name) => name === state)
  if (known !== undefined) return known
  throw new UserError(`${state} is not a state of a model${suggestion(state, MODEL_STATES)}`, {
    hint: `states are ${MODEL_STATES.join(', ')}`,
    exitCode: EXIT.usage,
  })
}

function person(who: string): string {
  if (who.trim() !== '') return who.trim()
  throw new UserError('nobody is named as the one who decides', { hint: 'add --who NAME', exitCode: EXIT.usage })
}

function named({ model, version, id, pair }: ModelRow): string {
  return `${model} ${version} (${shortId(id)}) of ${pair}`
}

export function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? `${title}: none` : `${title}\n${textTable(header, rows)}`
}
