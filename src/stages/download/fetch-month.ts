/**
 * One series and month: the archive's files as one Parquet file, and beside it what REST has of the rows that they lack.
 */
import type { Json } from '../../core/canonical.js'
import { daysOf, type Timeframe } from '../../core/time.js'
import { absolute, PLACES } from '../../datasets/workspace.js'
import { archiveColumns, type RawKind, rawKind } from '../../market/raw-kinds.js'
import { isRemote } from '../../sources/addresses.js'
import type { ArchiveFile, ArchivePeriod } from '../../sources/archive-period.js'
import type { CsvFacts } from '../../sources/csv-lines.js'
import type { Exchange } from '../../sources/exchange.js'
import type { ArchiveSeries, Venue } from '../../sources/keys.js'
import type { Task, TaskIo, TaskResult } from '../stage.js'
import { archiveOf, exchangeOf } from './exchange.js'
import { completeByRest, type RestPart } from './rest-part.js'

/** The settings of a unit, as it was planned. */
export type MonthSettings = {
  readonly venue: Venue
  readonly pair: string
  readonly kind: RawKind
  readonly timeframe: Timeframe | null
  readonly month: string
  readonly from: string
  readonly to: string
  readonly rest: string | null
  readonly onboard?: string | null
  readonly delivery?: string | null
}

export async function fetchMonth(task: Task, io: TaskIo): Promise<TaskResult> {
  const exchange = await exchangeOf(task, io)
  try {
    const settings = task.settings as unknown as MonthSettings
    if (settings.kind === 'depth') return await (await import('./depth.js')).fetchDepth(settings, io, exchange.rest)
    return await fetchSeries(settings, { task, io, exchange })
  } finally {
    exchange.close()
  }
}

type Work = { readonly task: Task; readonly io: TaskIo; readonly exchange: Exchange }

async function fetchSeries(settings: MonthSettings, { task, io, exchange }: Work): Promise<TaskResult> {
  const { forgetPeriod } = await import('../../sources/archive-period.js')
  const { kind, month, from, to } = settings
  const days = daysOf({ from: Date.parse(from), to: Date.parse(to) })
  const simulation = await exchange.archive.simulation(io.signal)
  // A folder is at hand; what came over the network is kept until its month is done.
  const folder = isRemote(archiveOf(task, io.workspace)) ? absolute(io.workspace, PLACES.downloads) : io.scratch
  const period = await archivePeriod(settings, { days, folder, io, exchange })
  const csv = await writeArchived(settings, period.files, io)
  // What is simulated is never completed by what is real.
  const asked = simulation === null ? exchange : { ...exchange, rest: null }
  const rest = await completeByRest(settings, { csv: csv.path, absentDays: period.absentDays, io, exchange: asked })
  const { monthly, daily } = rawKind(kind)
  const isArchived = (monthly || daily) && period.files.length > 0 && period.absentDays.length === 0
  const complete = isArchived || (!monthly && !daily && rest.complete)
  if (complete || period.files.some(({ via }) => via === 'monthly')) {
    await forgetPeriod(
      folder,
      period.files.map(({ key }) => key),
    )
  }
  const sources = period.files.map(({ key, sha256, bytes, verified, via }, i) => ({
    ...{ key, sha256, bytes, verified, via },
    ...csv.files[i],
  }))
  return {
    facts: {
      sources,
      complete,
      absentDays: [...period.absentDays],
      month,
      kind,
      ...(monthly || daily ? csv.facts : { rows: rest.rows, first: rest.first, last: rest.last }),
      ...(rest.asked === null
        ? {}
        : { restAsked: rest.asked.map(({ from, to }) => ({ from: iso(from), to: iso(to) })) }),
      ...(monthly || daily ? { restRows: rest.rows, restFirst: rest.first, restLast: rest.last } : {}),
    } as { readonly [name: string]: Json },
    summary: summaryOf(csv.facts.rows, period, rest),
    warnings: [...warningsOf(period, days, rest), ...rest.warnings],
    simulated: simulation === null ? null : { seed: simulation.seed, edge: simulation.edge },
    notes: {
      etags: period.files.map(({ etag }) => etag),
      lastModified: period.files.map(({ lastModified }) => lastModified),
    },
  }
}

type Period = {
  readonly days: readonly string[]
  readonly folder: string
  readonly io: TaskIo
  readonly exchange: Exchange
}

async function archivePeriod(settings: MonthSettings, { days, folder, io, exchange }: Period): Promise<ArchivePeriod> {
  const { fetchPeriod } = await import('../../sources/archive-period.js')
  const { venue, pair, kind, timeframe, month } = settings
  const { monthly, daily } = rawKind(kind)
  if (!monthly && !daily) return { files: [], absentDays: days }
  const series: ArchiveSeries = { venue, pair, kind, ...(timeframe === null ? {} : { timeframe }) }
  return fetchPeriod({
    archive: exchange.archive,
    series,
    month,
    days,
    folder,
    signal: io.signal,
    onProgress: ({ files, ofFiles, bytes }) => io.progress(files, ofFiles, { bytes }),
  })
}

type Archived = {
  readonly path: string | null // of the rows, until the unit is done
  readonly facts: { readonly rows: number; readonly first: number | null; readonly last: number | null }
  readonly files: readonly CsvFacts[]
}

async function writeArchived(settings: MonthSettings, files: readonly ArchiveFile[], io: TaskIo): Promise<Archived> {
  const { kind, venue, month } = settings
  let facts: Archived['facts'] = { rows: 0, first: null, last: null }
  const seen: CsvFacts[] = []
  const isCounted = files.length > 1
  if (files.length === 0) return { path: null, facts, files: seen }
  const { csvLines } = await import('../../sources/csv-lines.js')
  const { csvToParquet } = await import('../../datasets/raw-csv.js')
  async function* lines() {
    for (const { path, name } of files)
      yield* csvLines(path, { kind, venue, name, isCounted }, (found) => seen.push(found))
  }
  let path: string | null = null
  await io.write(kind, `${io.folder}/${month}.parquet`, async (temporary) => {
    path = temporary
    const name =
      files.length === 1 ? files[0].name : `${files[0].name} or one of the ${files.length - 1} files after it`
    const columns = archiveColumns(kind, venue)
    facts = await csvToParquet({ lines: lines(), columns, time: rawKind(kind).time, name }, temporary)
  })
  return { path, facts, files: seen.map((file) => ({ ...file, rows: file.rows ?? facts.rows })) }
}

function summaryOf(rows: number, { files, absentDays }: ArchivePeriod, rest: RestPart): string {
  const count = (n: number) => n.toLocaleString('en')
  const parts = [
    ...(files.length === 0
      ? []
      : [`${count(rows)} rows${files[0].via === 'monthly' ? '' : ` from ${files.length} daily files`}`]),
    ...(rest.rows === 0 ? [] : [`${count(rest.rows)} rows from REST`]),
  ]
  if (parts.length > 0) return parts.join(', ')
  return rest.asked !== null && absentDays.length > 0 ? 'absent in the archive and in REST' : 'absent in the archive'
}

function warningsOf({ files, absentDays }: ArchivePeriod, days: readonly string[], rest: RestPart): string[] {
  const unverified = files
    .filter(({ verified }) => !verified)
    .map(({ name }) => `${name} has no checksum in the archive`)
  const isPartly = files.length > 0 && absentDays.length > 0 && rest.rows === 0
  return [...unverified, ...(isPartly ? [`${absentDays.length} of ${days.length} days are absent in the archive`] : [])]
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
