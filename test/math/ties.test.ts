/** What is equal in truth is equal in the numbers, though prices are decimal and doubles are not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crossings } from '../../src/math/crossings.js'
import { directionalMovement } from '../../src/math/directional.js'
import { distance } from '../../src/math/elementwise.js'
import { exponentialMovingAverage } from '../../src/math/moving-average.js'
import { macdLines } from '../../src/math/oscillators.js'
import { commodityChannel, moneyFlow } from '../../src/math/range-oscillators.js'
import { rollingMeanAndSpread } from '../../src/math/rolling-moments.js'
import { rollingLineEnd, rollingSlope, weightedMovingAverage } from '../../src/math/rolling-regression.js'
import { rollingMean } from '../../src/math/rolling-sum.js'
import { apart } from '../../src/math/ties.js'
import { spreadWithin } from '../../src/math/traded-price.js'
import { parabolicSar } from '../../src/math/trailing-stops.js'
import { anchoredWeightedPrice, rollingWeightedPrice } from '../../src/math/volume-weighted-price.js'

/** A price of up to 8 decimals, as exchanges write them. */
const decimalPrice = fc
  .record({ whole: fc.integer({ min: 1, max: 99_999_999 }), decimals: fc.integer({ min: 0, max: 8 }) })
  .map(({ whole, decimals }) => Number(`${whole}e-${decimals}`))
const anyOrigin = fc.integer({ min: 0, max: 1e7 })
const settled = (x: Float64Array) => x.filter((value) => !Number.isNaN(value))

describe('two numbers', () => {
  it('are one value where they differ by rounding, and not where they differ by a tick', () => {
    expect(0.1 + 0.2).not.toBe(0.3)
    expect(apart(0.1 + 0.2, 0.3)).toBe(0)
    expect(apart(0.3 + 1e-8, 0.3)).toBeCloseTo(1e-8, 15)
    expect(apart(100_000.01, 100_000)).toBeCloseTo(0.01, 9)
    expect(apart(Number.NaN, 1)).toBeNaN()
  })
})

describe('a price that stands still', () => {
  it('is its own average, to the last bit', () => {
    fc.assert(
      fc.property(decimalPrice, anyOrigin, fc.integer({ min: 2, max: 60 }), (price, origin, window) => {
        const still = new Float64Array(150).fill(price)
        const averages = {
          simple: rollingMean(still, window, origin),
          weighted: weightedMovingAverage(still, window, origin),
          exponential: exponentialMovingAverage(still, window),
          line: rollingLineEnd(still, window, origin),
          bands: rollingMeanAndSpread(still, window, origin).mean,
        }
        for (const [name, average] of Object.entries(averages)) {
          expect(new Set(settled(average)), name).toEqual(new Set([price]))
          expect(new Set(settled(distance(still, average))), name).toEqual(new Set([0]))
        }
        expect(new Set(settled(rollingSlope(still, window, origin)))).toEqual(new Set([0]))
        expect(new Set(settled(rollingMeanAndSpread(still, window, origin).deviation))).toEqual(new Set([0]))
      }),
      { numRuns: 60 },
    )
  })

  it('has a channel index and a MACD of exactly 0, and crosses nothing', () => {
    fc.assert(
      fc.property(decimalPrice, anyOrigin, (price, origin) => {
        const still = new Float64Array(150).fill(price)
        const bars = { high: still, low: still, close: still }
        for (const window of [2, 14, 20]) {
          expect(new Set(settled(commodityChannel(bars, window, origin)))).toEqual(new Set([0]))
        }
        const { macd, signal, histogram } = macdLines(still, { fast: 12, slow: 26, signal: 9 })
        for (const line of [macd, signal, histogram]) expect(new Set(settled(line))).toEqual(new Set([0]))
        const crossed = crossings(rollingMean(still, 5, origin), rollingMean(still, 20, origin))
        expect(new Set(settled(crossed))).toEqual(new Set([0]))
      }),
      { numRuns: 60 },
    )
  })

  it('has a channel index of 0 though its bars have ranges of one typical price', () => {
    // (high + low + close) / 3 is 3.572 in each of these, and 3.572 or its neighbour in doubles.
    const bars = { high: [3.573, 3.574, 3.572], low: [3.571, 3.57, 3.572], close: [3.572, 3.572, 3.572] }
    const [high, low, close] = [bars.high, bars.low, bars.close].map((x) =>
      Float64Array.from({ length: 60 }, (_, i) => x[i % 3]),
    )
    expect(new Set(settled(commodityChannel({ high, low, close }, 20, 0)))).toEqual(new Set([0]))
    const volume = new Float64Array(60).fill(7)
    expect(new Set(settled(moneyFlow({ high, low, close, volume }, 14, 0)))).toEqual(new Set([0]))
  })
})

describe('averages of other windows over the same values', () => {
  it('do not cross where they are equal', () => {
    // Five prices in turn: every mean of 5 and every mean of 20 is the mean of the five.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 990, max: 1010 }), { minLength: 5, maxLength: 5 }),
        anyOrigin,
        (five, origin) => {
          const price = Float64Array.from({ length: 120 }, (_, i) => five[i % 5] / 1000)
          const [fast, slow] = [5, 20].map((window) => rollingMean(price, window, origin))
          expect(new Set(settled(crossings(fast, slow)))).toEqual(new Set([0]))
          expect(new Set(settled(distance(fast, slow)))).toEqual(new Set([0]))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('cross where they do, by hand', () => {
    // Means of 2: 2.5, 1.5, 1.5, 2.5; of 3: -, 2, 5/3, 2: from the third bar on below, below, above.
    const price = Float64Array.of(3, 2, 1, 2, 3)
    expect([...crossings(rollingMean(price, 2, 0), rollingMean(price, 3, 0)).subarray(3)]).toEqual([0, 1])
  })

  it('near 0 are one line where only the rounding of the price tells them apart', () => {
    const level = new Float64Array(4).fill(40_000)
    const noise = Float64Array.of(3e-12, -4e-12, 5e-12, -2e-12)
    expect([...crossings(noise, new Float64Array(4), level).subarray(1)]).toEqual([0, 0, 0])
    expect([...crossings(noise, new Float64Array(4)).subarray(1)]).toEqual([-1, 1, -1])
  })
})

describe('a bar that reaches as many ticks up as down', () => {
  // One tick of 0.1 each way: 0.4 - 0.3 and 0.2 - 0.1 are 0.10000000000000003 and 0.1.
  const high = Float64Array.of(0.3, 0.4, 0.5, 0.6)
  const low = Float64Array.of(0.2, 0.1, 0, -0.1)
  const close = Float64Array.of(0.25, 0.25, 0.25, 0.25)

  it('moved neither way', () => {
    expect(high[1] - high[0]).not.toBe(low[0] - low[1])
    const { plusDi, minusDi } = directionalMovement({ high, low, close }, 2)
    expect([...plusDi.subarray(2), ...minusDi.subarray(2)]).toEqual([0, 0, 0, 0])
  })

  it('makes the stop begin with a rise, as if nothing had moved', () => {
    // The second bar falls below the first stop of a rise, its low of 0.4, so that the stop stands at its high already.
    const high = Float64Array.of(0.8, 0.9)
    const low = Float64Array.of(0.4, 0.3)
    expect(low[0] - low[1]).toBeGreaterThan(high[1] - high[0])
    expect(parabolicSar({ high, low }, { step: 0.02, limit: 0.2 })[1]).toBe(0.9)
  })

  it('moves by whole ticks whatever their decimals', () => {
    const bar = fc.record({
      low: fc.integer({ min: 1000, max: 1010 }),
      reach: fc.integer({ min: 0, max: 6 }),
      place: fc.integer({ min: 0, max: 6 }),
    })
    fc.assert(
      fc.property(fc.array(bar, { minLength: 40, maxLength: 80 }), (bars) => {
        const ticks = {
          high: Float64Array.from(bars, ({ low, reach }) => low + reach),
          low: Float64Array.from(bars, ({ low }) => low),
          close: Float64Array.from(bars, ({ low, reach, place }) => low + Math.min(reach, place)),
        }
        const inThousandths = (x: Float64Array) => x.map((value) => value / 1000)
        const decimal = {
          high: inThousandths(ticks.high),
          low: inThousandths(ticks.low),
          close: inThousandths(ticks.close),
        }
        const [whole, ours] = [ticks, decimal].map((of) => directionalMovement(of, 5))
        for (const line of ['plusDi', 'minusDi', 'adx'] as const) {
          whole[line].forEach((value, i) => {
            if (Number.isNaN(value)) expect(ours[line][i]).toBeNaN()
            else expect(ours[line][i]).toBeCloseTo(value, 9)
          })
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('one price paid', () => {
  it('has no deviation, wherever in the window and however often it was paid', () => {
    const trades = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 30, maxLength: 60 })
    fc.assert(
      fc.property(decimalPrice, trades, anyOrigin, (price, amounts, origin) => {
        // Most bars without a trade; those with one have volumes of three decimals.
        const volume = Float64Array.from(amounts, (amount) => (amount % 3 === 0 ? amount / 1000 : 0))
        const bars = { volume, quoteVolume: volume.map((amount) => amount * price) }
        const around = [
          rollingWeightedPrice(bars, 8, origin),
          anchoredWeightedPrice(bars, new Float64Array(volume.length)),
        ]
        for (const { mean, deviation } of around) {
          expect(settled(deviation).every((value) => value === 0)).toBe(true)
          for (const value of settled(mean)) expect(Math.abs(value / price - 1)).toBeLessThan(1e-14)
        }
        const squares = volume.map((amount) => amount * price * price)
        expect(spreadWithin({ ...bars, squares }).every((value) => value === 0)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('one tick beside another has one, by hand', () => {
    // As much at 100000.00 as at 100000.01: half a tick.
    const bars = { volume: Float64Array.of(1, 1), quoteVolume: Float64Array.of(100_000, 100_000.01) }
    expect(rollingWeightedPrice(bars, 2, 0).deviation[1]).toBeCloseTo(0.005, 9)
  })
})
