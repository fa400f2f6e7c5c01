/**
 * Writes months of imported rows into an archive folder. The marker is written first, with what is about to come, and last, with what has:
 * a run that is broken off leaves whole files that are known to be its own. What somebody else put there is never touched.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../core/errors.js'
import { isoMinute, type Span } from '../core/time.js'
import { hashOfZip, isThere, replaceFile, writeZip } from './archive-files.js'
import {
  EMPTY_IMPORT,
  IMPORT_MARKER,
  type ImportedFile,
  type ImportedSource,
  type ImportMarker,
  parseImportMarker,
  printImportMarker,
} from './import-marker.js'
import { fileNameOf } from './keys.js'
import { MARKER_NAME } from './simulation-marker.js'

/** One zip to be written: all rows of its month, from however many files. */
export type ImportMonth = {
  readonly key: string
  readonly rows: number
  readonly span: Span // first to last row
  readonly sources: readonly string[]
  csv(): Promise<Buffer>
}

export type ImportOutcome = {
  readonly key: string
  readonly state: 'written' | 'replaced' | 'kept'
  readonly rows: number
}

export type WriteImportOptions = {
  readonly sources: readonly ImportedSource[]
  /** Replaces months even where rows are lost by it. */
  readonly force: boolean
  readonly onFile?: (done: number, total: number) => void
}

/**
 * Months that are there already are replaced when the new rows reach as far on both sides and are not fewer.
 *
 * @throws UserError when the folder holds an archive that was not imported, or rows would be lost
 */
export async function writeImport(
  folder: string,
  months: readonly ImportMonth[],
  { sources, force, onFile = () => {} }: WriteImportOptions,
): Promise<ImportOutcome[]> {
  const before = await readImportMarker(folder)
  await refuseForeign(folder, months, before)
  if (!force) refuseLoss(folder, months, before)
  await mkdir(folder, { recursive: true })
  const marker = join(folder, IMPORT_MARKER)
  const pending = [...new Set([...before.pending, ...months.map(({ key }) => key)])].sort()
  await replaceFile(marker, printImportMarker({ ...before, pending }))
  const outcomes: ImportOutcome[] = []
  const files: Record<string, ImportedFile> = { ...before.files }
  for (const month of months) {
    const { key, rows, span } = month
    const old = await hashOfZip(folder, key)
    const sha256 = await writeZip(folder, key, await month.csv(), old)
    files[key] = { sha256, rows, first: span.from, last: span.to, sources: month.sources }
    outcomes.push({ key, state: old === null ? 'written' : old === sha256 ? 'kept' : 'replaced', rows })
    onFile(outcomes.length, months.length)
  }
  const used = new Set(Object.values(files).flatMap((file) => file.sources))
  const all = [...before.sources.filter(({ sha256 }) => sources.every((one) => one.sha256 !== sha256)), ...sources]
  await replaceFile(
    marker,
    printImportMarker({
      sources: all.filter(({ sha256 }) => used.has(sha256)),
      files,
      pending: pending.filter((key) => files[key] === undefined),
    }),
  )
  return outcomes
}

/** The marker of what was imported into the folder, an empty one when the folder holds no archive. */
export async function readImportMarker(folder: string): Promise<ImportMarker> {
  const path = join(folder, IMPORT_MARKER)
  for (const name of [MARKER_NAME, `${MARKER_NAME}.draft`]) {
    if (await isThere(join(folder, name))) throw notOurs(`${folder} holds a simulated archive`)
  }
  if (await isThere(path)) return parseImportMarker(await readFile(path, 'utf8'), path)
  if (await isThere(join(folder, 'data'))) throw notOurs(`${folder} holds an archive that was not imported`)
  return EMPTY_IMPORT
}

/** Somebody may have put real months beside the imported ones. */
async function refuseForeign(folder: string, months: readonly ImportMonth[], { files, pending }: ImportMarker) {
  const foreign: string[] = []
  for (const { key } of months) {
    if (files[key] === undefined && !pending.includes(key) && (await isThere(join(folder, key)))) foreign.push(key)
  }
  if (foreign.length > 0)
    throw notOurs(`${folder} holds files that were not imported: ${foreign.slice(0, 3).join(', ')}`)
}

function refuseLoss(folder: string, months: readonly ImportMonth[], { files }: ImportMarker): void {
  const lost = months.flatMap(({ key, rows, span }) => {
    const old = files[key]
    const isLess = old !== undefined && (old.rows > rows || old.first < span.from || old.last > span.to)
    return isLess
      ? [
          `  ${fileNameOf(key)}: ${count(old.rows)} rows from ${isoMinute(old.first)} to ${isoMinute(old.last)} are there, ${count(rows)} from ${isoMinute(span.from)} to ${isoMinute(span.to)} would replace them`,
        ]
      : []
  })
  if (lost.length === 0) return
  throw new UserError(`rows that were imported into ${folder} would be lost\n${lost.slice(0, 12).join('\n')}`, {
    hint: 'give all files of a month in one call, and their rows are joined; or replace what is there with --force',
  })
}

function notOurs(message: string): UserError {
  return new UserError(message, { hint: 'give another folder with --out: only imported data is ever overwritten' })
}

function count(rows: number): string {
  return rows.toLocaleString('en')
}
