/**
 * What REST has of a series in some spans, as lines of CSV for the same road to Parquet that the archive's files take.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Span, Timeframe } from '../core/time.js'
import type { RestClient } from './rest-client.js'
import { csvLine, eventPages, gridPage, type Page, type PageRequest, type PageStore, windowsOf } from './rest-pages.js'
import type { RestRow, RestSeries } from './rest-series.js'
import { partName } from './save.js'

export type RestRequest = {
  readonly client: RestClient
  readonly series: RestSeries
  readonly pair: string
  readonly timeframe?: Timeframe | undefined
  readonly spans: readonly Span[] // in order, none touching another
  readonly now: number // by the exchange's clock
  /** Where pages are kept until the unit is done. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onPage: (rows: number) => void
}

export async function* restLines(request: RestRequest): AsyncGenerator<Uint8Array> {
  const pages = keptPages(request.folder)
  let last: RestRow | null = null
  for (const span of request.spans) {
    for await (const { rows } of pagesOf(request.client, { ...request, span, pages })) {
      // Pages by number may begin with the rows with which the page before ended.
      const fresh: RestRow[] = rows.filter((row) => isAfter(row, last))
      last = fresh.at(-1) ?? last
      request.onPage(fresh.length)
      if (fresh.length > 0) yield Buffer.from(fresh.map(csvLine).join(''))
    }
  }
}

async function* pagesOf(client: RestClient, request: PageRequest): AsyncGenerator<Page> {
  if (request.series.paging !== 'grid') yield* eventPages(client, request)
  else for (const window of windowsOf(request)) yield await gridPage(client, request, window)
}

function isAfter(row: RestRow, last: RestRow | null): boolean {
  if (last === null) return true
  return row.id === undefined || last.id === undefined ? row.time > last.time : row.id > last.id
}

function keptPages(folder: string): PageStore {
  const pathOf = (key: string) => join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`)
  return {
    async read(key) {
      try {
        return JSON.parse(await readFile(pathOf(key), 'utf8')) as RestRow[]
      } catch {
        return null
      }
    },
    async write(key, rows) {
      await mkdir(folder, { recursive: true })
      const part = partName(pathOf(key))
      await writeFile(part, JSON.stringify(rows))
      await rename(part, pathOf(key))
    },
  }
}

/** Removes the pages of a unit that is done. */
export async function forgetPages(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
