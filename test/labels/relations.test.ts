import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { HOUR } from '../../src/core/time.js'
import { labelRelations, type RelationInput } from '../../src/labels/relations.js'
import { START } from './make-bars.js'

/** One row an hour, each known an hour later, so that every label is independent; the first `rows` of the columns. */
function related(
  label: readonly number[],
  columns: readonly (readonly number[])[],
  change: Partial<RelationInput> = {},
) {
  const rows = label.length
  const t0 = Float64Array.from({ length: rows }, (_, i) => START + i * HOUR)
  return labelRelations({
    ...{
      label: Float64Array.from(label),
      t0,
      t1: t0.map((time) => time + HOUR),
      weight: new Float64Array(rows).fill(1),
    },
    ...{ isClass: true, names: columns.map((_, i) => `c${i}`), testShare: 0 },
    valuesOf: (column) => Float32Array.from(columns[column]),
    ...change,
  })
}

describe('relations of features with the label', () => {
  it('are rank correlations, as pandas has them', () => {
    // pandas 1.5.3, DataFrame.corr(method='spearman')
    const found = related([0, -1, 1, 0, 1, 1, -1, 1, 0, 0], [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3]])
    expect(found.features[0].correlation).toBeCloseTo(0.8053160563513457, 12)
    expect(found.band).toBeCloseTo(1.96 / Math.sqrt(10), 12)
  })

  it('are mutual information of tenths and classes, less the bias', () => {
    // Half of the rows have 0 and half 1, and the class says which: ln 2, less 1 × 1 ÷ (2 × 40).
    const label = Array.from({ length: 40 }, (_, i) => i % 2)
    const found = related(label, [label, label.map((x, i) => (i < 20 ? x : 1 - x)), label.map(() => 7)])
    const of = (name: string) => found.features.find(({ feature }) => feature === name)
    expect(of('c0')).toEqual({
      feature: 'c0',
      known: 40,
      correlation: 1,
      information: expect.closeTo(Math.LN2 - 1 / 80),
    })
    expect(of('c1')?.information).toBe(0) // says nothing: below the bias
    expect(of('c2')).toEqual({ feature: 'c2', known: 40, correlation: null, information: null }) // does not move
  })

  it('come strongest first, whatever the sign', () => {
    const random = createRandom(4, 'relations')
    const label = Array.from({ length: 500 }, () => random.normal())
    const noisy = (share: number) => label.map((x) => share * x + random.normal())
    const found = related(label, [noisy(0.3), noisy(-2), noisy(0)], { isClass: false })
    expect(found.features.map(({ feature }) => feature)).toEqual(['c1', 'c0', 'c2'])
    expect(Math.abs(found.features[2].correlation ?? 1)).toBeLessThan(found.band ?? 0)
    expect(found.features[0].information).toBeGreaterThan(found.features[1].information ?? 0)
  })

  it('look at nothing of the test part, nor at outcomes that reach into it', () => {
    const rows = 100
    const random = createRandom(5, 'relations')
    const label = Array.from({ length: rows }, () => Math.sign(random.normal()))
    const column = label.map(() => random.normal())
    // The first ten rows know no feature and take no part: of the other 90 the last 15 %, 13.5, are tested: rows 86 on (round(76.5) = 77).
    const late = (x: readonly number[]) => x.map((value, row) => (row < 10 ? Number.NaN : value))
    const change = { testShare: 0.15 }
    const found = related(label, [late(column)], change)
    expect(found.rows).toBe(77)
    expect(found.to).toBe(START + 87 * HOUR)
    const other = related(
      label.map((x, row) => (row > 86 ? -x : x)),
      [late(column.map((x, row) => (row > 86 ? 99 : x)))],
      change,
    )
    expect(other).toEqual(found)
    // Outcomes that take three hours: the last two rows before the test part are left out.
    const t1 = Float64Array.from({ length: rows }, (_, i) => START + (i + 3) * HOUR)
    expect(related(label, [late(column)], { ...change, t1 }).rows).toBe(75)
  })

  it('say so where there is nothing to look at', () => {
    const found = related([Number.NaN, Number.NaN], [[1, 2]])
    expect(found).toMatchObject({ rows: 0, sampled: 0, from: null, to: null, band: null })
    expect(found.features).toEqual([{ feature: 'c0', known: 0, correlation: null, information: null }])
  })
})
