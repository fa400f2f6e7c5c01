import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { MINUTE, type Timeframe, timeframeMs } from '../../src/core/time.js'
import { BAR_VALUES, type Bars, emptyBars, sliceBars } from '../../src/market/bars.js'
import { resample } from '../../src/market/resample.js'
import { anyBars, minute, plain, START } from './make-rows.js'

const SUMS = ['volume', 'quoteVolume', 'count', 'takerBuyVolume', 'takerBuyQuoteVolume', 'baseBars'] as const

/** The definition, by filters over plain arrays. */
function naive(base: Bars, timeframe: Timeframe): Record<string, number[]> {
  const step = timeframeMs(timeframe)
  const first = Math.floor(base.openTime[0] / step)
  const last = Math.floor(base.openTime[base.rows - 1] / step)
  const result = emptyBars(timeframe, first * step, last - first + 1)
  for (let bar = 0; bar < result.rows; bar++) {
    const inside = [...base.openTime.keys()].filter(
      (i) => Math.floor(base.openTime[i] / step) === first + bar && !Number.isNaN(base.close[i]),
    )
    if (inside.length === 0) continue
    result.open[bar] = base.open[inside[0]]
    result.close[bar] = base.close[inside[inside.length - 1]]
    result.high[bar] = Math.max(...inside.map((i) => base.high[i]))
    result.low[bar] = Math.min(...inside.map((i) => base.low[i]))
    for (const column of SUMS) result[column][bar] = inside.reduce((sum, i) => sum + base[column][i], 0)
  }
  return plain(result)
}

const anyBase = fc
  .record({ rows: fc.integer({ min: 1, max: 200 }), offset: fc.integer({ min: 0, max: 70 }) })
  .chain(({ rows, offset }) => anyBars({ rows, from: minute(offset) }))

describe('resampling', () => {
  it('takes open of the first, close of the last, extremes and sums of the known bars', () => {
    const base = emptyBars('1m', START, 5)
    const known = [
      // open, high, low, close, volume; minutes 1, 2 and 4 of the five
      [1, [10, 12, 9, 11, 1]],
      [2, [11, 15, 10, 14, 2]],
      [4, [14, 14, 7, 8, 4]],
    ] as const
    for (const [i, [open, high, low, close, volume]] of known) {
      base.open[i] = open
      base.high[i] = high
      base.low[i] = low
      base.close[i] = close
      base.volume[i] = volume
      base.baseBars[i] = 1
    }
    const bars = resample(base, '5m')
    expect(bars.rows).toBe(1)
    expect(BAR_VALUES.map((column) => bars[column][0])).toEqual([
      ...[10, 15, 7, 8, 7],
      ...[Number.NaN, Number.NaN, Number.NaN, Number.NaN, 3], // columns that no base bar knows, then baseBars
    ])
  })

  it('does not know a sum of which one part is unknown', () => {
    const [base] = fc.sample(
      anyBars({ rows: 5 }).filter((bars) => bars.baseBars.every((n) => n === 1)),
      { numRuns: 1, seed: 1 },
    )
    base.count[3] = Number.NaN
    const bars = resample(base, '5m')
    expect(bars.count[0]).toBeNaN()
    expect(bars.volume[0]).not.toBeNaN()
  })

  it('leaves a bar without any known base bar a hole', () => {
    const bars = resample(emptyBars('1m', START, 12), '5m')
    expect(plain(bars)).toEqual(plain(emptyBars('5m', START, 3)))
  })

  it('begins with the bar that holds the first base bar', () => {
    const bars = resample(emptyBars('1m', minute(7), 4), '5m')
    expect([...bars.openTime]).toEqual([minute(5), minute(10)])
  })

  it('equals the definition', () => {
    fc.assert(
      fc.property(anyBase, fc.constantFrom<Timeframe>('1m', '3m', '5m', '1h'), (base, timeframe) => {
        expect(plain(resample(base, timeframe))).toEqual(naive(base, timeframe))
      }),
    )
  })

  it('gives the same by way of a timeframe between', () => {
    fc.assert(
      fc.property(anyBase, fc.constantFrom<Timeframe>('5m', '15m', '30m'), (base, between) => {
        expect(plain(resample(resample(base, between), '1h'))).toEqual(plain(resample(base, '1h')))
      }),
    )
  })

  it('uses no base bar outside of its interval', () => {
    fc.assert(
      fc.property(anyBase, fc.nat(), (base, pick) => {
        const whole = resample(base, '5m')
        const bar = pick % whole.rows
        const changed = { ...base, ...Object.fromEntries(BAR_VALUES.map((name) => [name, base[name].slice()])) }
        for (let i = 0; i < base.rows; i++) {
          const isInside = Math.floor((base.openTime[i] - whole.openTime[bar]) / (5 * MINUTE)) === 0
          if (!isInside) for (const column of BAR_VALUES) changed[column][i] = 1e9
        }
        const after = resample(changed, '5m')
        expect(plain(sliceBars(after, bar, bar + 1))).toEqual(plain(sliceBars(whole, bar, bar + 1)))
      }),
    )
  })

  it('refuses a timeframe that is no multiple', () => {
    expect(() => resample(emptyBars('3m', START, 5), '5m')).toThrow(UserError)
  })
})
