/**
 * Everything that earlier stages wrote about a pair → one HTML page with its JSON and CSV twins, and a list of all reports. What
 * the columns of the feature table are like is found out before, in a step of its own: it reads the whole table once.
 */
import { existsSync } from 'node:fs'
import type { Json } from '../core/canonical.js'
import type { Span, Timeframe } from '../core/time.js'
import type { BundleMetrics } from '../datasets/report-sources.js'
import { absolute, PLACES } from '../datasets/workspace.js'
import type { IndexEntry } from '../report/index-page.js'
import type { GateRow } from '../report/input.js'
import { championOf } from './report/champion.js'
import { planCompare, writeCompare } from './report/compare.js'
import { planIndex, writeIndex } from './report/list.js'
import { chartRuntime } from './report/runtime.js'
import {
  BACKTEST_SETTINGS,
  CONSTRAINT_SETTINGS,
  type Done,
  FOLD_SETTINGS,
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

export const report: Stage = {
  name: 'report',
  purpose: 'Write one self-contained HTML page per pair, with JSON and CSV beside it',
  steps: [
    { name: 'features', scope: 'pair', plan: planStudy, run: studyTable },
    { name: 'page', scope: 'pair', plan: planPage, run: writePage },
    { name: 'compare', scope: 'all', plan: planCompare, run: writeCompare },
    { name: 'index', scope: 'all', plan: planIndex, run: writeIndex },
  ],
}

/** The bundle of the best candidate, and the others. */
function bundlesOf({ done }: PlanContext) {
  const [selection] = done('select', 'judge')
  const bundles = done('train', 'bundle')
  const chosen = bundles.filter(({ manifest }) => manifest.fingerprint === selection?.manifest.facts.bundle)
  return { selection, bundles, chosen }
}

function planStudy(context: PlanContext): PlannedTask[] {
  const { config, pair, done } = context
  const { selection, chosen } = bundlesOf(context)
  const groups = done('features', 'columns')
  if (pair === null || selection === undefined || groups.length === 0) return []
  const [{ manifest: first }] = groups
  const columns = groups.reduce((sum, { manifest }) => sum + Number(manifest.facts.columns), 0)
  return [
    {
      stage: 'report',
      step: 'features',
      pair,
      unit: `${pair} features`,
      inputs: [...inputsFrom(groups, ['columns', 'definitions']), ...inputsFrom(chosen, ['metrics', 'importance'])],
      settings: pick(config, ['seed', 'bars.decision']),
      manifest: `artifacts/studies/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: [],
      // A few columns, and of each the ranks of the sampled rows.
      memoryBytes: 200e6 + Number(first.facts.rows) * 4 * 4 + columns * 24e3,
    },
  ]
}

async function studyTable(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readFileSync, writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { timeframeMs } = await import('../core/time.js')
  const { readColumn } = await import('../datasets/column-file.js')
  const { readGroups } = await import('../datasets/feature-groups.js')
  const { readImportance } = await import('../datasets/report-sources.js')
  const { studyFeatures } = await import('../features/study/study.js')
  const groups = readGroups(io.paths('definitions'))
  const files = io.paths('columns')
  const places = groups.flatMap(({ features }, group) => features.map((_, column) => ({ file: files[group], column })))
  const columns = groups.flatMap(({ features }) => features)
  const [{ rows, from }] = groups
  const { parts } = (JSON.parse(readFileSync(io.paths('metrics')[0], 'utf8')) as BundleMetrics).final
  const study = studyFeatures({
    ...{ rows, from, columns, train: spanOf(parts.train), test: spanOf(parts.score) },
    stepMs: timeframeMs(task.settings['bars.decision'] as Timeframe),
    seed: Number(task.settings.seed),
    gain: new Map(readImportance(io.paths('importance')[0]).map(({ feature, gain }) => [feature, gain])),
    valuesOf: (column) => readColumn(places[column].file, { rows, column: places[column].column }),
    onColumn: (made) => io.progress(made, columns.length),
  })
  await io.write('study', `${io.folder}/features.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(study as unknown as Json)),
  )
  const clustered = study.clusters.reduce((sum, { members }) => sum + members.length, 0)
  return {
    facts: { columns: columns.length, clusters: study.clusters.length, clustered },
    summary: `${columns.length} columns, ${clustered} of them in ${study.clusters.length} groups that say nearly the same`,
  }
}

function spanOf({ from, to }: { readonly from: number; readonly to: number }): Span {
  return { from, to }
}

async function planPage(context: PlanContext): Promise<PlannedTask[]> {
  const { config, span, pair, done } = context
  const { selection, bundles, chosen } = bundlesOf(context)
  const [parts] = done('backtest', 'parts')
  if (pair === null || selection === undefined || parts === undefined) return []
  const bundle = String(selection.manifest.facts.bundle)
  const champion = await championOf(context, bundle)
  return [
    {
      stage: 'report',
      step: 'page',
      pair,
      unit: pair,
      inputs: [
        ...inputsFrom([parts], null),
        ...inputsFrom([selection], ['selection', 'days']),
        ...champion.inputs,
        ...inputsFrom(chosen, ['metrics', 'calibration', 'importance', 'feature_set']),
        ...inputsFrom(
          bundles.filter((bundle) => !chosen.includes(bundle)),
          ['metrics'],
        ),
        ...inputsFrom(done('train', 'tune'), ['trial']),
        ...inputsFrom(done('features', 'certificate'), ['certificate']),
        ...inputsFrom(done('report', 'features'), ['study']),
        ...inputsFrom(done('labels', 'table'), ['balance']),
        ...inputsFrom(done('labels', 'relations'), ['relations']),
        ...inputsFrom(done('clean', 'quality'), ['quality']),
      ],
      settings: {
        from: new Date(span.from).toISOString(),
        to: new Date(span.to).toISOString(),
        registered: await registeredAs(context, bundle),
        champion: champion.setting,
        models: bundles.map(({ unit, settings }) => ({ unit, model: settings.model })),
        absentFeatures: done('features', 'table')[0]?.manifest.facts.absent ?? [],
        lineage: lineageOf(context, chosen, selection, parts),
        configuration: Object.fromEntries(REPORTED.map((name) => [name, config[name] as Json])),
      },
      manifest: `reports/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: ['duckdb', 'echarts'],
      memoryBytes: 500e6,
    },
  ]
}

/** What the page lists of the configuration: all that the result depends on. */
export const REPORTED = [
  'seed',
  'data.venue',
  'bars.base',
  'bars.decision',
  'bars.context',
  'features.include',
  'features.exclude',
  'features.market',
  'features.spy',
  'features.dxy',
  ...LABEL_SETTINGS,
  'labels.shuffle',
  'train.models',
  'train.split',
  'train.folds',
  'train.scoredGroups',
  'train.window',
  'train.testShare',
  'train.validationShare',
  'train.embargo',
  'train.threads',
  ...FOLD_SETTINGS,
  'train.calibration',
  ...CONSTRAINT_SETTINGS,
  'models',
  'neural.backend',
  'neural.inputs',
  'tuning.trials',
  'tuning.batch',
  'tuning.folds',
  'tuning.startup',
  'decision.threshold',
  ...GATE_SETTINGS,
  ...BACKTEST_SETTINGS,
] as const

/** What the registry says of the model now: a person may have approved or rejected it since. */
async function registeredAs({ workspace }: PlanContext, id: string): Promise<Json> {
  const path = absolute(workspace, PLACES.registry)
  if (!existsSync(path)) return null
  const { openRegistry } = await import('../datasets/model-registry.js')
  const registry = await openRegistry(path, { create: false })
  try {
    const row = registry.get(id)
    return row === null ? null : { state: row.state, version: row.version }
  } finally {
    registry.close()
  }
}

function lineageOf({ done }: PlanContext, chosen: readonly Done[], selection: Done, parts: Done): Json {
  const rows: { kind: string; name: string; hash: string }[] = []
  for (const { unit, manifest } of done('download', 'files')) {
    for (const source of manifest.facts.sources as { key: string; sha256: string }[]) {
      rows.push({
        kind: 'archive',
        name: `${unit} (${source.key.slice(source.key.lastIndexOf('/') + 1)})`,
        hash: source.sha256,
      })
    }
  }
  for (const unit of [...done('features', 'table'), ...done('labels', 'table')])
    rows.push({ kind: unit.manifest.stage, name: unit.unit, hash: unit.manifest.fingerprint })
  for (const { manifest } of chosen)
    for (const file of manifest.files)
      rows.push({ kind: 'bundle', name: file.path.slice(file.path.lastIndexOf('/') + 1), hash: file.sha256 })
  rows.push(
    { kind: 'selection', name: selection.unit, hash: selection.manifest.fingerprint },
    { kind: 'backtest', name: parts.unit, hash: parts.manifest.fingerprint },
  )
  return rows
}

async function writePage(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readReportSources } = await import('../datasets/report-sources.js')
  const { reportInput } = await import('../report/assemble.js')
  const { shortMark } = await import('../report/headline.js')
  const { renderReport } = await import('../report/render-report.js')
  const { renderTerminalTable } = await import('../report/terminal.js')
  const input = reportInput(await readReportSources(task, io))
  const runtime = chartRuntime()
  io.progress(1, 3)
  const { html, json, csv } = await renderReport(input, runtime)
  const text = (name: string, file: string, content: string) =>
    io.write(name, `${io.folder}/${file}`, (temporary) => writeFileSync(temporary, content))
  await text('page', 'index.html', html)
  await text('json', 'report.json', prettyJson(json as unknown as Json))
  for (const [file, content] of csv) await text(`csv:${file}`, file, content)
  await text('summary', 'summary.txt', renderTerminalTable(input))
  const shown = ['precision', 'total_return', 'sharpe', 'max_drawdown', 'trades']
  const metrics = [...input.test.predictions, ...input.test.metrics].filter(({ key }) => shown.includes(key))
  return {
    facts: {
      model: input.approval.model,
      approved: input.approval.state === 'approved',
      from: task.settings.from,
      to: task.settings.to,
      venue: input.venue,
      short: shortMark(input.test, input.minTrades),
      gates: gateCount(input.gates) as unknown as Json,
      metrics: metrics.map(({ key, unit, value, reason, interval }) => ({
        key,
        unit,
        value,
        ...(reason === undefined ? {} : { reason }),
        ...(interval === undefined ? {} : { interval: [...interval] }),
      })),
    },
    summary: `${io.folder}/index.html (${(html.length / 1e6).toFixed(1)} MB)`,
  }
}

function gateCount(gates: readonly GateRow[]): IndexEntry['gates'] {
  const required = gates.filter((gate) => gate.required)
  const failed = required.filter(({ passed }) => !passed).map(({ gate }) => gate)
  return { passed: required.length - failed.length, failed }
}
