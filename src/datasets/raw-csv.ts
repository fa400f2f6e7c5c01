/**
 * The exchange's rows as CSV → raw Parquet, inside DuckDB: all published columns, nothing changed but the unit of time. The text goes
 * through a named pipe, so that no file is unpacked to disk, inflating and parsing use two cores, and memory does not grow with it.
 */
import { execFile } from 'node:child_process'
import { constants, openSync, renameSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { messageOf, UserError } from '../core/errors.js'
import { countRows, type RowCounter } from '../core/lines.js'
import { TIME_UNITS_FROM, type TimeUnit } from '../core/time.js'
import type { RawColumn, RawColumns } from '../market/raw-kinds.js'
import { duckdb, literal } from './duckdb.js'
import { inUsersWords } from './files.js'
import { inTurn, PARQUET_OPTIONS } from './parquet.js'
import { readAhead } from './read-ahead.js'

export type RawFacts = { readonly rows: number; readonly first: number | null; readonly last: number | null }

export type CsvRows = {
  /** Lines without a header, each ended by a line feed. */
  readonly lines: AsyncIterable<Uint8Array>
  readonly columns: RawColumns
  /** The column whose extremes are the first and last of the facts. */
  readonly time: string
  /** What messages call the source; of several files the one in which a row stands, rows counted from 1 over all of them. */
  readonly name: string | ((row: number) => NamedRow)
}

export type NamedRow = { readonly name: string; readonly row: number }

const CSV_TYPES: Readonly<Record<RawColumn, string>> = {
  epoch: 'BIGINT',
  date: 'TIMESTAMP_MS',
  double: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  text: 'VARCHAR',
}

/** What the columns are on disk, as DuckDB names it. */
export const RAW_SQL_TYPES: Readonly<Record<RawColumn, string>> = { ...CSV_TYPES, epoch: 'TIMESTAMP_MS' }

/**
 * @param target a temporary path
 * @throws UserError when a row is not of these columns, or not every line has become a row; whatever `lines` throws
 */
export function csvToParquet(rows: CsvRows, target: string): Promise<RawFacts> {
  return inTurn(() => convert(rows, target))
}

async function convert({ lines, columns, time, name }: CsvRows, target: string): Promise<RawFacts> {
  const connection = await duckdb()
  const pipe = `${target}.pipe`
  rmSync(pipe, { force: true })
  await promisify(execFile)('mkfifo', [pipe])
  try {
    let isOver = false
    const copied = connection
      .run(`COPY (${selection(pipe, columns)}) TO ${literal(target)} ${PARQUET_OPTIONS}`)
      .finally(() => {
        isOver = true
      })
    const counter = countRows()
    const fed = feed(pipe, counted(lines, counter), () => isOver)
    const [copy, feeding] = await Promise.allSettled([copied, fed])
    // A reader that has ended breaks the pipe: its own reason comes first. Else what broke the text off is the reason.
    if (copy.status === 'rejected' && !(feeding.status === 'rejected' && feeding.reason instanceof UserError)) {
      throw notRows(copy.reason, name, target)
    }
    if (feeding.status === 'rejected') throw feeding.reason
    const facts = await factsOf(target, time)
    if (facts.rows !== counter.rows()) throw rowsLost(name, counter.rows(), facts.rows)
    return facts
  } finally {
    rmSync(pipe, { force: true })
  }
}

async function* counted(lines: AsyncIterable<Uint8Array>, counter: RowCounter): AsyncGenerator<Uint8Array> {
  for await (const chunk of lines) {
    counter.add(chunk)
    yield chunk
  }
}

async function factsOf(path: string, time: string): Promise<RawFacts> {
  const connection = await duckdb()
  const result = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE AS n, epoch_ms(min("${time}"))::DOUBLE AS first, epoch_ms(max("${time}"))::DOUBLE AS last FROM read_parquet(${literal(path)})`,
  )
  const [row] = result.getRowObjects()
  return { rows: Number(row.n), first: row.first as number | null, last: row.last as number | null }
}

/** By which column rows of two files are the same row, and by which they are ordered. */
export type RowKey = { readonly key: string; readonly time: string }

/**
 * Adds to a file the rows of an earlier one whose key it does not hold, in the order of time: what a source forgets is not lost.
 *
 * @param earlier null where there is none; a damaged one adds nothing
 */
export function withEarlier(path: string, earlier: string | null, of: RowKey): Promise<RawFacts> {
  return inTurn(async () => {
    try {
      // Through the same door with and without earlier rows: the same rows are the same bytes, wherever they come from.
      await joinRows(path, earlier, of)
    } catch (error) {
      const known = inUsersWords(error, path)
      if (known !== error) throw known
    }
    return factsOf(path, of.time)
  })
}

/**
 * Adds to a file the rows of another one whose key it does not hold, in the order of time.
 *
 * @returns the facts of the file as it is now, and how many rows of the other one it held already
 */
export function withMissing(
  path: string,
  other: string,
  of: RowKey,
): Promise<{ readonly facts: RawFacts; readonly repeated: number }> {
  return inTurn(async () => {
    const connection = await duckdb()
    const held = await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE AS n FROM read_parquet(${literal(other)}) WHERE "${of.key}" IN (SELECT "${of.key}" FROM read_parquet(${literal(path)}))`,
    )
    await joinRows(path, other, of)
    return { facts: await factsOf(path, of.time), repeated: Number(held.getRowObjects()[0].n) }
  })
}

async function joinRows(path: string, other: string | null, { key, time }: RowKey): Promise<void> {
  const connection = await duckdb()
  const joined = `${path}.joined`
  const own = `SELECT * FROM read_parquet(${literal(path)})`
  const added =
    other === null
      ? ''
      : ` UNION ALL BY NAME SELECT * FROM read_parquet(${literal(other)}) AS other WHERE NOT EXISTS (SELECT 1 FROM read_parquet(${literal(path)}) AS own WHERE own."${key}" = other."${key}")`
  try {
    await connection.run(
      `COPY (SELECT * FROM (${own}${added}) ORDER BY "${time}", "${key}") TO ${literal(joined)} ${PARQUET_OPTIONS}`,
    )
    renameSync(joined, path)
  } finally {
    rmSync(joined, { force: true })
  }
}

/** DuckDB fills a buffer and then parses it: with its usual 32 MB it would wait for us, and we for it, in turns. */
const BUFFER = 4 << 20
/** What is inflated while it parses. */
const AHEAD = 16 << 20

function selection(pipe: string, columns: RawColumns): string {
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(CSV_TYPES[type])}`)
  const selected = Object.entries(columns).map(([name, type]) =>
    type === 'epoch' ? `make_timestamp_ms(${inMilliseconds(`"${name}"`)})::TIMESTAMP_MS AS "${name}"` : `"${name}"`,
  )
  // Everything is said: what DuckDB would try to find out for itself, it would read twice, which a pipe does not allow. No cell of the
  // exchange is quoted: a quote that opened one would swallow all lines up to the next. Only "" stands where nothing is known.
  const dialect = `header = false, delim = ',', quote = '', escape = '', new_line = '\\n', nullstr = ['', '""'], skip = 0, auto_detect = false, parallel = false, buffer_size = ${BUFFER}`
  return `SELECT ${selected.join(', ')} FROM read_csv(${literal(pipe)}, columns = {${types.join(', ')}}, ${dialect})`
}

/** SQL of a time since 1970 in whatever unit, as milliseconds: what is finer is floored. */
function inMilliseconds(column: string): string {
  const cases = TIME_UNITS_FROM.map(({ unit, from }) => `WHEN abs(${column}) >= ${from} THEN ${column} ${IN_MS[unit]}`)
  return `CASE ${cases.join(' ')} END`
}

const IN_MS: Readonly<Record<TimeUnit, string>> = { s: '* 1000', ms: '', us: '// 1000', ns: '// 1000000' }

/** Writes the lines into the pipe. A pipe cannot be opened for writing before somebody reads it, so it is asked until then. */
async function feed(pipe: string, lines: AsyncIterable<Uint8Array>, isOver: () => boolean): Promise<void> {
  let fd = -1
  while (fd < 0) {
    if (isOver()) return
    try {
      fd = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) throw error
      await wait(1)
    }
  }
  const socket = new Socket({ fd, readable: false, writable: true })
  const failed = new Promise<never>((_, reject) => socket.once('error', reject))
  failed.catch(() => {})
  const write = async (chunk: Uint8Array) => {
    if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), failed])
  }
  let broken: { readonly reason: unknown } | null = null
  try {
    for await (const chunk of readAhead(lines, AHEAD)) {
      // When the reader gives up, the rest is still looked at: a damaged zip says so at its end, and is the better reason.
      if (broken === null) await write(chunk).catch((reason: unknown) => (broken = { reason }))
    }
    if (broken !== null) throw (broken as { reason: unknown }).reason
    await Promise.race([new Promise<void>((resolve) => socket.end(resolve)), failed])
  } finally {
    socket.destroy()
  }
}

function notRows(error: unknown, name: CsvRows['name'], target: string): unknown {
  const known = inUsersWords(error, target)
  if (known !== error) return known
  const [first = '', second = ''] = messageOf(error).split('\n')
  const line = Number(/on Line: (\d+)/.exec(first)?.[1] ?? 1)
  const place = typeof name === 'string' ? { name, row: line } : name(line)
  const what = first.replace(/on Line: \d+/, `on line ${place.row}`)
  return new UserError(`${place.name}: the rows cannot be read: ${what} (${second.slice(0, 160)})`, {
    hint: 'the file in the archive is not what its name says; take another mirror, or report it',
    cause: error,
  })
}

function rowsLost(name: CsvRows['name'], lines: number, rows: number): UserError {
  const file = typeof name === 'string' ? name : name(1).name
  return new UserError(`${file}: ${lines} lines were read and ${rows} rows stored`, {
    hint: 'the file is not the plain CSV that its name says; take another mirror, or report it',
  })
}
