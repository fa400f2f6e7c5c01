import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { type Part, purgedPart, walkForward } from '../../src/validation/splits.js'
import { anyMeeting, evenRows, indices, intervalsArbitrary } from './split-data.js'

const only = (part: Part) => part.ranges[0]

describe('walkForward', () => {
  it('keeps every fitted row clear of what it is scored on, for random intervals and embargoes', () => {
    fc.assert(
      fc.property(
        intervalsArbitrary,
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: 6 }),
        (intervals, embargoMs, folds) => {
          const plan = walkForward(intervals, { folds, embargoMs, minRows: 0 })
          const test = plan.final.score
          for (const { train, validation, score } of [...plan.folds, plan.final]) {
            expect(anyMeeting(intervals, train.rows, validation.rows, embargoMs)).toBe(false)
            expect(anyMeeting(intervals, train.rows, score.rows, embargoMs)).toBe(false)
            expect(anyMeeting(intervals, validation.rows, score.rows, embargoMs)).toBe(false)
          }
          for (const { train, validation, score } of plan.folds) {
            for (const part of [train, validation, score]) {
              expect(only(part).end).toBeLessThanOrEqual(only(test).start)
              for (const row of part.rows) expect(intervals.t1[row] + embargoMs).toBeLessThanOrEqual(test.span.from)
            }
          }
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('accounts for every row of every part: kept, purged or without a label', () => {
    fc.assert(
      fc.property(intervalsArbitrary, fc.nat({ max: 30 }), (intervals, embargoMs) => {
        const plan = walkForward(intervals, { folds: 3, embargoMs, minRows: 0 })
        for (const split of [...plan.folds, plan.final]) {
          for (const part of [split.train, split.validation, split.score]) {
            const { start, end } = only(part)
            expect(part.rows.length + part.purged + part.unlabelled).toBe(end - start)
            for (const row of part.rows) expect(Number.isNaN(intervals.t1[row])).toBe(false)
          }
        }
      }),
      { numRuns: 40, endOnFailure: true },
    )
  })

  it('lays out 5 folds in 8 blocks of the first 85 %, and 70 | 15 | 15 at the end', () => {
    const plan = walkForward(evenRows(2000, 4), { folds: 5, embargoMs: 0 })
    // 85 % of 2000 = 1700 rows; a block is 212.5 rows: borders round(212.5 · block).
    const border = [0, 213, 425, 638, 850, 1063, 1275, 1488, 1700]
    plan.folds.forEach((fold, k) => {
      expect(fold.name).toBe(`fold ${k + 1}`)
      expect(only(fold.train)).toEqual({ start: 0, end: border[k + 2] })
      expect(only(fold.validation)).toEqual({ start: border[k + 2], end: border[k + 3] })
      expect(only(fold.score)).toEqual({ start: border[k + 3], end: border[k + 4] })
    })
    expect([plan.final.train, plan.final.validation, plan.final.score].map(only)).toEqual([
      { start: 0, end: 1400 },
      { start: 1400, end: 1700 },
      { start: 1700, end: 2000 },
    ])
  })

  it('purges exactly the rows that reach over the border, and the embargo beyond them', () => {
    // A label of 4 min starting at row i ends at i + 4: rows border−3 … border−1 reach over the border, border−4 touches it.
    const bare = walkForward(evenRows(2000, 4), { folds: 5, embargoMs: 0 })
    expect(bare.final.train.purged).toBe(3)
    expect(bare.final.train.rows.at(-1)).toBe(1396)
    expect(bare.final.score.purged).toBe(0)
    // The last out-of-fold block borders on the test part, the others on nothing that they must keep away from.
    expect(bare.folds.map((fold) => fold.score.purged)).toEqual([0, 0, 0, 0, 3])
    // 10 minutes of embargo give up 10 rows more.
    const embargoed = walkForward(evenRows(2000, 4), { folds: 5, embargoMs: 600_000 })
    expect(embargoed.final.train.purged).toBe(13)
    expect(embargoed.folds.map((fold) => fold.validation.purged)).toEqual([13, 13, 13, 13, 13])
  })

  it('gives spans from the first start to the last end that is used', () => {
    const { final } = walkForward(evenRows(2000, 4), { folds: 5, embargoMs: 0 })
    expect(final.train.span).toEqual({ from: 0, to: 1400 * 60_000 })
    expect(final.score.span).toEqual({ from: 1700 * 60_000, to: 2003 * 60_000 })
  })

  it('says how much there is and how much is needed', () => {
    expect(() => walkForward(evenRows(100, 1), { folds: 5, embargoMs: 0 })).toThrow(
      /has 100 rows; 5 folds need at least 400/,
    )
    // 500 rows: blocks of 53; labels of 50 minutes and as much embargo purge 99 of them.
    const purgedAway = () => walkForward(evenRows(500, 50), { folds: 5, embargoMs: 50 * 60_000 })
    expect(purgedAway).toThrow(UserError)
    expect(purgedAway).toThrow(/fold 1: train keeps 7 rows \(99 purged, 0 without a label\); needs at least 50/)
  })
})

describe('purgedPart', () => {
  it('drops a row whose interval begins before the test and ends after it (mlfinlab#295)', () => {
    // Row 2 spans minutes 2 … 90, all of the test rows 20 … 29; neither of its ends lies inside the test.
    const intervals = evenRows(100, 1)
    intervals.t1[2] = 90 * 60_000
    const train = purgedPart(
      intervals,
      [
        { start: 0, end: 20 },
        { start: 30, end: 100 },
      ],
      [{ start: 20, end: 30 }],
      0,
    )
    expect(train.rows).not.toContain(2)
    expect(train.purged).toBe(1)
  })

  it('lets the test begin where its first label starts, not where it ends (openquant#65)', () => {
    // Test rows 20 … 29 with labels of 8 minutes: the first starts at 20 and ends at 28. Training row 12 ends at 20 and
    // stays; rows 13 … 19 end inside 21 … 27, before the first label's end, and must go.
    const train = purgedPart(evenRows(60, 8), [{ start: 0, end: 20 }], [{ start: 20, end: 30 }], 0)
    expect([...train.rows]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(train.purged).toBe(7)
  })

  it('keeps training rows on both sides of several test blocks apart from them, for random intervals', () => {
    fc.assert(
      fc.property(intervalsArbitrary, fc.nat({ max: 30 }), (intervals, embargoMs) => {
        const n = intervals.t0.length
        const cut = (share: number) => Math.floor(n * share)
        const tests = [
          { start: cut(0.2), end: cut(0.35) },
          { start: cut(0.6), end: cut(0.7) },
        ]
        const rest = [
          { start: 0, end: cut(0.2) },
          { start: cut(0.35), end: cut(0.6) },
          { start: cut(0.7), end: n },
        ]
        const train = purgedPart(intervals, rest, tests, embargoMs)
        for (const test of tests) expect(anyMeeting(intervals, train.rows, indices(test), embargoMs)).toBe(false)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('gives up no row for a part that lies further than the embargo away', () => {
    // Labels of 2 minutes, embargo 3: rows up to 15 end at 17 = 20 − 3; rows from 34 start at 31 + 3 (row 29 ends at 31).
    const part = purgedPart(
      evenRows(50, 2),
      [
        { start: 0, end: 20 },
        { start: 30, end: 50 },
      ],
      [{ start: 20, end: 30 }],
      180_000,
    )
    expect([part.rows[15], part.rows[16]]).toEqual([15, 34])
    expect(part.purged).toBe(4 + 4)
  })
})
