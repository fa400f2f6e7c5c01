/**
 * Everything that an exchange would publish of a simulated pair: its bars and funding, and what is derived from them with streams of
 * chance of its own, so that no bar depends on what else is written. What one row after another needs (premium, reference prices,
 * positions, ids) is made month by month; trades, quotes and depth are made from a day's bars when they are asked for.
 */
import { assert } from '../core/errors.js'
import { createRandom } from '../core/random.js'
import { DAY, isoDay, MINUTE } from '../core/time.js'
import { type Bars, type Funding, sliceBars } from '../market/bars.js'
import { bookDepth, createQuoteMaker, type Depth, type Quotes } from './book.js'
import { type Instrument, instrumentOf } from './instruments.js'
import { type Liquidations, liquidationsOf } from './liquidations.js'
import type { PairHistory } from './market.js'
import { createTradeMaker } from './minute-trades.js'
import { type Orders, ordersOf } from './orders.js'
import { createPositions, POSITION_MINUTES, type Positions, slicePositions } from './positions.js'
import { createPremiumIndex } from './premium.js'
import { type PriceBars, slicePriceBars } from './price-bars.js'
import { createReferencePrices } from './reference-prices.js'

export type Publication = {
  readonly pair: string
  readonly seed: number
  readonly instrument: Instrument
  readonly bars: Bars // 1m
  readonly funding: Funding
  readonly premium: PriceBars
  readonly index: PriceBars
  readonly mark: PriceBars
  readonly positions: Positions
  /** Ids of the first trade and of the first taker's order of these bars. */
  readonly firstTrade: number
  readonly firstOrder: number
}

export interface Publisher {
  /** What belongs to the next bars of the pair: whole days. */
  next(history: PairHistory): Publication
}

/** Ids near those of the exchange in 2024; only their order means something. */
const FIRST_TRADE = 4_400_000_000
const FIRST_ORDER = 2_010_000_000

/** @param from UTC ms of the pair's first bar, the start of a day */
export function createPublisher(seed: number, pair: string, from: number): Publisher {
  assert(from % DAY === 0, `publications cannot start at ${from}`)
  const instrument = instrumentOf(pair)
  const premiumIndex = createPremiumIndex(seed, pair, from)
  const references = createReferencePrices()
  const positionSeries = createPositions(seed, pair, instrument)
  let firstTrade = FIRST_TRADE
  let firstOrder = FIRST_ORDER
  return {
    next({ bars, funding }) {
      const premium = premiumIndex.next(bars)
      const { index, mark } = references.next(bars, funding, premium)
      const positions = positionSeries.next(bars, mark)
      const ids = { firstTrade, firstOrder }
      const made = idsOf(bars)
      firstTrade += made.trades
      firstOrder += made.orders
      return { pair, seed, instrument, bars, funding, premium, index, mark, positions, ...ids }
    },
  }
}

/** The days of a publication, each a publication; funding is that of the whole. */
export function* daysOfPublication(whole: Publication): Generator<Publication> {
  const { bars, premium, index, mark, positions } = whole
  const minutes = DAY / MINUTE
  let { firstTrade, firstOrder } = whole
  for (let start = 0; start < bars.rows; start += minutes) {
    const end = start + minutes
    const day = sliceBars(bars, start, end)
    yield {
      ...whole,
      bars: day,
      premium: slicePriceBars(premium, start, end),
      index: slicePriceBars(index, start, end),
      mark: slicePriceBars(mark, start, end),
      positions: slicePositions(positions, start / POSITION_MINUTES, end / POSITION_MINUTES),
      firstTrade,
      firstOrder,
    }
    const made = idsOf(day)
    firstTrade += made.trades
    firstOrder += made.orders
  }
}

/** A minute's orders with the ids of the first of them and of its first trade. The orders are used again by the next minute. */
export type MinuteOrders = { readonly orders: Orders; readonly firstTrade: number; readonly firstOrder: number }

/** The orders of a day, minute by minute. */
export function* ordersOfDay(day: Publication): Generator<MinuteOrders> {
  const { bars, instrument } = day
  const maker = createTradeMaker(instrument)
  const random = dayRandom('trades', day)
  let { firstTrade, firstOrder } = day
  for (let i = 0; i < bars.rows; i++) {
    const orders = maker.make(bars, i, random)
    yield { orders, firstTrade, firstOrder }
    firstTrade += orders.trades
    firstOrder += orders.count
  }
}

/** The orders of a day with the best bid and ask after each. */
export function* quotesOfDay(day: Publication): Generator<MinuteOrders & { readonly quotes: Quotes }> {
  const maker = createQuoteMaker(day.instrument, dayRandom('quotes', day))
  for (const minute of ordersOfDay(day)) yield { ...minute, quotes: maker.make(minute.orders) }
}

export function depthOfDay(day: Publication): Depth {
  return bookDepth(day.bars, day.instrument, dayRandom('depth', day))
}

export function liquidationsOfDay(day: Publication): Liquidations {
  return liquidationsOf(day.bars, day.instrument, dayRandom('liquidations', day))
}

/** A stream for each day, so that a day can be made without those before it. */
function dayRandom(what: string, { seed, pair, bars }: Publication) {
  assert(bars.rows === DAY / MINUTE && bars.openTime[0] % DAY === 0, `${bars.rows} minutes are not a day`)
  return createRandom(seed, `${what} ${pair} ${isoDay(bars.openTime[0])}`)
}

function idsOf({ count }: Bars): { trades: number; orders: number } {
  let trades = 0
  let orders = 0
  for (const minute of count) {
    trades += minute
    orders += ordersOf(minute)
  }
  return { trades, orders }
}
