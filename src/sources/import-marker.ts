/**
 * `IMPORTED.json` at the root of an archive: says which files of the user it was made from and how they were understood, and which zips are
 * ours to replace.
 */
import { UserError } from '../core/errors.js'

export const IMPORT_MARKER = 'IMPORTED.json'

/** A file of the user, and what was taken for what. */
export type ImportedSource = {
  readonly name: string // without its folder
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  readonly venue: string
  readonly pair: string
  readonly kind: string
  readonly timeframe: string | null // of klines
  readonly columns: Readonly<Record<string, string>> // what it is taken for → its name in the file
  readonly unused: readonly string[]
  readonly timeUnit: string // `ms`, `text`, `timestamp` …
  readonly timeZone: string
  readonly label: string | null // `start` or `end` of the bar
  readonly labelBecause: string | null
}

/** A zip of the archive, and the rows in it. Times are UTC ms. */
export type ImportedFile = {
  readonly sha256: string
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly sources: readonly string[] // SHA-256
}

export type ImportMarker = {
  readonly sources: readonly ImportedSource[]
  readonly files: Readonly<Record<string, ImportedFile>> // by key
  /** Keys that an import was about to write when this was written; none once it is done. */
  readonly pending: readonly string[]
}

export const EMPTY_IMPORT: ImportMarker = { sources: [], files: {}, pending: [] }

export function printImportMarker({ sources, files, pending }: ImportMarker): string {
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ imported: true, sources, files: sorted, pending }, null, 2)}\n`
}

/** @throws UserError when the text is not a marker */
export function parseImportMarker(text: string, where: string): ImportMarker {
  try {
    const value: unknown = JSON.parse(text)
    if (isMarker(value)) return { sources: value.sources, files: value.files, pending: value.pending }
  } catch {
    // Said below, like every other text that is no marker.
  }
  throw new UserError(`${where} is not the marker of an imported archive`, {
    hint: 'import into another folder with --out',
  })
}

function isMarker(value: unknown): value is ImportMarker {
  if (typeof value !== 'object' || value === null) return false
  const { imported, sources, files, pending } = value as Record<string, unknown>
  return (
    imported === true &&
    Array.isArray(sources) &&
    Array.isArray(pending) &&
    typeof files === 'object' &&
    files !== null &&
    Object.values(files).every((file) =>
      ['rows', 'first', 'last'].every((name) => typeof (file as Record<string, unknown> | null)?.[name] === 'number'),
    )
  )
}
