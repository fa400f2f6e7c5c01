/**
 * Depth of the book within bands around the price, as of the last snapshot before each close.
 */
import { MINUTE } from '../../core/time.js'
import { type JoinRows, lastKnown, type SeriesKind, type SeriesRows } from '../series.js'
import { valuesAt } from './carry.js'

/** Percent around the price; a band includes the nearer ones. */
export const BOOK_BANDS = [1, 2, 3, 4, 5] as const
export type BookBand = (typeof BOOK_BANDS)[number]

/** Base asset, and its value in quote asset. */
export type BookDepthInputs = {
  readonly [name in
    | `bidDepth${BookBand}`
    | `askDepth${BookBand}`
    | `bidNotional${BookBand}`
    | `askNotional${BookBand}`]: Float64Array
}

type BandColumn = `${'depth' | 'notional'}_${'m' | 'p'}${BookBand}`
type BookDepthColumn = BandColumn | 'snapshot_time'

const BAND_COLUMNS = Object.fromEntries(
  BOOK_BANDS.flatMap((band) => [
    [`bidDepth${band}`, `depth_m${band}`],
    [`askDepth${band}`, `depth_p${band}`],
    [`bidNotional${band}`, `notional_m${band}`],
    [`askNotional${band}`, `notional_p${band}`],
  ]),
) as { readonly [name in keyof BookDepthInputs]: BandColumn }
const INPUTS = Object.keys(BAND_COLUMNS) as readonly (keyof BookDepthInputs)[]

/** Of the snapshot itself, not of the bar that has it. */
export const SNAPSHOT_AGE = 5 * MINUTE

export const BOOK_DEPTH_BARS = {
  meaning: 'Depth of the book within bands of 1 to 5 % around the price',
  columns: ['snapshot_time', ...Object.values(BAND_COLUMNS)],
  inputs: INPUTS,
  join: bookDepthInputs,
} as const satisfies SeriesKind<keyof BookDepthInputs, BookDepthColumn>

/** As known at each close: one snapshot, so all bands are of the same moment; none when the last is older than `SNAPSHOT_AGE`. */
export function bookDepthInputs(
  { availableTime }: JoinRows,
  { available, columns }: SeriesRows<BookDepthColumn>,
): BookDepthInputs {
  const { snapshot_time: taken } = columns
  // Where a base bar has no snapshot, the bar before it may still have one that is young enough.
  const rows = lastKnown(available, availableTime).map((last, i) => {
    let row = last
    while (row >= 0 && Number.isNaN(taken[row]) && availableTime[i] - available[row] <= SNAPSHOT_AGE) row--
    return row >= 0 && availableTime[i] - taken[row] <= SNAPSHOT_AGE ? row : -1
  })
  const entries = INPUTS.map((name) => [name, valuesAt(columns[BAND_COLUMNS[name]], rows)])
  return Object.fromEntries(entries) as BookDepthInputs
}
