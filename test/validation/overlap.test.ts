import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstOverlap, type Learnt } from '../../src/validation/overlap.js'

const rowsOf = (list: readonly (readonly [number, number, number])[]) => ({
  rows: list.length,
  t0: Float64Array.from(list, ([t0]) => t0),
  t1: Float64Array.from(list, ([, t1]) => t1),
  fold: Float64Array.from(list, ([, , fold]) => fold),
})
const learnt = new Map<number, Learnt>([
  [0, { train: [{ from: 0, to: 100 }], validation: [{ from: 110, to: 150 }] }],
  [
    1,
    {
      train: [
        { from: 0, to: 40 },
        { from: 80, to: 100 },
      ],
      validation: [],
    },
  ],
])

describe('rows that a model had learnt from', () => {
  it('are found in either part, by the fold that scored them', () => {
    expect(
      firstOverlap(
        rowsOf([
          [151, 160, 0],
          [200, 210, 0],
        ]),
        learnt,
        5,
      ),
    ).toBeNull()
    expect(
      firstOverlap(
        rowsOf([
          [151, 160, 0],
          [150, 152, 0],
        ]),
        learnt,
        5,
      ),
    ).toMatchObject({ row: 1, part: 'validation' })
    expect(firstOverlap(rowsOf([[50, 70, 1]]), learnt, 5)).toBeNull()
    expect(firstOverlap(rowsOf([[50, 80, 1]]), learnt, 5)).toEqual({
      row: 0,
      part: 'train',
      learnt: { from: 80, to: 100 },
    })
  })

  it('last as long as the horizon where their end is not known, and need a fold that is known', () => {
    expect(firstOverlap(rowsOf([[70, Number.NaN, 1]]), learnt, 5)).toBeNull()
    expect(firstOverlap(rowsOf([[70, Number.NaN, 1]]), learnt, 10)).not.toBeNull()
    expect(firstOverlap(rowsOf([[500, 501, 7]]), learnt, 10)?.learnt.to).toBe(Number.POSITIVE_INFINITY)
  })

  it('are found exactly where intervals meet', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 }))
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), span, (list, [from, length]) => {
        const train = list.map(([start, size]) => ({ from: start, to: start + size }))
        const points = Array.from({ length: length + 1 }, (_, i) => from + i)
        const meets = train.some((one) => points.some((point) => point >= one.from && point <= one.to))
        const found = firstOverlap(rowsOf([[from, from + length, 0]]), new Map([[0, { train, validation: [] }]]), 0)
        expect(found !== null).toBe(meets)
      }),
    )
  })
})
