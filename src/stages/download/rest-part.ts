/**
 * What REST adds to a month of the archive: days without a file, rows that a file lacks, and a short overlap by which the two can be
 * compared. The archive's rows are never touched.
 */
import { existsSync } from 'node:fs'
import { UserError } from '../../core/errors.js'
import { DAY, HOUR, intersect, parseTime, type Span, timeframeMs } from '../../core/time.js'
import { readManifest } from '../../datasets/manifest.js'
import { absolute, PLACES } from '../../datasets/workspace.js'
import { rawKind, restColumns } from '../../market/raw-kinds.js'
import { joinSpans } from '../../market/spans.js'
import type { Exchange } from '../../sources/exchange.js'
import { SETTLED_MS } from '../../sources/settling.js'
import type { TaskIo } from '../stage.js'
import type { MonthSettings } from './fetch-month.js'

export type RestPart = {
  /** Null: it was not asked. */
  readonly asked: readonly Span[] | null
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  /** All that was due by now is there; what lies ahead is not. */
  readonly complete: boolean
  readonly warnings: readonly string[]
}

type Lacking = {
  readonly csv: string | null // the archive's rows as Parquet
  readonly absentDays: readonly string[]
  readonly io: TaskIo
  readonly exchange: Exchange
}

/** Bars that are asked for although the archive has them. */
const OVERLAP_BARS = 60

const NOTHING: RestPart = { asked: null, rows: 0, first: null, last: null, complete: false, warnings: [] }

export async function completeByRest(settings: MonthSettings, lacking: Lacking): Promise<RestPart> {
  const { rest } = lacking.exchange
  if (rest === null) return NOTHING
  const isNeeded = lacking.absentDays.length > 0
  const spans = await spansOf(settings, lacking)
  if (spans.length === 0) return { ...NOTHING, complete: !isNeeded }
  try {
    const now = await rest.serverTime(lacking.io.signal)
    const asked = withinReach(settings, spans, now)
    if (asked.length === 0 && !hasEarlier(settings, lacking.io)) return { ...NOTHING, asked }
    return await ask(settings, { ...lacking, asked, now })
  } catch (error) {
    // A hole in a file is looked up as a courtesy; a day that has no file is what the run is for.
    if (!(error instanceof UserError) || isNeeded) throw error
    return { ...NOTHING, warnings: [`holes of the archive could not be looked up: ${error.message}`] }
  }
}

/** Days without a file and holes of the files, joined, each with some bars before it by which the two sources can be compared. */
async function spansOf(settings: MonthSettings, { csv, absentDays }: Lacking): Promise<Span[]> {
  const { kind, timeframe, from, to } = settings
  const part = { from: Date.parse(from), to: Date.parse(to) }
  const overlap = timeframe === null ? 0 : OVERLAP_BARS * timeframeMs(timeframe)
  const missing = absentDays.map((day) => ({ from: parseTime(day) - overlap, to: parseTime(day) + DAY }))
  if (timeframe !== null && csv !== null) {
    const { gridHoles } = await import('../../datasets/raw-holes.js')
    const step = timeframeMs(timeframe)
    const holes = await gridHoles(csv, { time: rawKind(kind).time, step, span: part })
    missing.push(...holes.map((hole) => ({ from: hole.from - overlap, to: hole.to })))
  }
  return joinSpans(missing.map((span) => intersect(span, part)))
}

/** Cut to where REST can have anything at all. */
function withinReach({ kind, onboard, delivery }: MonthSettings, spans: readonly Span[], now: number): Span[] {
  const { restReach } = rawKind(kind)
  const reach: Span = {
    from: Math.max(
      typeof restReach === 'number' ? now - restReach : Number.NEGATIVE_INFINITY,
      onboard == null ? Number.NEGATIVE_INFINITY : parseTime(onboard),
    ),
    to: Math.min(now, delivery == null ? Number.POSITIVE_INFINITY : parseTime(delivery) + DAY),
  }
  return spans.map((span) => intersect(span, reach)).filter((span) => span.to > span.from)
}

function pathOf({ kind, month }: MonthSettings, io: TaskIo): string {
  const { monthly, daily } = rawKind(kind)
  return `${io.folder}/${month}${monthly || daily ? '.rest' : ''}.parquet`
}

/** The exchange lets go of these rows after a time: an earlier run may have what cannot be asked for any more. */
function isForgotten({ kind }: MonthSettings): boolean {
  return typeof rawKind(kind).restReach === 'number'
}

/** What an earlier run has from the same exchange: rows of another one, or of a simulated one, are none of this. */
function hasEarlier(settings: MonthSettings, io: TaskIo): boolean {
  if (!isForgotten(settings)) return false
  const made = readManifest(io.workspace, `${io.folder}/${settings.month}.manifest.json`)?.made.settings
  const { rest } = (made ?? {}) as { readonly rest?: unknown }
  return rest === settings.rest && existsSync(absolute(io.workspace, pathOf(settings, io)))
}

type Asking = Lacking & { readonly asked: readonly Span[]; readonly now: number }

async function ask(settings: MonthSettings, { asked, now, io, exchange }: Asking): Promise<RestPart> {
  const { restSeries } = await import('../../sources/rest-series.js')
  const { keptFolder } = await import('../../sources/archive-period.js')
  const { forgetPages, restLines } = await import('../../sources/rest-lines.js')
  const { csvToParquet, withEarlier } = await import('../../datasets/raw-csv.js')
  const { venue, pair, kind, timeframe, month, to } = settings
  const series = restSeries(venue, kind)
  const client = exchange.rest
  if (series === null || client === null) return NOTHING
  const { monthly, daily } = rawKind(kind)
  const path = pathOf(settings, io)
  const own = keptFolder(absolute(io.workspace, PLACES.downloads), client.url)
  const folder = `${own}/rest/${venue}-${pair}-${kind}-${timeframe ?? ''}-${month}`
  const { columns, time } = restColumns(kind, venue)
  let facts = { rows: 0, first: null as number | null, last: null as number | null }
  const total = asked.reduce((sum, span) => sum + span.to - span.from, 0)
  let rows = 0
  const request = {
    client,
    series,
    pair,
    timeframe: timeframe ?? undefined,
    spans: asked,
    now,
    folder,
    signal: io.signal,
    onPage: (more: number) => {
      rows += more
      io.progress(Math.min(rows * series.stepMs(timeframe ?? undefined), total), total)
    },
  }
  await io.write(monthly || daily ? `${kind}_rest` : kind, path, async (temporary) => {
    const name = `${client.host}${series.path} of ${pair}`
    facts = await csvToParquet({ lines: restLines(request), columns, time, name }, temporary)
    if (isForgotten(settings)) {
      const key = series.paging === 'ids' ? Object.keys(columns)[0] : time
      const earlier = hasEarlier(settings, io) ? absolute(io.workspace, path) : null
      facts = await withEarlier(temporary, earlier, { key, time })
    }
  })
  await forgetPages(folder)
  const end = Date.parse(to)
  // A span that ends in the future is asked for again anyway.
  const isYoung = now >= end && now < end + SETTLED_MS
  const warnings = isYoung
    ? [`ends so short before now that its last rows may lack: run again after ${isoMinute(end + SETTLED_MS)}`]
    : []
  return { asked, ...facts, complete: now >= end + HOUR, warnings }
}

/** `2024-01-31 00:01 UTC` */
function isoMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
