/**
 * The certificate of a feature table: a unit that computes its columns again from what was known at many moments.
 */
import type { Json } from '../../core/canonical.js'
import { type Timeframe, timeframeMs } from '../../core/time.js'
import type { StoredTable } from '../../features/certificate.js'
import type { FeatureDefinition } from '../../features/definition.js'
import type { FeatureSource } from '../../features/matrix.js'
import {
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
  type Task,
  type TaskIo,
  type TaskResult,
} from '../stage.js'
import { planOtherPairs } from './other-pairs.js'
import { seriesFilesOf } from './plan-series.js'
import { columnsOf, folderOf, readSource, SELECTION } from './source.js'
import { newest, rowsOf } from './spans.js'

export async function planCertificate(context: PlanContext): Promise<PlannedTask[]> {
  const { config, workspace, pair } = context
  if (pair === null) return []
  const { readManifest } = await import('../../datasets/manifest.js')
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
  const { definitionOf } = await import('../../features/definition.js')
  const decision = config['bars.decision']
  const timeframes = [...new Set([config['bars.base'], decision, ...config['bars.context']])]
  const bars = done('clean', 'bars')
  const columns = await columnsOf(pick(config, SELECTION))
  const longest = columns
    .map((column) => definitionOf(column).warmupMs)
    .reduce((most, warmup) => Math.max(most, warmup), 0)
  const rows = extent.rows === 'all' ? Number.POSITIVE_INFINITY : extent.rows + longest / timeframeMs(decision)
  const stretch = newest(bars, rows * timeframeMs(decision))
  const months = new Set(stretch.map(({ settings }) => settings.month))
  const seriesFiles = await seriesFilesOf(done('clean', 'series').filter(({ settings }) => months.has(settings.month)))
  const series = seriesFiles(columns)
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
      ...series.inputs,
      ...inputsFrom(done('features', 'table'), ['feature_set']),
      ...inputsFrom(done('features', 'columns'), ['columns', 'definitions']),
      ...others.inputs,
    ],
    settings: { ...pick(config, [...SELECTION, 'seed', 'bars.base']), ...extent, ...others.settings },
    manifest: `${folderOf(config, pair)}/certificate.manifest.json`,
    libraries: ['duckdb'],
    fresh: true,
    memoryBytes:
      550e6 +
      rowsOf(stretch, config['bars.base']) * 8 * 24 +
      rowsOf(stretch, decision) * 8 * 36 +
      series.memoryBytes +
      others.memoryBytes,
  }
}

/** The columns as the units before wrote them. */
async function storedTable(io: TaskIo, { decision }: FeatureSource): Promise<StoredTable> {
  const { readColumn } = await import('../../datasets/column-file.js')
  const { readGroups } = await import('../../datasets/feature-groups.js')
  const groups = readGroups(io.paths('definitions'))
  const files = io.paths('columns')
  const start = (decision.openTime[0] - groups[0].from) / timeframeMs(decision.timeframe)
  return {
    start,
    column(name) {
      const group = groups.findIndex(({ features }) => features.some((feature) => feature.name === name))
      if (group < 0) return null
      const { rows, features } = groups[group]
      const column = features.findIndex((feature) => feature.name === name)
      return readColumn(files[group], { rows, column }).subarray(start, start + decision.rows)
    },
  }
}

/** Complaints that a run prints; the certificate has all. */
const SHOWN = 5

export async function certifyFeatures(task: Task, io: TaskIo): Promise<TaskResult> {
  const fs = await import('node:fs')
  const { prettyJson } = await import('../../core/canonical.js')
  const { readBars } = await import('../../datasets/bars-table.js')
  const { certificateRecord } = await import('../../features/certificate-record.js')
  const { certify, columnSubject } = await import('../../features/certificate.js')
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
    { source, base, table: await storedTable(io, source) },
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
