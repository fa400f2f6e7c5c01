import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Labels } from '../../src/labels/label.js'
import { moveLabels, shuffledRows } from '../../src/labels/shuffle.js'

describe('shuffledRows', () => {
  it('is a permutation that keeps neighbours within a block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (rows, block, seed) => {
        const from = shuffledRows(rows, block, seed)
        expect([...from].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i))
        const breaks = from.filter((row, i) => i > 0 && row !== from[i - 1] + 1)
        for (const row of breaks) expect(row % block).toBe(0)
      }),
    )
  })

  it('depends on the seed alone', () => {
    expect(shuffledRows(1000, 10, 1)).toEqual(shuffledRows(1000, 10, 1))
    expect(shuffledRows(1000, 10, 1)).not.toEqual(shuffledRows(1000, 10, 2))
  })

  it('leaves about one block of many in its place', () => {
    // A random permutation has one fixed point on average, whatever its length; of 200 seeds the mean has a deviation of 0.07.
    let fixed = 0
    for (let seed = 0; seed < 200; seed++) {
      const from = shuffledRows(1000, 10, seed)
      for (let row = 0; row < 1000; row += 10) if (from[row] === row) fixed++
    }
    expect(fixed / 200).toBeGreaterThan(0.75)
    expect(fixed / 200).toBeLessThan(1.25)
  })
})

describe('moveLabels', () => {
  it('moves values with their barriers, and times relative to the row', () => {
    const nan = Number.NaN
    const x = (...values: number[]) => Float64Array.from(values)
    const labels: Labels = {
      type: 'ternary',
      rows: 4,
      t0: x(0, 10, 20, 30),
      t1: x(4, nan, 25, 31),
      label: x(1, nan, -1, 0),
      outcome: x(1, nan, -1, 0),
      side: x(nan, nan, nan, nan),
      entryPrice: x(100, nan, 102, 103),
      longReturn: x(0.02, nan, -0.01, 0),
      longOutcome: Int8Array.of(1, 0, -1, 0),
      shortOutcome: Int8Array.of(-1, 0, 1, 0),
    }
    const distances = { profit: x(1, 2, 3, 4), stop: x(5, 6, 7, 8) }
    const moved = moveLabels(labels, distances, Int32Array.of(2, 3, 0, 1))
    // Row 2 lasted 5, row 3 lasted 1, row 0 lasted 4, row 1 is not known.
    expect(moved.labels.t1).toEqual(x(5, 11, 24, nan))
    expect(moved.labels.label).toEqual(x(-1, 0, 1, nan))
    expect(moved.labels.shortOutcome).toEqual(Int8Array.of(1, 0, -1, 0))
    expect(moved.labels.t0).toEqual(labels.t0)
    expect(moved.distances).toEqual({ profit: x(3, 4, 1, 2), stop: x(7, 8, 5, 6) })
  })
})
