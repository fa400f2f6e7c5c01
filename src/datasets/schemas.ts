/**
 * What the Parquet files under data/ must hold, by the name that their manifests give them: for `sluice verify data`, which reads files
 * that nobody has asked for.
 */
import { archiveColumns, RAW_KIND_NAMES, type RawColumns, restColumns } from '../market/raw-kinds.js'
import type { Venue } from '../sources/keys.js'
import { BARS_SCHEMA, FUNDING_SCHEMA, SPECIAL_FUNDING_SCHEMA } from './bars-table.js'
import { LABELS_SCHEMA } from './label-table.js'
import { type ColumnType, type Schema, SQL_TYPES } from './parquet.js'
import { RAW_SQL_TYPES } from './raw-csv.js'
import {
  BOOK_DEPTH_SCHEMA,
  BOOK_TICKER_SCHEMA,
  LIQUIDATION_SCHEMA,
  METRICS_SCHEMA,
  PRICE_SCHEMA,
  TRADE_BARS_SCHEMA,
} from './series-table.js'

/** Column → DuckDB's name of its type. */
export type SqlSchema = { readonly [column: string]: string }

/** Null for a file whose columns are not known beforehand, such as a feature table. */
export function schemaOf(name: string, path: string): SqlSchema | null {
  if (path.startsWith('data/raw/')) return rawSchemaOf(name, path)
  const schema = CLEAN[name.replace(/^bars_.*/, 'bars')]
  return schema === undefined ? null : sqlSchema(schema)
}

function rawSchemaOf(name: string, path: string): SqlSchema | null {
  const venue: Venue = path.startsWith('data/raw/binance-spot/') ? 'binance-spot' : 'binance-um'
  for (const kind of RAW_KIND_NAMES) {
    if (name === kind) return rawSchema(archiveColumns(kind, venue))
    if (name === `${kind}_rest`) return rawSchema(restColumns(kind, venue).columns)
  }
  return null
}

/** The first way in which a file differs, in words; null when it does not. */
export function schemaDifference(expected: SqlSchema, found: SqlSchema): string | null {
  for (const [column, type] of Object.entries(expected)) {
    if (found[column] === undefined) return `column ${column} is missing`
    if (found[column] !== type) return `column ${column} is ${found[column]}, expected ${type}`
  }
  const extra = Object.keys(found).find((column) => expected[column] === undefined)
  return extra === undefined ? null : `column ${extra} is not expected`
}

const CLEAN: Readonly<Record<string, Schema>> = {
  bars: BARS_SCHEMA,
  funding: FUNDING_SCHEMA,
  funding_special: SPECIAL_FUNDING_SCHEMA,
  mark_price: PRICE_SCHEMA,
  index_price: PRICE_SCHEMA,
  premium_index: PRICE_SCHEMA,
  metrics: METRICS_SCHEMA,
  trade_bars: TRADE_BARS_SCHEMA,
  book_depth_bars: BOOK_DEPTH_SCHEMA,
  book_ticker_bars: BOOK_TICKER_SCHEMA,
  liquidation_bars: LIQUIDATION_SCHEMA,
  labels: LABELS_SCHEMA,
}

function rawSchema(columns: RawColumns): SqlSchema {
  return Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, asRead(RAW_SQL_TYPES[type])]))
}

/** Whatever the unit on disk, DuckDB reads a time as TIMESTAMP. */
function asRead(type: string): string {
  return type === 'TIMESTAMP_MS' ? 'TIMESTAMP' : type
}

function sqlSchema(schema: Schema): SqlSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([column, type]: [string, ColumnType]) => [column, asRead(SQL_TYPES[type])]),
  )
}
