/**
 * Positions that are closed by force: longs when the price falls, shorts when it rises, the more the farther it goes beyond the calm, and
 * now and then one in a calm minute. All of it follows from the minute's bar, the close before it, and chance of its own.
 */
import type { Random } from '../core/random.js'
import { SECOND } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Instrument } from './instruments.js'

/** Orders, oldest first, at most one a second: what the exchange tells of. Each [n]. */
export type Liquidations = {
  readonly time: readonly number[] // UTC ms
  readonly isSell: readonly number[] // 1: an order to sell, which closes a long; 0: to buy, a short
  readonly quantity: readonly number[] // base asset, on the lot grid
  readonly price: readonly number[] // of the order, at which the position is worth nothing, on the tick grid
  readonly averagePrice: readonly number[] // of its fills, within the minute's bar, on the tick grid
}

/** Usual open interest in minutes of usual turnover, and the part of it that is closed per log return beyond the calm of a minute. */
const USUAL_MINUTES = 0.35 * 1440
const CLOSED = 0.3
const CALM = 0.0012
/** Chance of an order on one side in any minute, and the trades' worth of an order. */
const STRAY = 0.02
const ORDER_TRADES = 12
/** Every second of a minute has room for one: so many are never in the same. */
const MOST = 30
const SECONDS = 60

type Side = { readonly orders: number; readonly value: number }

/** @param bars  whole days of 1m */
export function liquidationsOf(bars: Bars, instrument: Instrument, random: Random): Liquidations {
  const out = { time: [], isSell: [], quantity: [], price: [], averagePrice: [] } as {
    [K in keyof Liquidations]: number[]
  }
  const { ticksPerUnit, lotsPerUnit } = instrument
  for (let i = 0; i < bars.rows; i++) {
    const before = i === 0 ? bars.open[0] : bars.close[i - 1]
    const longs = closedBy(Math.log(before / bars.low[i]), instrument, random)
    const shorts = closedBy(Math.log(bars.high[i] / before), instrument, random)
    let [sells, buys] = [longs.orders, shorts.orders]
    const count = sells + buys
    for (let k = 0; k < count; k++) {
      const isSell = random.below(sells + buys) < sells
      if (isSell) sells--
      else buys--
      const { orders, value } = isSell ? longs : shorts
      const room = Math.floor(SECONDS / count)
      const second = k * room + random.below(room)
      const averagePrice = fillPrice(isSell, { low: bars.low[i], high: bars.high[i], before }, random)
      const ticks = Math.round(averagePrice * ticksPerUnit)
      const beyond = Math.ceil(ticks * (0.001 + 0.005 * random.next()))
      const share = (0.5 + random.next()) / orders
      out.time.push(bars.openTime[i] + second * SECOND + random.below(SECOND))
      out.isSell.push(isSell ? 1 : 0)
      out.quantity.push(Math.max(1, Math.round(((share * value) / averagePrice) * lotsPerUnit)) / lotsPerUnit)
      out.price.push(Math.max(1, isSell ? ticks - beyond : ticks + beyond) / ticksPerUnit)
      out.averagePrice.push(ticks / ticksPerUnit)
    }
  }
  return out
}

/** What a move against one side closes of it: orders, and their value together in quote asset. */
function closedBy(move: number, { turnover, tradeValue }: Instrument, random: Random): Side {
  const stray = random.next() < STRAY ? ORDER_TRADES * tradeValue * random.next() : 0
  const excess = Math.max(0, move - CALM)
  const value = stray + CLOSED * excess * USUAL_MINUTES * turnover * Math.exp(0.5 * random.normal())
  if (value === 0) return { orders: 0, value }
  return { orders: Math.min(MOST / 2, 1 + Math.floor(value / (ORDER_TRADES * tradeValue * 8))), value }
}

/** Somewhere between the price before and the far end of the bar, more often near that. */
function fillPrice(
  isSell: boolean,
  { low, high, before }: { readonly low: number; readonly high: number; readonly before: number },
  random: Random,
): number {
  const [far, near] = isSell
    ? [low, Math.min(high, Math.max(low, before))]
    : [high, Math.max(low, Math.min(high, before))]
  return far + (near - far) * random.next() ** 2
}
