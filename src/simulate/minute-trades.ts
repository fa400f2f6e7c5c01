/**
 * The trades of one minute, made so that the minute's bar comes out of them: count, volume, takers' volume, open, high, low and close
 * exactly, both quote volumes to the nearest step that ticks and lots allow. Made after the bar and from it alone, with chance of their
 * own, so no bar depends on whether its trades are written.
 *
 * Left out: an order fills at one price only, and no two orders share a millisecond. Where a side has a handful of orders (1 of 400
 * minutes of the contract with the fewest trades, none of the known ones) its quote volume is off by some steps. A bar of so few trades
 * that they cannot touch its open, high, low and close does not come out at all; the quietest simulated minute has dozens.
 */
import type { Random } from '../core/random.js'
import { MINUTE } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Instrument } from './instruments.js'
import { drawPath, type TickBar } from './order-path.js'
import { emptyOrders, type Orders, ordersOf } from './orders.js'
import { fitQuotes, type SideTargets } from './quote-fit.js'

export interface TradeMaker {
  /** The orders of minute i. The object is used again by the next call. */
  make(bars: Bars, i: number, random: Random): Orders
}

export function createTradeMaker(instrument: Instrument): TradeMaker {
  let orders = emptyOrders(4096)
  return {
    make(bars, i, random) {
      const trades = bars.count[i]
      if (trades > orders.lots.length) orders = emptyOrders(2 * trades)
      orders.trades = trades
      orders.count = ordersOf(trades)
      const bar = tickBar(bars, i, instrument)
      drawTimes(orders, bars.openTime[i], random)
      drawPath(orders, bar, random)
      const [buys, sells] = tradesBySide(trades, bar)
      drawSides(orders, bar, ordersBySide(orders.count, buys, sells), random)
      drawSizes(orders, buys, sells, random)
      drawLots(orders, bar, random)
      fitQuotes(orders, bar, targets(bar, buys, sells))
      return orders
    },
  }
}

/** A minute in whole ticks, lots and ticks times lots. */
function tickBar(bars: Bars, i: number, { ticksPerUnit, lotsPerUnit }: Instrument): TickBar {
  const ticks = (price: number) => Math.round(price * ticksPerUnit)
  const lots = (volume: number) => Math.round(volume * lotsPerUnit)
  const quote = (volume: number) => Math.round(volume * ticksPerUnit * lotsPerUnit)
  return {
    open: ticks(bars.open[i]),
    high: ticks(bars.high[i]),
    low: ticks(bars.low[i]),
    close: ticks(bars.close[i]),
    lots: lots(bars.volume[i]),
    boughtLots: lots(bars.takerBuyVolume[i]),
    quote: quote(bars.quoteVolume[i]),
    boughtQuote: quote(bars.takerBuyQuoteVolume[i]),
  }
}

/** Both sides have at least one trade for their lots, and no more trades than lots. */
function tradesBySide(trades: number, { lots, boughtLots }: TickBar): [number, number] {
  const soldLots = lots - boughtLots
  if (boughtLots === 0) return [0, trades]
  if (soldLots === 0) return [trades, 0]
  const buys = Math.round((trades * boughtLots) / lots)
  const kept = Math.max(1, trades - soldLots, Math.min(buys, boughtLots, trades - 1))
  return [kept, trades - kept]
}

function ordersBySide(orders: number, buys: number, sells: number): number {
  if (buys === 0 || sells === 0) return buys === 0 ? 0 : orders
  const wanted = Math.round((orders * buys) / (buys + sells))
  return Math.max(1, orders - sells, Math.min(wanted, buys, orders - 1))
}

function targets({ quote, boughtQuote }: TickBar, buys: number, sells: number): SideTargets {
  // A side without trades has no say: the other one makes the whole.
  if (sells === 0) return { bought: quote, sold: 0 }
  return buys === 0 ? { bought: 0, sold: quote } : { bought: boughtQuote, sold: quote - boughtQuote }
}

function drawTimes({ count, time, weights }: Orders, from: number, random: Random): void {
  let sum = 0
  for (let order = 0; order < count; order++) {
    weights[order] = 0.05 + random.next()
    sum += weights[order]
  }
  const slack = (MINUTE - count) / sum
  let passed = 0
  for (let order = 0; order < count; order++) {
    // The first order comes within the first milliseconds' share, the last before the minute's end.
    time[order] = from + order + Math.floor(passed * slack)
    passed += weights[order]
  }
}

/** Buyers pay a little more: the higher the path stands, the likelier an order buys, so that the sides' means lie as far apart as the bar says. */
function drawSides({ count, path, isBuy }: Orders, bar: TickBar, buys: number, random: Random): void {
  const share = buys / count
  let mean = 0
  let square = 0
  for (let order = 0; order < count; order++) {
    mean += path[order] / count
    square += path[order] ** 2 / count
  }
  const soldLots = bar.lots - bar.boughtLots
  const apart = bar.boughtQuote / bar.boughtLots - (bar.quote - bar.boughtQuote) / soldLots
  const spread = square - mean * mean
  const tilt = buys === 0 || buys === count || spread < 0.01 ? 0 : (share * (1 - share) * apart) / spread
  let left = buys
  for (let order = 0; order < count; order++) {
    const chance = left / (count - order)
    // Drawn from what is left, so that the numbers come out.
    const buy = chance >= 1 || (chance > 0 && random.next() < chance + tilt * (path[order] - mean))
    isBuy[order] = buy ? 1 : 0
    if (buy) left--
  }
}

/** How many trades each order fills in: a few have many. */
function drawSizes({ count, isBuy, firstTrade, weights }: Orders, buys: number, sells: number, random: Random): void {
  const extra = [sells, buys]
  const sums = [0, 0]
  for (let order = 0; order < count; order++) {
    weights[order] = heavy(random)
    sums[isBuy[order]] += weights[order]
    extra[isBuy[order]]--
  }
  const split = createSplit(extra, sums)
  let trade = 0
  for (let order = 0; order < count; order++) {
    firstTrade[order] = trade
    trade += 1 + split(isBuy[order], weights[order])
  }
  firstTrade[count] = buys + sells
}

function drawLots({ count, trades, isBuy, firstTrade, lots, weights }: Orders, bar: TickBar, random: Random): void {
  const extra = [bar.lots - bar.boughtLots, bar.boughtLots]
  const sums = [0, 0]
  for (let order = 0; order < count; order++) {
    const side = isBuy[order]
    for (let trade = firstTrade[order]; trade < firstTrade[order + 1]; trade++) {
      weights[trade] = heavy(random)
      sums[side] += weights[trade]
      extra[side]--
    }
  }
  const split = createSplit(extra, sums)
  const last = [-1, -1]
  for (let order = 0; order < count; order++) {
    const side = isBuy[order]
    for (let trade = firstTrade[order]; trade < firstTrade[order + 1]; trade++) {
      lots[trade] = 1 + split(side, weights[trade])
      last[side] = trade
    }
  }
  // One trade cannot be of both sides: its bar's other side is lost, its volume is not.
  if (trades === 1) lots[0] = bar.lots
}

/** Whole parts of two totals in proportion to weights: the running sum is floored, so the parts add up to what is due. */
function createSplit(totals: readonly number[], sums: readonly number[]): (side: number, weight: number) => number {
  const passed = [0, 0]
  const given = [0, 0]
  return (side, weight) => {
    passed[side] += weight
    // Rounding must not keep the last one from its due.
    const due = Math.floor(totals[side] * Math.min(1, passed[side] / sums[side] + 1e-12))
    const part = due - given[side]
    given[side] = due
    return part
  }
}

/** Positive, with a tail: the largest of many is some thirty times the middle one. */
function heavy(random: Random): number {
  return 1 / (0.03 + random.next()) - 0.97
}
