/**
 * Findings that are counted in full and listed in part.
 */

/** How many cases of a finding are listed; all are counted. */
export const LISTED = 20

export type Listed<T> = { readonly count: number; readonly first: readonly T[] }

/** The first `LISTED` cases in the order of the files; a time that is no number is null. */
export type ListedTimes = Listed<number | null>

export function createList<T>() {
  const first: T[] = []
  let count = 0
  return {
    add(item: T) {
      count++
      if (first.length < LISTED) first.push(item)
    },
    listed: (): Listed<T> => ({ count, first }),
  }
}

/** Lists of consecutive parts as one. */
export function combineLists<T>(lists: readonly Listed<T>[]): Listed<T> {
  return {
    count: lists.reduce((sum, { count }) => sum + count, 0),
    first: lists.flatMap(({ first }) => first).slice(0, LISTED),
  }
}

/** JSON has no other numbers. */
export function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null
}

/** Two numbers are the same but for rounding when they differ by no more than this fraction of the larger. */
export const ROUNDING = 1e-9

/** |a − b| over the larger of the two; 0 where both are equal, NaN where one is not known. */
export function relativeDifference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))
}
