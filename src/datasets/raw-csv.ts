/**
 * The exchange's rows as CSV → raw Parquet, inside DuckDB: all published columns, nothing changed but the unit of time. The text goes
 * through a named pipe, so that no file is unpacked to disk, inflating and parsing use two cores, and memory does not grow with it.
 */
import { execFile } from 'node:child_process'
import { constants, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { messageOf, UserError } from '../core/errors.js'
import { MICROSECONDS_ABOVE } from '../core/time.js'
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
  /** What messages call the source. */
  readonly name: string
}

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
 * @throws UserError when a row is not of these columns; whatever `lines` throws
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
    const fed = feed(pipe, lines, () => isOver)
    const [copy, feeding] = await Promise.allSettled([copied, fed])
    // A reader that has ended breaks the pipe: its own reason comes first. Else what broke the text off is the reason.
    if (copy.status === 'rejected' && !(feeding.status === 'rejected' && feeding.reason instanceof UserError)) {
      throw notRows(copy.reason, name, target)
    }
    if (feeding.status === 'rejected') throw feeding.reason
    return await factsOf(target, time)
  } finally {
    rmSync(pipe, { force: true })
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

/**
 * Adds to a file the rows of an earlier one whose key it does not hold, in the order of time: what a source forgets is not lost.
 *
 * @param earlier may not be there, or be damaged: then it adds nothing
 */
export function withEarlier(
  path: string,
  earlier: string,
  { key, time }: { readonly key: string; readonly time: string },
): Promise<RawFacts> {
  return inTurn(async () => {
    const connection = await duckdb()
    const joined = `${path}.joined`
    const fresh = `SELECT * FROM read_parquet(${literal(path)})`
    const both = `${fresh} UNION ALL BY NAME SELECT * FROM read_parquet(${literal(earlier)}) AS old WHERE NOT EXISTS (SELECT 1 FROM read_parquet(${literal(path)}) AS fresh WHERE fresh."${key}" = old."${key}")`
    try {
      // Through the same door with and without earlier rows: the same rows are the same bytes, wherever they come from.
      const all = existsSync(earlier) ? both : fresh
      await connection.run(
        `COPY (SELECT * FROM (${all}) ORDER BY "${time}", "${key}") TO ${literal(joined)} ${PARQUET_OPTIONS}`,
      )
      renameSync(joined, path)
    } catch (error) {
      rmSync(joined, { force: true })
      const known = inUsersWords(error, path)
      if (known !== error) throw known
    }
    return factsOf(path, time)
  })
}

/** DuckDB fills a buffer and then parses it: with its usual 32 MB it would wait for us, and we for it, in turns. */
const BUFFER = 4 << 20
/** What is inflated while it parses. */
const AHEAD = 16 << 20

function selection(pipe: string, columns: RawColumns): string {
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(CSV_TYPES[type])}`)
  const selected = Object.entries(columns).map(([name, type]) =>
    type === 'epoch'
      ? `make_timestamp_ms(CASE WHEN "${name}" > ${MICROSECONDS_ABOVE} THEN "${name}" // 1000 ELSE "${name}" END)::TIMESTAMP_MS AS "${name}"`
      : `"${name}"`,
  )
  // Everything is said: what DuckDB would try to find out for itself, it would read twice, which a pipe does not allow.
  const dialect = `header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', skip = 0, auto_detect = false, parallel = false, buffer_size = ${BUFFER}`
  return `SELECT ${selected.join(', ')} FROM read_csv(${literal(pipe)}, columns = {${types.join(', ')}}, ${dialect})`
}

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

function notRows(error: unknown, name: string, target: string): unknown {
  const known = inUsersWords(error, target)
  if (known !== error) return known
  const [first = '', second = ''] = messageOf(error).split('\n')
  return new UserError(`${name}: the rows cannot be read: ${first} (${second.slice(0, 160)})`, {
    hint: 'the file in the archive is not what its name says; take another mirror, or report it',
    cause: error,
  })
}
