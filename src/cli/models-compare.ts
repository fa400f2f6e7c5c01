/**
 * `sluice models compare`: two models beside each other: what they were made from, how they were judged, and whether one is better on the days on
 * which both were out of sample.
 */
import { EXIT, UserError } from '../core/errors.js'
import { type Registry, shortId } from '../datasets/model-registry.js'
import type { ModelRow } from '../datasets/model-rows.js'
import { fixed, percent } from '../report/format.js'
import type { DayRecord } from '../validation/paired.js'
import { type Comparison, comparePair } from '../validation/selection.js'
import { findModel, type ModelChoice, metricText, section } from './models.js'
import { textTable } from './text-table.js'

export type ModelComparison = {
  readonly first: ModelRow
  readonly second: ModelRow
  /** In what the two differ: data, schema, features, labels, parameters. */
  readonly differences: readonly string[]
  /** Whether the first may take the place of the second; null when the days of one are not on disk. */
  readonly paired: Comparison | null
}

export type CompareOptions = {
  readonly daysOf: (id: string) => readonly DayRecord[] | null
  readonly minTrades: number
  readonly seed: number
}

/** @throws UserError when either is none or several, or they are of different pairs */
export function compareModels(
  registry: Registry,
  [first, second]: readonly [ModelChoice, ModelChoice],
  { daysOf, ...options }: CompareOptions,
): ModelComparison {
  const [a, b] = [findModel(registry, first), findModel(registry, second)]
  if (a.pair !== b.pair || a.venue !== b.venue) {
    throw new UserError(`${shortId(a.id)} is of ${a.pair} on ${a.venue}, ${shortId(b.id)} of ${b.pair} on ${b.venue}`, {
      hint: 'models are compared on the same days of the same pair; --pair says which is meant',
      exitCode: EXIT.usage,
    })
  }
  const [ours, theirs] = [daysOf(a.id), daysOf(b.id)]
  return {
    first: a,
    second: b,
    differences: LINEAGE.filter(([, of]) => of(a) !== of(b)).map(([name]) => name),
    paired: ours === null || theirs === null ? null : comparePair(ours, theirs, options),
  }
}

const LINEAGE: readonly (readonly [string, (row: ModelRow) => string])[] = [
  ['kind', ({ model }) => model],
  ['data', ({ dataSnapshotHash }) => dataSnapshotHash.slice(0, 12)],
  ['schema', ({ schemaHash }) => schemaHash.slice(0, 12)],
  ['features', ({ featureSetHash }) => featureSetHash.slice(0, 12)],
  ['labels', ({ labelHash }) => labelHash.slice(0, 12)],
  ['parameters', ({ parameters }) => JSON.stringify(parameters)],
  ['git commit', ({ gitCommit }) => gitCommit?.slice(0, 12) ?? 'not known'],
]

export function renderComparison({ first, second, differences, paired }: ModelComparison): string {
  const both = [first, second]
  const title = ['', ...both.map(({ model, version, id }) => `${model} ${version} (${shortId(id)})`)]
  const lineage = LINEAGE.map(([name, of]) => [
    differences.includes(name) ? `${name} *` : name,
    ...both.map((row) => of(row)),
  ])
  const gates = first.gates.map(({ gate }) => [
    gate,
    ...both.map((row) => {
      const found = row.gates.find((one) => one.gate === gate)
      if (found === undefined) return 'not judged'
      return `${found.passed ? 'passed' : found.required ? 'failed' : 'does not count'}: ${found.reason}`
    }),
  ])
  const names = [...new Set(both.flatMap(({ metrics }) => Object.keys(metrics)))]
  const metrics = names.map((name) => [
    name,
    ...both.map((row) => (row.metrics[name] === undefined ? 'N/A' : metricText(row.metrics[name]))),
  ])
  return [
    textTable(title, [
      ['state', first.state, second.state],
      ['score', ...both.map(({ score }) => score.toFixed(4))],
      ...lineage,
    ]),
    section('gates, each on its own test part', title, gates),
    section('metrics, each on its own test part', title, metrics),
    pairedText(first, second, paired),
  ].join('\n\n')
}

function pairedText(first: ModelRow, second: ModelRow, paired: Comparison | null): string {
  if (paired === null) return 'same days: the daily record of one is not on disk; sluice select makes it'
  const { next, champion, days, better, reasons } = paired
  const rows = (['precision', 'profit_factor'] as const).map((name) => [
    name,
    ...[next, champion].map((metrics) => {
      const { value } = metrics[name]
      if (value === null) return 'N/A'
      return name === 'precision' ? percent(value) : fixed(value, 2)
    }),
  ])
  const verdict = `${first.version} ${better ? 'is' : 'is not'} better than ${second.version}`
  const table = textTable([`${days} days out of sample of both`, first.version, second.version], rows)
  return `${table}\n${[verdict, ...reasons].join('\n  ')}`
}
