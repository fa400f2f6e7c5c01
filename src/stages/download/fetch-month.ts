/**
 * One series and month: the archive's files as one Parquet file, and beside it what REST has of the rows that they lack.
 */
import type { Json } from '../../core/canonical.js'
import { DAY, daysOf, parseTime, type Span, type Timeframe } from '../../core/time.js'
import { absolute, PLACES } from '../../datasets/workspace.js'
import { type RawKind, rawKind } from '../../market/raw-kinds.js'
import { isRemote } from '../../sources/addresses.js'
import type { ChecksumQuarrel } from '../../sources/checksum.js'
import type { Exchange } from '../../sources/exchange.js'
import type { Venue } from '../../sources/keys.js'
import type { Task, TaskIo, TaskResult } from '../stage.js'
import { type ArchivePart, archivePart } from './archive-part.js'
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
  const { forgetPeriod, keptFolder } = await import('../../sources/archive-period.js')
  const { kind, month, from, to } = settings
  const days = daysOf({ from: Date.parse(from), to: Date.parse(to) })
  const simulation = await exchange.archive.simulation(io.signal)
  // A folder is at hand; what came over the network is kept until its month is done.
  const folder = isRemote(archiveOf(task, io.workspace))
    ? keptFolder(absolute(io.workspace, PLACES.downloads), exchange.archive.address)
    : io.scratch
  const archived = await archivePart(settings, { archive: exchange.archive, days, folder, io })
  // What is simulated is never completed by what is real.
  const asked = simulation === null ? exchange : { ...exchange, rest: null }
  const rest = await completeByRest(settings, {
    csv: archived.path,
    absentDays: archived.absentDays,
    io,
    exchange: asked,
  })
  refuseLoss(archived, rest)
  const { monthly, daily } = rawKind(kind)
  const isArchived = (monthly || daily) && archived.path !== null && archived.absentDays.length === 0
  const complete = (isArchived && archived.quarrels.length === 0) || (!monthly && !daily && rest.complete)
  if (complete || archived.files.some(({ via }) => via === 'monthly')) {
    await forgetPeriod(
      folder,
      archived.files.map(({ key }) => key),
    )
  }
  return {
    facts: {
      sources: archived.files.map(({ key, sha256, bytes, verified, via, header, timeUnit, rows }) => ({
        ...{ key, sha256, bytes, verified, via, header, timeUnit, rows },
      })),
      ...(archived.repeated > 0 ? { repeated: archived.repeated } : {}),
      ...(archived.quarrels.length > 0 ? { quarrels: archived.quarrels.map(quarrelFacts) } : {}),
      complete,
      absentDays: [...archived.absentDays],
      month,
      kind,
      ...(monthly || daily ? rowFacts(archived) : rowFacts(rest)),
      ...(rest.asked === null
        ? {}
        : { restAsked: rest.asked.map(({ from, to }) => ({ from: iso(from), to: iso(to) })) }),
      ...(monthly || daily ? { restRows: rest.rows, restFirst: rest.first, restLast: rest.last } : {}),
    } as { readonly [name: string]: Json },
    summary: summaryOf(archived, rest),
    warnings: [...warningsOf(archived, days, rest), ...rest.warnings],
    simulated: simulation === null ? null : { seed: simulation.seed, edge: simulation.edge },
    notes: {
      etags: archived.files.map(({ etag }) => etag),
      lastModified: archived.files.map(({ lastModified }) => lastModified),
    },
  }
}

function rowFacts({ rows, first, last }: Pick<ArchivePart, 'rows' | 'first' | 'last'>) {
  return { rows, first, last }
}

/** On one line: both hashes, or what else is wrong with the checksum. */
function quarrelFacts({ key, message }: ChecksumQuarrel) {
  return { key, reason: message.replace(/\s+/g, ' ') }
}

/** A file that is left out must not cost a row: where nothing stands in for it, it is the reason why the unit fails. */
function refuseLoss({ quarrels, absentDays }: ArchivePart, rest: RestPart): void {
  const isLost = (day: string) => !standsIn(rest, { from: parseTime(day), to: parseTime(day) + DAY })
  const lost = quarrels.find(({ key }) =>
    absentDays.some((day) => (key.includes('/monthly/') || key.includes(day)) && isLost(day)),
  )
  if (lost !== undefined) throw lost
}

function standsIn({ asked, rows }: RestPart, day: Span): boolean {
  return rows > 0 && (asked ?? []).some(({ from, to }) => from < day.to && to > day.from)
}

function summaryOf({ rows, files, absentDays, missing }: ArchivePart, rest: RestPart): string {
  const count = (n: number) => n.toLocaleString('en')
  const daily = files.filter(({ via }) => via === 'daily').length
  const from =
    daily === 0
      ? ''
      : ` from ${daily < files.length ? 'the monthly and ' : ''}${daily} daily ${daily === 1 ? 'file' : 'files'}`
  const parts = [
    ...(files.length === 0 ? [] : [`${count(rows)} rows${from}`]),
    ...(rest.rows === 0 ? [] : [`${count(rest.rows)} rows from REST`]),
    ...(rest.asked === null && missing > 0 ? [`${count(missing)} in no file`] : []),
  ]
  if (parts.length > 0) return parts.join(', ')
  return rest.asked !== null && absentDays.length > 0 ? 'absent in the archive and in REST' : 'absent in the archive'
}

function warningsOf({ files, absentDays, quarrels }: ArchivePart, days: readonly string[], rest: RestPart): string[] {
  const unverified = files
    .filter(({ verified }) => !verified)
    .map(({ name }) => `${name} has no checksum in the archive`)
  const isPartly = files.length > 0 && absentDays.length > 0 && rest.rows === 0
  return [
    ...unverified,
    ...quarrels.map(
      ({ key, message }) => `${message.split('\n')[0]}: it is left out, and ${standIn(key, files)} for it`,
    ),
    ...(isPartly ? [`${absentDays.length} of ${days.length} days are absent in the archive`] : []),
  ]
}

function standIn(key: string, files: ArchivePart['files']): string {
  return key.includes('/monthly/') && files.length > 0 ? 'daily files stand in' : 'REST stands in'
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
