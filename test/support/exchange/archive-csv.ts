/**
 * The CSV of an archive file as the exchange writes it, and as it is when something went wrong.
 */
import { isoDay } from '../../../src/core/time.js'
import type { ArchiveFile } from './archive-keys.js'
import { METRICS_SEAM, PERIOD } from './funding.js'
import { COLUMNS, type Kind, rowTime, textTime } from './rows.js'
import type { Defect, Switches } from './switches.js'
import type { Truth } from './truth.js'

/** Columns that hold a time as a number. */
const TIMES: Partial<Record<Kind, readonly number[]>> = {
  klines: [0, 6],
  aggTrades: [5],
  trades: [4],
  fundingRate: [0],
}

export type CsvOptions = { readonly truth: Truth; readonly switches: Switches; readonly defects: readonly Defect[] }

export function csvOf(file: ArchiveFile, { truth, switches, defects }: CsvOptions): string {
  let rows = rowsOf(file, truth, switches)
  const has = (how: Defect['how']) => defects.some((defect) => defect.how === how)
  if (has('empty')) return ''
  for (const defect of defects) rows = spoiled(file, rows, defect)
  if (has('headerOnly')) rows = []
  const unit = has('microseconds') ? 'us' : has('milliseconds') ? 'ms' : unitOf(file, switches)
  if (unit === 'us') rows = rows.map((row) => inMicroseconds(file.kind, row))
  if (file.venue === 'spot') rows = rows.map((row) => spotFlags(file.kind, row))
  const header = has('header') || has('headerOnly') || (!has('noHeader') && hasHeader(file, switches))
  const lines = rows.map((row) => row.join(','))
  if (header) lines.unshift(COLUMNS[file.kind])
  const end = has('crlf') ? '\r\n' : '\n'
  return lines.join(end) + (has('noFinalNewline') || lines.length === 0 ? '' : end)
}

function rowsOf(file: ArchiveFile, truth: Truth, switches: Switches): string[][] {
  const { kind, pair, span, venue, interval } = file
  let rows = truth.rows(kind, pair.name, {
    ...span,
    venue,
    ...(interval === '' ? {} : { timeframe: interval as '1m' }),
  })
  if (kind === 'metrics') rows = rows.map((row) => relabelled(file, row, switches))
  if (kind === 'bookDepth' && switches.bookDepthPercent === 'decimal') {
    rows = rows.map((row) => row.map((cell, i) => (i === 1 ? Number(cell).toFixed(2) : cell)))
  }
  if (kind === 'liquidationSnapshot' && switches.liquidations === 'doubled') rows = rows.flatMap((row) => [row, row])
  if (kind === 'fundingRate' && switches.archiveSpecialFunding) {
    rows = truth.funding(pair.name, span).map(({ time, hours, rate }) => [String(time), String(hours), rate])
  }
  for (const { side, kind: of, pair: name, times, change } of switches.disagreements) {
    if (side !== 'archive' || of !== kind || name !== pair.name) continue
    rows = rows.map((row) => (times.includes(rowTime(kind, row)) ? change(row) : row))
  }
  return rows
}

/** The label of a period is its end in files of days before the seam, its start in later ones. */
function relabelled({ span }: ArchiveFile, row: string[], { metricsLabel }: Switches): string[] {
  if (metricsLabel === 'seam') return row
  const label = Date.parse(`${row[0].replace(' ', 'T')}Z`)
  const start = span.from < METRICS_SEAM ? label - PERIOD : label
  return [textTime(metricsLabel === 'start' ? start : start + PERIOD), ...row.slice(1)]
}

function hasHeader({ venue, kind, period }: ArchiveFile, { header }: Switches): boolean {
  if (header !== 'auto') return header === 'always'
  if (venue === 'spot') return false
  return !['klines', 'aggTrades', 'trades'].includes(kind) || period >= (period.length === 7 ? '2022-06' : '2022-08-01')
}

function unitOf({ venue, period }: ArchiveFile, { spotTimeUnit }: Switches): 'ms' | 'us' {
  if (venue !== 'spot') return 'ms'
  return spotTimeUnit === 'auto' ? (period >= '2025-01' ? 'us' : 'ms') : spotTimeUnit
}

/** The last millisecond of a bar becomes its last microsecond. */
function inMicroseconds(kind: Kind, row: readonly string[]): string[] {
  const times = TIMES[kind] ?? (kind.endsWith('Klines') ? TIMES.klines! : [])
  return row.map((cell, i) => (times.includes(i) ? `${cell}${i === 6 ? '999' : '000'}` : cell))
}

/** Spot writes `True` and `False`, and says of every trade that it was the best match. */
function spotFlags(kind: Kind, row: readonly string[]): string[] {
  if (kind !== 'aggTrades' && kind !== 'trades') return [...row]
  return [...row.map((cell) => (cell === 'true' ? 'True' : cell === 'false' ? 'False' : cell)), 'True']
}

function spoiled(file: ArchiveFile, rows: string[][], defect: Defect): string[][] {
  const [from, to] = defect.rows ?? [10, 20]
  const part = rows.slice(from, to)
  const around = (middle: string[][]) => [...rows.slice(0, from), ...middle, ...rows.slice(to)]
  const cells = (text: string) => {
    const columns = defect.columns ?? [(rows[0]?.length ?? 1) - 1]
    return around(part.map((row) => row.map((cell, i) => (columns.includes(i) ? text : cell))))
  }
  switch (defect.how) {
    case 'duplicateRows':
      return around([...part, ...part])
    case 'unsortedRows':
      return around(part.toReversed())
    case 'missingRows':
      return around([])
    case 'missingDays':
      return rows.filter((row) => !defect.days?.includes(dayOf(file.kind, row)))
    case 'truncatedDay':
      return rows.slice(0, Math.floor(rows.length / 2))
    case 'doubled':
      return [...rows, ...rows]
    case 'blankCells':
      return cells('""')
    case 'emptyCells':
      return cells('')
    case 'zeroCells':
      return cells('0')
    default:
      return rows
  }
}

function dayOf(kind: Kind, row: readonly string[]): string {
  if (kind === 'metrics' || kind === 'bookDepth') return row[0].slice(0, 10)
  const column = { aggTrades: 5, trades: 4, bookTicker: 5 }[kind as string] ?? 0
  return isoDay(Number(row[column]))
}
