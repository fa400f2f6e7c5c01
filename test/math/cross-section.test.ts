/** Ranks by a kept order against the count of smaller and equal values, bar by bar. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crossRank } from '../../src/math/cross-section.js'

/** By counting, for every pair and bar. */
function counted(columns: readonly Float64Array[], least: number): Float64Array[] {
  return columns.map((own) =>
    own.map((value, t) => {
      const known = columns.map((column) => column[t]).filter((other) => !Number.isNaN(other))
      if (Number.isNaN(value) || known.length < least) return Number.NaN
      const below = known.filter((other) => other < value).length
      const equal = known.filter((other) => other === value).length
      return (below + (equal + 1) / 2) / known.length
    }),
  )
}

describe('ranks across pairs', () => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
  )
  const panels = fc
    .record({ pairs: fc.integer({ min: 1, max: 9 }), rows: fc.integer({ min: 1, max: 12 }) })
    .chain(({ pairs, rows }) => {
      return fc.array(fc.array(value, { minLength: rows, maxLength: rows }), { minLength: pairs, maxLength: pairs })
    })

  it('are those of a count, whoever comes, goes or ties, and for the first pairs alone the same', () => {
    fc.assert(
      fc.property(panels, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }), (values, least, wanted) => {
        const columns = values.map((column) => Float64Array.from(column))
        const expected = counted(columns, least)
        expect(crossRank(columns, { least })).toEqual(expected)
        const first = Math.min(wanted, columns.length)
        expect(crossRank(columns, { least, first })).toEqual(expected.slice(0, first))
      }),
      { numRuns: 1000 },
    )
  })
})
