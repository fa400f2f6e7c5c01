/**
 * What the archive's CSV files look like: columns by position, an optional header line, times in any unit.
 */
import { UserError } from '../core/errors.js'
import { type TimeUnit, timeUnitOf } from '../core/time.js'
import { archiveColumns, type RawColumns, type RawKind } from '../market/raw-kinds.js'
import type { Venue } from './keys.js'

export type CsvShape = {
  readonly header: boolean
  /** Of the first row; null when there is none, or its times are text. Spot files changed unit on 2025-01-01, so convert value by value. */
  readonly timeUnit: TimeUnit | null
}

/** What a file is expected to be. */
export type CsvOf = { readonly kind: RawKind; readonly venue: Venue; readonly name: string }

/**
 * Says from the first lines of a file (its first 4 KiB are enough) how to read the rest.
 *
 * @throws UserError when the header names other columns, or the first row has another number of them
 */
export function csvShape(head: string, { kind, venue, name }: CsvOf): CsvShape {
  const columns = archiveColumns(kind, venue)
  const [first = '', second = ''] = head.split('\n', 2).map((line) => line.trim())
  const header = first !== '' && !/^["']?[-\d]/.test(first)
  if (header) checkHeader(first.split(','), columns, { kind, venue, name })
  const row = header ? second : first
  if (row === '') return { header, timeUnit: null }
  const cells = row.split(',')
  const names = Object.keys(columns)
  const at = names.findIndex((column) => columns[column] === 'epoch')
  const time = at < 0 ? null : Number(cells[at])
  if (cells.length !== names.length || (time !== null && !Number.isFinite(time))) {
    throw new UserError(
      `${name}: a row of ${kind} has ${names.length} columns, its first row is ${JSON.stringify(row.slice(0, 80))} (${cells.length})`,
      {
        hint: 'the file is not what its name says; remove it from the archive, or take another mirror',
      },
    )
  }
  return { header, timeUnit: time === null ? null : timeUnitOf(time) }
}

function checkHeader(names: readonly string[], columns: RawColumns, { kind, name }: CsvOf): void {
  const expected = Object.keys(columns)
  const at = expected.findIndex((column, i) => names[i] !== column)
  const wrong = at >= 0 ? at : names.length > expected.length ? expected.length : -1
  if (wrong < 0) return
  throw new UserError(
    `${name}: column ${wrong + 1} is ${JSON.stringify(names[wrong] ?? '')}, expected ${JSON.stringify(expected[wrong] ?? 'no more columns')}`,
    { hint: `the archive's format of ${kind} has changed; update Sluice, or take another mirror` },
  )
}
