import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { type LabelInputs, type Labels, label } from '../../src/labels/label.js'
import { LABEL_TYPE_NAMES, LABEL_TYPES, type LabelTypeName } from '../../src/labels/registry.js'
import { type Bars, sliceBars } from '../../src/market/bars.js'
import { barsOf, type Row, randomBars, START } from './make-bars.js'

const at = (minutes: number) => START + minutes * MINUTE
const flat: Row = [100, 100, 100, 100]

/**
 * Decision at the start of the data, entry at 100 in bar 1, profit 2 % (102 / 98), stop 1 % (99 / 101), 5 minutes; direction over 5
 * minutes beyond 0.5 %; a primary that is long.
 */
function one(type: LabelTypeName, rows: readonly Row[], change: Partial<LabelInputs> = {}): Labels {
  return label({
    base: barsOf(rows),
    availableTime: Float64Array.of(START),
    type,
    horizonMs: 5 * MINUTE,
    directionMs: 5 * MINUTE,
    profit: 0.02,
    stop: 0.01,
    threshold: 0.005,
    costs: 0,
    side: Float64Array.of(1),
    latencyBars: 1,
    ...change,
  })
}

describe('ternary label of a hand-written path', () => {
  it('is 1 when +2 % comes before -1 %, with t1 the close of that bar', () => {
    const labels = one('ternary', [flat, flat, [100, 101, 99.5, 101], [101, 102, 100.5, 101.5], flat, flat])
    expect(labels.label[0]).toBe(1)
    expect(labels.t1[0]).toBe(at(4)) // bar 3 opens at minute 3 and closes at minute 4
    expect(labels.longOutcome[0]).toBe(1)
    expect(labels.shortOutcome[0]).toBe(-1) // 101 was touched in bar 2
    expect(labels.longReturn[0]).toBeCloseTo(0.02, 12)
  })

  it('is -1 when -2 % comes before +1 %', () => {
    const labels = one('ternary', [flat, flat, [100, 100, 98, 98.5], flat, flat, flat])
    expect(labels.label[0]).toBe(-1)
    expect(labels.t1[0]).toBe(at(3))
    expect([labels.longOutcome[0], labels.shortOutcome[0]]).toEqual([-1, 1])
    expect(labels.longReturn[0]).toBeCloseTo(-0.01, 12)
  })

  it('is 0 at the second stop when both sides are stopped', () => {
    const labels = one('ternary', [flat, flat, [100, 101, 100, 100], [100, 100, 99, 99], flat, flat])
    expect(labels.label[0]).toBe(0)
    expect(labels.t1[0]).toBe(at(4))
    expect([labels.longOutcome[0], labels.shortOutcome[0]]).toEqual([-1, -1])
  })

  it('is 0 at the horizon when one side is stopped and the other gets nowhere', () => {
    const labels = one('ternary', [flat, flat, [100, 101, 100, 100.5], [100.5, 101.9, 99.1, 100], flat, flat])
    expect(labels.label[0]).toBe(0)
    expect(labels.t1[0]).toBe(at(5))
    expect([labels.longOutcome[0], labels.shortOutcome[0]]).toEqual([0, -1])
  })

  it('is 0 at the horizon when nothing is touched, and sees no bar after it', () => {
    // The horizon ends at minute 5: bars 1 to 4 count, bar 5 does not.
    const labels = one('ternary', [flat, flat, flat, flat, [100, 100, 100, 100.4], [100, 110, 90, 100]])
    expect(labels.label[0]).toBe(0)
    expect(labels.t1[0]).toBe(at(5))
    expect(labels.longReturn[0]).toBeCloseTo(0.004, 12)
  })

  it('lets the stop come first when one bar touches everything', () => {
    const labels = one('ternary', [flat, [100, 103, 97, 100], flat, flat, flat, flat])
    expect(labels.label[0]).toBe(0)
    expect(labels.t1[0]).toBe(at(2))
    expect([labels.longOutcome[0], labels.shortOutcome[0]]).toEqual([-1, -1])
  })

  it('does not look at the bars before the entry', () => {
    expect(one('ternary', [[100, 110, 90, 100], flat, flat, flat, flat]).label[0]).toBe(0)
  })

  it('refuses a profit nearer than the stop, where both sides could win', () => {
    expect(() => one('ternary', [flat], { profit: 0.005 })).toThrow(/profit 0.005 is nearer than stop 0.01/)
    expect(() => one('ternary', [flat, flat], { profit: Float64Array.of(0.005) })).toThrow(/could both win/)
  })
})

describe('binary label of a hand-written path', () => {
  it('is 1 for the profit, 0 for the stop, and no class for neither', () => {
    const won = one('binary', [flat, [100, 102, 99.5, 101], flat, flat, flat])
    const lost = one('binary', [flat, [100, 101.9, 99, 100], flat, flat, flat])
    const neither = one('binary', [flat, flat, flat, flat, [100, 100, 100, 99.5]])
    expect([won.label[0], lost.label[0], neither.label[0]]).toEqual([1, 0, Number.NaN])
    expect([won.t1[0], lost.t1[0], neither.t1[0]]).toEqual([at(2), at(2), at(5)])
    expect(neither.longReturn[0]).toBeCloseTo(-0.005, 12)
  })

  it('lets the stop come first when one bar touches both', () => {
    expect(one('binary', [flat, [100, 102, 99, 101], flat, flat, flat]).label[0]).toBe(0)
  })

  it('books a stop that is jumped over at the open of that bar', () => {
    const labels = one('binary', [flat, flat, [97, 98, 96, 97], flat, flat])
    expect(labels.longReturn[0]).toBeCloseTo(-0.03, 12)
  })
})

describe.each(LABEL_TYPE_NAMES)('%s label', (type) => {
  const touched: Row = [100, 102, 99.5, 101]
  const byRace = LABEL_TYPES[type].window === 'race'

  it('is unknown when a hole lies between t0 and t1, known when it lies after', () => {
    const isKnown = (rows: readonly Row[]) => !Number.isNaN(one(type, rows).t1[0])
    expect(isKnown([null, flat, flat, touched, flat])).toBe(false) // between t0 and the entry
    expect(isKnown([flat, null, flat, touched, flat])).toBe(false) // the entry itself
    expect(isKnown([flat, flat, null, touched, flat])).toBe(false)
    // The touch settles what the race decides; another label still looks to the end of its window.
    expect(isKnown([flat, flat, flat, touched, null])).toBe(byRace)
    expect(isKnown([flat, flat, flat, touched, flat, null])).toBe(true)
    expect(isKnown([flat, flat, flat, flat, null])).toBe(false) // neither barrier: the horizon crosses it
  })

  it('is unknown when the data end before t1', () => {
    expect(one(type, [flat, flat, flat, flat]).t1[0]).toBeNaN()
    expect(one(type, [flat, flat, flat, flat, flat]).t1[0]).toBe(at(5))
    expect(one(type, [flat, flat, touched]).t1[0]).toEqual(byRace ? at(3) : Number.NaN)
  })

  it('leaves an unknown row without any value', () => {
    const labels = one(type, [flat, flat, null, touched, flat])
    const { label, outcome, t1, entryPrice, longReturn } = labels
    const values = [label, outcome, t1, entryPrice, longReturn]
    expect(values.map((column) => column[0])).toEqual(values.map(() => Number.NaN))
    expect([labels.longOutcome[0], labels.shortOutcome[0]]).toEqual([0, 0])
  })

  it('is unknown where the barrier distance is not known or zero', () => {
    const rows = [flat, flat, touched, flat, flat]
    expect(one(type, rows, { stop: Float64Array.of(Number.NaN) }).t1[0]).toBeNaN()
    expect(one(type, rows, { stop: Float64Array.of(0) }).t1[0]).toBeNaN()
    expect(one(type, rows, { stop: Float64Array.of(0.01) }).t1[0]).toBe(byRace ? at(3) : at(5))
  })

  it('refuses a horizon that ends before the first bar after the entry', () => {
    expect(() => one(type, [flat], { horizonMs: MINUTE })).toThrow(/horizon is 1 min.*take 2 min/)
  })

  it('has only classes that the registry lists, or is a value without classes', () => {
    const base = randomBars({ rows: 3000, seed: 5 })
    const labels = label({ ...walk(base, type), base })
    const seen = new Set(labels.label.filter((x) => !Number.isNaN(x)))
    if (LABEL_TYPES[type].task === 'regression') expect(seen.size).toBeGreaterThan(1000)
    else expect([...seen].sort((a, b) => a - b)).toEqual([...LABEL_TYPES[type].classes])
    const outcomes = new Set(labels.outcome.filter((x) => !Number.isNaN(x)))
    expect([...outcomes].sort((a, b) => a - b)).toEqual(type === 'binary' ? [0, 1] : [-1, 0, 1])
  })

  it('knows the outcome exactly where it knows t1, and t1 lies after t0 and covers the race', () => {
    const base = randomBars({ rows: 3000, seed: 6, holes: 0.003 })
    const labels = label({ ...walk(base, type), base })
    const race = label({ ...walk(base, type), base, type: type === 'binary' ? 'binary' : 'ternary' })
    for (let row = 0; row < labels.rows; row++) {
      expect(Number.isNaN(labels.outcome[row]), `row ${row}`).toBe(Number.isNaN(labels.t1[row]))
      if (Number.isNaN(labels.t1[row])) {
        expect(labels.label[row]).toBeNaN()
        continue
      }
      expect(labels.t1[row]).toBeGreaterThan(labels.t0[row])
      expect(labels.t1[row]).toBeGreaterThanOrEqual(race.t1[row])
      expect(labels.outcome[row]).toBe(race.outcome[row])
    }
  })

  it('equals a bar-by-bar reading of its definition on random walks with holes', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(0, 0.001, 0.02),
        fc.integer({ min: 2, max: 120 }),
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom([0.02, 0.01], [0.01, 0.01], [0.03, 0.005]),
        (seed, holes, horizon, latencyBars, [profit, stop]) => {
          const base = randomBars({ rows: 400, seed, holes })
          const inputs = {
            ...walk(base, type),
            base,
            profit,
            stop,
            latencyBars,
            horizonMs: (horizon + latencyBars) * MINUTE,
            directionMs: (Math.ceil(horizon / 2) + latencyBars) * MINUTE,
          }
          const fast = label(inputs)
          for (let row = 0; row < fast.rows; row++) {
            const slow = naive(inputs, row, profit, stop)
            const { label: wanted, ...others } = slow
            // The sum of squares of a window is a difference of two long sums: equal to rounding.
            if (type === 'volatility' && wanted > 0) expect(fast.label[row] / wanted, `row ${row}`).toBeCloseTo(1, 9)
            else expect(fast.label[row], `row ${row}`).toBe(wanted)
            const found = { outcome: fast.outcome[row], t1: fast.t1[row], longReturn: fast.longReturn[row] }
            expect(found, `row ${row}`).toEqual(others)
          }
        },
      ),
      { numRuns: 25, seed: 1 },
    )
  })

  it('depends on nothing after t1, and needs everything up to it', () => {
    const base = randomBars({ rows: 600, seed: 11, holes: 0.002 })
    const whole = label({ ...walk(base, type), base })
    let checked = 0
    for (let row = 0; row < whole.rows; row += 7) {
      if (Number.isNaN(whole.t1[row])) continue
      const bars = (whole.t1[row] - START) / MINUTE
      const cut = (rows: number) => label({ ...walk(base, type), base: sliceBars(base, 0, rows) })
      const kept = cut(bars)
      for (const column of ['label', 'outcome', 't1', 'longReturn', 'longOutcome', 'shortOutcome'] as const) {
        expect(kept[column][row], `row ${row} ${column}`).toEqual(whole[column][row])
      }
      expect(cut(bars - 1).t1[row], `row ${row}, one bar less`).toBeNaN()
      checked++
    }
    expect(checked).toBeGreaterThan(50)
  })
})

type Everything = Required<LabelInputs>

function walk(base: Bars, type: LabelTypeName): Omit<Everything, 'base'> {
  return {
    availableTime: base.openTime,
    type,
    horizonMs: 60 * MINUTE,
    directionMs: 75 * MINUTE,
    profit: 0.02,
    stop: 0.01,
    threshold: 0.005,
    costs: 0,
    side: base.openTime.map((_, i) => [1, -1, 0, 1, Number.NaN, -1, -1][i % 7]),
    latencyBars: 1,
  }
}

/** The definition read aloud, each side walked by itself. */
function naive(inputs: Everything, row: number, profit: number, stop: number) {
  const { base, type } = inputs
  const t0 = inputs.availableTime[row]
  const unknown = { label: Number.NaN, outcome: Number.NaN, t1: Number.NaN, longReturn: Number.NaN }
  const indexAt = (time: number) => base.openTime.indexOf(time)
  const first = indexAt(t0)
  const entry = indexAt(t0 + inputs.latencyBars * MINUTE)
  if (first < 0 || entry < 0) return unknown
  const price = base.open[entry]
  // Bars from the entry to the end of a window; -1 after the end of the data.
  const barsFor = (windowMs: number) => {
    const found: number[] = []
    for (let time = t0 + inputs.latencyBars * MINUTE; time + MINUTE <= t0 + windowMs; time += MINUTE) {
      found.push(indexAt(time))
    }
    return found
  }
  const bars = barsFor(inputs.horizonMs)
  const settle = (side: 1 | -1) => {
    for (const i of bars) {
      if (i < 0) break
      const stopped = side > 0 ? base.low[i] <= price * (1 - stop) : base.high[i] >= price * (1 + stop)
      const won = side > 0 ? base.high[i] >= price * (1 + profit) : base.low[i] <= price * (1 - profit)
      if (stopped) return { won: false, bar: i }
      if (won) return { won: true, bar: i }
    }
    return { won: false, bar: Number.NaN }
  }
  const long = settle(1)
  const short = settle(-1)
  const sides = type === 'binary' ? [long] : [long, short]
  // A win settles both sides: the other one was stopped on the way.
  const winner = sides.find((side) => side.won)
  const lastBar = winner ? winner.bar : Math.max(...sides.map((side) => side.bar))
  const raced = Number.isNaN(lastBar) ? bars : bars.filter((i) => i >= 0 && i <= lastBar)
  const windowMs =
    type === 'direction' ? inputs.directionMs : type === 'regression' || type === 'volatility' ? inputs.horizonMs : 0
  const looked = barsFor(windowMs)
  const walked = [...Array.from({ length: entry - first }, (_, k) => first + k), ...raced, ...looked]
  if (walked.some((i) => i < 0 || Number.isNaN(base.close[i]))) return unknown
  const settled = Number.isNaN(lastBar) ? t0 + inputs.horizonMs : base.openTime[lastBar] + MINUTE
  const exit = long.won
    ? price * (1 + profit)
    : Number.isNaN(long.bar)
      ? base.close[Number.isNaN(lastBar) ? bars[bars.length - 1] : lastBar]
      : Math.min(base.open[long.bar], price * (1 - stop))
  const outcome = long.won ? 1 : short.won && type !== 'binary' ? -1 : 0
  const end = base.close[looked[looked.length - 1]]
  const side = inputs.side?.[row]
  const closes = [price, ...looked.map((i) => base.close[i])]
  const labels: Record<LabelTypeName, () => number> = {
    ternary: () => outcome,
    binary: () => (Number.isNaN(long.bar) ? Number.NaN : long.won ? 1 : 0),
    direction: () => (end > price * (1 + inputs.threshold) ? 1 : end < price * (1 - inputs.threshold) ? -1 : 0),
    regression: () => Math.min(profit, Math.max(-profit, end / price - 1)),
    volatility: () => Math.sqrt(closes.slice(1).reduce((sum, close, i) => sum + Math.log(close / closes[i]) ** 2, 0)),
    meta: () => (side === 1 ? (long.won ? 1 : 0) : side === -1 ? (short.won ? 1 : 0) : Number.NaN),
  }
  return { label: labels[type](), outcome, t1: Math.max(settled, t0 + windowMs), longReturn: exit / price - 1 }
}
