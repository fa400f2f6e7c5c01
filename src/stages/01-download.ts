/**
 * The archive's zips → raw Parquet, one unit per series and month: monthly file first, daily files where it is absent. What is absent
 * is a fact in the manifest; only a pair with no klines at all is an error.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/settings.js'
import { UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { daysOf, intersect, isoDay, type Month, monthSpan, monthsOf, type Span, type Timeframe } from '../core/time.js'
import type { Manifest, RunRecord } from '../datasets/manifest.js'
import { absolute, addressIn, type Workspace } from '../datasets/workspace.js'
import {
  type ArchiveKind,
  type ArchiveSeries,
  archiveKey,
  fileNameOf,
  publishes,
  publishesDaily,
  type Venue,
} from '../sources/keys.js'
import type { Archive } from '../sources/source.js'
import {
  type Done,
  type PlanContext,
  type PlannedTask,
  pick,
  type Stage,
  type Task,
  type TaskIo,
  type TaskResult,
} from './stage.js'

const KINDS: readonly ArchiveKind[] = ['klines', 'fundingRate']

export const download: Stage = {
  name: 'download',
  purpose: 'Fetch klines and funding from the archive, verified by checksum',
  steps: [
    { name: 'files', scope: 'pair', plan: planFiles, run: fetchMonth },
    { name: 'index', scope: 'pair', plan: planIndex, run: writeIndex },
  ],
}

/** `data/raw/<venue>/<PAIR>/klines/1m` */
function rawFolder(venue: string, pair: string, kind: ArchiveKind, timeframe: Timeframe): string {
  return `data/raw/${venue}/${pair}/${kind === 'klines' ? `klines/${timeframe}` : 'funding_rate'}`
}

function planFiles({ config, span, pair, workspace, clock }: PlanContext): PlannedTask[] {
  const venue: Venue = config['data.venue']
  if (pair === null) return []
  const timeframe = config['bars.base']
  const today = isoDay(clock())
  return KINDS.filter((kind) => publishes(venue, kind)).flatMap((kind) =>
    monthsOf(span).map((month) => {
      const part = intersect(span, monthSpan(month))
      const series: ArchiveSeries = kind === 'klines' ? { venue, pair, kind, timeframe } : { venue, pair, kind }
      return {
        stage: 'download' as const,
        step: 'files',
        pair,
        unit: `${pair} ${kind === 'klines' ? `klines ${timeframe}` : 'funding'} ${month}`,
        inputs: [],
        settings: {
          archive: addressIn(workspace, config['exchange.archiveUrl']),
          venue,
          pair,
          kind,
          timeframe,
          month,
          from: isoDay(part.from),
          to: isoDay(part.to),
        },
        manifest: `${rawFolder(venue, pair, kind, timeframe)}/${month}.manifest.json`,
        libraries: ['duckdb' as const],
        memoryBytes: 200e6,
        recheck: (manifest: Manifest, record: RunRecord | null) =>
          replaced(config, manifest) ??
          (manifest.facts.complete === true ? null : nowThere(config, series, month, part, manifest, record, today)),
      }
    }),
  )
}

/** A folder is somebody's own, and an import may have put another month in its place; its checksum tells without opening the zip. */
function replaced(config: Config, manifest: Manifest): string | null {
  const address = config['exchange.archiveUrl'].replace(/^file:\/\//, '')
  if (/^https?:/.test(address)) return null
  for (const { key, sha256, verified } of manifest.facts.sources as readonly Source[]) {
    const sidecar = join(address, `${key}.CHECKSUM`)
    if (verified && existsSync(sidecar) && !readFileSync(sidecar, 'utf8').toLowerCase().startsWith(sha256)) {
      return `the archive has another ${fileNameOf(key)}`
    }
  }
  return null
}

/** What was absent may have been published since: a folder is looked at every time, a server once a day. */
function nowThere(
  config: Config,
  series: ArchiveSeries,
  month: Month,
  part: Span,
  manifest: Manifest,
  record: RunRecord | null,
  today: string,
): string | null {
  const address = config['exchange.archiveUrl'].replace(/^file:\/\//, '')
  if (/^https?:/.test(address)) {
    const asked = record?.startedAt.slice(0, 10) ?? ''
    return asked === today ? null : `was absent when last asked for on ${asked}`
  }
  const had = new Set((manifest.facts.sources as readonly { key: string }[]).map(({ key }) => key))
  const keys = [
    archiveKey(series, month),
    ...(publishesDaily(series.kind) ? daysOf(part).map((day) => archiveKey(series, day)) : []),
  ]
  const added = keys.find((key) => !had.has(key) && existsSync(join(address, key)))
  return added === undefined ? null : `the archive now has ${fileNameOf(added)}`
}

type Source = { readonly key: string; readonly sha256: string; readonly bytes: number; readonly verified: boolean }

async function fetchMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const { openArchive } = await import('../sources/archive.js')
  const { venue, pair, kind, timeframe, month, from, to } = task.settings as {
    [name in 'venue' | 'pair' | 'kind' | 'timeframe' | 'month' | 'from' | 'to']: string
  } & { venue: Venue; kind: ArchiveKind; timeframe: Timeframe }
  const address = String(task.settings.archive)
  const archive = await openArchive(address.startsWith('root:') ? absolute(io.workspace, address.slice(5)) : address)
  const series: ArchiveSeries = kind === 'klines' ? { venue, pair, kind, timeframe } : { venue, pair, kind }
  const simulation = await archive.simulation(io.signal)
  const fetched: Fetched[] = []
  const monthly = await fetchOne(archive, archiveKey(series, month), kind, io)
  const days = daysOf({ from: Date.parse(from), to: Date.parse(to) })
  const absentDays: string[] = []
  if (monthly !== null) fetched.push(monthly)
  else if (publishesDaily(kind)) {
    for (const [i, day] of days.entries()) {
      const daily = await fetchOne(archive, archiveKey(series, day), kind, io)
      if (daily === null) absentDays.push(day)
      else fetched.push(daily)
      io.progress(i + 1, days.length)
    }
  }
  const simulated = simulation === null ? null : { seed: simulation.seed, edge: simulation.edge }
  const common = {
    sources: fetched.map(({ source }) => source),
    complete: monthly !== null || (fetched.length > 0 && absentDays.length === 0),
    absentDays,
    month,
    kind,
  }
  const asked = {
    etags: fetched.map(({ etag }) => etag),
    lastModified: fetched.map(({ lastModified }) => lastModified),
  }
  if (fetched.length === 0) {
    const facts = { ...common, rows: 0, first: null, last: null, header: [], timeUnit: [] }
    return { facts, summary: 'absent in the archive', simulated, notes: asked }
  }
  const { csvToParquet } = await import('../datasets/raw-csv.js')
  let rows = { rows: 0, first: null as number | null, last: null as number | null }
  await io.write(kind, `${io.folder}/${month}.parquet`, async (temporary) => {
    rows = await csvToParquet(fetched, kind, temporary)
  })
  const unverified = fetched
    .filter(({ source }) => !source.verified)
    .map(({ name }) => `${name} has no checksum in the archive`)
  const partly = absentDays.length > 0 ? [`${absentDays.length} of ${days.length} days are absent in the archive`] : []
  return {
    facts: {
      ...common,
      ...rows,
      header: fetched.map(({ header }) => header),
      timeUnit: fetched.map(({ timeUnit }) => timeUnit),
    },
    summary: `${rows.rows.toLocaleString('en')} rows${monthly === null ? ` from ${fetched.length} daily files` : ''}`,
    warnings: [...unverified, ...partly],
    simulated,
    notes: asked,
  }
}

type Fetched = {
  readonly path: string
  readonly name: string
  readonly header: boolean
  readonly timeUnit: string | null
  readonly source: Source
  readonly etag: string | null
  readonly lastModified: string | null
}

async function fetchOne(archive: Archive, key: string, kind: ArchiveKind, io: TaskIo): Promise<Fetched | null> {
  const { extractCsv } = await import('../sources/zip.js')
  const { sniffCsv } = await import('../sources/csv-shape.js')
  const name = fileNameOf(key)
  const zip = join(io.scratch, name)
  const found = await archive.fetch(key, zip, io.signal)
  if (!found.found) return null
  const path = zip.replace(/\.zip$/, '.csv')
  await extractCsv(zip, path, name)
  const { header, timeUnit } = await sniffCsv(path, kind, name)
  const { sha256, bytes, verified, etag, lastModified } = found
  if (statSync(path).size === 0) return null
  return { path, name, header, timeUnit, source: { key, sha256, bytes, verified }, etag, lastModified }
}

/** Refuses a pair of which nothing is there, and tells a misspelt name from a missing month. */
async function planIndex(context: PlanContext): Promise<PlannedTask[]> {
  const { config, span, pair } = context
  const files = context.done('download', 'files')
  if (pair === null) return []
  if (!files.some((file) => file.settings.kind === 'klines' && file.manifest.files.length > 0)) {
    throw await nothingThere(context.workspace, config, pair, span)
  }
  const venue = config['data.venue']
  return [
    {
      stage: 'download',
      step: 'index',
      pair,
      unit: pair,
      inputs: [],
      settings: { ...pick(config, ['data.venue']), files: files.map(indexEntry) },
      manifest: `data/raw/metadata/${venue}-${pair}.manifest.json`,
      libraries: [],
      memoryBytes: 80e6,
    },
  ]
}

function indexEntry({ manifest }: Done) {
  const { month, kind, rows, first, last, complete, sources } = manifest.facts
  return { month, kind, rows, first, last, complete, sources }
}

async function writeIndex(task: Task, io: TaskIo): Promise<TaskResult> {
  const { prettyJson } = await import('../core/canonical.js')
  const { writeFileSync } = await import('node:fs')
  const files = task.settings.files as ReturnType<typeof indexEntry>[]
  await io.write('index', task.manifest.replace('.manifest.json', '.json'), (temporary) =>
    writeFileSync(temporary, prettyJson({ pair: task.pair, files })),
  )
  const absent = files.filter(({ rows }) => rows === 0)
  const months = (kind: string) => absent.filter((file) => file.kind === kind).map(({ month }) => String(month))
  const total = files.reduce((sum, { rows }) => sum + Number(rows), 0)
  const noFunding = months('fundingRate')
  const funding = files.filter(({ kind }) => kind === 'fundingRate')
  return {
    facts: { absentKlines: months('klines'), absentFunding: noFunding },
    summary: `${total.toLocaleString('en')} rows in ${files.length - absent.length} of ${files.length} files`,
    warnings: [
      ...(months('klines').length > 0 ? [`klines absent in the archive: ${months('klines').join(', ')}`] : []),
      ...(funding.length > 0 && noFunding.length === funding.length
        ? ['no funding in the archive: every total will be marked "without funding"']
        : noFunding.length > 0
          ? [`funding absent in the archive: ${noFunding.join(', ')}`]
          : []),
    ],
  }
}

async function nothingThere(workspace: Workspace, config: Config, pair: string, span: Span): Promise<UserError> {
  const { openArchive } = await import('../sources/archive.js')
  const address = config['exchange.archiveUrl']
  const known = await (await openArchive(address)).pairs(config['data.venue'])
  const months = monthsOf(span)
  const where = `${addressIn(workspace, address)} (${config['data.venue']}, ${config['bars.base']}, ${months[0]} to ${months.at(-1)})`
  if (known !== null && !known.includes(pair)) {
    return new UserError(`${pair} is not in the archive ${where}${suggestion(pair, known)}`, {
      hint: known.length > 0 && known.length <= 12 ? `it has ${known.join(', ')}` : 'check the name and data.venue',
    })
  }
  return new UserError(`${pair} has no klines in the archive ${where}`, {
    hint: 'check the name, data.venue, bars.base, and data.from and data.to; the pair may not have been listed yet',
  })
}
