/** Swings, divergences and crossings, by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breakouts, crossings } from '../../src/math/crossings.js'
import { atLastSwing, divergence, swingChange, swingHighs, swingLows } from '../../src/math/swings.js'

const column = (...values: number[]) => Float64Array.from(values)

describe('swings', () => {
  const settings = { reach: 1, window: 7 }
  //                   0  1  2  3  4  5  6  7  8  9
  const high = column(1, 3, 2, 2, 5, 4, 4, 4, 1, 0)

  it('are known when the bars to their right have closed, and forgotten with the window', () => {
    const { last, previous } = swingHighs(high, settings)
    // Highs at 1 and 4, known at 2 and 5; of the level 5 … 7 none is above both neighbours but the last, 7, known at 8.
    // 1 with its neighbour 0 lies in the windows up to bar 6, 4 with 3 in those up to bar 9.
    expect([...last]).toEqual([-1, -1, 1, 1, 1, 4, 4, 4, 7, 7])
    expect([...previous]).toEqual([-1, -1, -1, -1, -1, 1, 1, -1, 4, 4])
  })

  it('give the change from one to the next, and their level', () => {
    const highs = swingHighs(high, settings)
    expect(swingChange(high, highs, 7)).toEqual(
      column(NaN, NaN, NaN, NaN, NaN, NaN, 5 / 3 - 1, 0, 4 / 5 - 1, 4 / 5 - 1),
    )
    const levels = atLastSwing(high, highs, column(NaN, 9, 9, 9, 9, 9, 9, 9, 9, 9))
    expect(levels).toEqual(column(NaN, 9, 3, 3, 3, 5, 5, 5, 4, 4))
  })

  it('are extremes of their neighbourhood, whatever the prices', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (x, reach) => {
          const window = 6 * reach
          const { last } = swingLows(Float64Array.from(x), { reach, window })
          for (let t = 0; t < x.length; t++) {
            // The latest bar that is below or equal to all on its left and below all on its right, by search.
            let expected = -1
            for (let s = Math.max(reach, t - window + 1 + reach); s <= t - reach; s++) {
              const left = x.slice(s - reach, s).every((value) => value >= x[s])
              const right = x.slice(s + 1, s + reach + 1).every((value) => value > x[s])
              if (left && right) expected = s
            }
            if (last[t] !== expected) return false
          }
          return true
        },
      ),
    )
  })
})

describe('divergence', () => {
  const settings = { reach: 1, window: 6 }
  // Lows at 1 and 4, the second lower, known at bar 5. Highs rise all along: no swing high.
  const low = column(5, 3, 4, 4, 2, 4, 5, 6, 7)
  const high = column(10, 11, 12, 13, 14, 15, 16, 17, 18)

  it('is bullish while the lows fell and the indicator rose', () => {
    const indicator = column(0, 1, 0, 0, 2, 0, 0, 0, 0)
    // Bar 1 and its neighbour 0 leave the window after bar 5.
    expect(divergence({ high, low, indicator }, settings)).toEqual(column(NaN, NaN, NaN, NaN, NaN, 1, 0, 0, 0))
    const longer = { reach: 1, window: 7 }
    expect(divergence({ high, low, indicator }, longer).subarray(6)).toEqual(column(1, 0, 0))
  })

  it('is bearish where the picture stands on its head', () => {
    const indicator = column(0, -1, 0, 0, -2, 0, 0, 0, 0)
    const flipped = { high: low.map((value) => -value), low: high.map((value) => -value), indicator }
    expect(divergence(flipped, settings)[5]).toBe(-1)
  })

  it('is none where the indicator goes along, or is not known', () => {
    expect(divergence({ high, low, indicator: column(0, 2, 0, 0, 1, 0, 0, 0, 0) }, settings)[5]).toBe(0)
    const late = divergence({ high, low, indicator: column(NaN, 1, 0, 0, 2, 0, 0, 0, 0) }, settings)
    expect(late.subarray(4, 7)).toEqual(column(NaN, NaN, 0))
  })
})

describe('crossings', () => {
  it('stand on the bar on which the side has changed', () => {
    const x = column(1, 3, 3, 2, 1, 2, 3, NaN, 3, 1)
    const y = column(2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
    // Above at 1; level at 3, so that 4 is a crossing; level at 5, above at 6; nothing across the hole.
    expect(crossings(x, y)).toEqual(column(NaN, 1, 0, 0, -1, 0, 1, NaN, NaN, -1))
  })

  it('and breakouts go beyond a level, not to it', () => {
    expect(breakouts(column(1, 2, 3, 4, NaN), column(3, 3, 3, 3, 3), column(2, 2, 2, 2, 2))).toEqual(
      column(-1, 0, 0, 1, NaN),
    )
  })
})
