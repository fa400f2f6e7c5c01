/**
 * The rows of a series of base bars that make up the bar of a feature: what every sum over a bar is a sum of.
 */
import { type JoinRows, lastKnown } from '../series.js'

type BaseBars = {
  readonly available: Float64Array
  readonly openTime: Float64Array
  readonly isKnown: (row: number) => boolean
}

/** First and last row of the series within each bar, both included; -1 where they do not cover it whole [rows]. */
export type Within = { readonly first: Int32Array; readonly last: Int32Array }

/**
 * A bar is known when the base bars within it cover it whole and each of them is known. No row counts for a bar other than its own, so
 * nothing is ever carried on.
 */
export function rowsWithin({ availableTime, stepMs }: JoinRows, { available, openTime, isKnown }: BaseBars): Within {
  const last = lastKnown(available, availableTime)
  const first = new Int32Array(last.length).fill(-1)
  for (let i = 0; i < last.length; i++) {
    const open = availableTime[i] - stepMs
    let row = last[i] + 1
    let covered = 0
    while (row > 0 && openTime[row - 1] >= open && isKnown(row - 1)) {
      row--
      covered += available[row] - openTime[row]
    }
    if (covered === stepMs) first[i] = row
  }
  return { first, last }
}

/** Sum of a column over those rows, in the order of time; NaN where they do not cover the bar. */
export function sumWithin(column: Float64Array, { first, last }: Within): Float64Array {
  const out = new Float64Array(first.length).fill(Number.NaN)
  for (let i = 0; i < out.length; i++) {
    if (first[i] < 0) continue
    let sum = 0
    for (let row = first[i]; row <= last[i]; row++) sum += column[row]
    out[i] = sum
  }
  return out
}
