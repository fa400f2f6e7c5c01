/**
 * Whether predictions that are traded were made out of sample: the interval of no traded row may meet an interval that the model which scored
 * it had learnt from. Splits are purged so that it does not; this looks at what lies on disk, whoever made it.
 */
import type { Span } from '../core/time.js'

export type Learnt = { readonly train: readonly Span[]; readonly validation: readonly Span[] }

export type Overlap = {
  readonly row: number
  readonly part: keyof Learnt
  /** Of the rows that were learnt from. */
  readonly learnt: Span
}

export type ScoredRows = {
  readonly rows: number
  readonly t0: Float64Array
  readonly t1: Float64Array // NaN = not known: then the horizon
  readonly fold: Float64Array
}

/**
 * The first row that overlaps, or null.
 *
 * @param learnt  by fold; what a fold is not there for cannot be checked, and is an overlap of its own (`learnt` all of time)
 */
export function firstOverlap(
  { rows, t0, t1, fold }: ScoredRows,
  learnt: ReadonlyMap<number, Learnt>,
  horizonMs: number,
): Overlap | null {
  for (let row = 0; row < rows; row++) {
    const own = learnt.get(fold[row])
    if (own === undefined) {
      return { row, part: 'train', learnt: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY } }
    }
    const end = Number.isNaN(t1[row]) ? t0[row] + horizonMs : t1[row]
    for (const part of ['train', 'validation'] as const) {
      const met = own[part].find(({ from, to }) => t0[row] <= to && end >= from)
      if (met !== undefined) return { row, part, learnt: met }
    }
  }
  return null
}
