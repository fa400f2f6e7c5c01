/**
 * The files of one series and month: the monthly one, or the daily ones where it is absent. What has arrived is kept until its month is
 * done, so that a run that was killed, or a month that is still growing, fetches no file twice that has a checksum.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { withoutAccess } from '../core/access.js'
import { sha256 } from '../core/canonical.js'
import type { Month } from '../core/time.js'
import { rawKind } from '../market/raw-kinds.js'
import { hashOf, isThere } from './archive-files.js'
import { ChecksumQuarrel } from './checksum.js'
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
  /** Files that are there and left out, for they and their checksums do not agree. */
  readonly quarrels: readonly ChecksumQuarrel[]
}

export type PeriodRequest = {
  readonly archive: Archive
  readonly series: ArchiveSeries
  readonly month: Month
  readonly days: readonly string[] // of the month, that matter
  /** Where zips are kept, each archive's own apart from those of others, under their keys. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** `files`: that have arrived, with a fraction where there is one alone. */
export type Progress = { readonly files: number; readonly ofFiles: number; readonly bytes: number }

/** Daily files under way at once, from each worker. */
const TOGETHER = 4

/** The monthly file, or the daily ones where it is absent or does not agree with its checksum. */
export async function fetchPeriod(request: PeriodRequest): Promise<ArchivePeriod> {
  const { series, month } = request
  const quarrels: ChecksumQuarrel[] = []
  const whole = rawKind(series.kind).monthly
    ? await fetchKept(request, archiveKey(series, month), countProgress(request.onProgress, 1), quarrels)
    : null
  if (whole !== null) return { files: [{ ...whole, via: 'monthly' }], absentDays: [], quarrels }
  const daily = await fetchDays(request)
  return { ...daily, quarrels: [...quarrels, ...daily.quarrels] }
}

/** The daily files of the days asked for. */
export async function fetchDays(request: PeriodRequest): Promise<ArchivePeriod> {
  const { series, days } = request
  if (!rawKind(series.kind).daily) return { files: [], absentDays: days, quarrels: [] }
  const counter = countProgress(request.onProgress, days.length)
  const found = new Map<string, KeptFile | null>()
  const quarrels: ChecksumQuarrel[] = []
  const waiting = [...days]
  // Newest last and in turn: workers take the next day, and one that fails ends the others.
  const work = async () => {
    for (let day = waiting.shift(); day !== undefined; day = waiting.shift()) {
      found.set(day, await fetchKept(request, archiveKey(series, day), counter, quarrels))
      counter.file()
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
  quarrels.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { files, absentDays, quarrels }
}

/** Where the files of an archive are kept, below `folder`: its address tells it from others, without anybody's password. */
export function keptFolder(folder: string, address: string): string {
  return join(folder, sha256(withoutAccess(address)).slice(0, 16))
}

/** Removes what was kept of a month: it is done, or its files have been replaced. */
export async function forgetPeriod(folder: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await rm(join(folder, `${key}.json`), { force: true })
    await rm(join(folder, key), { force: true })
  }
}

type KeptFile = Omit<ArchiveFile, 'via'>

/** Null when the file is not there, or is at odds with its checksum, which goes on the list. */
async function fetchKept(
  { archive, folder, signal }: PeriodRequest,
  key: string,
  counter: Counter,
  quarrels: ChecksumQuarrel[],
): Promise<KeptFile | null> {
  const path = join(folder, key)
  let before = 0
  const onBytes = (received: number, total: number | null) => {
    counter.bytes(received - before, total === null ? 0 : received / total)
    before = received
  }
  try {
    const kept = await readKept(path)
    // A file is what the archive vouches for now: it may have been replaced since, by one of the same size.
    if (kept !== null && (await archive.checksum(key, signal)) === kept.sha256) {
      return { ...kept, verified: true, key, path, name: fileNameOf(key) }
    }
    await mkdir(dirname(path), { recursive: true })
    const fetched = await archive.fetch(key, path, { signal, onBytes })
    if (!fetched.found) return null
    // The note comes after the file: a file without it was broken off, or put there by somebody else.
    await writeFile(`${path}.json`, JSON.stringify(fetched))
    return { ...fetched, key, path, name: fileNameOf(key) }
  } catch (error) {
    if (!(error instanceof ChecksumQuarrel)) throw error
    quarrels.push(error)
    return null
  }
}

/** What was fetched before and is still the same, byte for byte. */
async function readKept(path: string): Promise<Extract<Fetched, { found: true }> | null> {
  let kept: Extract<Fetched, { found: true }>
  try {
    kept = JSON.parse(await readFile(`${path}.json`, 'utf8')) as typeof kept
  } catch {
    return null
  }
  return (await isThere(path)) && (await hashOf(path)) === kept.sha256 ? kept : null
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
