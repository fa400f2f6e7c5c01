/** What every scheme of folds promises, over random labels; and each scheme's own layout, by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../../src/config/settings.js'
import { binomial, combinations } from '../../src/core/combinations.js'
import { DAY, MINUTE } from '../../src/core/time.js'
import { combinatorialFolds, purgedKFold } from '../../src/validation/group-folds.js'
import { rollingWindow } from '../../src/validation/rolling-folds.js'
import { SCHEMES, type SchemeName, type SchemeOptions, scheme } from '../../src/validation/schemes.js'
import { type Part, purgedPart, type RowRange, type SplitPlan, walkForward } from '../../src/validation/splits.js'
import { anyMeeting, evenRows, intervalsArbitrary } from './split-data.js'

const NAMES = Object.keys(SCHEMES) as SchemeName[]

const optionsArbitrary = fc.record({
  folds: fc.integer({ min: 4, max: 6 }),
  scoredGroups: fc.integer({ min: 2, max: 2 }),
  embargoMs: fc.nat({ max: 30 }),
  windowMs: fc.integer({ min: 20, max: 200 }),
  testFraction: fc.constantFrom(0.15, 0.2, 0.3),
  validationFraction: fc.constantFrom(0.15, 0.2),
  minRows: fc.constant(0),
})

const rowsIn = (ranges: readonly RowRange[]) => ranges.flatMap(({ start, end }) => span(start, end))
const span = (start: number, end: number) => Array.from({ length: end - start }, (_, i) => start + i)

/** How often each row before the test part is scored. */
function timesScored(plan: SplitPlan): Map<number, number> {
  const times = new Map<number, number>()
  for (const row of plan.folds.flatMap(({ score }) => rowsIn(score.ranges))) times.set(row, (times.get(row) ?? 0) + 1)
  return times
}

describe.each(NAMES)('%s', (name) => {
  it('keeps train clear of validation, score and test, and validation clear of score and test, for random labels', () => {
    fc.assert(
      fc.property(intervalsArbitrary, optionsArbitrary, (intervals, options) => {
        const { embargoMs } = options
        const plan = scheme(name).plan(intervals, options)
        const test = Int32Array.from(rowsIn(plan.final.score.ranges))
        for (const { train, validation, score } of [...plan.folds, plan.final]) {
          const scored = Int32Array.from(rowsIn(score.ranges))
          expect(anyMeeting(intervals, train.rows, Int32Array.from(rowsIn(validation.ranges)), embargoMs)).toBe(false)
          expect(anyMeeting(intervals, train.rows, scored, embargoMs)).toBe(false)
          expect(anyMeeting(intervals, validation.rows, scored, embargoMs)).toBe(false)
        }
        for (const { train, validation, score } of plan.folds)
          for (const { rows } of [train, validation, score])
            expect(anyMeeting(intervals, rows, test, embargoMs)).toBe(false)
      }),
      { numRuns: 40, endOnFailure: true },
    )
  })

  it('never shares a row between the parts of a fold, and accounts for every row: kept, purged or without a label', () => {
    fc.assert(
      fc.property(intervalsArbitrary, optionsArbitrary, (intervals, options) => {
        const plan = scheme(name).plan(intervals, options)
        for (const split of [...plan.folds, plan.final]) {
          const parts = [split.train, split.validation, split.score]
          const all = parts.flatMap(({ ranges }) => rowsIn(ranges))
          expect(new Set(all).size).toBe(all.length)
          for (const { ranges, rows, purged, unlabelled } of parts) {
            expect(rows.length + purged + unlabelled).toBe(rowsIn(ranges).length)
            expect(rowsIn(ranges)).toEqual([...rowsIn(ranges)].sort((a, b) => a - b))
          }
        }
      }),
      { numRuns: 30, endOnFailure: true },
    )
  })

  it('scores each row of its folds as often as it says, once on each path, and none of the test part', () => {
    fc.assert(
      fc.property(intervalsArbitrary, optionsArbitrary, (intervals, options) => {
        const plan = scheme(name).plan(intervals, options)
        const times = timesScored(plan)
        expect(plan.folds).toHaveLength(scheme(name).count(options))
        const each = name === 'combinatorial' ? binomial(options.folds - 1, options.scoredGroups - 1) : 1
        expect([...new Set(times.values())]).toEqual([each])
        const [{ start: test }] = plan.final.score.ranges
        expect(Math.max(...times.keys())).toBe(test - 1)
        if (scheme(name).foresight) expect(times.size).toBe(test) // every row before the test part
        for (let path = 1; path <= each; path++) {
          const rows = plan.folds.flatMap(({ score }, k) =>
            rowsIn(score.ranges.filter((_, i) => plan.paths[k][i] === path)),
          )
          expect(rows.sort((a, b) => a - b)).toEqual([...times.keys()].sort((a, b) => a - b))
        }
      }),
      { numRuns: 30, endOnFailure: true },
    )
  })

  it('trains on later rows than it scores exactly when it says so', () => {
    const options: SchemeOptions = { folds: 5, embargoMs: 0, windowMs: 500 * MINUTE, scoredGroups: 2 }
    const plan = scheme(name).plan(evenRows(2000, 4), options)
    const later = plan.folds.some(({ train, validation, score }) =>
      [train, validation].some(({ ranges }) => (ranges.at(-1)?.end ?? 0) > score.ranges[0].start),
    )
    expect(later).toBe(scheme(name).foresight)
    for (const { train, validation } of [plan.final]) {
      expect(train.ranges[0].end).toBe(validation.ranges[0].start)
      expect(validation.ranges[0].end).toBe(plan.final.score.ranges[0].start)
    }
  })

  it('divides the end 60 | 20 | 20 where that is asked for, and keeps the folds before it', () => {
    const shares = { testFraction: 0.2, validationFraction: 0.2 }
    const options: SchemeOptions = { folds: 4, embargoMs: 0, windowMs: 600 * MINUTE, scoredGroups: 2, ...shares }
    const { folds, final } = scheme(name).plan(evenRows(2000, 4), options)
    const start = name === 'rolling' ? 600 : 0 // the window before row 1200
    expect([final.train, final.validation, final.score].map(({ ranges }) => ranges)).toEqual([
      [{ start, end: 1200 }],
      [{ start: 1200, end: 1600 }],
      [{ start: 1600, end: 2000 }],
    ])
    expect(Math.max(...folds.flatMap(({ score }) => score.ranges.map(({ end }) => end)))).toBe(1600)
  })

  it('is a value of train.split', () => expect(SETTINGS['train.split'].type.safeParse(name).success).toBe(true))
})

const only = ({ ranges }: Part) => {
  expect(ranges).toHaveLength(1)
  return ranges[0]
}

describe('the rolling window', () => {
  it('has windows of one length, however far the folds have come', () => {
    // 2000 rows, a minute each; the test part begins at 1700. A window of 500 min ends at row 500; 1200 rows are left for 5 + 1 blocks.
    const { folds, final } = rollingWindow(evenRows(2000, 4), { folds: 5, embargoMs: 0, windowMs: 500 * MINUTE })
    folds.forEach(({ train, validation, score }, k) => {
      expect(only(train)).toEqual({ start: 200 * k, end: 200 * k + 500 })
      expect(only(validation)).toEqual({ start: 200 * k + 500, end: 200 * k + 700 })
      expect(only(score)).toEqual({ start: 200 * k + 700, end: 200 * k + 900 })
    })
    // The model that ships: 500 minutes before the validation at 70 %.
    expect(only(final.train)).toEqual({ start: 900, end: 1400 })
  })

  it('scores what walking forward scores when the window is two of its blocks', () => {
    // 1600 rows before the test part in 8 blocks of 200: walking forward first trains on two of them.
    const intervals = evenRows(2000, 4)
    const options = { folds: 5, embargoMs: 0, testFraction: 0.2 }
    const rolling = rollingWindow(intervals, { ...options, windowMs: 400 * MINUTE })
    const growing = walkForward(intervals, options)
    for (const part of ['validation', 'score'] as const) {
      expect(rolling.folds.map((fold) => fold[part].ranges)).toEqual(growing.folds.map((fold) => fold[part].ranges))
    }
    expect(rolling.folds[0].train.ranges).toEqual(growing.folds[0].train.ranges)
  })

  it('is a span of time, not a number of rows', () => {
    // A hole of ten days after row 1000: a window of 500 minutes before row 1100 holds 100 rows and nothing beyond the hole.
    const { t0, t1 } = evenRows(2000, 4)
    const hole = (x: Float64Array) => x.map((time, row) => (row < 1000 ? time : time + 10 * DAY))
    const { folds } = rollingWindow({ t0: hole(t0), t1: hole(t1) }, { folds: 5, embargoMs: 0, windowMs: 500 * MINUTE })
    expect(only(folds[3].train)).toEqual({ start: 1000, end: 1100 })
  })

  it('says when it leaves too little', () => {
    const asked = () => rollingWindow(evenRows(2000, 4), { folds: 5, embargoMs: 0, windowMs: 1500 * MINUTE })
    expect(asked).toThrow(/ends 1970-01-02 01:00 UTC, 200 rows lie before the test part; 5 folds need at least 300/)
  })
})

describe('purged k-fold', () => {
  // 1000 rows before the test part in 5 groups of 200. scikit-learn's KFold(5) without shuffling tests the same groups; ours takes a
  // validation group out of the rest.
  const { folds } = purgedKFold(evenRows(1250, 4), { folds: 5, embargoMs: 0, testFraction: 0.2 })
  const group = (first: number, end = first + 1) => ({ start: 200 * first, end: 200 * end })

  it('scores each group once and validates on the one before it; the first group on the one after', () => {
    expect(folds.map(({ score }) => only(score))).toEqual([0, 1, 2, 3, 4].map((g) => group(g)))
    expect(folds.map(({ validation }) => only(validation))).toEqual([1, 0, 1, 2, 3].map((g) => group(g)))
    expect(folds.map(({ train }) => train.ranges)).toEqual([
      [group(2, 5)],
      [group(2, 5)],
      [group(0), group(3, 5)],
      [group(0, 2), group(4)],
      [group(0, 3)],
    ])
  })

  it('gives up three rows at each border, on both sides of what is scored', () => {
    // Labels of 4 min: rows border − 3 … border − 1 reach over it, and the last scored row, border − 1, ends three rows into what follows.
    // Fold 3 trains before group 1 (3 rows) and after group 2 (3 rows), and its last group ends at the test part (3 rows).
    expect(folds[2].train.purged).toBe(3 + 3 + 3)
    expect([...folds[2].train.rows.slice(196, 198)]).toEqual([196, 603])
    expect(folds[2].validation.purged).toBe(3)
    expect(folds[2].score.purged).toBe(0)
  })
})

describe('combinatorial folds', () => {
  const plan = combinatorialFolds(evenRows(1500, 4), { folds: 6, scoredGroups: 2, embargoMs: 0, testFraction: 0.2 })
  const groupsOf = ({ ranges }: Part) => ranges.flatMap(({ start, end }) => span(start / 200, end / 200))

  it('has the splits and the paths of the book, figures 12.1 and 12.2', () => {
    // Six groups, two scored: 15 splits, 5 paths. Rows: the group; each entry: split of that group on paths 1 … 5.
    const book = [
      [1, 2, 3, 4, 5],
      [1, 6, 7, 8, 9],
      [2, 6, 10, 11, 12],
      [3, 7, 10, 13, 14],
      [4, 8, 11, 13, 15],
      [5, 9, 12, 14, 15],
    ]
    expect(plan.folds).toHaveLength(15)
    const found = book.map(() => new Array<number>(5).fill(0))
    plan.folds.forEach(({ score }, k) => {
      groupsOf(score).forEach((g, i) => {
        found[g][plan.paths[k][i] - 1] = k + 1
      })
    })
    expect(found).toEqual(book)
  })

  it('validates on the group before the first that is scored, else on the first that is not', () => {
    expect(plan.folds.map(({ score, validation }) => [groupsOf(score).join(''), groupsOf(validation)[0]])).toEqual([
      ['01', 2],
      ['02', 1],
      ['03', 1],
      ['04', 1],
      ['05', 1],
      ['12', 0],
      ['13', 0],
      ['14', 0],
      ['15', 0],
      ['23', 1],
      ['24', 1],
      ['25', 1],
      ['34', 2],
      ['35', 2],
      ['45', 3],
    ])
    for (const { train, validation, score } of plan.folds) {
      expect([train, validation, score].flatMap(groupsOf).sort()).toEqual([0, 1, 2, 3, 4, 5])
    }
  })

  it('with one scored group is purged k-fold', () => {
    const options = { folds: 5, embargoMs: 7 * MINUTE }
    expect(combinatorialFolds(evenRows(1000, 4), { ...options, scoredGroups: 1 })).toEqual(
      purgedKFold(evenRows(1000, 4), options),
    )
  })
})

describe('known faults of others', () => {
  /** Daily bars, labels of two days: event i is [day i, day i + 2]. */
  const daily = (n: number, days: number) => ({
    t0: Float64Array.from({ length: n }, (_, i) => i * DAY),
    t1: Float64Array.from({ length: n }, (_, i) => (i + days) * DAY),
  })

  it('mlfinlab#295: the window of the test events begins at the start of the first, not at its end', () => {
    // Ten daily events, the second half tested, as in the issue: the first test event is [5, 7]. Events 0 … 3 end by day 5 and stay;
    // event 4 is [4, 6] and shares day 5 to 6 with it. A window that begins at the first END, 7, keeps event 4.
    const train = purgedPart(daily(10, 2), [{ start: 0, end: 5 }], [{ start: 5, end: 10 }], 0)
    expect([...train.rows]).toEqual([0, 1, 2, 3])
  })

  it('openquant#65: the window ends at the largest end of its labels, not at the end of the last', () => {
    // Three-day labels, rows 3 … 5 tested; row 4 runs to day 20. The last tested label ends on day 8: rows 8 … 19 must go as well.
    const intervals = daily(30, 3)
    intervals.t1[4] = 20 * DAY
    const train = purgedPart(
      intervals,
      [
        { start: 0, end: 3 },
        { start: 6, end: 30 },
      ],
      [{ start: 3, end: 6 }],
      0,
    )
    // Rows 1 and 2 reach to days 4 and 5, into [3, 20].
    expect([...train.rows]).toEqual([0, ...span(20, 30)])
  })

  it('timeseriescv#8: training rows between two scored groups are kept', () => {
    // Groups 1 and 3 of 5 are scored, 0 validates: 2 and 4 train. Labels of 4 minutes: group 2 loses three rows to each neighbour.
    const intervals = evenRows(1250, 4)
    const plan = combinatorialFolds(intervals, { folds: 5, scoredGroups: 2, embargoMs: 0, testFraction: 0.2 })
    const fold = plan.folds.find(({ score }) => score.ranges[0].start === 200 && score.ranges[1].start === 600)
    expect([...(fold?.train.rows ?? [])]).toEqual([...span(403, 597), ...span(803, 997)])
  })
})

describe('combinations', () => {
  it('are as many as the binomial says, ascending and in lexicographic order', () => {
    for (let n = 0; n <= 7; n++) {
      for (let k = 0; k <= n; k++) {
        const all = combinations(n, k)
        expect(all).toHaveLength(binomial(n, k))
        const texts = all.map((one) => one.join(''))
        expect(texts).toEqual([...new Set(texts)].sort())
        for (const one of all) expect(one).toEqual([...new Set(one)].sort((a, b) => a - b))
      }
    }
    expect([binomial(20, 10), binomial(50, 25), binomial(3, 5)]).toEqual([184756, 126410606437752, 0])
  })
})
