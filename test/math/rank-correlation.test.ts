import { describe, expect, it } from 'vitest'
import { averageRanks, clustersOf, rankCorrelation } from '../../src/math/rank-correlation.js'

const column = (...values: number[]) => Float64Array.from(values)

describe('ranks', () => {
  it('share their mean where values are equal, and are not known where the value is not', () => {
    expect([...averageRanks(column(30, 10, 20, 10, Number.NaN))]).toEqual([4, 1.5, 3, 1.5, Number.NaN])
  })
})

describe('a rank correlation', () => {
  it('is of the rows that both know, by hand', () => {
    // Rows 0, 1, 3: a = 1 2 4 (mean 7/3), b = 2 1 3 (mean 2); Σab = -4/3·0 + (-1/3)(-1) + (5/3)(1) = 2
    // Σaa = (16 + 1 + 25)/9 = 14/3, Σbb = 2 → 2 / √(28/3)
    expect(rankCorrelation(column(1, 2, Number.NaN, 4), column(2, 1, 9, 3))).toBeCloseTo(2 / Math.sqrt(28 / 3), 14)
  })

  it('is one way round minus the other, and not known where a column does not move', () => {
    expect(rankCorrelation(column(1, 2, 3), column(9, 5, 1))).toBe(-1)
    expect(rankCorrelation(column(1, 2, 3), column(4, 4, 4))).toBeNaN()
    expect(rankCorrelation(column(1, Number.NaN), column(1, 2))).toBeNaN()
  })
})

describe('clusters', () => {
  it('join what is alike through others, in either direction, and leave out what stands alone', () => {
    const pairs: Record<string, number> = { '0 2': -0.95, '2 5': 0.9, '1 4': 0.91, '0 3': 0.89, '3 4': Number.NaN }
    expect(clustersOf(6, (i, j) => pairs[`${i} ${j}`] ?? 0, 0.9)).toEqual([
      [0, 2, 5],
      [1, 4],
    ])
    expect(clustersOf(0, () => 1, 0.9)).toEqual([])
  })
})
