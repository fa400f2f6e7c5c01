import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { MINUTE } from '../../src/core/time.js'
import { type Bars, emptyBars } from '../../src/market/bars.js'
import { DEPTH_BANDS } from '../../src/simulate/book.js'
import { type Instrument, instrumentOf } from '../../src/simulate/instruments.js'
import { createTradeMaker } from '../../src/simulate/minute-trades.js'
import type { Orders } from '../../src/simulate/orders.js'
import { daysOfPublication, depthOfDay, ordersOfDay, quotesOfDay } from '../../src/simulate/publication.js'
import { publish, THIN } from './publish.js'

/** The bar that the trades make, by nothing but the definition of one. */
function rebuild({ count, price, isBuy, firstTrade, lots }: Orders, { ticksPerUnit, lotsPerUnit }: Instrument) {
  let [high, low] = [-Infinity, Infinity]
  const sums = { lots: 0, bought: 0, quote: 0, boughtQuote: 0 }
  for (let order = 0; order < count; order++) {
    high = Math.max(high, price[order])
    low = Math.min(low, price[order])
    for (let trade = firstTrade[order]; trade < firstTrade[order + 1]; trade++) {
      sums.lots += lots[trade]
      sums.quote += price[order] * lots[trade]
      if (isBuy[order] === 1) sums.bought += lots[trade]
      if (isBuy[order] === 1) sums.boughtQuote += price[order] * lots[trade]
    }
  }
  return {
    open: price[0] / ticksPerUnit,
    high: high / ticksPerUnit,
    low: low / ticksPerUnit,
    close: price[count - 1] / ticksPerUnit,
    volume: sums.lots / lotsPerUnit,
    takerBuyVolume: sums.bought / lotsPerUnit,
    count: firstTrade[count],
    quoteVolume: sums.quote / ticksPerUnit / lotsPerUnit,
    takerBuyQuoteVolume: sums.boughtQuote / ticksPerUnit / lotsPerUnit,
  }
}

const EXACT = ['open', 'high', 'low', 'close', 'volume', 'takerBuyVolume', 'count'] as const

function row(bars: Bars, i: number) {
  return Object.fromEntries(EXACT.map((name) => [name, bars[name][i]]))
}

/** A simulated-like minute in ticks and lots, as small as trades can make one. */
const MINUTES = fc
  .record({
    count: fc.integer({ min: 8, max: 60 }),
    prices: fc.array(fc.integer({ min: 1000, max: 1012 }), { minLength: 4, maxLength: 4 }),
    lotsEach: fc.integer({ min: 2, max: 40 }),
    share: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
    seed: fc.nat(),
  })
  .map(({ count, prices, lotsEach, share, seed }) => {
    const [low, a, b, high] = prices.toSorted((x, y) => x - y)
    const lots = count * lotsEach
    const bought = Math.round(lots * share)
    return { count, open: a, close: b, high, low, lots, bought, seed }
  })

describe('the trades of a minute', () => {
  it.each(['BTCUSDT', 'ETHUSDT', 'FILUSDT', THIN])(
    'make its bar again, quote volumes to the nearest step (%s)',
    (pair) => {
      const instrument = instrumentOf(pair)
      const [whole] = publish({ pair, days: [pair === 'BTCUSDT' ? 1 : 2] })
      const step = 1 / instrument.ticksPerUnit / instrument.lotsPerUnit
      let off = 0
      for (const day of daysOfPublication(whole)) {
        let i = 0
        for (const { orders } of ordersOfDay(day)) {
          const made = rebuild(orders, instrument)
          if (i % 7 === 0) expect(made, `minute ${i}`).toMatchObject(row(day.bars, i))
          for (const name of EXACT)
            if (made[name] !== day.bars[name][i]) expect(made[name], `${name} ${i}`).toBe(day.bars[name][i])
          for (const name of ['quoteVolume', 'takerBuyQuoteVolume'] as const) {
            const apart = Math.abs(made[name] - day.bars[name][i])
            if (apart > 0.5001 * step) off++
            if (apart > 2e-4 * day.bars[name][i]) expect(apart, `${name} of minute ${i}`).toBe(0)
          }
          i++
        }
        expect(i).toBe(1440)
      }
      // A side of three orders cannot make every sum.
      expect(off, 'quote volumes that are not the nearest').toBeLessThanOrEqual(pair === THIN ? 2880 / 200 : 0)
    },
  )

  it('make any bar of eight trades and more: open, extremes, close, volume, takers, count', () => {
    const instrument = instrumentOf(THIN)
    const maker = createTradeMaker(instrument)
    fc.assert(
      fc.property(MINUTES, ({ count, open, close, high, low, lots, bought, seed }) => {
        const bars = emptyBars('1m', 0, 1)
        const { ticksPerUnit, lotsPerUnit } = instrument
        const middle = (high + low) / 2 / ticksPerUnit
        Object.entries({ open, close, high, low }).forEach(([name, ticks]) => {
          bars[name as 'open'][0] = ticks / ticksPerUnit
        })
        bars.count[0] = count
        bars.volume[0] = lots / lotsPerUnit
        bars.takerBuyVolume[0] = bought / lotsPerUnit
        bars.quoteVolume[0] = bars.volume[0] * middle
        bars.takerBuyQuoteVolume[0] = bars.takerBuyVolume[0] * middle
        const orders = maker.make(bars, 0, createRandom(seed))
        expect(rebuild(orders, instrument)).toMatchObject(row(bars, 0))
        expect(Math.min(...orders.lots.slice(0, count))).toBeGreaterThanOrEqual(1)
      }),
    )
  })

  it('come in order, each order within the minute, in a millisecond of its own, with a trade at least', () => {
    const [day] = publish({ pair: THIN, days: [1] })
    let i = 0
    for (const { orders } of ordersOfDay(day)) {
      let before = day.bars.openTime[i] - 1
      for (let order = 0; order < orders.count; order++) {
        const isRight = orders.time[order] > before && orders.firstTrade[order + 1] > orders.firstTrade[order]
        if (!isRight) expect.fail(`order ${order} of minute ${i}`)
        before = orders.time[order]
      }
      expect(before).toBeLessThan(day.bars.openTime[i] + MINUTE)
      i++
    }
  })

  it('are the same for a day whichever days were made before', () => {
    const days = [...daysOfPublication(publish({ pair: THIN, days: [2] })[0])]
    const copy = () => [...ordersOfDay(days[1])].map(({ orders }) => orders.price.slice(0, orders.count))
    const first = copy()
    for (const _ of ordersOfDay(days[0]));
    expect(copy()).toEqual(first)
  })
})

describe('the book', () => {
  it('has a best bid below the best ask, and every trade at one of them', () => {
    const [day] = publish({ pair: THIN, days: [1] })
    for (const { orders, quotes } of quotesOfDay(day)) {
      for (let order = 0; order < orders.count; order++) {
        const [bid, ask] = [quotes.bid[order], quotes.ask[order]]
        const isAround = ask - bid === 1 && (orders.isBuy[order] === 1 ? ask : bid) === orders.price[order]
        const isThere = quotes.bidLots[order] >= 1 && quotes.askLots[order] >= 1
        if (!isAround || !isThere || quotes.eventTime[order] <= orders.time[order]) expect.fail(`order ${order}`)
      }
    }
  })

  it('holds more the wider the band, near its price, twice a minute', () => {
    const [day] = publish({ pair: THIN, days: [1] })
    const { time, quantity, notional } = depthOfDay(day)
    expect(time).toHaveLength(2880)
    const bands = DEPTH_BANDS.length
    for (let k = 0; k < time.length; k++) {
      expect(time[k] % 1000).toBe(0)
      expect(Math.floor(time[k] / 30_000)).toBe(Math.floor(day.bars.openTime[0] / 30_000) + k)
      for (const side of [-1, 1]) {
        const [inner, ...outer] = [1, 2, 3, 4, 5].map((percent) => k * bands + DEPTH_BANDS.indexOf(side * percent))
        let last = inner
        for (const at of outer) {
          if (quantity[at] <= quantity[last] || notional[at] <= notional[last]) expect.fail(`snapshot ${k}, ${side}`)
          last = at
        }
        const mean = notional[last] / quantity[last] / day.bars.open[Math.floor(k / 2)]
        expect(Math.abs(mean - 1)).toBeLessThan(0.05)
        expect(Math.sign(mean - 1)).toBe(side)
      }
    }
  })
})
