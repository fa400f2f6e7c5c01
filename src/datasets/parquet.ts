/**
 * Typed arrays ↔ Parquet, through DuckDB. A schema is checked on both ways. NaN in memory is null on disk; times are TIMESTAMP in
 * milliseconds on disk and UTC milliseconds in memory.
 */
import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api'
import { assert, messageOf, UserError } from '../core/errors.js'
import { duckdb, listLiteral, literal } from './duckdb.js'
import { inUsersWords } from './files.js'

export type ColumnType = 'time' | 'double' | 'float' | 'integer' | 'text'
export type Schema = { readonly [column: string]: ColumnType }
export type Numbers = Float64Array | Float32Array | Int32Array | Int8Array
export type Frame = {
  readonly rows: number
  readonly numbers: { readonly [column: string]: Numbers }
  readonly texts?: { readonly [column: string]: readonly string[] }
}

export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  time: 'TIMESTAMP_MS',
  double: 'DOUBLE',
  float: 'FLOAT',
  integer: 'INTEGER',
  text: 'VARCHAR',
}
/** Rows of a row group: a multiple of DuckDB's vector of 2048. */
const ROW_GROUP = 61_440
const CHUNK = 2048

export const PARQUET_OPTIONS = `(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP})`

/** Ends when the query before has: two at once on one connection give each other's rows, without an error. */
let turn: Promise<unknown> = Promise.resolve()

export function inTurn<T>(query: () => Promise<T>): Promise<T> {
  const result = turn.then(query)
  turn = result.catch(() => {})
  return result
}

/** Writes rows in the order given. The caller hands in a temporary path and publishes it. */
export function writeParquet(path: string, schema: Schema, frame: Frame): Promise<void> {
  return inTurn(() => write(path, schema, frame))
}

async function write(path: string, schema: Schema, frame: Frame): Promise<void> {
  const connection = await duckdb()
  const columns = Object.entries(schema)
  for (const [name, type] of columns) {
    const length = type === 'text' ? frame.texts?.[name]?.length : frame.numbers[name]?.length
    assert(length === frame.rows, `column ${name} of ${path} has ${length} of ${frame.rows} rows`)
  }
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE outgoing (${columns.map(([name, type]) => `"${name}" ${SQL_TYPES[type]}`).join(', ')})`,
  )
  try {
    await append(schema, frame)
    await connection.run(`COPY outgoing TO ${literal(path)} ${PARQUET_OPTIONS}`)
  } catch (error) {
    throw inUsersWords(error, path)
  } finally {
    await connection.run('DROP TABLE IF EXISTS outgoing')
  }
}

async function append(schema: Schema, frame: Frame): Promise<void> {
  const { DuckDBDataChunk, TIMESTAMP_MS, DOUBLE, FLOAT, INTEGER, VARCHAR } = await import('@duckdb/node-api')
  const kinds: Record<ColumnType, DuckDBType> = {
    time: TIMESTAMP_MS,
    double: DOUBLE,
    float: FLOAT,
    integer: INTEGER,
    text: VARCHAR,
  }
  const columns = Object.entries(schema)
  const appender = await (await duckdb()).createAppender('outgoing')
  // One chunk for all rows: its memory is DuckDB's, of which the garbage collector does not know how much there is.
  const chunk = DuckDBDataChunk.create(columns.map(([, type]) => kinds[type]))
  for (let start = 0; start < frame.rows; start += CHUNK) {
    const rows = Math.min(CHUNK, frame.rows - start)
    chunk.reset()
    chunk.rowCount = rows
    for (let c = 0; c < columns.length; c++) {
      const [name, type] = columns[c]
      if (type === 'text') chunk.setColumnValues(c, (frame.texts?.[name] ?? []).slice(start, start + rows))
      else if (type === 'time') fillTimes(chunk, c, frame.numbers[name], start, rows)
      else fillNumbers(chunk, c, frame.numbers[name], start, rows)
    }
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

/** What a vector of numbers is inside: reaching in is what makes columns cheap, a call per value costs ten times as much. */
type Inside = {
  readonly items: Numbers | BigInt64Array
  readonly validity: { readonly data: BigUint64Array | null; setItemValid(i: number, valid: boolean): void }
  flush(): void
}

function fillNumbers(chunk: DuckDBDataChunk, column: number, values: Numbers, start: number, rows: number): void {
  const vector = chunk.getColumnVector(column) as unknown as Inside
  const part = values.subarray(start, start + rows)
  const items = vector.items as Numbers
  items.set(part)
  for (let i = 0; i < rows; i++) {
    if (!Number.isNaN(part[i])) continue
    items[i] = 0
    vector.validity.setItemValid(i, false)
  }
  vector.flush()
}

function fillTimes(chunk: DuckDBDataChunk, column: number, times: Numbers, start: number, rows: number): void {
  const vector = chunk.getColumnVector(column) as unknown as Inside
  const items = vector.items as BigInt64Array
  for (let i = 0; i < rows; i++) {
    const time = times[start + i]
    if (Number.isNaN(time)) vector.validity.setItemValid(i, false)
    else items[i] = BigInt(time)
  }
  vector.flush()
}

/**
 * Columns of one or several files of the same schema, in the order of the files.
 *
 * @param columns names to read; null reads all that the first file has
 * @throws UserError when a file is damaged, or lacks a column
 */
export function readParquet(paths: readonly string[], columns: readonly string[] | null): Promise<Table> {
  return inTurn(() => read(paths, columns))
}

export type Table = {
  readonly rows: number
  readonly numbers: Record<string, Float64Array>
  readonly texts: Record<string, string[]>
}

async function read(paths: readonly string[], columns: readonly string[] | null): Promise<Table> {
  const connection = await duckdb()
  const source = `read_parquet(${listLiteral(paths)})`
  const described = await guarded(paths, async () =>
    (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRowObjects(),
  )
  const types = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]))
  const wanted = columns ?? [...types.keys()]
  const lacking = wanted.filter((name) => !types.has(name))
  if (lacking.length > 0) {
    throw new UserError(`${paths[0]} has no column ${lacking.join(', ')}`, {
      hint: 'it was written by another version: run the stage that makes it with --force',
    })
  }
  const isText = wanted.map((name) => types.get(name) === 'VARCHAR')
  const selected = wanted.map((name, i) =>
    isText[i]
      ? `"${name}"`
      : types.get(name)?.startsWith('TIMESTAMP')
        ? `epoch_ms("${name}")::DOUBLE AS "${name}"`
        : `"${name}"::DOUBLE AS "${name}"`,
  )
  const counted = await guarded(paths, async () =>
    (await connection.runAndReadAll(`SELECT count(*)::INTEGER AS n FROM ${source}`)).getRowObjects(),
  )
  const rows = Number(counted[0].n)
  const numbers: Record<string, Float64Array> = {}
  const texts: Record<string, string[]> = {}
  for (const [i, name] of wanted.entries()) {
    if (isText[i]) texts[name] = []
    else numbers[name] = new Float64Array(rows)
  }
  await guarded(paths, async () => {
    const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${source}`)
    for (let at = 0; ; ) {
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) break
      for (const [c, name] of wanted.entries()) {
        const vector = chunk.getColumnVector(c)
        if (isText[c]) {
          for (let i = 0; i < chunk.rowCount; i++) texts[name].push(String(vector.getItem(i) ?? ''))
        } else {
          copyNumbers(vector as unknown as Inside, numbers[name], at, chunk.rowCount)
        }
      }
      at += chunk.rowCount
    }
  })
  return { rows, numbers, texts }
}

/** Names of the columns of a file, in its order. */
export async function columnNames(paths: readonly string[]): Promise<string[]> {
  const result = await (await duckdb()).runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${listLiteral(paths)})`)
  return result.getRowObjects().map((row) => String(row.column_name))
}

/** Null becomes NaN. Every number was cast to DOUBLE, so the items are float64. */
function copyNumbers({ items, validity }: Inside, out: Float64Array, at: number, rows: number): void {
  assert(items instanceof Float64Array, 'a vector of numbers is not one of float64')
  out.set(items.subarray(0, rows), at)
  if (validity.data === null) return
  const { buffer, byteOffset, byteLength } = validity.data
  const bits = new Uint8Array(buffer, byteOffset, byteLength)
  for (let i = 0; i < rows; i++) if ((bits[i >> 3] & (1 << (i & 7))) === 0) out[at + i] = Number.NaN
}

export async function guarded<T>(paths: readonly string[], read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new UserError(
      `${paths[0]}${paths.length > 1 ? ` (or one of ${paths.length} files)` : ''} is not a readable Parquet file: ${messageOf(error).split('\n')[0]}`,
      {
        hint: 'run the stage that makes it again; sluice status says which',
        cause: error,
      },
    )
  }
}
