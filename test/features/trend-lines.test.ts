/** Trailing lines, channels and Ichimoku: by hand, and beside the npm package technicalindicators where it is right. */

import { IchimokuCloud, KeltnerChannels } from 'technicalindicators'
import { describe, expect, it } from 'vitest'
import { featureInputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { parabolicSar, superTrend } from '../../src/math/trailing-stops.js'
import { compare } from '../math/difference.js'
import { randomMarket } from './market.js'

const { decision } = randomMarket(600, 11)
const inputs = featureInputs(decision, {})
const lists = { high: [...decision.high], low: [...decision.low], close: [...decision.close] }
const valuesOf = (name: string) => FEATURES.find((feature) => feature.name === name)!.compute(inputs)
/** The package gives no rows before its first value. */
const atTheEnd = (values: number[]) =>
  Float64Array.from([...new Array(decision.rows - values.length).fill(Number.NaN), ...values])

describe('SuperTrend', () => {
  it('moves its bands with the trend and changes over at a close beyond them', () => {
    // Period 1 and width 1: the bands are the bar's middle ± its true range.
    const bars = {
      high: Float64Array.of(11, 12, 16, 17, 15),
      low: Float64Array.of(9, 10, 12, 15, 11),
      close: Float64Array.of(10, 11, 15, 16, 12),
    }
    const { line, direction } = superTrend(bars, { period: 1, width: 1 })
    // Bar 1: 11 ± 2, a fall. Bar 2: 14 ± 5, but 19 may not rise above 13; 15 closes beyond: the line is 9, not raised yet.
    // Bar 3: 16 ± 2 raises it to 14. Bar 4: 13 ± 5 may not lower it; 12 closes below; the upper band is 18 = 16 + 2.
    expect(line).toEqual(Float64Array.of(NaN, 13, 9, 14, 18))
    expect(direction).toEqual(Float64Array.of(NaN, -1, 1, 1, -1))
  })

  it('holds while the close touches its band', () => {
    // As above, but bar 4 closes at 14, on the band.
    const bars = {
      high: Float64Array.of(11, 12, 16, 17, 15),
      low: Float64Array.of(9, 10, 12, 15, 11),
      close: Float64Array.of(10, 11, 15, 16, 14),
    }
    expect(superTrend(bars, { period: 1, width: 1 }).line[4]).toBe(14)
  })

  it('lies behind the close', () => {
    const [distance, direction] = ['supertrend_distance_10_3', 'supertrend_direction_10_3'].map(valuesOf)
    expect(distance.every((value, i) => Number.isNaN(value) || Math.sign(value) === direction[i])).toBe(true)
    expect(new Set(direction)).toEqual(new Set([NaN, 1, -1]))
  })
})

describe('the parabolic SAR', () => {
  it('holds its first step off the second bar only, as TA-Lib does', () => {
    // Begins upwards at the low of 8; 8 + 0.02 · (12 - 8) lies above that low, and below the 9 of the second bar.
    const bars = { high: Float64Array.of(10, 12, 13), low: Float64Array.of(8, 9, 10) }
    expect(parabolicSar(bars, { step: 0.02, limit: 0.2 })).toEqual(Float64Array.of(NaN, 8, 8.08))
  })
})

describe('the Keltner channel', () => {
  const peer = KeltnerChannels.calculate({ ...lists, maPeriod: 20, atrPeriod: 10, multiplier: 2, useSMA: false })

  it.each(['upper', 'lower'] as const)('has the %s line of technicalindicators', (line) => {
    const expected = atTheEnd(peer.map((row) => row[line]))
    expect(compare(valuesOf(`keltner_${line}_20`), expected)).toMatchObject({ compared: 581, silenceDiffers: 0 })
    expect(compare(valuesOf(`keltner_${line}_20`), expected).worst).toBeLessThan(1e-12)
  })

  it('places the close between its lines', () => {
    const [upper, lower, position] = ['keltner_upper_20', 'keltner_lower_20', 'keltner_position_20'].map(valuesOf)
    const expected = decision.close.map((close, i) => (close - lower[i]) / (upper[i] - lower[i]))
    expect(compare(position, expected, 1).worst).toBeLessThan(1e-10)
  })
})

describe('Ichimoku', () => {
  const settings = { conversionPeriod: 9, basePeriod: 26, spanPeriod: 52, displacement: 26 }
  const peer = IchimokuCloud.calculate({ ...lists, ...settings })

  it('has the lines of technicalindicators, whose spans are not moved', () => {
    expect(peer).toHaveLength(decision.rows - 51)
    const [conversion, base] = ['ichimoku_conversion', 'ichimoku_base'].map(valuesOf)
    const [a, b] = ['ichimoku_span_a', 'ichimoku_span_b'].map(valuesOf)
    peer.forEach((row, k) => {
      const i = k + 51
      expect([conversion[i], base[i]]).toEqual([row.conversion, row.base])
      if (i + 26 < decision.rows) expect([a[i + 26], b[i + 26]]).toEqual([row.spanA, row.spanB])
    })
  })

  it('measures the distance from the nearer edge of the cloud', () => {
    const [a, b, outside] = ['ichimoku_span_a', 'ichimoku_span_b', 'ichimoku_cloud_distance'].map(valuesOf)
    for (let i = 77; i < decision.rows; i++) {
      const close = decision.close[i]
      const edge = Math.min(Math.max(close, Math.min(a[i], b[i])), Math.max(a[i], b[i]))
      expect(outside[i]).toBeCloseTo((close - edge) / close, 14)
    }
    expect([1, 0, -1].every((side) => outside.some((value) => Math.sign(value) === side))).toBe(true)
  })
})
