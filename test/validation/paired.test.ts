import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { DAY } from '../../src/core/time.js'
import { commonDays, type DayRecord, dayMetrics, pairedTest } from '../../src/validation/paired.js'
import { comparePair } from '../../src/validation/selection.js'

const day = (i: number, value: number, more: Partial<DayRecord> = {}): DayRecord => ({
  day: i * DAY,
  return: value,
  signals: 2,
  won: 1,
  trades: 1,
  gains: 3,
  losses: 1,
  ...more,
})

function record(days: number, seed: number, mean = 0, more: Partial<DayRecord> = {}): DayRecord[] {
  const random = createRandom(seed, 'days')
  return Array.from({ length: days }, (_, i) => day(i, mean + 0.01 * random.normal(), more))
}

describe('common days', () => {
  it('are those of both, in order, whatever the order they come in', () => {
    const a = [day(3, 1), day(1, 2), day(2, 3)]
    const b = [day(2, 4), day(3, 5), day(9, 6)]
    expect(commonDays(a, b).map(([x, y]) => [x.day / DAY, x.return, y.return])).toEqual([
      [2, 3, 4],
      [3, 1, 5],
    ])
  })
})

describe('paired test', () => {
  it('finds a difference that the market common to both would hide', () => {
    // Both move by 1 % a day together; one is 0.1 % better each day: unpaired, the difference would be lost in the noise.
    const market = record(100, 1)
    const better = market.map((one, i) => ({ ...one, return: one.return + 0.001 + 0.0005 * Math.sin(i) }))
    const found = pairedTest(commonDays(better, market), { seed: 1 })
    expect(found).toMatchObject({ days: 100 })
    if (typeof found === 'string') return
    expect(found.difference).toBeCloseTo(0.001, 4)
    expect(found.low).toBeGreaterThan(0)
    expect(found.p).toBe(1 / 2001) // no resample comes near it
  })

  it('is certain of nothing where the two are the same', () => {
    const same = record(60, 2)
    expect(pairedTest(commonDays(same, same), { seed: 1 })).toMatchObject({ difference: 0, low: 0, high: 0, p: 1 })
  })

  it('refuses the worse one', () => {
    const found = pairedTest(commonDays(record(100, 3, -0.01), record(100, 4, 0.01)), { seed: 1 })
    expect(typeof found !== 'string' && found.p).toBeGreaterThan(0.99)
  })

  it('finds a difference in about 5 of 100 pairs without any', () => {
    let found = 0
    for (let seed = 0; seed < 300; seed++) {
      const test = pairedTest(commonDays(record(60, 2 * seed), record(60, 2 * seed + 1)), { seed, replicates: 400 })
      if (typeof test !== 'string' && test.p <= 0.05) found++
    }
    // 300 pairs at 5 %: 15 expected; 4 standard deviations of a binomial above are 30. The bootstrap of 60 days is a little bold.
    expect(found).toBeGreaterThan(3)
    expect(found).toBeLessThan(30)
  })

  it('says why it cannot be computed', () => {
    expect(pairedTest(commonDays(record(19, 1), record(30, 2)), { seed: 1 })).toBe('19 common days are fewer than 20')
  })

  it('is the same for the same seed, and swaps with its sides', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [a, b] = [record(40, seed), record(40, seed + 1)]
        const [one, again, swapped] = [
          pairedTest(commonDays(a, b), { seed: 5, replicates: 50 }),
          pairedTest(commonDays(a, b), { seed: 5, replicates: 50 }),
          pairedTest(commonDays(b, a), { seed: 5, replicates: 50 }),
        ]
        expect(again).toEqual(one)
        if (typeof one === 'string' || typeof swapped === 'string') throw new Error('no result')
        expect(swapped.difference).toBeCloseTo(-one.difference, 12)
        expect(swapped.low).toBeCloseTo(-one.high, 12)
      }),
      { numRuns: 20 },
    )
  })
})

describe('metrics over days', () => {
  it('add up', () => {
    // 4 of 6 signals won; gains 9, losses 2.
    const days = [day(1, 0, { signals: 4, won: 3, gains: 6, losses: 0 }), day(2, 0, { signals: 2, won: 1, losses: 2 })]
    expect(dayMetrics(days)).toEqual({
      precision: { value: 4 / 6, count: 2 },
      profit_factor: { value: 9 / 2, count: 2 },
    })
    expect(dayMetrics([day(1, 0, { signals: 0, won: 0, trades: 0, gains: 0, losses: 0 })])).toMatchObject({
      precision: { value: null },
      profit_factor: { value: null, reason: 'no trades' },
    })
  })
})

describe('champion and challenger', () => {
  const champion = record(60, 5, 0, { signals: 2, won: 1 }) // precision 0.5
  const ahead = champion.map((one, i) => ({ ...one, return: one.return + 0.004 + 0.001 * Math.cos(i), won: 2 }))
  const options = { minTrades: 30, seed: 1 }

  it('changes places when precision, profit factor and significance all say so', () => {
    const found = comparePair(ahead, champion, options)
    expect(found.better).toBe(true)
    expect(found.reasons.at(-1)).toMatch(
      /^daily return \+0\.4\d\d % over 60 common days \(95 % interval .*\): chance 0\.0005, at most 0\.05$/,
    )
  })

  it('does not when the difference may be luck', () => {
    const lucky = record(60, 6, 0.0005, { won: 2 })
    const found = comparePair(lucky, champion, options)
    expect(found.better).toBe(false)
    expect(found.reasons[0]).toContain('+50.00 percentage points')
    expect(found.test?.p).toBeGreaterThan(0.05)
  })

  it('does not when precision is no higher, however significant the returns are', () => {
    expect(
      comparePair(
        ahead.map((one) => ({ ...one, won: 1 })),
        champion,
        options,
      ).better,
    ).toBe(false)
  })

  it('does not on too few common days', () => {
    const found = comparePair(ahead, champion.slice(45), options)
    expect(found).toMatchObject({ better: false, days: 15, test: null })
    expect(found.reasons).toContain('15 common days are fewer than 20')
  })
})
