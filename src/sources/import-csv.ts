/**
 * Imported rows as the archive prints them. Numbers are written in the shortest form that reads back as the same double, what is not known
 * as an empty cell, and rows in the order in which they came: judging them is the business of cleaning.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { archiveColumns, type RawKind } from '../market/raw-kinds.js'
import type { Venue } from './keys.js'

/** `time` [n], and any of the archive's columns [n]; NaN = not known. */
export type ImportedRows = Readonly<Record<string, Float64Array>>

/** Kinds whose columns stand in the rows under other names than in the archive. */
const FROM: { readonly [kind in RawKind]?: Readonly<Record<string, string>> } = {
  fundingRate: { calc_time: 'time', funding_interval_hours: 'interval_hours', last_funding_rate: 'rate' },
  trades: { qty: 'quantity', quote_qty: 'quote_quantity' },
  aggTrades: { transact_time: 'time' },
  bookTicker: { transaction_time: 'time' },
}

/** Rows per chunk of text, so that a month is never one string. */
const CHUNK = 4096

/** The 12 columns; the closing time is derived where there is none, for it says nothing that the open time does not. */
export function importedKlinesCsv(parts: readonly ImportedRows[], timeframe: Timeframe): Buffer {
  const step = timeframeMs(timeframe)
  return csvOf(columnsOf('klines', 'binance-um'), parts, (column, rows, i) => {
    if (column === 'open_time') return cellOf(rows.time[i])
    if (column === 'close_time') return cellOf(rows.close_ms?.[i] ?? rows.time[i] + step - 1)
    return column === 'ignore' ? '0' : cellOf(rows[column]?.[i] ?? Number.NaN)
  })
}

/** Funding, trades and quotes. */
export function importedCsv(kind: RawKind, venue: Venue, parts: readonly ImportedRows[]): Buffer {
  const from = FROM[kind] ?? {}
  return csvOf(columnsOf(kind, venue), parts, (column, rows, i) => {
    if (column === 'is_buyer_maker') return flagOf((rows.is_buyer_maker ?? rows.side)?.[i])
    return cellOf(rows[from[column] ?? column]?.[i] ?? Number.NaN)
  })
}

const METRICS: readonly (readonly [column: string, role: string])[] = [
  ['sum_open_interest', 'open_interest'],
  ['sum_open_interest_value', 'open_interest_value'],
  ['count_toptrader_long_short_ratio', 'top_account_ratio'],
  ['sum_toptrader_long_short_ratio', 'top_position_ratio'],
  ['count_long_short_ratio', 'account_ratio'],
  ['sum_taker_long_short_vol_ratio', 'taker_ratio'],
]

/**
 * Metrics of several tables, which have some columns each: one row a time, in the order of time. Where two tables say different things of
 * one column and time, both rows are written, for cleaning to judge.
 */
export function importedMetricsCsv(parts: readonly ImportedRows[], pair: string): Buffer {
  type Row = { readonly time: number; readonly values: Map<string, number> }
  const rows: Row[] = []
  const byTime = new Map<number, Row>()
  for (const part of parts) {
    for (const [i, time] of part.time.entries()) {
      const own = METRICS.flatMap(([, role]) => {
        const value = part[role]?.[i] ?? Number.NaN
        return Number.isNaN(value) ? [] : ([[role, value]] as const)
      })
      const there = byTime.get(time)
      const fits = there !== undefined && own.every(([role, value]) => (there.values.get(role) ?? value) === value)
      const row = fits ? there : { time, values: new Map<string, number>() }
      for (const [role, value] of own) row.values.set(role, value)
      if (fits) continue
      rows.push(row)
      byTime.set(time, row)
    }
  }
  rows.sort((a, b) => a.time - b.time)
  const lines = rows.map(({ time, values }) => {
    const label = new Date(time).toISOString().slice(0, 19).replace('T', ' ')
    return [label, pair, ...METRICS.map(([, role]) => cellOf(values.get(role) ?? Number.NaN))].join(',')
  })
  return Buffer.from([columnsOf('metrics', 'binance-um').join(','), ...lines, ''].join('\n'))
}

function columnsOf(kind: RawKind, venue: Venue): string[] {
  return Object.keys(archiveColumns(kind, venue))
}

function csvOf(
  columns: readonly string[],
  parts: readonly ImportedRows[],
  cell: (column: string, rows: ImportedRows, i: number) => string,
): Buffer {
  const chunks = [Buffer.from(`${columns.join(',')}\n`)]
  for (const rows of parts) {
    for (let start = 0; start < rows.time.length; start += CHUNK) {
      let text = ''
      for (let i = start; i < Math.min(rows.time.length, start + CHUNK); i++) {
        text += `${columns.map((column) => cell(column, rows, i)).join(',')}\n`
      }
      chunks.push(Buffer.from(text))
    }
  }
  return Buffer.concat(chunks)
}

/** The shortest text that is this double when read again. */
function cellOf(value: number): string {
  return Number.isNaN(value) ? '' : Object.is(value, -0) ? '-0' : String(value)
}

function flagOf(value: number | undefined): string {
  return value === 1 ? 'true' : value === 0 ? 'false' : ''
}
