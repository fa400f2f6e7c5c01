/**
 * Rows of a file that cleaning cannot use. Some are slips, and are counted; more than a few mean that the file is not what it was taken for, and
 * then nothing is made of it.
 */
import { UserError } from '../core/errors.js'
import type { KlineFindings } from './clean.js'

/** By reason; what the configuration cut off, rows of an earlier instrument of the same name and equal rows are not lost. */
export type LostRows = {
  readonly foreign: number // outside of the period that the file is of
  readonly offGrid: number
  readonly impossible: number
  /** Differing rows of the same time, of which another stands. */
  readonly replaced: number
}

/** The largest share of a file's rows that may be lost: less than one wrong day in a month of daily files. One single row may always be, if
 * there are others. */
export const LOST_SHARE = 0.01

/** The same of replaced rows: a file that was published twice, with changes, has half of them. */
export const REPLACED_SHARE = 0.5

const WORDS: Readonly<Record<keyof LostRows, string>> = {
  foreign: "outside of the file's own period",
  offGrid: 'off the grid of its timeframe',
  impossible: 'that cannot be true',
  replaced: 'replaced by others of the same time',
}

const HINT =
  'look at the times of the file: another unit (s, ms, us, ns), another zone or another month? And at its columns. If the archive itself is like that, leave the time out with data.from and data.to'

/** Of bars. */
export function lostRows({ foreign, offGrid, impossible, conflicts }: KlineFindings): LostRows {
  return {
    foreign: foreign.count,
    offGrid: offGrid.count,
    impossible: impossible.count,
    replaced: conflicts.count,
  }
}

export function addLost(list: readonly LostRows[]): LostRows {
  const sum = (reason: keyof LostRows) => list.reduce((total, lost) => total + lost[reason], 0)
  return { foreign: sum('foreign'), offGrid: sum('offGrid'), impossible: sum('impossible'), replaced: sum('replaced') }
}

/** `3 of 744 rows were dropped: 2 outside of …, 1 off …`; none where none was lost. What cannot be true is told elsewhere. */
export function lossWarning(rows: number, { foreign, offGrid }: LostRows): string[] {
  return foreign + offGrid === 0
    ? []
    : [`${inWords(foreign + offGrid)} of ${inWords(rows)} rows were dropped: ${reasonsOf({ foreign, offGrid })}`]
}

/**
 * Returns when few enough of the rows were lost.
 *
 * @param what   whose rows they are, as in `bars 1h`
 * @param rows   how many were read
 * @param first  time of a row that was lost, UTC ms, where it is known
 * @throws UserError when more than `LOST_SHARE` of the rows were lost, or more than `REPLACED_SHARE` replaced
 */
export function refuseLoss(what: string, rows: number, lost: LostRows, first?: number | null): void {
  const gone = lost.foreign + lost.offGrid + lost.impossible
  const isTooMuch = gone > Math.max(Math.min(1, rows - 1), LOST_SHARE * rows)
  if (!isTooMuch && lost.replaced <= REPLACED_SHARE * rows) return
  const shown = isTooMuch ? { ...lost, replaced: 0 } : { replaced: lost.replaced }
  const [count, limit] = isTooMuch ? [gone, LOST_SHARE] : [lost.replaced, REPLACED_SHARE]
  const from =
    isTooMuch && first != null && Math.abs(first) < 8.64e15 ? `, such as ${new Date(first).toISOString()}` : ''
  throw new UserError(
    `${inWords(count)} of ${inWords(rows)} rows of ${what} are of no use, and at most ${100 * limit} % may be: ${reasonsOf(shown)}${from}`,
    { hint: HINT },
  )
}

function reasonsOf(lost: Partial<LostRows>): string {
  const known = (Object.keys(WORDS) as (keyof LostRows)[]).filter((reason) => (lost[reason] ?? 0) > 0)
  return known.map((reason) => `${inWords(lost[reason] ?? 0)} ${WORDS[reason]}`).join(', ')
}

function inWords(count: number): string {
  return count.toLocaleString('en')
}
