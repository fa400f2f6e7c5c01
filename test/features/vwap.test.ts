/** Anchored average prices and the volume profile as features: the calendar, the bands, the place of the close. */
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.js'
import { featureInputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { emptyBars } from '../../src/market/bars.js'
import { compare } from '../math/difference.js'
import { randomMarket, START } from './market.js'

const { decision } = randomMarket(24 * 70, 21)
const inputs = featureInputs(decision, {})
const valuesOf = (name: string) => FEATURES.find((feature) => feature.name === name)!.compute(inputs)

describe('the anchored average price', () => {
  const starts = {
    day: (time: number) => new Date(time).getUTCHours() === 0,
    week: (time: number) => new Date(time).getUTCDay() === 1 && new Date(time).getUTCHours() === 0,
    month: (time: number) => new Date(time).getUTCDate() === 1 && new Date(time).getUTCHours() === 0,
  }

  it.each(Object.entries(starts))('begins with the first bar of each %s', (anchor, begins) => {
    let [paid, bought, periods] = [0, 0, 0]
    const expected = new Float64Array(decision.rows)
    for (let i = 0; i < decision.rows; i++) {
      if (begins(START + i * HOUR)) {
        paid = bought = 0
        periods++
      }
      paid += decision.quoteVolume[i]
      bought += decision.volume[i]
      expected[i] = paid / bought
    }
    expect(periods).toBeGreaterThan(1)
    const { worst, silenceDiffers } = compare(valuesOf(`vwap_${anchor}`), expected)
    expect(worst).toBeLessThan(1e-13)
    expect(silenceDiffers).toBe(0)
  })

  it.each(['20', '240', 'day', 'month'])('of %s lies in the middle of its bands', (name) => {
    const [middle, upper, lower] = [`vwap_${name}`, `vwap_upper_${name}`, `vwap_lower_${name}`].map(valuesOf)
    const centre = upper.map((value, i) => (value + lower[i]) / 2)
    expect(compare(centre, middle).worst).toBeLessThan(1e-13)
    const expected = decision.close.map((close, i) =>
      upper[i] === lower[i] ? 0.5 : (close - lower[i]) / (upper[i] - lower[i]),
    )
    expect(compare(valuesOf(`vwap_position_${name}`), expected, 1).worst).toBeLessThan(1e-8)
    expect(upper.some((value, i) => value > middle[i])).toBe(true)
  })

  it('has its bands two deviations away', () => {
    const bars = emptyBars('1h', Math.ceil(START / DAY) * DAY, 2)
    bars.volume.set([1, 3])
    bars.quoteVolume.set([10, 42])
    bars.close.set([10, 14])
    const two = featureInputs(bars, {})
    const at = (name: string) => FEATURES.find((feature) => feature.name === name)!.compute(two)[1]
    // Mean 52 / 4 = 13, variance (1 · 9 + 3 · 1) / 4 = 3.
    expect(at('vwap_upper_day')).toBeCloseTo(13 + 2 * Math.sqrt(3), 14)
    expect(at('vwap_lower_week')).toBeCloseTo(13 - 2 * Math.sqrt(3), 14)
    expect(at('vwap_position_month')).toBeCloseTo(0.5 + 1 / (4 * Math.sqrt(3)), 14)
  })

  it('of a day is the bar’s own on daily bars', () => {
    const bars = emptyBars('1d', Math.ceil(START / DAY) * DAY, 3)
    bars.quoteVolume.set([10, 60, 30])
    bars.volume.set([1, 2, 3])
    const vwap = FEATURES.find(({ name }) => name === 'vwap_day')!.compute(featureInputs(bars, {}))
    expect(vwap).toEqual(Float64Array.of(10, 30, 10))
  })
})

describe('the volume profile', () => {
  it('holds its point of control inside its value area, and places the close by it', () => {
    const names = ['value_area_low_60', 'point_of_control_60', 'value_area_high_60', 'value_area_position_60']
    const [low, control, high, position] = names.map(valuesOf)
    for (let i = 59; i < decision.rows; i++) {
      expect(low[i] < control[i] && control[i] < high[i]).toBe(true)
      expect(position[i]).toBe((decision.close[i] - low[i]) / (high[i] - low[i]))
    }
    expect(valuesOf('value_area_width_60')[80]).toBe(high[80] / low[80] - 1)
  })

  it('has bins of 0.05 % on minutes, √60 times that on hours', () => {
    const [low, high] = ['value_area_low_60', 'value_area_high_60'].map(valuesOf)
    const bins = Math.log(high[80] / low[80]) / (0.0005 * Math.sqrt(60))
    expect(bins).toBeCloseTo(Math.round(bins), 8)
    expect(Math.round(bins)).toBeGreaterThan(1)
  })
})
