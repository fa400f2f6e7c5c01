/**
 * Clean bars → the feature table: row t holds what was known at the close of bar t, and nothing else.
 *
 * Columns are computed in groups, whole, because averages remember everything; the table is then put together month by
 * month from the groups' files. Neither step holds more than a few columns or one month, whatever the span, and both use
 * all workers. A certificate says that the columns do not see the future.
 */
import type { Json } from '../core/canonical.js'
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { FeatureGroup } from '../datasets/feature-groups.js'
import type { FeatureDefinition } from '../features/definition.js'
import type { Absence, FeatureSource } from '../features/matrix.js'
import type { Column } from '../features/selection.js'
import type { BarValue } from '../market/bars.js'
import { inGroups, planOtherPairs, readOtherPairs, sayWhoFailed } from './features/other-pairs.js'
import { newest, rowsOf, timeOf } from './features/spans.js'
import { planStretches, type Stretch, valuesByStretch } from './features/stretches.js'
import {
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

export const features: Stage = {
  name: 'features',
  purpose: 'Compute the chosen features for every decision bar, and certify that none sees the future',
  steps: [
    { name: 'columns', scope: 'pair', plan: planGroups, run: computeGroup },
    { name: 'months', scope: 'pair', plan: planMonths, run: assembleMonth },
    { name: 'table', scope: 'pair', plan: planSet, run: describeSet },
    { name: 'certificate', scope: 'pair', plan: planCertificate, run: certifyFeatures },
  ],
}

/** Columns of a unit: enough to make up for reading the bars, few enough to keep all cores busy. */
const GROUP = 32

type Settings = Task['settings']

async function columnsOf(settings: Settings): Promise<readonly Column[]> {
  const { selectedColumns } = await import('../features/matrix.js')
  return selectedColumns(
    { include: settings['features.include'] as string[], exclude: settings['features.exclude'] as string[] },
    settings['bars.decision'] as Timeframe,
    settings['bars.context'] as Timeframe[],
  )
}

const SELECTION = ['bars.decision', 'bars.context', 'features.include', 'features.exclude'] as const

async function planGroups(context: PlanContext): Promise<PlannedTask[]> {
  const { config, pair, done } = context
  if (pair === null) return []
  const selected = await columnsOf(pick(config, SELECTION))
  const bars = done('clean', 'bars')
  const decision = config['bars.decision']
  const rows = rowsOf(bars, decision)
  sayWhoFailed(context, pair, selected)
  return inGroups(selected, GROUP).map(({ first, columns: own }, group) => {
    const timeframes = [...new Set([decision, ...own.map(({ timeframe }) => timeframe)])]
    const others = planOtherPairs(context, pair, { columns: own, months: bars })
    const ranking =
      others.ranked === 0 ? null : planStretches(bars, { pairs: others.ranked, timeframe: decision, columns: own })
    const name = String(group + 1).padStart(2, '0')
    return {
      stage: 'features' as const,
      step: 'columns',
      pair,
      unit: `${pair} columns ${first + 1}–${first + own.length}`,
      inputs: [
        ...inputsFrom(
          bars,
          timeframes.map((timeframe) => `bars_${timeframe}`),
        ),
        ...inputsFrom(done('clean', 'quality'), ['funding']),
        ...others.inputs,
      ],
      settings: {
        ...{ 'bars.decision': decision, columns: own.map((column) => column.name), timeframes },
        ...others.settings,
        ...(ranking === null ? {} : { stretches: ranking.stretches as unknown as Json }),
      },
      manifest: `${folderOf(config, pair)}/columns/${name}.manifest.json`,
      libraries: ['duckdb' as const],
      // Inputs, those of a series, and what the kernels leave behind, all in float64.
      memoryBytes: 200e6 + (ranking?.memoryBytes ?? rows * 8 * 26 + others.memoryBytes),
    }
  })
}

function folderOf(config: PlanContext['config'], pair: string): string {
  return `data/features/${config['data.venue']}/${pair}/${config['bars.decision']}`
}

async function computeGroup(task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { writeColumns } = await import('../datasets/column-file.js')
  const { definitionOf } = await import('../features/definition.js')
  const { columnValues, openSource, planColumns, stored } = await import('../features/matrix.js')
  const { possibleColumns } = await import('../features/selection.js')
  const { columns: names, timeframes } = task.settings as { columns: string[]; timeframes: Timeframe[] }
  const [decision, ...context] = timeframes
  const selected = possibleColumns(decision, context).filter(({ name }) => names.includes(name))
  const read = (of: Pick<TaskIo, 'paths'>) => readSource(of, task.settings, timeframes, selected)
  const stretches = task.settings.stretches as unknown as readonly Stretch[] | undefined
  const { rows, from, columns, absent, values } =
    stretches === undefined ? await wholeValues() : await valuesByStretch(io, { stretches, selected, read })

  async function wholeValues() {
    const source = await read(io)
    const open = openSource(source)
    const { rows, openTime, baseBars } = source.decision
    const { columns, absent } = planColumns(open, selected)
    function* values(): Generator<Float32Array> {
      for (const [i, column] of columns.entries()) {
        yield stored(columnValues(open, column), baseBars)
        io.progress(i + 1, columns.length)
      }
    }
    return { rows, from: openTime[0], columns, absent, values: values() }
  }
  const name = task.manifest.replace(/^.*\/|\.manifest\.json$/g, '')
  await io.write('columns', `${io.folder}/${name}.f32`, (temporary) => writeColumns(temporary, values))
  const group: FeatureGroup = { rows, from, features: columns.map(definitionOf), absent }
  await io.write('definitions', `${io.folder}/${name}.json`, (temporary) =>
    writeFileSync(temporary, prettyJson(group as unknown as Json)),
  )
  return {
    facts: { rows, columns: columns.length },
    summary: `${rows.toLocaleString('en')} rows × ${columns.length} columns`,
  }
}

/** Bars and series; of the bars the values that these columns declare, or all. */
async function readSource(
  io: Pick<TaskIo, 'paths'>,
  settings: Settings,
  timeframes: readonly Timeframe[],
  columns: readonly Column[] | null,
): Promise<FeatureSource> {
  const { readBars, readFunding } = await import('../datasets/bars-table.js')
  const { checkSeries } = await import('../features/series.js')
  const { fundingSeries } = await import('../features/series/funding.js')
  const bars = []
  for (const timeframe of timeframes) {
    const own = columns?.filter((column) => column.timeframe === timeframe).flatMap(({ feature }) => feature.inputs)
    // Inputs that are no bar values are not found among them.
    const values = own === undefined ? undefined : (['baseBars', ...own] as BarValue[])
    bars.push(await readBars(io.paths(`bars_${timeframe}`), timeframe, values))
  }
  const [decision, ...context] = bars
  const prints = await readFunding(io.paths('funding'))
  const funding = prints && fundingSeries(prints)
  if (funding !== null) checkSeries('funding', funding)
  const others = await readOtherPairs(io, settings, decision.timeframe, columns)
  return { decision, context, series: { funding, ...others.series }, missing: others.missing }
}

function planMonths({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  const groups = done('features', 'columns')
  const columns = groups.reduce((sum, { manifest }) => sum + Number(manifest.facts.columns), 0)
  const decision = config['bars.decision']
  return done('clean', 'bars').map((bars) => {
    const { month, from, to } = bars.settings
    return {
      stage: 'features',
      step: 'months',
      pair,
      unit: `${pair} ${month}`,
      inputs: inputsFrom(groups, ['columns', 'definitions']),
      settings: { month, from, to, 'bars.decision': decision },
      manifest: `${folderOf(config, pair)}/${month}.manifest.json`,
      libraries: ['duckdb'],
      // Ten times the month: as read, as a table of DuckDB, and in the writer's buffers and dictionaries.
      memoryBytes: 300e6 + rowsOf([bars], decision) * columns * 42,
    }
  })
}

async function assembleMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const { readGroups, writeFeatureMonth } = await import('../datasets/feature-groups.js')
  const stepMs = timeframeMs(task.settings['bars.decision'] as Timeframe)
  const from = timeOf(task.settings.from)
  const rows = (timeOf(task.settings.to) - from) / stepMs
  const month = { from, rows, stepMs, groups: readGroups(io.paths('definitions')), files: io.paths('columns') }
  let columns = 0
  await io.write('features', `${io.folder}/${task.settings.month}.parquet`, async (temporary) => {
    columns = await writeFeatureMonth(temporary, month)
  })
  return { facts: { rows, columns }, summary: `${rows.toLocaleString('en')} rows × ${columns} columns` }
}

function planSet({ config, pair, done }: PlanContext): PlannedTask[] {
  if (pair === null) return []
  return [
    {
      stage: 'features',
      step: 'table',
      pair,
      unit: pair,
      // The columns are not read: they are part of what the table is, and of what its fingerprint stands for.
      inputs: inputsFrom(done('features', 'columns'), ['columns', 'definitions']),
      settings: pick(config, SELECTION),
      manifest: `${folderOf(config, pair)}/manifest.json`,
      libraries: [],
      memoryBytes: 100e6,
    },
  ]
}

async function describeSet(_task: Task, io: TaskIo): Promise<TaskResult> {
  const { writeFileSync } = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readGroups } = await import('../datasets/feature-groups.js')
  const { UserError } = await import('../core/errors.js')
  const { featureSetHash } = await import('../features/definition.js')
  const groups = readGroups(io.paths('definitions'))
  const definitions = groups.flatMap((group) => group.features)
  const absent = groups.flatMap((group) => group.absent)
  if (definitions.length === 0) {
    throw new UserError(`none of the ${absent.length} selected features can be made: ${summarise(absent)}`, {
      hint: 'include others with features.include, such as the preset core',
    })
  }
  const hash = featureSetHash(definitions)
  await io.write('feature_set', `${io.folder}/features.json`, (temporary) =>
    writeFileSync(temporary, prettyJson({ hash, features: definitions, absent } as unknown as Json)),
  )
  const [{ rows }] = groups
  return {
    facts: { rows, columns: definitions.length, hash, absent: absent as unknown as Json },
    summary: `${rows.toLocaleString('en')} rows × ${definitions.length} columns`,
    warnings: absent.length > 0 ? [`${absent.length} features absent: ${summarise(absent)}`] : [],
  }
}

/** One line for all that is missing for the same reason. */
function summarise(absent: readonly Absence[]): string {
  const reasons = new Map<string, number>()
  for (const { reason } of absent) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return [...reasons].map(([reason, count]) => `${count} × ${reason}`).join('; ')
}

async function planCertificate(context: PlanContext): Promise<PlannedTask[]> {
  const { config, workspace, pair } = context
  if (pair === null) return []
  const { readManifest } = await import('../datasets/manifest.js')
  const asked = await certificateTask(context, pair, {
    cuts: config['certificate.cuts'],
    rows: config['certificate.rows'],
  })
  // One that looked at more, of the same bytes, is not thrown away for one that looks at less.
  const before = readManifest(workspace, asked.manifest)?.made
  const looked = before?.settings as { readonly cuts?: number; readonly rows?: number | 'all' } | undefined
  if (before === undefined || looked?.cuts === undefined || looked.rows === undefined) return [asked]
  const least = (rows: number | 'all') => (rows === 'all' ? Number.POSITIVE_INFINITY : rows)
  if (looked.cuts < config['certificate.cuts'] || least(looked.rows) < least(config['certificate.rows'])) return [asked]
  const kept = await certificateTask(context, pair, { cuts: looked.cuts, rows: looked.rows })
  const same =
    kept.inputs.length === before.inputs.length &&
    kept.inputs.every(({ path, sha256 }, i) => before.inputs[i].path === path && before.inputs[i].sha256 === sha256)
  return [same ? kept : asked]
}

type Extent = { readonly cuts: number; readonly rows: number | 'all' }

async function certificateTask(context: PlanContext, pair: string, extent: Extent): Promise<PlannedTask> {
  const { config, done } = context
  const { definitionOf } = await import('../features/definition.js')
  const decision = config['bars.decision']
  const timeframes = [...new Set([config['bars.base'], decision, ...config['bars.context']])]
  const bars = done('clean', 'bars')
  const columns = await columnsOf(pick(config, SELECTION))
  const longest = columns
    .map((column) => definitionOf(column).warmupMs)
    .reduce((most, warmup) => Math.max(most, warmup), 0)
  const rows = extent.rows === 'all' ? Number.POSITIVE_INFINITY : extent.rows + longest / timeframeMs(decision)
  const stretch = newest(bars, rows * timeframeMs(decision))
  const others = planOtherPairs(context, pair, { columns, months: stretch })
  return {
    stage: 'features',
    step: 'certificate',
    pair,
    unit: `${pair} certificate`,
    inputs: [
      ...inputsFrom(
        stretch,
        timeframes.map((timeframe) => `bars_${timeframe}`),
      ),
      ...inputsFrom(done('clean', 'quality'), ['funding']),
      ...inputsFrom(done('features', 'table'), ['feature_set']),
      ...others.inputs,
    ],
    settings: { ...pick(config, [...SELECTION, 'seed', 'bars.base']), ...extent, ...others.settings },
    manifest: `${folderOf(config, pair)}/certificate.manifest.json`,
    libraries: ['duckdb'],
    memoryBytes:
      550e6 + rowsOf(stretch, config['bars.base']) * 8 * 24 + rowsOf(stretch, decision) * 8 * 36 + others.memoryBytes,
  }
}

/** Complaints that a run prints; the certificate has all. */
const SHOWN = 5

async function certifyFeatures(task: Task, io: TaskIo): Promise<TaskResult> {
  const fs = await import('node:fs')
  const { prettyJson } = await import('../core/canonical.js')
  const { readBars } = await import('../datasets/bars-table.js')
  const { certificateRecord } = await import('../features/certificate-record.js')
  const { certify, columnSubject } = await import('../features/certificate.js')
  const { settings } = task
  const { hash, features: present } = JSON.parse(fs.readFileSync(io.paths('feature_set')[0], 'utf8'))
  const names = new Set((present as FeatureDefinition[]).map(({ name }) => name))
  const columns = (await columnsOf(settings)).filter(({ name }) => names.has(name))
  const timeframes = [settings['bars.decision'], ...(settings['bars.context'] as string[])] as Timeframe[]
  const source = await readSource(io, settings, timeframes, null)
  const finest = settings['bars.base'] as Timeframe
  const base = finest === timeframes[0] ? source.decision : await readBars(io.paths(`bars_${finest}`), finest)
  const seed = Number(settings.seed)
  const certificate = certify(
    columns.map(columnSubject),
    { source, base },
    { seed, cuts: Number(settings.cuts), onColumn: (done, total) => io.progress(done, total) },
  )
  const record = certificateRecord(certificate, { featureSet: hash, seed })
  await io.write('certificate', `${io.folder}/certificate.json`, (temporary) =>
    fs.writeFileSync(temporary, prettyJson(record as unknown as Json)),
  )
  const { verdict, cuts, rows, features: judged, complaints } = record
  return {
    facts: { hash, verdict, cuts: cuts.length, rows, features: judged.length, complaints },
    summary: `${verdict}: ${judged.length} columns at ${cuts.length} cuts of ${rows.toLocaleString('en')} rows`,
    warnings:
      complaints.length > SHOWN
        ? [...complaints.slice(0, SHOWN), `${complaints.length - SHOWN} more: sluice verify features lists all`]
        : complaints,
  }
}
