/** Raw files by hand, with the columns and types that the download writes. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { duckdb, literal } from '../../src/datasets/duckdb.js'
import { inTurn } from '../../src/datasets/parquet.js'
import { RAW_SQL_TYPES } from '../../src/datasets/raw-csv.js'
import {
  archiveColumns,
  type RawColumn,
  type RawColumns,
  type RawKind,
  restColumns,
} from '../../src/market/raw-kinds.js'
import type { Venue } from '../../src/sources/keys.js'

/** Values in the order of the columns; times in UTC ms. */
export type RawRow = readonly (number | string | boolean | null)[]

export async function writeRawRows(path: string, columns: RawColumns, rows: readonly RawRow[]): Promise<string> {
  mkdirSync(dirname(path), { recursive: true })
  const names = Object.keys(columns).map((name) => `"${name}"`)
  const types = Object.entries(columns).map(([name, type]) => `"${name}" ${RAW_SQL_TYPES[type]}`)
  await inTurn(async () => {
    const connection = await duckdb()
    await connection.run(`CREATE OR REPLACE TEMP TABLE by_hand (${types.join(', ')})`)
    const kinds = Object.values(columns)
    for (let start = 0; start < rows.length; start += 2000) {
      const values = rows
        .slice(start, start + 2000)
        .map((row) => `(${row.map((value, i) => sqlOf(value, kinds[i])).join(', ')})`)
      await connection.run(`INSERT INTO by_hand (${names.join(', ')}) VALUES ${values.join(', ')}`)
    }
    await connection.run(`COPY by_hand TO ${literal(path)} (FORMAT parquet)`)
    await connection.run('DROP TABLE by_hand')
  })
  return path
}

function sqlOf(value: RawRow[number], type: RawColumn): string {
  if (value === null || Number.isNaN(value)) return 'NULL'
  if (type === 'epoch' || type === 'date') return `make_timestamp_ms(${value})`
  return typeof value === 'string' ? literal(value) : String(value)
}

export const writeArchive = (path: string, kind: RawKind, rows: readonly RawRow[], venue: Venue = 'binance-um') =>
  writeRawRows(path, archiveColumns(kind, venue), rows)

export const writeRest = (path: string, kind: RawKind, rows: readonly RawRow[], venue: Venue = 'binance-um') =>
  writeRawRows(path, restColumns(kind, venue).columns, rows)
