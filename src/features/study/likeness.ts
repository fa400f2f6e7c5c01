/**
 * Which columns say nearly the same: rank correlations of sampled rows, the groups they make, and one of each group.
 */
import { averageRanks, clustersOf, rankCorrelation } from '../../math/rank-correlation.js'
import type { FeatureStudy } from './study.js'

/** From here on two columns are taken to say the same. */
export const ALIKE = 0.9
/** Columns of the map. */
const MAPPED = 16

export type Likeness = {
  /** Sampled rows. */
  readonly rows: number
  /** The next column of the table. */
  add(values: Float32Array): void
  /** @param order  of the columns, the most important first */
  result(names: readonly string[], order: readonly number[]): Pick<FeatureStudy, 'clusters' | 'correlations'>
}

/** Keeps the ranks of the sampled rows of every column: 16 kB each with 2,000 rows. */
export function likeness(rows: Int32Array): Likeness {
  const ranks: Float64Array[] = []
  return {
    rows: rows.length,
    add(values) {
      ranks.push(averageRanks(Float64Array.from(rows, (row) => values[row])))
    },
    result(names, order) {
      const r = (i: number, j: number) => rankCorrelation(ranks[i], ranks[j])
      const groups = clustersOf(ranks.length, r, ALIKE)
      const place = new Map(order.map((column, i) => [column, i]))
      const firstOf = (group: readonly number[]) =>
        group.reduce((a, b) => ((place.get(b) ?? 0) < (place.get(a) ?? 0) ? b : a))
      const stands = new Set(ranks.keys())
      for (const group of groups) for (const member of group) if (member !== firstOf(group)) stands.delete(member)
      const mapped = order.filter((column) => stands.has(column)).slice(0, MAPPED)
      return {
        clusters: [...groups]
          .sort((a, b) => b.length - a.length || a[0] - b[0])
          .map((group) => ({ representative: names[firstOf(group)], members: group.map((member) => names[member]) })),
        correlations: {
          names: mapped.map((column) => names[column]),
          values: mapped.map((i) => mapped.map((j) => known(r(i, j)))),
        },
      }
    },
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
