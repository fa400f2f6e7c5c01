/** Mark, index and premium, and what open interest does with price, volume and funding, by hand. */
import { describe, expect, it } from 'vitest'
import { featureOver } from './at-closes.js'

const last = (x: Float64Array) => x[x.length - 1]

describe('the premium', () => {
  it('is measured from the index, the last price also from the mark price', () => {
    const prices = { markPrice: [101], indexPrice: [100], close: [99] }
    expect(featureOver('mark_index_deviation', prices)[0]).toBeCloseTo(0.01, 15)
    expect(featureOver('basis', prices)[0]).toBeCloseTo(-0.01, 15)
    expect(featureOver('mark_price_deviation', prices)[0]).toBeCloseTo(99 / 101 - 1, 15)
    expect([...featureOver('mark_index_deviation', { markPrice: [101], indexPrice: [NaN] })]).toEqual([NaN])
  })

  it('is averaged over the eight hours of a funding interval', () => {
    const premiumIndex = [9, 1, 2, 3, 4, 5, 6, 7, 8]
    expect([...featureOver('premium_index_mean_8h', { premiumIndex }, '1h')]).toEqual([
      ...new Array(7).fill(NaN),
      37 / 8,
      36 / 8,
    ])
  })

  it('is scored by a week of bars', () => {
    // 42 bars of 4 hours; one of n values that differs lies (n - 1) / √n sample deviations away.
    const week = [...new Array(41).fill(1), 2]
    expect(last(featureOver('premium_index_zscore', { premiumIndex: week }, '4h'))).toBeCloseTo(41 / Math.sqrt(42), 12)
    const ones = new Array(42).fill(1)
    const score = (name: string, over: string) => last(featureOver(name, { [over]: week, indexPrice: ones }, '4h'))
    expect(score('mark_index_deviation_zscore', 'markPrice')).toBeCloseTo(41 / Math.sqrt(42), 12)
    expect(score('basis_zscore', 'close')).toBeCloseTo(41 / Math.sqrt(42), 12)
  })
})

describe('open interest with other things', () => {
  it('weighs its change by how unusual the volume is', () => {
    // From 100 to 110 in the last bar; volume 1 nineteen times, then 21: its mean is 2, so 21 / 2.
    const openInterest = [...new Array(19).fill(100), 110]
    const volume = [...new Array(19).fill(1), 21]
    expect(last(featureOver('oi_volume_interaction', { openInterest, volume }))).toBeCloseTo(0.1 * 10.5, 14)
  })

  it('is strength where it rises or falls with the price, whichever way', () => {
    const line = (to: number) => Array.from({ length: 21 }, (_, i) => 100 + ((to - 100) * i) / 20)
    const strength = (oi: number, price: number) =>
      last(featureOver('oi_price_strength', { openInterest: line(oi), close: line(price) }))
    expect(strength(110, 120)).toBeCloseTo(10 * 20, 10) // per cent times per cent
    expect(strength(90, 80)).toBeCloseTo(10 * 20, 10)
    expect(strength(90, 120)).toBeCloseTo(-10 * 20, 10)
  })

  it('diverges from funding by deviations of each', () => {
    const up = [...new Array(41).fill(1), 2]
    const down = [...new Array(41).fill(1), 0]
    const one = 41 / Math.sqrt(42)
    const divergence = (fundingRate: number[], openInterest: number[]) =>
      last(featureOver('funding_oi_divergence', { fundingRate, openInterest }, '4h'))
    expect(divergence(up, down)).toBeCloseTo(2 * one, 12)
    expect(divergence(up, up)).toBe(0)
  })

  it('is turned over by the money of a day', () => {
    // Six bars of 4 hours with 10 each, against 30.
    const turnover = featureOver(
      'oi_turnover_24h',
      { quoteVolume: new Array(6).fill(10), openInterestValue: new Array(6).fill(30) },
      '4h',
    )
    expect(last(turnover)).toBe(2)
  })
})
