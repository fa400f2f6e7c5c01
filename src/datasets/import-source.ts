/**
 * What somebody's file is, by its first bytes, and how DuckDB reads it: CSV and JSON, gzipped or not, and Parquet. Other formats are named, with
 * what makes one of these of them.
 */
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { messageOf } from '../core/errors.js'
import { type CsvHead, readCsvHead } from '../market/recognise/csv-head.js'
import { duckdb, literal } from './duckdb.js'
import { type Cell, quoted } from './import-sql.js'

/** A readable table: where its rows come from, and its columns in order. */
export type ImportSource = {
  readonly format: 'csv' | 'json' | 'parquet'
  readonly from: string // SQL
  readonly names: readonly string[]
  readonly cells: readonly Cell[]
  readonly hasHeader: boolean
  /** Line of the first row in a text file, from 1; null where rows have no lines. */
  readonly firstLine: number | null
}

export type Problem = { readonly problem: string; readonly hint?: string }

const HEAD_BYTES = 65_536
const GZIP = '\x1f\x8b'
const FEATHER_HINT =
  "write it as Parquet: python3 -c \"import pandas; pandas.read_feather('FILE.feather').to_parquet('FILE.parquet')\""
/** First bytes of what people mistake for a table. */
const OTHERS: readonly (readonly [string, string, string])[] = [
  ['ARROW1', 'a Feather file', FEATHER_HINT],
  ['FEA1', 'a Feather file of the first version', FEATHER_HINT],
  ['\xff\xfe', 'a text in UTF-16', 'write it in UTF-8: iconv -f UTF-16 -t UTF-8 FILE > FILE.csv'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd', 'unpack it first: unzstd FILE'],
  ['BZh', 'compressed with bzip2', 'unpack it first: bunzip2 FILE'],
  ['\xfd7zXZ', 'compressed with xz', 'unpack it first: unxz FILE'],
  [
    'PK',
    'a zip',
    "unpack it first; a folder of the exchange's own zips needs no import, give it as exchange.archiveUrl",
  ],
  ['\x89HDF', 'an HDF5 file', 'write it as Parquet: pandas.read_hdf(…).to_parquet(…)'],
]

/**
 * A file as a source of rows, known by its first bytes; what is gzipped is unpacked first.
 *
 * @param scratch folder for unpacked files, which may be as large as what is packed
 */
export async function openImportSource(path: string, scratch: string): Promise<ImportSource | Problem> {
  let head: Buffer
  try {
    if (statSync(path).isDirectory()) return { problem: 'it is a folder', hint: 'name the files in it' }
    head = headOf(path)
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { problem: isAbsent ? 'there is no such file' : `it cannot be read: ${messageOf(error)}` }
  }
  const start = head.toString('latin1', 0, 8)
  if (start.startsWith(GZIP)) return unpacked(path, scratch)
  if (start.startsWith('PAR1')) return parquetSource(path)
  const other = OTHERS.find(([magic]) => start.startsWith(magic))
  if (other !== undefined) return { problem: `it is ${other[1]}`, hint: other[2] }
  const text = head.toString('utf8')
  const [bracket] = /^\uFEFF?\s*([[{])/.exec(text)?.slice(1) ?? []
  if (bracket !== undefined) return jsonSource(path, bracket === '[' ? 'array' : 'newline_delimited')
  const csv = readCsvHead(text)
  return typeof csv === 'string' ? { problem: csv } : csvSource(path, csv)
}

/** Unpacked whole before it is read, so that a file which was cut short is known as one. */
async function unpacked(path: string, scratch: string): Promise<ImportSource | Problem> {
  const plain = join(scratch, basename(path).replace(/(?:\.gz)?$/, '.unpacked'))
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain))
  } catch (error) {
    return {
      problem: `it cannot be unpacked: ${messageOf(error)}`,
      hint: 'it may be damaged or cut short; get it again',
    }
  }
  return openImportSource(plain, scratch)
}

function headOf(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(HEAD_BYTES)
    return buffer.subarray(0, readSync(file, buffer, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(file)
  }
}

/** Columns are named by their position, so that no name of the user's meets one of ours. */
async function parquetSource(path: string): Promise<ImportSource | Problem> {
  const file = `read_parquet(${literal(path)})`
  try {
    const rows = (await (await duckdb()).runAndReadAll(`DESCRIBE SELECT * FROM ${file}`)).getRowObjects()
    const names = rows.map((row) => String(row.column_name))
    const cells = rows.map((row, i) => ({ name: `c${i}`, type: String(row.column_type) }))
    const from = `(SELECT ${names.map((name, i) => `${quoted(name)} AS c${i}`).join(', ')} FROM ${file})`
    return { format: 'parquet', from, names, cells, hasHeader: true, firstLine: null }
  } catch (error) {
    return notReadable(error)
  }
}

/** Every cell is read as a text: what a column is, is decided here and not by DuckDB's guess from the first rows. */
function csvSource(path: string, { delimiter, skip, hasHeader, names }: CsvHead): ImportSource {
  const cells = names.map((_, i) => ({ name: `c${i}`, type: 'VARCHAR' }))
  const columns = cells.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(', ')
  const from = `read_csv(${literal(path)}, columns = {${columns}}, delim = ${literal(delimiter)}, quote = '"', header = false, skip = ${skip}, auto_detect = false)`
  return { format: 'csv', from, names, cells, hasHeader, firstLine: skip + 1 }
}

/**
 * Rows of JSON: a list of lists, as freqtrade and the exchange write candles, or of objects; or an object a line. The columns are those of the first
 * row. Cells are texts, as in a CSV.
 */
async function jsonSource(path: string, format: 'array' | 'newline_delimited'): Promise<ImportSource | Problem> {
  const file = `read_json(${literal(path)}, format = '${format}', records = false, columns = {json: 'JSON'})`
  try {
    const [found] = (
      await (await duckdb()).runAndReadAll(`SELECT json::VARCHAR AS json FROM ${file} LIMIT 1`)
    ).getRowObjects()
    if (found === undefined) return { problem: 'it holds no rows' }
    const row: unknown = JSON.parse(String(found.json))
    const isTable =
      typeof row === 'object' &&
      row !== null &&
      Object.values(row).every((cell) => typeof cell !== 'object' || cell === null)
    if (!isTable)
      return {
        problem: 'it is JSON, but no list of rows',
        hint: 'write it as CSV, as Parquet or as [[time, open, …], …]',
      }
    const isList = Array.isArray(row)
    const keys = Object.keys(row)
    const cells = keys.map((_, i) => ({ name: `c${i}`, type: 'VARCHAR' }))
    const columns = keys.map((key, i) => `json->>${isList ? i : literal(key)} AS c${i}`)
    const from = `(SELECT ${columns.join(', ')} FROM ${file})`
    const names = isList ? keys.map((_, i) => String(i + 1)) : keys
    return { format: 'json', from, names, cells, hasHeader: !isList, firstLine: null }
  } catch (error) {
    return notReadable(error)
  }
}

/** The source with one column more, in which a date and the time of day of two others stand together. */
export function withMoment(source: ImportSource, date: number, clock: number): ImportSource {
  const { from, cells, names } = source
  const [day, hour] = [date, clock].map((position) => `trim(${quoted(cells[position].name)})`)
  const cell = { name: `c${cells.length}`, type: 'VARCHAR' }
  return {
    ...source,
    from: `(SELECT *, ${day} || ' ' || ${hour} AS ${quoted(cell.name)} FROM ${from})`,
    cells: [...cells, cell],
    names: [...names, `${names[date]} and ${names[clock]}`],
  }
}

export function notReadable(error: unknown): Problem {
  const [line] = messageOf(error).split('\n')
  return { problem: `it cannot be read: ${line}`, hint: 'it may be damaged or cut short; write it again' }
}
