/**
 * Slower series beside the bars (funding prints, and whatever else an instrument has) as rows that become known one after
 * another. One rule for all of them: a row counts at time t when `available` <= t. A series that is published some time
 * after its own timestamp says so in `available`, nowhere else, so that joining it and cutting it (src/features/cut.ts)
 * are one piece of code each.
 */
import { assert } from '../core/errors.js'

/** What a join sees. */
export type SeriesRows<C extends string = string> = {
  readonly available: Float64Array // UTC ms from which on the row was known, never falling [n]
  readonly columns: { readonly [name in C]: Float64Array } // each [n], NaN = not known
}

/** `time` is for the certificate alone, which holds `available` against it: what joins and cuts must not know it. */
export type AsOfSeries<C extends string = string> = SeriesRows<C> & {
  /** UTC ms of the row's own time: when its bar or period opened, when it was printed; see `EVENT_TIMES` [n]. */
  readonly time: Float64Array
}

/** Rows to which a series is brought. */
export type JoinRows = {
  readonly availableTime: Float64Array // UTC ms of each row's close, rising [rows]
  readonly stepMs: number
}

/** What a series is: its columns, and the inputs of features that its join gives. */
export type SeriesKind<K extends string = string, C extends string = string> = {
  readonly meaning: string
  readonly columns: readonly C[]
  readonly inputs: readonly K[]
  /** One value a row and input, from rows of the series that `lastKnown` gives and earlier ones. */
  readonly join: (rows: JoinRows, series: SeriesRows<C>) => { readonly [name in K]: Float64Array }
}

/**
 * For each time, the last row of the series that was known by then; -1 where there was none.
 *
 * @param available  UTC ms, never falling [n]
 * @param times      UTC ms, never falling [rows]
 * @returns          index into the series [rows]
 */
export function lastKnown(available: Float64Array, times: Float64Array): Int32Array {
  const out = new Int32Array(times.length)
  // First row that is not known yet; found by bisection, for a window may lie at the end of a long series.
  let next = times.length === 0 ? 0 : rowsKnownAt(available, times[0])
  for (let i = 0; i < times.length; i++) {
    while (next < available.length && available[next] <= times[i]) next++
    out[i] = next - 1
  }
  return out
}

/** The rows that were known at `time`; shares memory with the whole. */
export function seriesKnownAt<C extends string>(series: AsOfSeries<C>, time: number): AsOfSeries<C> {
  const { available, columns } = series
  const rows = rowsKnownAt(available, time)
  if (rows === available.length) return series
  const names = Object.keys(columns) as C[]
  const cut = Object.fromEntries(names.map((name) => [name, columns[name].subarray(0, rows)]))
  return {
    available: available.subarray(0, rows),
    time: series.time.subarray(0, rows),
    columns: cut as AsOfSeries<C>['columns'],
  }
}

/** How many rows were known at `time`. By bisection: the certificate cuts at thousands of rows. */
export function rowsKnownAt(available: Float64Array, time: number): number {
  let [low, high] = [0, available.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (available[middle] <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** A series whose columns are as long as its times, and whose times never fall. */
export function checkSeries(name: string, { available, time, columns }: AsOfSeries): void {
  for (const [column, values] of Object.entries({ time, ...columns })) {
    assert(values.length === available.length, `${name}.${column} has ${values.length} of ${available.length} rows`)
  }
  for (let i = 1; i < available.length; i++) {
    assert(available[i] >= available[i - 1], `row ${i} of ${name} was known before row ${i - 1}`)
  }
}
