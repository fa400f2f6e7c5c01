/**
 * The last value known of each column, as long as it counts. What every series of states (open interest, a price, the book) does with
 * its rows; sums have rules of their own.
 */
import { type JoinRows, lastKnown, type SeriesKind, type SeriesRows } from '../series.js'

/**
 * Each column as it was last known at the rows.
 *
 * A cell that is not known leaves the one before it standing, but nothing stands longer than `maxAgeMs` after it became available: a
 * source that has stopped is not one whose value stands still.
 *
 * @returns  by column, NaN where nothing young enough is known [rows]
 */
export function carried<C extends string>(
  { availableTime }: JoinRows,
  { available, columns }: SeriesRows<C>,
  maxAgeMs: number,
): { readonly [name in C]: Float64Array } {
  const lasts = lastKnown(available, availableTime)
  const entries = (Object.keys(columns) as C[]).map((name) => {
    const values = columns[name]
    const out = new Float64Array(availableTime.length).fill(Number.NaN)
    for (let i = 0; i < out.length; i++) {
      const oldest = availableTime[i] - maxAgeMs
      let row = lasts[i]
      while (row >= 0 && available[row] >= oldest && Number.isNaN(values[row])) row--
      if (row >= 0 && available[row] >= oldest) out[i] = values[row]
    }
    return [name, out] as const
  })
  return Object.fromEntries(entries) as { readonly [name in C]: Float64Array }
}

/** Values of a column at given rows of it; NaN where the row is -1. */
export function valuesAt(column: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length)
  for (let i = 0; i < out.length; i++) out[i] = rows[i] < 0 ? Number.NaN : column[rows[i]]
  return out
}

/** A series of one column, `close`, whose last value counts for `age` ms after it became known; the input `name` of features. */
export const lastClose = <const K extends string>(name: K, age: number, meaning: string) =>
  ({
    meaning,
    columns: ['close'],
    inputs: [name],
    join: (rows: JoinRows, series) =>
      ({ [name]: carried(rows, series, age).close }) as { readonly [input in K]: Float64Array },
  }) as const satisfies SeriesKind<K, 'close'>
