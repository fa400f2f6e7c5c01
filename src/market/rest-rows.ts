/**
 * The archive's rows beside those that REST gives for the same bars. The archive is canonical: REST fills in where it has no row, and
 * where the two differ that is told, never mixed.
 */
import { KLINE_VALUES, type KlineValue, type RawKlines } from './impossible.js'
import {
  combineLists,
  createList,
  finiteOrNull,
  type Listed,
  type ListedTimes,
  ROUNDING,
  relativeDifference,
} from './listed.js'

/** A bar of which the two do not say the same, with what each says of the first column in which they differ. */
export type Disagreement = {
  readonly time: number
  readonly column: string
  readonly archive: number | null
  readonly rest: number | null
}

export type RestFindings = {
  readonly rows: number // read
  /** Rows that the rules dropped: outside of the span or the file's period, off the grid, before the listing. */
  readonly dropped: number
  readonly duplicates: number
  readonly conflicts: number
  /** Bars that rest on REST, for the archive has no row. */
  readonly used: ListedTimes
  readonly compared: number // bars of which both have a row
  /** Bars that differ by more than rounding in any column that both know. */
  readonly disagreements: Listed<Disagreement>
  readonly largestDifference: number // relative, over all columns; 0 when there is none
}

/** What became of the rows of REST by themselves. */
type Placed = {
  readonly rowOf: Int32Array
  readonly outsideSpan: number
  readonly duplicates: number
  readonly foreign: ListedTimes
  readonly offGrid: ListedTimes
  readonly beforeListing: ListedTimes
  readonly conflicts: ListedTimes
}

export type Both = {
  readonly raw: RawKlines
  readonly rowOf: Int32Array // by bar, -1 for none
  readonly rest: RawKlines
  readonly placed: Placed
  readonly from: number // of the grid
  readonly step: number
}

export function compareRest({ raw, rowOf, rest, placed, from, step }: Both): RestFindings {
  const used = createList<number | null>()
  const disagreements = createList<Disagreement>()
  let compared = 0
  let largestDifference = 0
  for (let bar = 0; bar < rowOf.length; bar++) {
    const row = placed.rowOf[bar]
    if (row < 0) continue
    const time = from + bar * step
    if (rowOf[bar] < 0) {
      used.add(time)
      continue
    }
    compared++
    let differing: KlineValue | null = null
    for (const column of KLINE_VALUES) {
      const difference = relativeDifference(raw[column][rowOf[bar]], rest[column][row])
      if (!(difference > ROUNDING)) continue
      differing ??= column
      largestDifference = Math.max(largestDifference, difference)
    }
    if (differing === null) continue
    const [archive, other] = [raw[differing][rowOf[bar]], rest[differing][row]].map(finiteOrNull)
    disagreements.add({ time, column: differing, archive, rest: other })
  }
  return {
    rows: rest.rows,
    dropped: placed.outsideSpan + placed.foreign.count + placed.offGrid.count + placed.beforeListing.count,
    duplicates: placed.duplicates,
    conflicts: placed.conflicts.count,
    used: used.listed(),
    compared,
    disagreements: disagreements.listed(),
    largestDifference,
  }
}

/** Parts in the order of time; null where none has any. */
export function combineRest(list: readonly (RestFindings | null)[]): RestFindings | null {
  const parts = list.filter((part) => part !== null)
  if (parts.length === 0) return null
  const sum = (pick: (part: RestFindings) => number) => parts.reduce((total, part) => total + pick(part), 0)
  return {
    rows: sum((part) => part.rows),
    dropped: sum((part) => part.dropped),
    duplicates: sum((part) => part.duplicates),
    conflicts: sum((part) => part.conflicts),
    used: combineLists(parts.map((part) => part.used)),
    compared: sum((part) => part.compared),
    disagreements: combineLists(parts.map((part) => part.disagreements)),
    largestDifference: Math.max(...parts.map((part) => part.largestDifference)),
  }
}
