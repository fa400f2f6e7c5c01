import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { fundingRate } from '../../src/simulate/funding.js'
import { createMarket } from '../../src/simulate/market.js'
import type { Positions } from '../../src/simulate/positions.js'
import { PREMIUM_WEIGHT } from '../../src/simulate/premium.js'
import type { PriceBars } from '../../src/simulate/price-bars.js'
import {
  createPublisher,
  daysOfPublication,
  depthOfDay,
  liquidationsOfDay,
  ordersOfDay,
  type Publication,
} from '../../src/simulate/publication.js'
import { FROM, publish, THIN } from './publish.js'

const PRICES = ['open', 'high', 'low', 'close'] as const satisfies readonly (keyof PriceBars)[]
const UNTRADED = ['premium', 'index', 'mark'] as const
const POSITIONS = [
  'time',
  'openInterest',
  'openInterestValue',
  'topAccounts',
  'topPositions',
  'accounts',
  'takers',
] as const satisfies readonly (keyof Positions)[]

/** The first `minutes` of everything that goes on from row to row. */
function beginning({ premium, index, mark, positions }: Publication, minutes: number): Float64Array[] {
  const prices = { premium, index, mark }
  return [
    ...UNTRADED.flatMap((name) => PRICES.map((price) => prices[name][price].slice(0, minutes))),
    ...POSITIONS.map((name) => positions[name].slice(0, minutes / 5)),
  ]
}

describe('what is published beside the bars', () => {
  it('begins the same however long it goes on, and wherever it is cut', () => {
    const [whole] = publish({ days: [6] })
    const parts = publish({ days: [2, 3] })
    const days = [...daysOfPublication(whole)]
    expect(beginning(whole, 2880)).toEqual(beginning(parts[0], 2880))
    expect(beginning(days[2], 1440)).toEqual(beginning(parts[1], 1440))
    expect([parts[1].firstTrade, parts[1].firstOrder]).toEqual([days[2].firstTrade, days[2].firstOrder])
  })

  it('is the same for the same seed, and another for another', () => {
    const [[a], [b], [c]] = [publish({ days: [1] }), publish({ days: [1] }), publish({ seed: 6, days: [1] })]
    expect(beginning(a, 1440)).toEqual(beginning(b, 1440))
    for (const [column, values] of beginning(a, 1440).entries())
      if (column !== UNTRADED.length * PRICES.length) expect(values).not.toEqual(beginning(c, 1440)[column])
  })

  it('does not see the future: other bars from minute 700 on leave what was before as it was', () => {
    const [history] = createMarket({ seed: 5, edge: 0.6, pairs: ['BTCUSDT'], from: FROM }).advance(1440)
    const { bars } = history
    const changed = { ...bars }
    for (const name of ['open', 'high', 'low', 'close', 'volume', 'quoteVolume', 'takerBuyVolume'] as const)
      changed[name] = bars[name].map((value, i) => (i < 700 ? value : value * 1.1))
    const before = createPublisher(5, 'BTCUSDT', FROM).next(history)
    const after = createPublisher(5, 'BTCUSDT', FROM).next({ ...history, bars: changed })
    expect(beginning(after, 700)).toEqual(beginning(before, 700))
    expect(beginning(after, 705)).not.toEqual(beginning(before, 705))
    // A snapshot knows the open of its minute at most: 30 a minute's two snapshots of ten bands lie before minute 700's.
    const [early, late] = [depthOfDay(before), depthOfDay(after)]
    expect(late.notional.slice(0, 700 * 20)).toEqual(early.notional.slice(0, 700 * 20))
    const orders = (publication: Publication, end: number) => {
      const { time, ...rest } = liquidationsOfDay(publication)
      const count = time.filter((one) => one < FROM + end * MINUTE).length
      return [time, ...Object.values(rest)].map((column) => column.slice(0, count))
    }
    expect(orders(before, 700)[0].length).toBeGreaterThan(20)
    expect(orders(after, 700)).toEqual(orders(before, 700))
    expect(orders(after, 701), 'minute 700 itself is another').not.toEqual(orders(before, 701))
  })

  it('has a premium from whose weighted mean the funding follows, but for the last half hour', () => {
    for (const pair of ['BTCUSDT', THIN]) {
      const [{ premium, funding }] = publish({ pair, days: [60] })
      const apart = [...funding.rate.slice(1)].map((rate, k) => {
        let mean = 0
        for (let j = 0; j < 480; j++) mean += PREMIUM_WEIGHT[j] * premium.close[k * 480 + j]
        return Math.abs(fundingRate(mean) - rate)
      })
      expect(apart).toHaveLength(179)
      expect(Math.max(...apart), pair).toBeLessThan(1e-4)
      expect(apart.reduce((sum, value) => sum + value, 0) / apart.length, pair).toBeLessThan(6e-6)
      expect(apart.filter((value) => value < 1e-8).length, 'most lie where interest rules').toBeGreaterThan(90)
      // What the mean is worth: without it, a print says nothing of the next.
      expect(new Set(funding.rate).size).toBeGreaterThan(20)
    }
  })

  it('has an index that lacks the premium, and a mark price by the rule of the exchange', () => {
    const [{ bars, funding, premium, index, mark }] = publish({ days: [3] })
    for (let i = 30; i < bars.rows; i++) {
      expect(index.close[i] * (1 + premium.close[i])).toBeCloseTo(bars.close[i], 6)
      // Median of the last price, the index with the funding due, and the index with the half hour's mean basis.
      const end = bars.openTime[i] + MINUTE
      const print = Math.floor((i * MINUTE) / 28_800_000)
      const due = (28_800_000 - ((end - 1) % 28_800_000) - 1) / 28_800_000
      let basis = 0
      for (let j = i - 29; j <= i; j++) basis += (bars.close[j] - index.close[j]) / 30
      const three = [index.close[i] * (1 + funding.rate[print] * due), index.close[i] + basis, bars.close[i]]
      expect(mark.close[i], `minute ${i}`).toBeCloseTo(three.toSorted((a, b) => a - b)[1], 6)
    }
    expect(mark.open[0]).toBeGreaterThan(bars.open[0] - 30)
    expect(mark.open[0]).toBeLessThan(bars.open[0] + 30)
  })

  it('has bars whose extremes hold them, each opening where the last one closed', () => {
    const [{ premium, index, mark }] = publish({ pair: THIN, days: [3] })
    for (const { open, high, low, close } of [premium, index, mark]) {
      for (let i = 0; i < open.length; i++) {
        expect(high[i] >= Math.max(open[i], close[i]) && low[i] <= Math.min(open[i], close[i]), `${i}`).toBe(true)
        if (i > 0) expect(open[i]).toBe(close[i - 1])
      }
    }
  })

  it('has positions: ratios positive, takers as in the bars, liquidation when the price runs', () => {
    const [{ bars, positions, mark, instrument }] = publish({ days: [60] })
    const { openInterest, openInterestValue, takers } = positions
    const lost: number[] = []
    const calm: number[] = []
    for (let row = 0; row < takers.length; row++) {
      const [first, end] = [5 * row, 5 * row + 5]
      const sum = (x: Float64Array) => x.slice(first, end).reduce((total, value) => total + value, 0)
      expect(takers[row]).toBeCloseTo(sum(bars.takerBuyVolume) / (sum(bars.volume) - sum(bars.takerBuyVolume)), 9)
      expect(openInterestValue[row]).toBe(openInterest[row] * mark.close[end - 1])
      expect(openInterest[row] * instrument.lotsPerUnit).toBeCloseTo(
        Math.round(openInterest[row] * instrument.lotsPerUnit),
        4,
      )
      if (row === 0) continue
      const move = Math.abs(Math.log(bars.close[end - 1] / bars.close[first - 1]))
      const change = Math.log(openInterest[row] / openInterest[row - 1])
      if (move > 0.01) lost.push(change)
      else if (move < 0.006) calm.push(change)
    }
    for (const name of POSITIONS) for (const value of positions[name]) if (!(value > 0)) expect(value, name).toBe('> 0')
    const mean = (x: number[]) => x.reduce((total, value) => total + value, 0) / x.length
    expect(lost.length).toBeGreaterThan(5)
    // LIQUIDATED · (0.01 − CALM) = 0.48 % at least.
    expect(mean(lost)).toBeLessThan(-0.004)
    expect(Math.abs(mean(calm))).toBeLessThan(0.0002)
  })

  it('counts ids on from day to day', () => {
    const days = [...daysOfPublication(publish({ pair: THIN, days: [2] })[0])]
    const last = [...ordersOfDay(days[0])].length
    expect(last).toBe(1440)
    let [trade, order] = [days[0].firstTrade, days[0].firstOrder]
    for (const day of days) {
      for (const minute of ordersOfDay(day)) {
        expect([minute.firstTrade, minute.firstOrder]).toEqual([trade, order])
        trade += minute.orders.trades
        order += minute.orders.count
      }
    }
  })
})
