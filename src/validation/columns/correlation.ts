/** Of columns that say nearly the same, one stays. */
import { averageRanks } from '../../math/rank-correlation.js'
import { columnOf, type Dropped, type SelectionMethod } from './method.js'

export const correlation: SelectionMethod = {
  name: 'correlation',
  meaning:
    'Goes through the columns, best first where an earlier step ranked them, and drops each that a kept one resembles.',
  reference: 'Spearman 1904; greedy as in Hall 1999, Correlation-based Feature Selection',
  parameters: {
    limit: {
      default: 0.9,
      range: [0, 1],
      meaning: 'Rank correlation, of either sign, from which a column is dropped.',
    },
  },

  async choose(view, columns, [limit]) {
    const kept: number[] = []
    const ranks: Float32Array[] = [] // of the kept columns: 8,192 rows × 1,200 columns are 39 MB
    const dropped: Dropped[] = []
    for (const column of columns) {
      const own = unitRanks(columnOf(view.x, view.sample, column))
      const like = ranks.findIndex((other) => Math.abs(dot(own, other)) >= limit)
      if (like >= 0) dropped.push({ column, value: dot(own, ranks[like]), like: kept[like] })
      else {
        kept.push(column)
        ranks.push(own)
      }
    }
    return { kept: Int32Array.from(kept), dropped }
  },
}

/**
 * Ranks, centred and of length 1, so that the product of two is their correlation. What is not known stands at the mean: two columns
 * with holes in different places resemble each other less, and both stay. A constant column is 0 and resembles none.
 */
export function unitRanks(x: Float64Array): Float32Array {
  const ranks = averageRanks(x)
  const known = ranks.reduce((sum, rank) => sum + (Number.isNaN(rank) ? 0 : 1), 0)
  const centre = (known + 1) / 2
  let squares = 0
  for (const rank of ranks) if (!Number.isNaN(rank)) squares += (rank - centre) ** 2
  const length = squares > 0 ? Math.sqrt(squares) : 1
  return Float32Array.from(ranks, (rank) => (Number.isNaN(rank) ? 0 : (rank - centre) / length))
}

/** Four sums side by side: they do not wait for each other. */
export function dot(a: Float32Array, b: Float32Array): number {
  const whole = a.length - (a.length % 4)
  let [s, t, u, v] = [0, 0, 0, 0]
  for (let i = 0; i < whole; i += 4) {
    s += a[i] * b[i]
    t += a[i + 1] * b[i + 1]
    u += a[i + 2] * b[i + 2]
    v += a[i + 3] * b[i + 3]
  }
  for (let i = whole; i < a.length; i++) s += a[i] * b[i]
  return s + t + u + v
}
