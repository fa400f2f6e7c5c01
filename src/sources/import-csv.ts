/**
 * Imported rows as the archive prints them. Numbers are written in the shortest form that reads back as the same double, what is not known
 * as an empty cell, and rows in the order in which they came: judging them is the business of cleaning.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { archiveColumns } from '../market/raw-kinds.js'
import type { ImportKind } from '../market/recognise/names.js'

/** `time` [n], and any of the archive's columns [n]; NaN = not known. */
export type ImportedRows = Readonly<Record<string, Float64Array>>

/** Rows per chunk of text, so that a month is never one string. */
const CHUNK = 4096

/** The 12 columns; the closing time is derived where there is none, for it says nothing that the open time does not. */
export function importedKlinesCsv(parts: readonly ImportedRows[], timeframe: Timeframe): Buffer {
  const step = timeframeMs(timeframe)
  return csvOf('klines', parts, (column, rows, i) => {
    if (column === 'open_time') return rows.time[i]
    if (column === 'close_time') return rows.close_ms?.[i] ?? rows.time[i] + step - 1
    return column === 'ignore' ? 0 : (rows[column]?.[i] ?? Number.NaN)
  })
}

export function importedFundingCsv(parts: readonly ImportedRows[]): Buffer {
  const from: Readonly<Record<string, string>> = {
    calc_time: 'time',
    funding_interval_hours: 'interval_hours',
    last_funding_rate: 'rate',
  }
  return csvOf('fundingRate', parts, (column, rows, i) => rows[from[column]]?.[i] ?? Number.NaN)
}

function csvOf(
  kind: ImportKind,
  parts: readonly ImportedRows[],
  value: (column: string, rows: ImportedRows, i: number) => number,
): Buffer {
  const columns = Object.keys(archiveColumns(kind, 'binance-um'))
  const chunks = [Buffer.from(`${columns.join(',')}\n`)]
  for (const rows of parts) {
    for (let start = 0; start < rows.time.length; start += CHUNK) {
      let text = ''
      for (let i = start; i < Math.min(rows.time.length, start + CHUNK); i++) {
        text += `${columns.map((column) => cellOf(value(column, rows, i))).join(',')}\n`
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
