/**
 * DuckDB, one in-memory database per process, opened when first needed. One thread: the workers are the parallelism, and a Parquet
 * file written by one thread has the same bytes every time.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Span } from '../core/time.js'

let connection: Promise<DuckDBConnection> | null = null
let spill = ''

/** Where a query that outgrows its memory may write, from the next opening on. Without one it fails instead. */
export function spillTo(folder: string): void {
  spill = folder
}

export function duckdb(): Promise<DuckDBConnection> {
  connection ??= open()
  return connection
}

async function open(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '1GB' })
  const opened = await instance.connect()
  await opened.run("SET TimeZone = 'UTC'; SET preserve_insertion_order = true; SET enable_progress_bar = false")
  // Several workers share the machine: what a wide table took is given back when it is written, not kept for the next.
  await opened.run("SET allocator_flush_threshold = '8MB'; SET allocator_bulk_deallocation_flush_threshold = '8MB'")
  await opened.run(`SET temp_directory = ${literal(spill)}`)
  return opened
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Several texts as an SQL list. */
export function listLiteral(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

/** A condition that holds for a timestamp outside of the span, and for one that is not known. */
export function outsideSql(column: string, { from, to }: Span): string {
  return `(${column} >= make_timestamp_ms(${from}) AND ${column} < make_timestamp_ms(${to})) IS NOT TRUE`
}
