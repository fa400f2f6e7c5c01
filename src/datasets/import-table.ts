/**
 * Somebody's table → rows of a temporary table in DuckDB, and what its times look like. The source is read once; months are then taken from
 * the temporary table, so that years of minutes need no more memory than a month of them and what DuckDB keeps.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { messageOf } from '../core/errors.js'
import { isoDay, monthOf, type Span } from '../core/time.js'
import { type CsvHead, readCsvHead } from '../market/recognise/csv-head.js'
import type { Role } from '../market/recognise/roles.js'
import type { TimeForm, TimeUnit } from '../market/recognise/times.js'
import { duckdb, literal } from './duckdb.js'
import { type Cell, isText, known, makerSql, numberSql, quoted, timeSql, unitSql } from './import-sql.js'

/** A readable table: where its rows come from, and its columns in order. */
export type ImportSource = {
  readonly format: 'csv' | 'parquet'
  readonly from: string // SQL
  readonly names: readonly string[]
  readonly cells: readonly Cell[]
  readonly hasHeader: boolean
  readonly decimalComma: boolean
  /** Line of the first row in a text file, from 1; null where rows have no lines. */
  readonly firstLine: number | null
}

export type Problem = { readonly problem: string; readonly hint?: string }

const HEAD_BYTES = 65_536
/** First bytes of what people mistake for a table. */
const OTHERS: readonly (readonly [string, string, string])[] = [
  ['ARROW1', 'a Feather file', 'write it as Parquet: pandas.read_feather(…).to_parquet(…)'],
  ['\x1f\x8b', 'compressed with gzip', 'unpack it first: gunzip FILE'],
  [
    'PK',
    'a zip',
    "unpack it first; a folder of the exchange's own zips needs no import, give it as exchange.archiveUrl",
  ],
  ['\x89HDF', 'an HDF5 file', 'write it as Parquet: pandas.read_hdf(…).to_parquet(…)'],
]

/** Looks at the first bytes, and for Parquet at the schema. */
export async function openImportSource(path: string): Promise<ImportSource | Problem> {
  let head: Buffer
  try {
    if (statSync(path).isDirectory()) return { problem: 'it is a folder', hint: 'name the files in it' }
    head = headOf(path)
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return { problem: isAbsent ? 'there is no such file' : `it cannot be read: ${messageOf(error)}` }
  }
  const start = head.toString('latin1', 0, 8)
  if (start.startsWith('PAR1')) return parquetSource(path)
  const other = OTHERS.find(([magic]) => start.startsWith(magic))
  if (other !== undefined) return { problem: `it is ${other[1]}`, hint: other[2] }
  const csv = readCsvHead(head.toString('utf8'))
  return typeof csv === 'string' ? { problem: csv } : csvSource(path, csv)
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
    return { format: 'parquet', from, names, cells, hasHeader: true, decimalComma: false, firstLine: null }
  } catch (error) {
    return notReadable(error)
  }
}

/** Every cell is read as a text: what a column is, is decided here and not by DuckDB's guess from the first rows. */
function csvSource(path: string, { delimiter, skip, hasHeader, names, decimalComma }: CsvHead): ImportSource {
  const cells = names.map((_, i) => ({ name: `c${i}`, type: 'VARCHAR' }))
  const columns = cells.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(', ')
  const from = `read_csv(${literal(path)}, columns = {${columns}}, delim = ${literal(delimiter)}, quote = '"', header = false, skip = ${skip}, auto_detect = false)`
  return { format: 'csv', from, names, cells, hasHeader, decimalComma, firstLine: skip + 1 }
}

function notReadable(error: unknown): Problem {
  const [line] = messageOf(error).split('\n')
  return { problem: `it cannot be read: ${line}`, hint: 'it may be damaged or cut short; write it again' }
}

/** The form of a Parquet column of times, null where the texts or numbers in it must tell. */
export function nativeTimeForm({ type }: Cell): TimeForm | null {
  if (type === 'TIMESTAMP WITH TIME ZONE') return 'instant'
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) return 'local'
  return isText({ name: '', type }) ? null : 'epoch'
}

/** Some first known values of a column as texts. */
export async function sampleOf(
  source: ImportSource,
  position: number,
  count: number,
): Promise<readonly string[] | Problem> {
  const cell = source.cells[position]
  const sql = `SELECT v::VARCHAR AS v FROM (SELECT ${known(cell)} AS v FROM ${source.from} LIMIT 10000) WHERE v IS NOT NULL LIMIT ${count}`
  try {
    return (await (await duckdb()).runAndReadAll(sql)).getRowObjects().map(({ v }) => String(v))
  } catch (error) {
    return notReadable(error)
  }
}

/** All values of a column, when they are at most `limit`; sorted. */
export async function valuesOf(source: ImportSource, position: number, limit: number): Promise<readonly string[]> {
  const sql = `SELECT DISTINCT ${known(source.cells[position])}::VARCHAR AS v FROM ${source.from} ORDER BY 1 LIMIT ${limit + 1}`
  const rows = (await (await duckdb()).runAndReadAll(sql)).getRowObjects()
  return rows.flatMap(({ v }) => (v === null ? [] : [String(v)]))
}

export type LoadRequest = {
  readonly table: string
  readonly time: { readonly position: number; readonly form: TimeForm }
  readonly rivals: readonly { readonly position: number; readonly form: TimeForm }[]
  readonly closeTime: { readonly position: number; readonly form: TimeForm } | null
  readonly numbers: readonly { readonly role: Role; readonly position: number }[]
  readonly unit: TimeUnit | null
}

export type Loaded = {
  readonly rows: number
  readonly units: readonly string[] // of numbers since 1970
  /** Rows that cannot be taken as they are, by what is wrong with them. */
  readonly faults: readonly { readonly fault: string; readonly count: number; readonly firstRow: number }[]
  readonly first: number // least time, ms
  readonly last: number
  /** Newest first, throughout. */
  readonly isReversed: boolean
}

/** Reads all rows into the temporary table: `ms`, `close_ms` when there is one, and a column for each number. */
export async function loadImport(source: ImportSource, request: LoadRequest): Promise<Loaded | Problem> {
  const { table } = request
  const connection = await duckdb()
  try {
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${loadSql(source, request)}`)
  } catch (error) {
    return notReadable(error)
  }
  const [facts] = await ask(
    `SELECT count(*)::DOUBLE AS n, min(ms)::DOUBLE AS first, max(ms)::DOUBLE AS last, list(DISTINCT unit)::VARCHAR AS units FROM ${table}`,
  )
  const faults = await ask(
    `SELECT fault, count(*)::DOUBLE AS n, min(rowid)::DOUBLE AS first FROM ${table} WHERE fault IS NOT NULL GROUP BY fault ORDER BY first`,
  )
  const [order] = await ask(
    `SELECT sum((d < 0)::INT)::DOUBLE AS down, sum((d > 0)::INT)::DOUBLE AS up FROM (SELECT ms - lag(ms) OVER () AS d FROM ${table})`,
  )
  return {
    rows: Number(facts.n),
    units: (String(facts.units).match(/\b(?:s|ms|us|ns)\b/g) ?? []).sort(),
    faults: faults.map(({ fault, n, first }) => ({ fault: String(fault), count: Number(n), firstRow: Number(first) })),
    first: Number(facts.first),
    last: Number(facts.last),
    isReversed: Number(order.down) > 20 * Number(order.up),
  }
}

/** Three layers: casts that several others need, the values, and what is wrong with them. */
function loadSql(source: ImportSource, { time, rivals, closeTime, numbers, unit }: LoadRequest): string {
  const cell = (position: number) => source.cells[position]
  const times = [
    { ...time, as: 'ms', unit },
    ...rivals.map(({ position, form }, i) => ({ position, form, as: `rival_${i}`, unit: null })),
    ...(closeTime === null ? [] : [{ ...closeTime, as: 'close_ms', unit }]),
  ].map(({ position, form, as, unit: of }) => ({ as, sql: timeSql(cell(position), form, of) }))
  const helpers = [...new Set(times.flatMap(({ sql }) => sql.helpers))]
  const values = [
    ...times.map(({ as, sql }) => `${sql.ms} AS ${as}`),
    ...numbers.map(({ role, position }) =>
      isSide(role)
        ? `${makerSql(cell(position), role)} AS value_${role}`
        : `${numberSql(cell(position), source.decimalComma)} AS value_${role}`,
    ),
    `${time.form === 'epoch' ? unitSql(cell(time.position)) : 'NULL'} AS unit`,
  ]
  const kept = [
    'ms',
    ...(closeTime === null ? [] : ['close_ms']),
    ...numbers.map(({ role }) => `value_${role} AS ${role}`),
    'unit',
    `${faultSql(source, { rivals, closeTime, numbers, time })} AS fault`,
  ]
  const inner = `SELECT ${['*', ...helpers].join(', ')} FROM ${source.from}`
  return `SELECT ${kept.join(', ')} FROM (SELECT *, ${values.join(', ')} FROM (${inner}))`
}

function isSide(role: Role): role is 'side' | 'is_buyer_maker' {
  return role === 'side' || role === 'is_buyer_maker'
}

/** What is wrong with a row, in words without its values, so that equal faults can be counted. */
function faultSql(
  source: ImportSource,
  { time, rivals, closeTime, numbers }: Omit<LoadRequest, 'table' | 'unit'>,
): string {
  const name = (position: number) => source.names[position] || 'the index'
  const isKnown = (position: number) => `(${known(source.cells[position])}) IS NOT NULL`
  const cases = [
    `WHEN ms IS NULL AND ${isKnown(time.position)} THEN ${literal(`the text in ${name(time.position)} is not a time like the first`)}`,
    `WHEN ms IS NULL THEN ${literal(`no time in ${name(time.position)}`)}`,
    ...rivals.map(
      ({ position }, i) =>
        `WHEN rival_${i} // 1000 IS DISTINCT FROM ms // 1000 THEN ${literal(`${name(time.position)} and ${name(position)} say different times`)}`,
    ),
    ...(closeTime === null
      ? []
      : [
          `WHEN close_ms IS NULL AND ${isKnown(closeTime.position)} THEN ${literal(`the text in ${name(closeTime.position)} is no time`)}`,
        ]),
    ...numbers.map(
      ({ role, position }) =>
        `WHEN value_${role} IS NULL AND ${isKnown(position)} THEN ${literal(`the text in ${name(position)} is ${isSide(role) ? 'no side' : 'no number'}`)}`,
    ),
  ]
  return `CASE ${cases.join(' ')} END`
}

export async function ask(sql: string): Promise<Record<string, unknown>[]> {
  return (await (await duckdb()).runAndReadAll(sql)).getRowObjects()
}

/** `period`: a month `2024-01` or a day `2024-01-31`. */
export type PeriodOfRows = { readonly period: string; readonly rows: number; readonly span: Span }

/** The periods that hold rows, oldest first, once `shift` is taken from each time; the span is from the first to the last row. */
export async function periodsOfImport(table: string, shift: number, cut: 'month' | 'day'): Promise<PeriodOfRows[]> {
  const rows = await ask(
    `SELECT count(*)::DOUBLE AS n, min(ms - ${shift})::DOUBLE AS first, max(ms - ${shift})::DOUBLE AS last
     FROM ${table} GROUP BY date_trunc('${cut}', make_timestamp_ms(ms - ${shift})) ORDER BY first`,
  )
  return rows.map(({ n, first, last }) => ({
    period: cut === 'month' ? monthOf(Number(first)) : isoDay(Number(first)),
    rows: Number(n),
    span: { from: Number(first), to: Number(last) },
  }))
}

export type RowsRequest = {
  readonly table: string
  readonly shift: number
  readonly span: Span
  readonly isReversed: boolean
  readonly columns: readonly string[] // `close_ms` and roles
}

/** `time` and the columns asked for, in the order of the file or, when it is newest first, the other way round; NaN = not known. */
export async function readImport(request: RowsRequest): Promise<Record<string, Float64Array>> {
  const { table, shift, span, isReversed, columns } = request
  const where = `ms >= ${span.from + shift} AND ms < ${span.to + shift}`
  const [{ n }] = await ask(`SELECT count(*)::DOUBLE AS n FROM ${table} WHERE ${where}`)
  const names = ['time', ...columns]
  const found = Object.fromEntries(names.map((name) => [name, new Float64Array(Number(n))]))
  const selected = [`(ms - ${shift})::DOUBLE`, ...columns.map((name) => `${quoted(name)}::DOUBLE`)]
  const order = isReversed ? ' ORDER BY rowid DESC' : ''
  const result = await (await duckdb()).stream(`SELECT ${selected.join(', ')} FROM ${table} WHERE ${where}${order}`)
  for (let at = 0; ; ) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    for (const [c, name] of names.entries()) {
      const vector = chunk.getColumnVector(c)
      for (let i = 0; i < chunk.rowCount; i++) found[name][at + i] = (vector.getItem(i) as number | null) ?? Number.NaN
    }
    at += chunk.rowCount
  }
  return found
}

export async function dropImport(table: string): Promise<void> {
  await (await duckdb()).run(`DROP TABLE IF EXISTS ${table}`)
}
