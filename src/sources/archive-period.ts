/**
 * The files of one series and month: the monthly one, or the daily ones where it is absent. What has arrived is kept until its month is
 * done, so that a run that was killed, or a month that is still growing, fetches no file twice.
 */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Month } from '../core/time.js'
import { rawKind } from '../market/raw-kinds.js'
import { type ArchiveSeries, archiveKey, fileNameOf } from './keys.js'
import type { Archive, Fetched } from './source.js'

export type ArchiveFile = Extract<Fetched, { found: true }> & {
  readonly key: string
  readonly name: string
  readonly path: string // of the zip
  readonly via: 'monthly' | 'daily'
}

export type ArchivePeriod = {
  readonly files: readonly ArchiveFile[] // oldest first
  readonly absentDays: readonly string[] // of the days asked for; all of them where nothing is there
}

export type PeriodRequest = {
  readonly archive: Archive
  readonly series: ArchiveSeries
  readonly month: Month
  readonly days: readonly string[] // of the month, that matter
  /** Where zips are kept, under their keys. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** `files`: that have arrived, with a fraction where there is one alone. */
export type Progress = { readonly files: number; readonly ofFiles: number; readonly bytes: number }

/** Daily files under way at once, from each worker. */
const TOGETHER = 4

export async function fetchPeriod(request: PeriodRequest): Promise<ArchivePeriod> {
  const { series, month, days } = request
  const { monthly, daily } = rawKind(series.kind)
  const counter = countProgress(request.onProgress, 1)
  const whole = monthly ? await fetchKept(request, archiveKey(series, month), counter) : null
  if (whole !== null) return { files: [{ ...whole, via: 'monthly' }], absentDays: [] }
  if (!daily) return { files: [], absentDays: days }
  const dailyCounter = countProgress(request.onProgress, days.length)
  const found = new Map<string, KeptFile | null>()
  const waiting = [...days]
  // Newest last and in turn: workers take the next day, and one that fails ends the others.
  const work = async () => {
    for (let day = waiting.shift(); day !== undefined; day = waiting.shift()) {
      found.set(day, await fetchKept(request, archiveKey(series, day), dailyCounter))
      dailyCounter.file()
    }
  }
  try {
    await Promise.all(Array.from({ length: TOGETHER }, work))
  } finally {
    waiting.length = 0
  }
  const files: ArchiveFile[] = []
  const absentDays: string[] = []
  for (const day of days) {
    const file = found.get(day) ?? null
    if (file === null) absentDays.push(day)
    else files.push({ ...file, via: 'daily' })
  }
  return { files, absentDays }
}

/** Removes what was kept of a month: it is done, or its files have been replaced. */
export async function forgetPeriod(folder: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await rm(join(folder, `${key}.json`), { force: true })
    await rm(join(folder, key), { force: true })
  }
}

type KeptFile = Omit<ArchiveFile, 'via'>

async function fetchKept(
  { archive, folder, signal }: PeriodRequest,
  key: string,
  counter: Counter,
): Promise<KeptFile | null> {
  const path = join(folder, key)
  const kept = await readKept(path)
  if (kept !== null) return { ...kept, key, path, name: fileNameOf(key) }
  await mkdir(dirname(path), { recursive: true })
  let before = 0
  const onBytes = (received: number, total: number | null) => {
    counter.bytes(received - before, total === null ? 0 : received / total)
    before = received
  }
  const fetched = await archive.fetch(key, path, { signal, onBytes })
  if (!fetched.found) return null
  // The note comes after the file: a file without it was broken off, or put there by somebody else.
  await writeFile(`${path}.json`, JSON.stringify(fetched))
  return { ...fetched, key, path, name: fileNameOf(key) }
}

async function readKept(path: string): Promise<Extract<Fetched, { found: true }> | null> {
  try {
    const kept = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Extract<Fetched, { found: true }>
    return (await stat(path)).size === kept.bytes ? kept : null
  } catch {
    return null
  }
}

type Counter = {
  /** @param part of the file that is arriving, 0 … 1 */
  bytes(more: number, part: number): void
  file(): void
}

function countProgress(tell: (progress: Progress) => void, ofFiles: number): Counter {
  let files = 0
  let bytes = 0
  return {
    bytes(more, part) {
      bytes += more
      // Of several files that arrive together only the finished ones count.
      tell({ files: ofFiles === 1 ? part : files, ofFiles, bytes })
    },
    file() {
      files++
      tell({ files, ofFiles, bytes })
    },
  }
}
