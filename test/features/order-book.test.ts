/** The order book by hand. */
import { describe, expect, it } from 'vitest'
import { featureOver } from './at-closes.js'

const last = (x: Float64Array) => x[x.length - 1]

describe('depth by bands', () => {
  it('is out of balance by what one side has more', () => {
    const depth = { bidDepth1: [3, 0], askDepth1: [1, 0], bidDepth5: [10, 5], askDepth5: [10, 5] }
    expect([...featureOver('book_imbalance_1', depth)]).toEqual([0.5, NaN])
    expect([...featureOver('book_imbalance_5', depth)]).toEqual([0, 0])
    expect([...featureOver('book_nearness', depth)]).toEqual([4 / 20, 0])
    expect([...featureOver('book_depth_3', { bidNotional3: [30], askNotional3: [12] })]).toEqual([42])
    const mean = featureOver('book_imbalance_mean_20', {
      bidDepth1: [...new Array(19).fill(1), 3],
      askDepth1: new Array(20).fill(1),
    })
    expect(last(mean)).toBeCloseTo(0.5 / 20, 15)
  })

  it('says how far an order of usual size would go', () => {
    // A mean of 50 against 1,000 within 1 %: a twentieth of it, 0.05 %.
    const quoteVolume = [...new Array(30).fill(40), ...new Array(30).fill(60)]
    const impact = (side: string, band: string) =>
      last(featureOver(`price_impact_${side}`, { quoteVolume, [band]: new Array(60).fill(1000) }))
    expect(impact('buy', 'askNotional1')).toBeCloseTo(0.0005, 15)
    expect(impact('sell', 'bidNotional1')).toBeCloseTo(0.0005, 15)
  })

  it('is scored against 60 bars', () => {
    const depth = { bidNotional1: [...new Array(59).fill(1), 5], askNotional1: new Array(60).fill(1) }
    expect(last(featureOver('book_depth_zscore', depth))).toBeCloseTo(59 / Math.sqrt(60), 12)
  })
})

describe('the best bid and ask', () => {
  const quote = { bidPrice: [99], askPrice: [101], bidQuantity: [3], askQuantity: [1], meanSpread: [1] }
  const of = (name: string) => featureOver(name, quote)[0]

  it('have a spread, in money and of the mid', () => {
    expect([of('spread'), of('spread_pct'), of('spread_mean_pct')]).toEqual([2, 0.02, 0.01])
    expect(last(featureOver('spread_zscore', { meanSpread: [...new Array(59).fill(1), 2] }))).toBeCloseTo(
      59 / Math.sqrt(60),
      12,
    )
  })

  it('lean to the side that has less', () => {
    expect(of('best_imbalance')).toBe(0.5)
    expect(of('best_depth')).toBe(3 * 99 + 101)
    // Three bid and one asked: (99 · 1 + 101 · 3) / 4, a half above the mid, as the ask is sooner used up.
    expect(of('weighted_mid')).toBe(100.5)
    expect(of('weighted_mid_distance')).toBeCloseTo(0.005, 15)
  })
})
