import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { innerSplits, tuningRegion } from '../../src/tuning/inner-splits.js'
import { isPruned, pruningLimits } from '../../src/tuning/pruning.js'
import type { Trial } from '../../src/tuning/trial.js'
import { walkForward } from '../../src/validation/splits.js'

const trial = (state: Trial['state'], ...losses: number[]): Trial => ({ number: 1, parameters: {}, state, losses })

describe('the median rule', () => {
  // After the first fold 1, 2, 4 → 2; after the second (1+3)/2, (2+2)/2, (4+0)/2 → 2.
  const history = [trial('complete', 1, 3, 9), trial('complete', 2, 2, 9), trial('complete', 4, 0, 9)]

  it('takes the median of running means of complete trials, by hand', () => {
    const more = [...history, trial('pruned', 0), trial('failed')]
    expect(pruningLimits(more, { folds: 3, warmup: 3 })).toEqual([2, 2])
    expect(pruningLimits(more, { folds: 3, warmup: 4 })).toEqual([])
    expect(pruningLimits(history, { folds: 1, warmup: 1 })).toEqual([])
  })

  it('stops what is worse, and nothing after the last fold', () => {
    const limits = pruningLimits(history, { folds: 3, warmup: 3 })
    expect(isPruned([2], limits)).toBe(false)
    expect(isPruned([2.1], limits)).toBe(true)
    expect(isPruned([1, 3.1], limits)).toBe(true)
    expect(isPruned([1, 2, 99], limits)).toBe(false)
    expect(isPruned([99], [])).toBe(false)
  })
})

describe('inner folds', () => {
  const HOUR = 3_600_000
  const table = (lengths: readonly number[]) => {
    const t0 = Float64Array.from(lengths, (_, i) => i * HOUR)
    return { t0, t1: Float64Array.from(lengths, (hours, i) => (hours < 0 ? Number.NaN : t0[i] + hours * HOUR)) }
  }
  const planOf = (intervals: ReturnType<typeof table>, folds: number, testFraction = 0.15) =>
    walkForward(intervals, { folds, embargoMs: 4 * HOUR, testFraction, minRows: 0 })
  const options = { outerFolds: 3, folds: 3, embargoMs: 4 * HOUR, minRows: 1 }

  it('lie before the first row that is scored, whatever is scored', () => {
    // 1000 rows: the first 850 in 6 blocks; fold 1 scores from row 425 on. Five blocks of 85.
    const intervals = table(new Array(1000).fill(4))
    const plan = planOf(intervals, 3)
    expect(tuningRegion(plan, 3)).toEqual({ start: 0, end: 425 })
    expect(plan.folds[0].score.ranges[0].start).toBe(425)
    // With 40 % for the test, 600 in 6 blocks.
    expect(tuningRegion(planOf(intervals, 3, 0.4), 3)).toEqual({ start: 0, end: 300 })
    // A scheme that scores from row 200 on, and one that scores the oldest rows as well.
    const scoring = (start: number) => {
      const [first] = plan.folds
      return { ...plan, folds: [{ ...first, score: { ...first.score, ranges: [{ start, end: 800 }] } }] }
    }
    expect(tuningRegion(scoring(200), 3)).toEqual({ start: 0, end: 200 })
    expect(tuningRegion(scoring(0), 3)).toEqual({ start: 0, end: 425 })
    const splits = innerSplits(intervals, { ...options, plan })
    expect(splits.map(({ train, validation, score }) => [train, validation, score].map((part) => part.ranges))).toEqual(
      [
        [[{ start: 0, end: 85 }], [{ start: 85, end: 170 }], [{ start: 170, end: 255 }]],
        [[{ start: 0, end: 170 }], [{ start: 170, end: 255 }], [{ start: 255, end: 340 }]],
        [[{ start: 0, end: 255 }], [{ start: 255, end: 340 }], [{ start: 340, end: 425 }]],
      ],
    )
    // A row ends 4 hours later and keeps 4 from row 425: 418 + … 424 go, 417 + 8 = 425 touches only.
    expect(splits[2].score.rows.at(-1)).toBe(417)
  })

  it('no interval of theirs, embargo included, reaches what training scores or a later part', () => {
    const lengths = fc.array(fc.integer({ min: -1, max: 30 }), { minLength: 300, maxLength: 600 })
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0.15, 0.4),
        (hours, outerFolds, folds, testFraction) => {
          const intervals = table(hours)
          const plan = planOf(intervals, outerFolds, testFraction)
          const wall = intervals.t0[plan.folds[0].score.ranges[0].start]
          const splits = innerSplits(intervals, { ...options, plan, outerFolds, folds, minRows: 0 })
          for (const { train, validation, score } of splits) {
            const starts = [validation, score].map(({ ranges }) => intervals.t0[ranges[0].start])
            const parts: [Int32Array, number][] = [
              [train.rows, starts[0]],
              [validation.rows, starts[1]],
              [score.rows, wall],
            ]
            for (const [rows, limit] of parts) {
              for (const row of rows) expect(intervals.t1[row] + options.embargoMs).toBeLessThanOrEqual(limit)
            }
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('that keep too little say so, with both numbers', () => {
    const few = table(new Array(300).fill(4))
    expect(() => innerSplits(few, { ...options, plan: planOf(few, 3), minRows: 50 })).toThrow(
      /too little data to tune: inner fold 1: train keeps \d+ rows .* needs at least 50/,
    )
  })
})
