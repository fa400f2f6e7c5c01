/** Liquidations by hand: what a bar has of them, and what features make of it. */
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { featureOver, seriesAt } from './at-closes.js'

const last = (x: Float64Array) => x[x.length - 1]

describe('liquidations of a bar', () => {
  const of = (long_orders: readonly number[], closes = [3, 6]) =>
    seriesAt('liquidation_bars', {
      ...{ closes, stepMinutes: 3, available: [1, 2, 3, 4, 5, 6] },
      columns: {
        open_time: [0, 1, 2, 3, 4, 5].map((minute) => minute * MINUTE),
        long_orders,
        long_value: long_orders.map((orders) => 100 * orders),
        short_orders: [0, 0, 2, 0, 0, 0],
        short_value: [0, 0, 60, 0, 0, 0],
      },
    })

  it('are those of its base bars together', () => {
    const { liquidatedLongs, liquidatedShorts, liquidationOrders } = of([1, 0, 2, 0, 0, 0])
    expect([...liquidatedLongs]).toEqual([300, 0])
    expect([...liquidatedShorts]).toEqual([60, 0])
    expect([...liquidationOrders]).toEqual([5, 0])
  })

  it('are not known while a base bar is not, or has not closed', () => {
    expect([...of([1, 0, 2, 0, NaN, 0]).liquidatedLongs]).toEqual([300, NaN])
    expect([...of([1, 0, 2, 0, 0, 0], [2, 5, 8]).liquidatedLongs]).toEqual([NaN, 200, NaN])
  })
})

describe('features of liquidations', () => {
  const hourly = (liquidatedLongs: readonly number[], liquidatedShorts = liquidatedLongs.map(() => 0)) =>
    ({ liquidatedLongs, liquidatedShorts }) as const

  it('say how much of each side, and how many orders', () => {
    const both = hourly([0, 300], [40, 60])
    expect([...featureOver('liq_long_volume', both, '1h')]).toEqual([0, 300])
    expect([...featureOver('liq_short_volume', both, '1h')]).toEqual([40, 60])
    expect([...featureOver('liq_volume_1h', both, '1h')]).toEqual([40, 360])
    // Two half hours make one.
    expect([...featureOver('liq_volume_1h', both, '30m')]).toEqual([NaN, 400])
    expect([...featureOver('liq_count_1h', { liquidationOrders: [3, 4, 0] }, '30m')]).toEqual([NaN, 7, 4])
    expect([...featureOver('liq_imbalance_1h', hourly([0, 300, 0], [40, 100, 0]), '1h')]).toEqual([-1, 0.5, 0])
    expect([...featureOver('liq_turnover_share_1h', { ...both, quoteVolume: [400, 0] }, '1h')]).toEqual([0.1, NaN])
  })

  it('compare the hour with the one before', () => {
    // (300 − 100) / 400; then from 300 to nothing; then nothing in either.
    const momentum = featureOver('liq_momentum', hourly([100, 300, 0, 0]), '1h')
    expect([...momentum]).toEqual([NaN, 0.5, -1, 0])
    // Half hours: 40 + 60 against 10 + 10, (100 − 20) / 120.
    expect(last(featureOver('liq_momentum', hourly([10, 10, 40, 60]), '30m'))).toBe(80 / 120)
  })

  it('compare the hour with those of a week', () => {
    const week = (end: number) => hourly([...new Array(167).fill(10), end])
    expect(last(featureOver('liq_spike', week(10), '1h'))).toBeCloseTo(1, 12)
    // 90 in the hour; the mean hour of the week has (167 · 10 + 90) / 168.
    expect(last(featureOver('liq_spike', week(90), '1h'))).toBeCloseTo(90 / ((1670 + 90) / 168), 12)
    expect(last(featureOver('liq_spike', week(0), '1h'))).toBe(0)
    expect(last(featureOver('liq_spike', hourly(new Array(168).fill(0)), '1h'))).toBe(0)
    // In bars of 4 hours an hour is one bar, and usual is the mean bar.
    expect(last(featureOver('liq_spike', hourly([...new Array(41).fill(10), 52]), '4h'))).toBeCloseTo(
      52 / ((410 + 52) / 42),
      12,
    )
  })

  it('are not known where the hour is not', () => {
    expect([...featureOver('liq_volume_1h', hourly([1, NaN, 3]), '30m')]).toEqual([NaN, NaN, NaN])
    expect(featureOver('liq_momentum', hourly([1, NaN, 3]), '1h')[2]).toBeNaN()
  })
})
