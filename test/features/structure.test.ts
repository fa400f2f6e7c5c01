/** Price patterns, by hand. */
import { describe, expect, it } from 'vitest'
import { featureInputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { type BarValue, emptyBars } from '../../src/market/bars.js'
import { randomMarket } from './market.js'

function valuesOf(name: string, columns: Partial<Record<BarValue, ArrayLike<number>>>): Float64Array {
  const bars = emptyBars('1m', Date.UTC(2024, 0, 1), Math.max(...Object.values(columns).map(({ length }) => length)))
  for (const [key, column] of Object.entries(columns)) bars[key as BarValue].set(column)
  return FEATURES.find((feature) => feature.name === name)!.compute(featureInputs(bars, {}))
}

describe('runs and levels', () => {
  it('count bars that go beyond the one before', () => {
    // Of the changes 1 … 20 every fourth is none: 15 of 20.
    const high = Array.from({ length: 21 }, (_, i) => i - Math.floor(i / 4))
    expect(valuesOf('higher_highs_20', { high })[20]).toBe(0.75)
    expect(valuesOf('lower_lows_20', { low: high.map((value) => -value) })[20]).toBe(0.75)
    expect(valuesOf('lower_lows_20', { low: high })[20]).toBe(0)
  })

  it('measure what is left to the top and to the bottom', () => {
    const [high, low, close] = [new Array(20).fill(12), new Array(20).fill(8), new Array(20).fill(10)]
    expect(valuesOf('resistance_distance_20', { high, close })[19]).toBeCloseTo(0.2, 15)
    expect(valuesOf('support_distance_20', { low, close })[19]).toBeCloseTo(-0.2, 15)
  })

  it('break out of the bars before, not of their own', () => {
    const [high, low] = [new Array(22).fill(12), new Array(22).fill(8)]
    const close = [...new Array(20).fill(10), 13, 7]
    high[20] = 14
    // 13 beats the 12 of the bars before, though not its own high of 14; 7 is below all lows.
    expect([...valuesOf('breakout_20', { high, low, close }).subarray(19)]).toEqual([NaN, 1, -1])
  })
})

describe('trend strength', () => {
  it('is ±1 on a line and the squared correlation with time elsewhere', () => {
    const line = Array.from({ length: 20 }, (_, i) => 100 - 2 * i)
    expect(valuesOf('trend_strength_20', { close: line })[19]).toBeCloseTo(-1, 14)
    expect(valuesOf('efficiency_ratio_10', { close: line })[10]).toBe(-1)
    // A step in the middle: Σ(t - mean)(x - mean) = 50, Σ(t - mean)² = 665, Σ(x - mean)² = 5; 50² / (665 · 5).
    const step = Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1))
    expect(valuesOf('trend_strength_20', { close: step })[19]).toBeCloseTo(2500 / 3325, 14)
  })

  it('is the part of the way that was not given back', () => {
    // Up 3, down 1, five times: 10 of 20.
    const close = Array.from({ length: 11 }, (_, i) => 100 + 2 * Math.floor(i / 2) + (i % 2 === 0 ? 0 : 3))
    expect(valuesOf('efficiency_ratio_10', { close })[10]).toBe(0.5)
  })
})

describe('crossings', () => {
  const { decision } = randomMarket(900, 6)

  it.each([
    ['sma_crossing_5_20', 'sma_cross_5_20'],
    ['sma_crossing_50_200', 'sma_cross_50_200'],
    ['ema_crossing_12_26', 'ema_cross_12_26'],
    ['macd_crossing_12_26_9', 'macd_histogram_12_26_9'],
    ['macd_crossing_5_35_5', 'macd_histogram_5_35_5'],
  ])('%s stands where %s changes its sign', (crossing, line) => {
    const [events, side] = [crossing, line].map((name) => valuesOf(name, { close: decision.close }))
    const changed = side.map((value, i) => (i === 0 ? NaN : (Math.sign(value) - Math.sign(side[i - 1])) / 2))
    expect(events).toEqual(changed)
    expect(new Set(events)).toEqual(new Set([NaN, 0, 1, -1]))
  })
})

describe('swings and divergences of a random market', () => {
  const { decision } = randomMarket(1200, 4)
  const { high, low, close, volume } = decision

  it('agree with each other', () => {
    const [ups, downs] = [valuesOf('swing_high_change', { high }), valuesOf('swing_low_change', { low })]
    const trend = valuesOf('swing_trend', { high, low })
    const expected = ups.map((up, i) =>
      Math.sign(up) === Math.sign(downs[i]) ? Math.sign(up) : 0 * (up + downs[i]) + 0,
    )
    expect(trend).toEqual(expected)
  })

  it.each(['rsi_divergence_14', 'macd_divergence_12_26', 'obv_divergence', 'swing_trend'])(
    '%s shows both sides',
    (name) => {
      const values = valuesOf(name, { high, low, close, volume })
      expect(new Set(values)).toEqual(new Set([NaN, 0, 1, -1]))
    },
  )
})
