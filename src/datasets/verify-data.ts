/**
 * Whether everything under data/ is what its manifest says: content, schema, number of rows, the ledger; and whether anything lies there
 * that no manifest vouches for.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { messageOf } from '../core/errors.js'
import { duckdb, literal } from './duckdb.js'
import { hashOfFile } from './files.js'
import { type Found, listManifests } from './inventory.js'
import type { FileEntry, Manifest } from './manifest.js'
import { inTurn } from './parquet.js'
import { type SqlSchema, schemaDifference, schemaOf } from './schemas.js'
import { absolute, type Workspace } from './workspace.js'

export type CheckedFile = {
  readonly path: string
  readonly sha256: string | null // as it is on disk; null when it is not there
  readonly rows: number | null // of a Parquet file
  readonly problem: string | null
}

export type DataCheck = {
  readonly files: readonly CheckedFile[] // by path
  /** Files that no manifest names. */
  readonly strangers: readonly string[]
  /** Of the ledgers in data/raw/metadata. */
  readonly ledger: readonly string[]
}

/** @param onFile told after each file, of so many */
export async function verifyData(
  workspace: Workspace,
  onFile: (done: number, total: number) => void,
): Promise<DataCheck> {
  // What a model predicted lies in data/ as well, but its manifest beside the model.
  const manifests = listManifests(workspace)
  const entries = manifests
    .flatMap((found) => found.manifest.files.map((entry) => ({ entry, found })))
    .filter(({ entry }) => entry.path.startsWith('data/'))
  const files: CheckedFile[] = []
  for (const { entry, found } of entries) {
    files.push(await checkFile(workspace, entry, found))
    onFile(files.length, entries.length)
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const known = new Set([...entries.map(({ entry }) => entry.path), ...manifests.map(({ path }) => path)])
  const strangers = filesUnder(workspace, 'data').filter((path) => !known.has(path) && !path.endsWith('run.json'))
  return { files, strangers, ledger: checkLedgers(workspace, manifests) }
}

async function checkFile(workspace: Workspace, entry: FileEntry, { manifest }: Found): Promise<CheckedFile> {
  const place = absolute(workspace, entry.path)
  const sha256 = await hashOfFile(place).catch(() => null)
  const checked = { path: entry.path, sha256, rows: null }
  if (sha256 === null) return { ...checked, problem: 'is gone' }
  if (sha256 !== entry.sha256) return { ...checked, problem: 'is not the file that was written' }
  if (!entry.path.endsWith('.parquet')) return { ...checked, problem: null }
  try {
    const { columns, rows } = await describe(place)
    const expected = schemaOf(entry.name, entry.path)
    const difference = expected === null ? null : schemaDifference(expected, columns)
    const stated = entry.name.endsWith('_rest') ? manifest.facts.restRows : manifest.facts.rows
    const isWhole = manifest.stage !== 'download' || rows === stated
    const problem =
      difference ?? (isWhole ? lostRows(entry, manifest) : `has ${rows} rows, its manifest says ${stated}`)
    return { path: entry.path, sha256, rows, problem }
  } catch (error) {
    return { ...checked, problem: `is not a readable Parquet file: ${messageOf(error).split('\n')[0]}` }
  }
}

/** Whether a table has another number of rows than the files of the archive from which it was made. */
function lostRows({ name }: FileEntry, { facts }: Manifest): string | null {
  const sources = (facts.sources ?? []) as readonly { readonly rows?: number }[]
  if (sources.length === 0 || name.endsWith('_rest')) return null
  const read = sources.reduce((sum, { rows = 0 }) => sum + rows, 0) - Number(facts.repeated ?? 0)
  return read === facts.rows ? null : `has ${facts.rows} rows, the files that it was made from ${read}`
}

function describe(path: string): Promise<{ columns: SqlSchema; rows: number }> {
  return inTurn(async () => {
    const connection = await duckdb()
    const source = `read_parquet(${literal(path)})`
    const columns = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)
    const counted = await connection.runAndReadAll(`SELECT count(*)::DOUBLE AS n FROM ${source}`)
    return {
      columns: Object.fromEntries(
        columns.getRowObjects().map((row) => [String(row.column_name), String(row.column_type)]),
      ),
      rows: Number(counted.getRowObjects()[0].n),
    }
  })
}

type Ledger = { readonly files: readonly { readonly unit: string; readonly files: readonly FileEntry[] }[] }

/** A ledger must say of every file what the file's own manifest says. */
function checkLedgers(workspace: Workspace, manifests: readonly Found[]): string[] {
  const hashes = new Map(manifests.flatMap(({ manifest }) => manifest.files.map(({ path, sha256 }) => [path, sha256])))
  return manifests
    .filter(({ path }) => path.startsWith('data/raw/metadata/'))
    .flatMap(({ manifest }) => manifest.files)
    .flatMap(({ path }) => {
      try {
        const { files } = JSON.parse(readFileSync(absolute(workspace, path), 'utf8')) as Ledger
        const wrong = files.flatMap((entry) => entry.files).filter((file) => hashes.get(file.path) !== file.sha256)
        return wrong.map((file) => `${path} has another hash of ${file.path} than its manifest`)
      } catch (error) {
        return [`${path} cannot be read: ${messageOf(error)}`]
      }
    })
}

function filesUnder(workspace: Workspace, folder: string): string[] {
  try {
    return readdirSync(absolute(workspace, folder), { withFileTypes: true })
      .flatMap((entry) =>
        entry.isDirectory() ? filesUnder(workspace, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
      )
      .sort()
  } catch {
    return []
  }
}
