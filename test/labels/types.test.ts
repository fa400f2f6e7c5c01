/** Each type by hand: entry at 100 in bar 1, profit 2 % (102 / 98), stop 1 % (99 / 101), horizon 5 minutes = bars 1 to 4. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { type LabelInputs, type Labels, label } from '../../src/labels/label.js'
import { labelProblems } from '../../src/labels/problems.js'
import { LABEL_TYPE_NAMES, LABEL_TYPES, type LabelTypeName } from '../../src/labels/registry.js'
import { barsOf, type Row, START } from './make-bars.js'

const at = (minutes: number) => START + minutes * MINUTE
const flat: Row = [100, 100, 100, 100]
const closing = (close: number): Row => [100, Math.max(100, close), Math.min(100, close), close]

function one(type: LabelTypeName, rows: readonly Row[], change: Partial<LabelInputs> = {}): Labels {
  return label({
    ...{ base: barsOf(rows), availableTime: Float64Array.of(START), type, latencyBars: 1, side: null },
    ...{ horizonMs: 5 * MINUTE, directionMs: 3 * MINUTE, profit: 0.02, stop: 0.01, threshold: 0.005, costs: 0 },
    ...change,
  })
}

describe('regression', () => {
  const at5 = (close: number, change: Partial<LabelInputs> = {}) =>
    one('regression', [flat, flat, flat, flat, closing(close)], change).label[0]

  it('is the return from the entry to the last close of the horizon, whatever was touched before', () => {
    const labels = one('regression', [flat, closing(97), flat, flat, closing(101.5), closing(120)])
    expect(labels.label[0]).toBeCloseTo(0.015, 12)
    expect(labels.t1[0]).toBe(at(5))
    expect(labels.outcome[0]).toBe(-1) // 98 was touched in bar 1, before 101
  })

  it('goes no further than the profit barriers of both sides', () => {
    expect(at5(130)).toBe(0.02)
    expect(at5(70)).toBe(-0.02)
    expect(at5(98.5)).toBeCloseTo(-0.015, 12) // beyond the stop of a long, short of the profit of a short
  })

  it('net of costs is what they leave, towards zero', () => {
    expect(at5(101, { costs: 0.0012 })).toBeCloseTo(0.01 - 0.0012, 12)
    expect(at5(99, { costs: 0.0012 })).toBeCloseTo(-0.01 + 0.0012, 12)
    expect(at5(100.1, { costs: 0.0012 })).toBe(0)
    expect(at5(99.9, { costs: 0.0012 })).toBe(0)
  })
})

describe('direction', () => {
  /** Three minutes from t0: bars 1 and 2. The race runs on to minute 5. */
  const moved = (close: number, change: Partial<LabelInputs> = {}) =>
    one('direction', [flat, flat, closing(close), flat, flat], change).label[0]

  it('is the side beyond the threshold, and 0 between', () => {
    expect([moved(100.75), moved(100.25), moved(99.25), moved(99.75)]).toEqual([1, 0, -1, 0])
    const exact = { threshold: 1 / 128 } // 100.78125 and 99.21875
    expect([moved(100.78125, exact), moved(99.21875, exact), moved(100.79, exact)]).toEqual([0, 0, 1]) // on it is not beyond
  })

  it('is up or down with a threshold of 0', () => {
    const up = { threshold: 0 }
    expect([moved(100.01, up), moved(99.99, up), moved(100, up)]).toEqual([1, -1, 0])
  })

  it('asks for more by the costs when these count', () => {
    const net = { costs: 0.003 }
    expect([moved(100.75, net), moved(100.9, net)]).toEqual([0, 1])
    expect([moved(99.25, net), moved(99.1, net)]).toEqual([0, -1])
  })

  it('is known when both the bars and the race are', () => {
    const rows = [flat, closing(98), flat, flat, flat, flat, flat, flat] // the race is over in bar 1
    expect(one('direction', rows).t1[0]).toBe(at(3))
    expect(one('direction', rows, { directionMs: 8 * MINUTE }).t1[0]).toBe(at(8))
    expect(one('direction', [flat, flat, flat, flat, flat, flat]).t1[0]).toBe(at(5)) // the race goes on to the horizon
    expect(one('direction', rows, { directionMs: 9 * MINUTE }).t1[0]).toBeNaN() // the data end at minute 8
  })

  it('refuses bars that end before the first one after the entry', () => {
    expect(() => one('direction', [flat], { directionMs: MINUTE })).toThrow(/directionBars are 1 min.*take 2 min/)
  })
})

describe('volatility', () => {
  it('is the root of the squared log returns, the first from the entry price', () => {
    // The entry bar opens at 100 and closes at 101; then 101 → 100, 100 → 100, 100 → 102.
    const labels = one('volatility', [flat, closing(101), flat, flat, closing(102), flat])
    const sum = Math.log(1.01) ** 2 + Math.log(100 / 101) ** 2 + Math.log(1.02) ** 2
    expect(labels.label[0]).toBeCloseTo(Math.sqrt(sum), 12)
    expect(labels.t1[0]).toBe(at(5))
  })

  it('is 0 where nothing moves', () => {
    expect(one('volatility', [flat, flat, flat, flat, flat]).label[0]).toBe(0)
  })
})

describe('meta', () => {
  const longWins = [flat, flat, [100, 102, 99.5, 101] as Row, flat, flat]
  const shortWins = [flat, flat, [100, 100.5, 98, 99] as Row, flat, flat]
  const follow = (rows: readonly Row[], side: number) => one('meta', rows, { side: Float64Array.of(side) })

  it('is 1 where the trade of the primary side wins, 0 where it does not', () => {
    expect([follow(longWins, 1).label[0], follow(longWins, -1).label[0]]).toEqual([1, 0])
    expect([follow(shortWins, 1).label[0], follow(shortWins, -1).label[0]]).toEqual([0, 1])
    expect(follow([flat, flat, flat, flat, flat], 1).label[0]).toBe(0) // neither barrier: not won
  })

  it('carries the side, and has no label without one, while outcome and t1 are known', () => {
    expect(follow(longWins, -1).side[0]).toBe(-1)
    for (const side of [0, Number.NaN]) {
      const labels = follow(longWins, side)
      expect([labels.label[0], labels.outcome[0], labels.t1[0]]).toEqual([Number.NaN, 1, at(3)])
      expect(labels.side[0]).toBe(side)
    }
  })
})

describe('both barriers inside one bar', () => {
  const both = [flat, [100, 103, 97, 100] as Row, flat, flat, flat]

  it('is nobody’s win, for any type', () => {
    for (const type of LABEL_TYPE_NAMES) {
      const labels = one(type, both, { side: Float64Array.of(1) })
      expect(labels.outcome[0], type).toBe(0)
      expect(labels.longOutcome[0], type).toBe(-1)
    }
    expect(one('meta', both, { side: Float64Array.of(1) }).label[0]).toBe(0)
    expect(one('meta', both, { side: Float64Array.of(-1) }).label[0]).toBe(0)
  })
})

describe('a path upside down', () => {
  // Quarters around 100 are exact, and so are 98, 99, 101 and 102: reflected prices touch exactly the reflected barriers.
  const step = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -9, max: 9 })))
  const rowOf = ([open, a, b, close]: number[]): [number, number, number, number] => {
    const prices = [open, a, b, close].map((x) => 100 + x / 4)
    return [prices[0], Math.max(...prices), Math.min(...prices), prices[3]]
  }

  it('has the other side win, and values of the other sign', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 4 }), fc.constantFrom(1, -1), (steps, side) => {
        const rows = [flat, ...steps.map(rowOf)]
        rows[1] = [100, Math.max(100, rows[1][1]), Math.min(100, rows[1][2]), rows[1][3]]
        const mirrored = rows.map(([o, h, l, c]): Row => [200 - o, 200 - l, 200 - h, 200 - c])
        for (const type of ['ternary', 'direction', 'regression', 'meta'] as const) {
          const up = one(type, rows, { side: Float64Array.of(side), threshold: 1 / 128 })
          const down = one(type, mirrored, { side: Float64Array.of(-side), threshold: 1 / 128 })
          expect(down.t1[0], type).toBe(up.t1[0])
          expect(down.outcome[0] + up.outcome[0], type).toBe(0)
          if (type === 'meta') expect(down.label[0]).toBe(up.label[0])
          else expect(down.label[0] + up.label[0], type).toBeCloseTo(0, 12)
        }
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})

describe('what cannot be', () => {
  const config = {
    ...{ 'labels.barrier': 'fixed' as const, 'labels.profit': 0.02, 'labels.stop': 0.01 },
    ...{ 'labels.primary': null, 'labels.costAware': false },
  }
  const problems = (type: LabelTypeName, change: object = {}) =>
    labelProblems({ ...config, 'labels.type': type, ...change })

  it('is a profit nearer than the stop, unless longs alone are raced', () => {
    for (const type of LABEL_TYPE_NAMES) {
      const found = problems(type, { 'labels.profit': 0.005, 'labels.primary': 'macd_histogram_pct_12_26_9' })
      expect(found.length, type).toBe(LABEL_TYPES[type].trades === 'long' ? 0 : 1)
    }
    expect(problems('direction', { 'labels.profit': 0.005 })[0]).toMatch(/profit 0.005 is below labels.stop 0.01/)
  })

  it('is a meta-label without a primary, and costs of what is not traded', () => {
    expect(problems('meta')[0]).toMatch(/labels.primary/)
    expect(problems('meta', { 'labels.primary': 'macd_histogram_pct_12_26_9' })).toEqual([])
    expect(problems('volatility', { 'labels.costAware': true })[0]).toMatch(/name no trade/)
    expect(problems('ternary', { 'labels.costAware': true })).toEqual([])
  })
})
