/**
 * Somebody's table → rows of a temporary table in DuckDB, and what its times look like. The source is read once; months are then taken from
 * the temporary table, so that years of minutes need no more memory than a month of them and what DuckDB keeps.
 */
import { isoDay, monthOf, type Span } from '../core/time.js'
import { chooseMarks, type DecimalMark, MARK_SIGNS, type MarkCounts, type Marks } from '../market/recognise/marks.js'
import type { Role } from '../market/recognise/roles.js'
import type { TimeForm, TimeUnit } from '../market/recognise/times.js'
import { duckdb, literal } from './duckdb.js'
import { type ImportSource, notReadable, type Problem } from './import-source.js'
import { type Cell, isText, known, makerSql, marksSql, numberSql, quoted, timeSql, unitSql } from './import-sql.js'

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
  readonly marks: Marks
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
function loadSql(source: ImportSource, { time, rivals, closeTime, numbers, unit, marks }: LoadRequest): string {
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
        : `${numberSql(cell(position), marks)} AS value_${role}`,
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

/** How the numbers of these columns are written, as far as they show it; what is no number at all shows nothing. */
export async function marksOf(
  source: ImportSource,
  numbers: LoadRequest['numbers'],
  given: DecimalMark | null,
): Promise<Marks | Problem> {
  const cells = numbers.filter(({ role }) => !isSide(role)).map(({ position }) => source.cells[position])
  const [found] = cells.some(isText) ? await ask(marksSql(source.from, cells)) : [{}]
  const signs = Object.keys(MARK_SIGNS).map((sign) => [
    sign,
    { count: Number(found[sign] ?? 0), example: String(found[`${sign}_example`] ?? '') },
  ])
  const marks = chooseMarks(Object.fromEntries(signs) as MarkCounts, given)
  return 'problem' in marks ? { ...marks, hint: MARKS_HINT } : marks
}

const MARKS_HINT =
  'write them without marks of thousands; or say which mark is that of decimals: --decimal dot or --decimal comma'

const VOLUMES: readonly Role[] = ['volume', 'quote_volume', 'quantity', 'quote_quantity']

/** Fewer numbers of three decimals each may be chance: one in ten ends with a 0, which programs do not print. */
const MANY_PARTED = 100

/**
 * The problem of a column of volumes that reads well and yet looks like whole numbers with dots for thousands: all below 1,000, some without a
 * dot, and every dot with three digits behind it; null where there is none.
 */
export async function partedVolumes(
  source: ImportSource,
  { table, numbers }: Pick<LoadRequest, 'table' | 'numbers'>,
): Promise<Problem | null> {
  for (const { role, position } of numbers) {
    const cell = source.cells[position]
    if (!VOLUMES.includes(role) || !isText(cell)) continue
    const [seen] = await ask(
      `SELECT max(${role}) < 1000 AND count(*) FILTER (${role} <> floor(${role})) > 0 AS small FROM ${table}`,
    )
    if (seen.small !== true) continue
    const [found] = await ask(
      `SELECT count(*) FILTER (contains(v, '.'))::DOUBLE AS dotted, count(*) FILTER (NOT contains(v, '.'))::DOUBLE AS whole,
       count(*) FILTER (regexp_full_match(v, ${literal(MARK_SIGNS.dotEither)}))::DOUBLE AS parted, min(v) FILTER (contains(v, '.')) AS example
       FROM (SELECT ${known(cell)} AS v FROM ${source.from})`,
    )
    const { dotted, whole, parted } = Object.fromEntries(Object.entries(found).map(([name, n]) => [name, Number(n)]))
    if (parted < MANY_PARTED || parted < dotted || whole === 0) continue
    return {
      problem: `its ${source.names[position]} looks like whole numbers with dots for thousands: ${parted.toLocaleString('en')} like ${found.example}, and ${whole.toLocaleString('en')} below 1,000 without a dot`,
      hint: 'write them without marks of thousands; or say --decimal dot if they are decimals',
    }
  }
  return null
}

function isSide(role: Role): role is 'side' | 'is_buyer_maker' {
  return role === 'side' || role === 'is_buyer_maker'
}

/** What is wrong with a row, in words without its values, so that equal faults can be counted. */
function faultSql(
  source: ImportSource,
  { time, rivals, closeTime, numbers }: Omit<LoadRequest, 'table' | 'unit' | 'marks'>,
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
