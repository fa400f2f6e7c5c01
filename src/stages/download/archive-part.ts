/**
 * What the archive has of a month as one Parquet file: the monthly file, completed from the daily ones where it lacks rows, or these alone.
 * Every line of every file is a row of the table, or the unit fails.
 */
import { join } from 'node:path'
import { UserError } from '../../core/errors.js'
import { DAY, daysOf, intersect, parseTime, type Span, timeframeMs } from '../../core/time.js'
import { daysWithRows, gridHoles } from '../../datasets/raw-holes.js'
import { archiveColumns, rawKind } from '../../market/raw-kinds.js'
import type { ArchiveFile, ArchivePeriod, PeriodRequest } from '../../sources/archive-period.js'
import type { ChecksumQuarrel } from '../../sources/checksum.js'
import type { CsvFacts } from '../../sources/csv-lines.js'
import type { Archive } from '../../sources/source.js'
import type { TaskIo } from '../stage.js'
import type { MonthSettings } from './fetch-month.js'

export type ArchivePart = {
  readonly path: string | null // of the rows, until the unit is done; null without any file
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  readonly files: readonly (ArchiveFile & CsvFacts)[]
  /** Rows of daily files that the monthly one holds as well, and that are not stored again. */
  readonly repeated: number
  /** Days on which something could be, of which no file has a row. */
  readonly absentDays: readonly string[]
  /** Bars that are missing on the other days. */
  readonly missing: number
  readonly quarrels: readonly ChecksumQuarrel[]
}

export type FromArchive = {
  readonly archive: Archive
  readonly days: readonly string[] // that the unit is about
  readonly folder: string // where zips are kept
  readonly io: TaskIo
}

export async function archivePart(settings: MonthSettings, from: FromArchive): Promise<ArchivePart> {
  const { days } = from
  const { monthly, daily } = rawKind(settings.kind)
  const nothing = { path: null, rows: 0, first: null, last: null, files: [], repeated: 0, missing: 0, quarrels: [] }
  if (!monthly && !daily) return { ...nothing, absentDays: days }
  const { fetchPeriod } = await import('../../sources/archive-period.js')
  const period = await fetchPeriod(requestOf(settings, from, days))
  if (period.files.length === 0) return { ...nothing, absentDays: period.absentDays, quarrels: period.quarrels }
  const table = await writeTable(settings, period.files, from.io)
  const part = { ...table, repeated: 0, quarrels: period.quarrels }
  if (period.files[0].via === 'monthly') return completeByDays(settings, part, from)
  const missing = missingBars(await holesOf(settings, table.path), period.absentDays)
  return { ...part, absentDays: period.absentDays, missing }
}

function requestOf(
  settings: MonthSettings,
  { archive, folder, io }: FromArchive,
  days: readonly string[],
): PeriodRequest {
  const { venue, pair, kind, timeframe, month } = settings
  return {
    archive,
    series: { venue, pair, kind, ...(timeframe === null ? {} : { timeframe }) },
    month,
    days,
    folder,
    signal: io.signal,
    onProgress: ({ files, ofFiles, bytes }) => io.progress(files, ofFiles, { bytes }),
  }
}

type Table = Pick<ArchivePart, 'rows' | 'first' | 'last' | 'files'> & { readonly path: string }

async function writeTable(settings: MonthSettings, files: readonly ArchiveFile[], io: TaskIo): Promise<Table> {
  const { kind, month } = settings
  const tables: Table[] = []
  await io.write(kind, `${io.folder}/${month}.parquet`, async (temporary) => {
    tables.push(await toParquet(settings, files, temporary))
  })
  return tables[0]
}

/** All files as one table in the order given, their rows counted one by one and together. */
async function toParquet({ kind, venue }: MonthSettings, files: readonly ArchiveFile[], path: string): Promise<Table> {
  const { csvLines } = await import('../../sources/csv-lines.js')
  const { csvToParquet } = await import('../../datasets/raw-csv.js')
  const seen: CsvFacts[] = []
  async function* lines() {
    for (const { path: zip, name } of files)
      yield* csvLines(zip, { kind, venue, name, isCounted: files.length > 1 }, (found) => seen.push(found))
  }
  const name = (row: number) => {
    let before = 0
    for (const [i, { rows }] of seen.entries()) {
      if (rows === null || row <= before + rows) return { name: files[i].name, row: row - before }
      before += rows
    }
    return { name: files[Math.min(seen.length, files.length - 1)].name, row: row - before }
  }
  const { time } = rawKind(kind)
  const facts = await csvToParquet({ lines: lines(), columns: archiveColumns(kind, venue), time, name }, path)
  return { ...facts, path, files: files.map((file, i) => ({ ...file, ...seen[i], rows: seen[i].rows ?? facts.rows })) }
}

/** Asks for the daily files of the days on which a monthly file lacks rows. Where both have a row, the monthly one's stands. */
async function completeByDays(
  settings: MonthSettings,
  part: Omit<ArchivePart, 'absentDays' | 'missing'> & { readonly path: string },
  from: FromArchive,
): Promise<ArchivePart> {
  const { fetchDays } = await import('../../sources/archive-period.js')
  const before = await holesOf(settings, part.path)
  const lacking = from.days.filter((day) => before.byDay.has(day))
  if (lacking.length === 0) return { ...part, absentDays: [], missing: 0 }
  const found = await fetchDays(requestOf(settings, from, lacking))
  const quarrels = [...part.quarrels, ...found.quarrels]
  const isMore = found.files.length > 0
  const completed = isMore ? await withDays(settings, part, found, from.io) : part
  const after = isMore ? await holesOf(settings, part.path) : before
  const absentDays = lacking.filter((day) => after.emptyDays.has(day))
  return { ...completed, quarrels, absentDays, missing: missingBars(after, absentDays) }
}

async function withDays<P extends Pick<ArchivePart, 'rows' | 'files'> & { readonly path: string }>(
  settings: MonthSettings,
  part: P,
  { files }: ArchivePeriod,
  io: TaskIo,
) {
  const { withMissing } = await import('../../datasets/raw-csv.js')
  const { kind, venue, timeframe } = settings
  const daily = await toParquet(settings, files, join(io.scratch, 'daily.parquet'))
  const { time } = rawKind(kind)
  // Bars are known by their time, what happened by its number, which comes first.
  const key = timeframe === null ? Object.keys(archiveColumns(kind, venue))[0] : time
  const { facts, repeated } = await withMissing(part.path, daily.path, { key, time })
  if (facts.rows !== part.rows + daily.rows - repeated) {
    throw new UserError(
      `${part.files[0].name} has ${part.rows} rows and its daily files ${daily.rows}, ${repeated} of them the same: ${facts.rows} were stored`,
      { hint: 'run again; if it stays, report it' },
    )
  }
  return { ...part, ...facts, repeated, files: [...part.files, ...daily.files] }
}

type Holes = {
  /** Bars that are missing, by day; of what has no grid the days without any row, with 0. */
  readonly byDay: ReadonlyMap<string, number>
  /** Days without any row. */
  readonly emptyDays: ReadonlySet<string>
}

/** Where rows could be and are not. */
async function holesOf(settings: MonthSettings, path: string): Promise<Holes> {
  const { kind, timeframe, from, to, onboard, delivery } = settings
  const { time } = rawKind(kind)
  const due: Span = {
    from: Math.max(Date.parse(from), onboard == null ? Number.NEGATIVE_INFINITY : Date.parse(onboard)),
    to: Math.min(Date.parse(to), delivery == null ? Number.POSITIVE_INFINITY : Date.parse(delivery) + DAY),
  }
  if (due.from >= due.to) return { byDay: new Map(), emptyDays: new Set() }
  const known = await daysWithRows(path, time)
  const emptyDays = new Set(daysOf(due).filter((day) => !known.has(day)))
  // What happens at no fixed time is missing by the day alone.
  if (timeframe === null) return { byDay: new Map([...emptyDays].map((day) => [day, 0])), emptyDays }
  const step = timeframeMs(timeframe)
  const byDay = new Map<string, number>()
  for (const hole of await gridHoles(path, { time, step, span: due })) {
    for (const day of daysOf(hole)) {
      const { from: begin, to: end } = intersect(hole, { from: parseTime(day), to: parseTime(day) + DAY })
      byDay.set(day, (byDay.get(day) ?? 0) + Math.floor((end - begin) / step))
    }
  }
  return { byDay, emptyDays }
}

/** Bars that are missing on days that are not told of as a whole. */
function missingBars({ byDay }: Holes, absentDays: readonly string[]): number {
  const told = new Set(absentDays)
  return [...byDay].reduce((sum, [day, bars]) => sum + (told.has(day) ? 0 : bars), 0)
}
