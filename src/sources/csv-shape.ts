/**
 * What the archive's CSV files look like: columns by position, an optional header line, milliseconds or microseconds.
 */
import { open } from 'node:fs/promises'
import { UserError } from '../core/errors.js'
import { MICROSECONDS_ABOVE } from '../core/time.js'
import type { ArchiveKind } from './keys.js'

/** The exchange's own names, in order. */
export const ARCHIVE_COLUMNS = {
  klines: [
    'open_time',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'close_time',
    'quote_volume',
    'count',
    'taker_buy_volume',
    'taker_buy_quote_volume',
    'ignore',
  ],
  fundingRate: ['calc_time', 'funding_interval_hours', 'last_funding_rate'],
} as const satisfies Record<ArchiveKind, readonly string[]>

export type TimeUnit = 'ms' | 'us'

export function timeUnitOf(time: number): TimeUnit {
  return time > MICROSECONDS_ABOVE ? 'us' : 'ms'
}

/** The time in milliseconds, microseconds floored. */
export function toMilliseconds(time: number): number {
  return time > MICROSECONDS_ABOVE ? Math.floor(time / 1000) : time
}

export type CsvShape = {
  readonly header: boolean
  /** Of the first row; null when there is none. Spot files changed unit on 2025-01-01, so convert value by value. */
  readonly timeUnit: TimeUnit | null
}

/**
 * Reads the first lines of a file and says how to read the rest.
 *
 * @throws UserError when the header names other columns, or the first row has another number of them
 */
export async function sniffCsv(path: string, kind: ArchiveKind, name: string): Promise<CsvShape> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    return csvShape(buffer.toString('utf8', 0, bytesRead), kind, name)
  } finally {
    await file.close()
  }
}

/** The same for text: the file's first 4 KiB. */
export function csvShape(head: string, kind: ArchiveKind, name: string): CsvShape {
  const [first = '', second = ''] = head.split('\n', 2).map((line) => line.trim())
  const header = first !== '' && !/^\d/.test(first)
  if (header) checkHeader(first.split(','), kind, name)
  const row = header ? second : first
  if (row === '') return { header, timeUnit: null }
  const cells = row.split(',')
  const expected = ARCHIVE_COLUMNS[kind].length
  const time = Number(cells[0])
  if (cells.length !== expected || !Number.isFinite(time)) {
    throw new UserError(
      `${name}: a row of ${kind} has ${expected} columns, its first row is ${JSON.stringify(row.slice(0, 80))} (${cells.length})`,
      {
        hint: 'the file is not what its name says; remove it from the archive, or take another mirror',
      },
    )
  }
  return { header, timeUnit: timeUnitOf(time) }
}

function checkHeader(names: readonly string[], kind: ArchiveKind, name: string): void {
  const expected: readonly string[] = ARCHIVE_COLUMNS[kind]
  const at = expected.findIndex((column, i) => names[i] !== column)
  const wrong = at >= 0 ? at : names.length > expected.length ? expected.length : -1
  if (wrong < 0) return
  throw new UserError(
    `${name}: column ${wrong + 1} is ${JSON.stringify(names[wrong] ?? '')}, expected ${JSON.stringify(expected[wrong] ?? 'no more columns')}`,
    { hint: `the archive's format of ${kind} has changed; update Sluice, or take another mirror` },
  )
}
