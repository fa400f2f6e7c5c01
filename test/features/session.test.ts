/** Session statistics by hand, at the hours where they change. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR, MINUTE, timeframeMs } from '../../src/core/time.js'
import { sessionFeatures } from '../../src/features/families/session.js'
import { featureInputs } from '../../src/features/inputs.js'
import { BAR_VALUES, type Bars, emptyBars } from '../../src/market/bars.js'
import { lastSpan, type Recurrence, recurrenceLookback } from '../../src/math/recurring.js'

const START = Date.UTC(2024, 0, 1)

function bars(days: number, fill: (bars: Bars, i: number, hour: number) => void, timeframe: '5m' | '1h' | '4h' = '1h') {
  const step = timeframeMs(timeframe)
  const made = emptyBars(timeframe, START, (days * DAY) / step)
  for (let i = 0; i < made.rows; i++) {
    for (const name of BAR_VALUES) made[name][i] = 1
    fill(made, i, ((i * step) % DAY) / HOUR)
  }
  return made
}

function values(name: string, of: Bars): Float64Array {
  const feature = sessionFeatures.find((entry) => entry.name === name) ?? expect.fail(`no feature ${name}`)
  return feature.compute(featureInputs(of, {}))
}

/** Row that is acted on at this hour: the bar that closes then. */
const closing = (day: number, hour: number) => 24 * day + hour - 1

describe('the last session', () => {
  it('counts from the close of its last bar until the next has closed', () => {
    // London opens at 100 and its last bar (15:00) closes at 100 + day: 2 % on day 2, 3 % on day 3.
    const market = bars(5, (b, i, hour) => {
      b.open[i] = hour === 8 ? 100 : 50
      b.close[i] = hour === 15 ? 100 + Math.floor(i / 24) : 50
    })
    const returns = values('previous_return_london', market)
    expect(returns[closing(2, 15)]).toBeCloseTo(0.01, 12)
    expect(returns[closing(2, 16)]).toBeCloseTo(0.02, 12)
    expect(returns[closing(3, 15)]).toBeCloseTo(0.02, 12)
    expect(returns[closing(3, 16)]).toBeCloseTo(0.03, 12)
  })

  it('runs over midnight in Sydney', () => {
    // 22:00 of one day to the bar that opens at 06:00 of the next.
    const market = bars(4, (b, i, hour) => {
      b.open[i] = hour === 22 ? 100 : 50
      b.close[i] = hour === 6 ? 110 : 50
    })
    const returns = values('previous_return_sydney', market)
    expect(returns[closing(3, 7)]).toBeCloseTo(0.1, 12)
    expect(returns.findIndex((value) => !Number.isNaN(value))).toBe(24 + 9 - 2)
  })

  it('sums up squared returns, the first from its open', () => {
    // Tokyo: 0.01 from open to close of the first bar, then ±0.02 for eight bars: √(0.0001 + 8 · 0.0004).
    const market = bars(4, (b, i, hour) => {
      b.open[i] = Math.exp(-0.01)
      b.close[i] = hour < 9 && hour % 2 === 1 ? Math.exp(0.02) : 1
    })
    expect(values('session_volatility_tokyo', market)[closing(3, 9)]).toBeCloseTo(Math.sqrt(0.0033), 12)
  })

  it('has its volume set against the ten sessions before it', () => {
    // New York (13–22): 9 bars of 10 each day, of 30 on the last; other hours do not count.
    const market = bars(13, (b, i, hour) => {
      b.volume[i] = hour >= 13 && hour < 22 ? (i >= 24 * 12 ? 30 : 10) : 1000
    })
    const ratio = values('session_volume_ratio_new_york', market)
    expect(ratio[closing(12, 21)]).toBe(1)
    expect(ratio[closing(12, 22)]).toBe(3)
  })
})

describe('gaps and liquidity', () => {
  it('measure London’s first price from what Tokyo paid, once the first bar has closed', () => {
    // Tokyo before 08:00: one hour of 6 units at 20, seven of 2 at 10: 260 / 20 = 13. London opens at 14.3.
    const market = bars(4, (b, i, hour) => {
      b.volume[i] = hour === 3 ? 6 : 2
      b.quoteVolume[i] = hour === 3 ? 120 : hour < 8 ? 20 : 9999
      b.open[i] = hour === 8 ? (i >= 72 ? 14.3 : 13) : 1
    })
    const gap = values('gap_tokyo_london', market)
    expect(gap[closing(3, 8)]).toBeCloseTo(0, 12)
    expect(gap[closing(3, 9)]).toBeCloseTo(0.1, 12)
  })

  it('measure New York’s first price from what London paid', () => {
    const market = bars(4, (b, i, hour) => {
      b.volume[i] = 2
      b.quoteVolume[i] = hour >= 8 && hour < 13 ? 20 : 9999
      b.open[i] = hour === 13 ? 11 : 1
    })
    expect(values('gap_london_new_york', market)[closing(3, 14)]).toBeCloseTo(0.1, 12)
  })

  it('score the hour to come by the same hour of ten days', () => {
    // 14:00 trades 25, all others 1: mean 48 / 24 = 2, so 12.5 for the hour after the bar that closes at 14:00.
    const market = bars(12, (b, i, hour) => {
      b.quoteVolume[i] = hour === 14 ? 25 : 1
    })
    const score = values('liquidity_score', market)
    expect([13, 14, 15].map((hour) => score[closing(11, hour)])).toEqual([0.5, 12.5, 0.5])
  })
})

describe('the length of a bar', () => {
  const random = createRandom(6, 'sessions')
  const noise = (timeframe: '5m' | '1h' | '4h', days: number) =>
    bars(
      days,
      (b, i) => {
        for (const name of BAR_VALUES) b[name][i] = 1 + random.next()
      },
      timeframe,
    )

  it('leaves the silence exact on bars of five minutes', () => {
    const market = noise('5m', 13)
    for (const { name, lookback } of sessionFeatures) {
      const column = values(name, market)
      expect(
        column.findIndex((value) => !Number.isNaN(value)),
        name,
      ).toBe(lookback(5 * MINUTE))
      expect(column.subarray(lookback(5 * MINUTE)).some(Number.isNaN), name).toBe(false)
    }
  })

  it('leaves nothing known on bars longer than an hour', () => {
    const market = noise('4h', 30)
    for (const { name } of sessionFeatures) expect(values(name, market).every(Number.isNaN), name).toBe(true)
  })
})

describe('the last span', () => {
  it('is the latest that had ended, whatever the bar’s number', () => {
    for (const recurrence of [
      { period: 7, phase: 3, length: 4, before: 2 },
      { period: 3, phase: 0, length: 9, before: 0 },
      { period: 5, phase: 4, length: 1, before: 3 },
    ] satisfies Recurrence[]) {
      for (const origin of [0, 1, 1000]) {
        const x = Float64Array.from({ length: 60 }, (_, i) => i)
        x[30] = Number.NaN
        const calls: number[] = []
        const starts = lastSpan([x], origin, recurrence, (start, end) => {
          calls.push(start)
          expect(end).toBe(start + recurrence.length)
          return start
        })
        const silent = recurrenceLookback(recurrence)
        starts.forEach((start, t) => {
          const known = t < 30 ? t + 1 : t - 30
          if (known <= silent) {
            expect(start, `bar ${t}`).toBeNaN()
            return
          }
          let latest = t + 1 - recurrence.length
          while ((latest + origin) % recurrence.period !== recurrence.phase) latest--
          expect(start, `bar ${t}`).toBe(latest)
          // Everything that a span looks at lies after the hole.
          expect(latest - recurrence.before).toBeGreaterThanOrEqual(t < 30 ? 0 : 31)
        })
        expect(new Set(calls).size).toBe(calls.length)
      }
    }
  })
})
