/** Values of features that are more than one kernel, by hand or against the reference tables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import type { Grid } from '../../src/features/feature.js'
import { featureInputs, type Inputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { fundingSeries } from '../../src/features/series/funding.js'
import { type BarValue, emptyBars } from '../../src/market/bars.js'
import { ulcerIndex } from '../../src/math/drawdown.js'
import { compare } from '../math/difference.js'
import { referenceTable } from '../support/reference.js'

function feature(name: string) {
  const found = FEATURES.find((entry) => entry.name === name)
  if (found === undefined) throw new Error(`no feature ${name}`)
  return found
}

function inputsOf(columns: Partial<Record<BarValue, ArrayLike<number>>>, start = Date.UTC(2024, 0, 1)): Inputs & Grid {
  const bars = emptyBars('1m', start, Math.max(...Object.values(columns).map((column) => column.length)))
  for (const [name, column] of Object.entries(columns)) bars[name as BarValue].set(column)
  return featureInputs(bars, {})
}

describe('price and flow', () => {
  it('takes the average price from money and volume', () => {
    // 20 bars of 2 units for 6 quote each, then one of 2 for 46: (19 · 6 + 46) / 40 = 4 against a close of 5.
    const inputs = inputsOf({
      close: new Array(21).fill(5),
      volume: new Array(21).fill(2),
      quoteVolume: [...new Array(20).fill(6), 46],
    })
    expect(feature('vwap_20').compute(inputs)[19]).toBe(3)
    expect(feature('vwap_20').compute(inputs)[20]).toBe(4)
    expect(feature('vwap_distance_20').compute(inputs)[20]).toBeCloseTo(0.25, 15)
  })

  it('weighs taker buying by volume, not by bar', () => {
    // Signed 10 of 10, then -2 of 2 four times: 2 / 18. The mean of the shares would be -0.6.
    const inputs = inputsOf({ volume: [10, 2, 2, 2, 2], takerBuyVolume: [10, 0, 0, 0, 0] })
    expect(feature('signed_volume_share_5').compute(inputs)[4]).toBeCloseTo(2 / 18, 15)
    expect([...feature('taker_buy_share').compute(inputs)]).toEqual([1, 0, 0, 0, 0])
    expect([...feature('taker_buy_share').compute(inputsOf({ volume: [0], takerBuyVolume: [0] }))]).toEqual([NaN])
  })
})

describe('choppiness', () => {
  it('is 100 when all movement cancels out and 0 when one bar made it all', () => {
    // 14 bars that each cover the same unit: Σ true range 14, range 1, log 14 / log 14.
    const still = inputsOf({ high: new Array(16).fill(2), low: new Array(16).fill(1), close: new Array(16).fill(2) })
    expect(feature('choppiness_14').compute(still)[15]).toBeCloseTo(100, 12)
    // Flat but for one bar from 2 to 4: Σ true range 2, range 2, log 1.
    const prices = [...new Array(10).fill(2), ...new Array(6).fill(4)]
    const low = prices.map((price, i) => (i === 10 ? 2 : price))
    expect(feature('choppiness_14').compute(inputsOf({ high: prices, low, close: prices }))[15]).toBeCloseTo(0, 12)
  })
})

describe('the ulcer index', () => {
  it('weighs how deep and how long a fall is, by hand', () => {
    // Window 2: the highest is 10, 8, 10 from the second bar on; below it by 0.2, 0, 0; squared, and the mean of two: 0.02, 0.
    const index = ulcerIndex(Float64Array.of(10, 8, 8, 10), 2, 0)
    expect([...index.subarray(0, 2)]).toEqual([Number.NaN, Number.NaN])
    expect(index[2]).toBeCloseTo(Math.sqrt(0.02), 15)
    expect(index[3]).toBe(0)
  })

  it('stands in the guide as it stands in the code', () => {
    const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ')
    const blocks = [...read('docs/add-a-feature.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) =>
      plain(code).trim(),
    )
    const places = ['src/math/drawdown.ts', 'src/features/families/volatility.ts', 'test/features/families.test.ts']
    expect(blocks).toHaveLength(places.length)
    for (const [i, place] of places.entries()) expect(plain(read(place)), place).toContain(blocks[i])
  })
})

describe('the clock', () => {
  const at = (iso: string, name: string) => {
    const end = Date.parse(iso)
    return feature(name).compute(inputsOf({ close: [1] }, end - 60_000))[0]
  }

  it('is read at the bar’s close', () => {
    expect(at('2024-03-01T13:00Z', 'hour')).toBe(13)
    expect(at('2024-03-01T12:59Z', 'hour')).toBe(12)
    expect(at('2024-03-01T06:00Z', 'hour_sin')).toBeCloseTo(1, 15)
  })

  it('knows the calendar', () => {
    expect(at('2024-01-01T00:00Z', 'weekday')).toBe(0) // a Monday
    expect(at('2024-03-03T12:00Z', 'weekday')).toBe(6)
    expect([at('2024-03-01T12:00Z', 'weekend'), at('2024-03-02T12:00Z', 'weekend')]).toEqual([0, 1])
    expect([at('2024-02-29T12:00Z', 'day_of_month'), at('2024-02-29T12:00Z', 'month')]).toEqual([29, 2])
    expect([at('2024-03-31T12:00Z', 'quarter'), at('2024-04-01T12:00Z', 'quarter')]).toEqual([1, 2])
  })

  it('knows the sessions, Sydney’s over midnight', () => {
    expect([at('2024-03-01T21:59Z', 'session_sydney'), at('2024-03-01T22:00Z', 'session_sydney')]).toEqual([0, 1])
    expect([at('2024-03-01T06:59Z', 'session_sydney'), at('2024-03-01T07:00Z', 'session_sydney')]).toEqual([1, 0])
    expect([at('2024-03-01T00:30Z', 'minutes_in_sydney'), at('2024-03-01T12:00Z', 'minutes_in_sydney')]).toEqual([
      150, -1,
    ])
    expect([at('2024-03-01T08:59Z', 'overlap_tokyo_london'), at('2024-03-01T09:00Z', 'overlap_tokyo_london')]).toEqual([
      1, 0,
    ])
    expect([13, 15, 16].map((hour) => at(`2024-03-01T${hour}:00Z`, 'overlap_london_new_york'))).toEqual([1, 1, 0])
  })
})

describe('funding', () => {
  it('adds up the prints of seven days', () => {
    // 0.0001 every 8 hours: 21 prints in [t - 7 d, t), whatever the hour.
    const bars = emptyBars('1h', 0, 24 * 10)
    const time = Float64Array.from({ length: 31 }, (_, i) => i * 8 * HOUR)
    const inputs = featureInputs(bars, {
      funding: fundingSeries({ time, rate: time.map(() => 0.0001), intervalHours: time.map(() => 8) }),
    })
    const sum = feature('cumulative_funding_7d').compute(inputs)
    expect(sum.subarray(0, 167).every(Number.isNaN)).toBe(true)
    for (const value of sum.subarray(167)) expect(value).toBeCloseTo(0.0021, 15)
    // A rate that stands still is at its mean, and neither end is extreme.
    expect(feature('funding_change').compute(inputs)[100]).toBe(0)
  })
})

describe('features beside the reference tables', () => {
  const COLUMNS: [string, string, string, number][] = [
    ['historical_volatility_20', 'pandas-rolling.csv', 'pd_std_logret_20', 1],
    ['skew_20', 'pandas-rolling.csv', 'pd_skew_logret_20', 1],
    ['kurtosis_20', 'pandas-rolling.csv', 'pd_kurt_logret_20', 1],
    ['volume_return_correlation_20', 'pandas-rolling.csv', 'pd_corr_dvolume_logret_20', 1],
    ['natr_14', 'talib-indicators.csv', 'talib_natr_14', 1],
    ['weighted_close', 'talib-indicators.csv', 'talib_wclprice', 1],
    ['roc_10', 'talib-indicators.csv', 'talib_roc_10', 100],
    ['macd_histogram_12_26_9', 'talib-indicators.csv', 'talib_macd_hist_12_26_9', 1],
    ['bollinger_lower_20', 'talib-indicators.csv', 'talib_bb_lower_20', 1],
    ['stochastic_d_14', 'talib-indicators.csv', 'talib_stoch_slowd_14_3_3', 1],
    ['aroon_up_25', 'talib-indicators.csv', 'talib_aroon_up_25', 1],
    ['parabolic_sar', 'talib-indicators.csv', 'talib_sar_002_02', 1],
    ['candle_harami', 'talib-patterns.csv', 'talib_cdlharami', 1],
    ['candle_spinning_top', 'talib-patterns.csv', 'talib_cdlspinningtop', 1],
  ]
  it.each(COLUMNS)('%s is the column of %s: %s', (name, file, column, factor) => {
    const input = referenceTable('talib-input.csv')
    const prices = ['open', 'high', 'low', 'close', 'volume'].map((key) => [key, input(key)])
    const values = feature(name).compute(inputsOf(Object.fromEntries(prices), input('open_time')[0]))
    const { worst, silenceDiffers } = compare(
      values.map((value) => value * factor),
      referenceTable(file)(column),
      1e-3,
    )
    expect(worst).toBeLessThan(1e-9)
    expect(silenceDiffers).toBe(0)
  })

  it('puts the close between the bands where the bands say', () => {
    const input = referenceTable('talib-input.csv')
    const talib = referenceTable('talib-indicators.csv')
    const position = feature('bollinger_position_20').compute(
      inputsOf({ close: input('close') }, input('open_time')[0]),
    )
    const [upper, lower] = [talib('talib_bb_upper_20'), talib('talib_bb_lower_20')]
    const expected = input('close').map((close, i) => (close - lower[i]) / (upper[i] - lower[i]))
    // TA-Lib's deviation is off by up to 4e-9 here.
    expect(compare(position, expected, 1).worst).toBeLessThan(2e-8)
  })
})
