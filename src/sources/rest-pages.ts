/**
 * The rows of one series and span, page by page. Both ends of a window are inclusive on the exchange's side, so a page asks for
 * [at, end − 1]; it goes on by time, never by the number of rows, since a short page proves nothing where nothing was traded.
 */
import { assert } from '../core/errors.js'
import type { Span, Timeframe } from '../core/time.js'
import { type RestClient, strange } from './rest-client.js'
import type { RestRow, RestSeries } from './rest-series.js'
import { CLOSING_MS, SETTLED_MS } from './settling.js'

export type PageRequest = {
  readonly series: RestSeries
  readonly pair: string
  readonly timeframe?: Timeframe | undefined
  readonly span: Span
  /** Rows that close after it, or less than a margin before, may still change: they are left out. By the exchange's clock. */
  readonly now: number
  /** Keeps pages that can no longer change, so that a run that was killed asks for none twice. */
  readonly pages?: PageStore
  readonly signal?: AbortSignal | undefined
}

export interface PageStore {
  read(key: string): Promise<readonly RestRow[] | null>
  write(key: string, rows: readonly RestRow[]): Promise<void>
}

export type Page = { readonly span: Span; readonly rows: readonly RestRow[] }

/** The windows in which a grid is asked for: as many steps as a page may hold rows. */
export function windowsOf({ series, timeframe, span, now }: PageRequest): Span[] {
  const step = series.stepMs(timeframe)
  const end = Math.min(span.to, now)
  const windows: Span[] = []
  for (let from = span.from; from < end; from += series.limit * step) {
    windows.push({ from, to: Math.min(from + series.limit * step, end) })
  }
  return windows
}

/** One window of a grid. */
export async function gridPage(client: RestClient, request: PageRequest, window: Span): Promise<Page> {
  return { span: window, rows: await ask(client, request, bounds(window), window) }
}

/**
 * Rows that come when something happens: pages from the begin on, each after the last row of the one before.
 *
 * @throws UserError when a page does not go on
 */
export async function* eventPages(client: RestClient, request: PageRequest): AsyncGenerator<Page> {
  const { series, now } = request
  const span = { from: request.span.from, to: Math.min(request.span.to, now) }
  let from = span.from
  let id: number | null = null
  while (from < span.to) {
    // An aggregate-trade window by time holds an hour at most, and must not be mixed with a number.
    const window: Span = { from, to: series.paging === 'ids' ? Math.min(from + HOUR, span.to) : span.to }
    const parameters: Readonly<Record<string, number>> = id === null ? bounds(window) : { fromId: id }
    const rows = await ask(client, request, parameters, span)
    const last = rows.at(-1)
    yield { span: window, rows }
    if (last === undefined) {
      if (id !== null || window.to >= span.to) return
      from = window.to
    } else {
      if (series.paging === 'times' && rows.length < series.limit) return
      assert(last.time >= from, `a page ends at ${last.time}, before it begins`)
      if (series.paging === 'ids') id = (last.id ?? 0) + 1
      from = series.paging === 'ids' ? Math.max(from, last.time) : last.time + 1
    }
  }
}

const HOUR = 3_600_000

function bounds({ from, to }: Span): { startTime: number; endTime: number } {
  return { startTime: from, endTime: to - 1 }
}

async function ask(
  client: RestClient,
  request: PageRequest,
  window: Readonly<Record<string, number>>,
  within: Span,
): Promise<RestRow[]> {
  const { series, pair, timeframe, now, pages, signal } = request
  const { path, symbolName, bucket, weight, limit, fixed } = series
  const parameters = {
    [symbolName]: pair,
    ...(timeframe === undefined ? {} : { interval: timeframe }),
    ...fixed,
    ...window,
    limit,
  }
  const step = series.stepMs(timeframe)
  const hasClosed = (row: RestRow, margin: number) => series.closes(row, step) <= now - margin
  const isOurs = (row: RestRow) => row.time >= within.from && row.time < within.to && hasClosed(row, CLOSING_MS)
  const key = `${path}?${Object.entries(parameters).join('&')}`
  const kept = (await pages?.read(key)) ?? null
  if (kept !== null) return kept.filter(isOurs)
  const answer = await client.get(path, parameters, { bucket, weight }, signal)
  if (!Array.isArray(answer)) throw strange(`${client.host}${path}`, answer)
  const rows = answer.map(series.row).sort((a, b) => a.time - b.time || (a.id ?? 0) - (b.id ?? 0))
  if (rows.some(({ time }) => !Number.isFinite(time))) throw strange(`${client.host}${path}`, answer[0])
  // A window that lies behind us, or a page that is full and has closed, is what it will always be.
  const isFinal =
    rows.every((row) => hasClosed(row, SETTLED_MS)) &&
    ((window.endTime ?? now) < now - SETTLED_MS || rows.length === limit)
  if (isFinal) await pages?.write(key, rows)
  return rows.filter(isOurs)
}

/** The row as a line of CSV; not known is empty. */
export function csvLine(row: RestRow): string {
  return `${row.cells.map((value) => (value === null ? '' : String(value))).join(',')}\n`
}
