/** Open interest and long/short ratios by hand. */
import { describe, expect, it } from 'vitest'
import { featureOver } from './at-closes.js'

describe('open interest', () => {
  it('changes by fractions, and by fractions an hour whatever the bar', () => {
    // 100 → 110 is a tenth.
    expect([...featureOver('oi_pct_change_1', { openInterest: [100, 110] })]).toEqual([NaN, 110 / 100 - 1])
    // 4 bars of an hour from 100 to 120: a fifth in 4 hours. One bar of 4 hours with the same change gives the same.
    const hourly = featureOver('oi_velocity_4h', { openInterest: [100, 105, 110, 115, 120] }, '1h')
    expect(hourly[4]).toBeCloseTo(0.05, 15)
    expect(hourly.subarray(0, 4).every((value) => Number.isNaN(value))).toBe(true)
    expect(featureOver('oi_velocity_4h', { openInterest: [100, 120] }, '4h')[1]).toBeCloseTo(0.05, 15)
    // A velocity over one hour is not known within a bar of 4: it is that of the bar.
    expect(featureOver('oi_velocity_1h', { openInterest: [100, 120] }, '4h')[1]).toBeCloseTo(0.05, 15)
  })

  it('diverges from the price where more is opened than the price moves', () => {
    const close = Array.from({ length: 21 }, (_, i) => 50 + i) // 50 → 70: 0.4
    const openInterest = Array.from({ length: 21 }, (_, i) => 100 + i) // 100 → 120: 0.2
    expect(featureOver('oi_price_divergence_20', { close, openInterest })[20]).toBeCloseTo(0.2 - 0.4, 15)
  })

  it('has bands of two population deviations, and a place between them', () => {
    // Ten times 90, then ten times 110: mean 100, population deviation 10.
    const openInterest = [...new Array(10).fill(90), ...new Array(10).fill(110)]
    const last = (name: string) => featureOver(`oi_bb_${name}`, { openInterest })[19]
    expect(last('upper')).toBeCloseTo(120, 12)
    expect(last('middle')).toBeCloseTo(100, 12)
    expect(last('lower')).toBeCloseTo(80, 12)
    expect(last('width')).toBeCloseTo(40 / 100, 13)
    expect(last('position')).toBeCloseTo((110 - 80) / 40, 13)
  })

  it('is ranked and scored among a hundred bars', () => {
    const openInterest = Array.from({ length: 100 }, (_, i) => i + 1)
    expect(featureOver('oi_percentile_100', { openInterest })[99]).toBe(1)
    // Mean 50.5, sample variance of 1 … 100: 100 · 101 / 12.
    expect(featureOver('oi_zscore', { openInterest })[99]).toBeCloseTo(49.5 / Math.sqrt((100 * 101) / 12), 12)
  })

  it('has a MACD as a fraction of itself, which is nothing while it grows by nothing', () => {
    expect(featureOver('oi_macd_histogram', { openInterest: new Array(34).fill(70) })[33]).toBe(0)
    // At the first bar of the slow mean, 26 values i: fast = mean of the last 12 (20.5), slow = mean of all (13.5).
    const openInterest = Array.from({ length: 26 }, (_, i) => i + 1)
    expect(featureOver('oi_macd', { openInterest })[25]).toBeCloseTo((20.5 - 13.5) / 26, 14)
  })
})

describe('long and short', () => {
  it('change by logarithms, so that there and back is nothing', () => {
    const changes = featureOver('ls_ratio_change_1h', { accountRatio: [2, 1, 0.5, 2] }, '1h')
    expect(changes[1]).toBeCloseTo(-Math.LN2, 15)
    expect(changes[1] + changes[2] + changes[3]).toBeCloseTo(0, 15)
    expect(featureOver('top_account_ls_ratio_change_4h', { topAccountRatio: [1, 2] }, '4h')[1]).toBeCloseTo(
      Math.LN2,
      15,
    )
  })

  it('are extreme on one side at a time, by a week of bars', () => {
    // 42 bars of 4 hours; all 1 but the last, which is far above, or far below.
    const week = (last: number) => ({ topPositionRatio: [...new Array(41).fill(1), last] })
    const last = (name: string, value: number) => featureOver(`top_position_ls_ratio_${name}`, week(value), '4h')[41]
    expect([last('extreme_long', 3), last('extreme_short', 3)]).toEqual([1, 0])
    expect([last('extreme_long', 0.3), last('extreme_short', 0.3)]).toEqual([0, 1])
    // One of n values that differs lies (n - 1) / √n sample deviations away, whatever it is.
    expect(last('zscore', 3)).toBeCloseTo(41 / Math.sqrt(42), 12)
    expect([last('percentile', 3), last('percentile', 0.3)]).toEqual([1, 1 / 6]) // among the six bars of a day
  })

  it('say where top traders differ from all', () => {
    expect(featureOver('top_ls_ratio_lead', { topPositionRatio: [3, 1], accountRatio: [1.5, 0] })).toEqual(
      Float64Array.of(Math.LN2, NaN),
    )
    expect([...featureOver('taker_ls_ratio', { takerRatio: [1.2] })]).toEqual([1.2])
  })
})
