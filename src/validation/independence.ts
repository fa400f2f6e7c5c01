/**
 * How many of a set of signals are independent. Labels of neighbouring rows share most of their price path, so the
 * number of rows says little about how much has been seen; non-overlapping intervals do.
 */
import type { Intervals } from './splits.js'

/**
 * The rows that one position at a time would take: the first, then each row whose `t0` is at or after the `t1` of the
 * one taken before. Rows of unknown `t1` are passed over.
 *
 * @param rows  candidate rows, ascending; all rows when left out
 */
export function nonOverlapping({ t0, t1 }: Intervals, rows?: ArrayLike<number>): Int32Array {
  const taken: number[] = []
  const n = rows === undefined ? t0.length : rows.length
  let free = Number.NEGATIVE_INFINITY
  for (let i = 0; i < n; i++) {
    const row = rows === undefined ? i : rows[i]
    if (Number.isNaN(t1[row]) || t0[row] < free) continue
    taken.push(row)
    free = t1[row]
  }
  return Int32Array.from(taken)
}

export type Proportion = { readonly value: number; readonly low: number; readonly high: number }

/**
 * Wilson score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22): stays inside [0, 1] and keeps its
 * coverage for small counts, where value ± z·se does not.
 *
 * `count` may be smaller than the number of rows behind `value`: pass the number of independent ones.
 *
 * @param value  share of successes, 0 … 1
 * @param count  > 0, else all NaN
 * @param z      standard normal quantile, 1.96 for a two-sided 95 %
 */
export function wilson(value: number, count: number, z: number): Proportion {
  if (!(count > 0)) return { value: Number.NaN, low: Number.NaN, high: Number.NaN }
  const scale = 1 + (z * z) / count
  const centre = (value + (z * z) / (2 * count)) / scale
  const half = (z / scale) * Math.sqrt((value * (1 - value)) / count + (z * z) / (4 * count * count))
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
