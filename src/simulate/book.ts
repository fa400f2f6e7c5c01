/**
 * What the order book shows: depth within bands around the price, and the best bid and ask around every order that takes from it. Its
 * sizes follow how restless the minutes before were, and chance of their own; the book knows nothing of the latent state.
 */
import { power } from '../core/power.js'
import type { Random } from '../core/random.js'
import { MINUTE, SECOND } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Instrument } from './instruments.js'
import type { Orders } from './orders.js'

/** Distance from the price in percent, below and above it, in the order of the archive. */
export const DEPTH_BANDS: readonly number[] = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]

export type Depth = {
  readonly time: Float64Array // UTC ms, whole seconds                                                [n]
  readonly quantity: Float64Array // base asset from the price to the band, one row of bands after another [n · bands]
  readonly notional: Float64Array // the same in quote asset                                              [n · bands]
}

const EVERY = 30 * SECOND
const BANDS = 5
/** Minutes of usual turnover that stand within 1 % on one side in a usual hour, and the restlessness of that hour: log range of a minute. */
const MINUTES_WITHIN = 3
const USUAL_RANGE = 0.0009
/** A day's first minute has no minutes before it: the memory of restlessness, in minutes. */
const MEMORY = 30

/**
 * A snapshot about every 30 seconds of whole days, around the open of the minute it falls in: the last price that it may know.
 *
 * Each band holds what the one within it holds and more, so depth rises with the distance.
 */
export function bookDepth(bars: Bars, instrument: Instrument, random: Random): Depth {
  const { lotsPerUnit, turnover } = instrument
  const rows = (bars.rows * MINUTE) / EVERY
  const depth = {
    time: new Float64Array(rows),
    quantity: new Float64Array(rows * DEPTH_BANDS.length),
    notional: new Float64Array(rows * DEPTH_BANDS.length),
  }
  let range = USUAL_RANGE
  let [bidMood, askMood] = [0.3 * random.normal(), 0.3 * random.normal()]
  for (let row = 0; row < rows; row++) {
    const start = bars.openTime[0] + row * EVERY
    const i = Math.floor((row * EVERY) / MINUTE)
    if (i > 0 && (row * EVERY) % MINUTE === 0) range += (Math.log(bars.high[i - 1] / bars.low[i - 1]) - range) / MEMORY
    depth.time[row] = start + SECOND * random.below(10)
    const within = (MINUTES_WITHIN * turnover) / bars.open[i] / Math.sqrt(Math.max(range, 1e-5) / USUAL_RANGE)
    bidMood = 0.98 * bidMood + 0.06 * random.normal()
    askMood = 0.98 * askMood + 0.06 * random.normal()
    for (const [side, mood] of [
      [-1, bidMood],
      [1, askMood],
    ] as const) {
      let quantity = 0
      let notional = 0
      for (let percent = 1; percent <= BANDS; percent++) {
        // Thinner with the distance, each slice with a mood of its own, and never less than a lot.
        const slice = within * Math.exp(mood + 0.15 * random.normal()) * power(percent, -0.6)
        const lots = Math.max(1, Math.round(slice * lotsPerUnit))
        quantity += lots / lotsPerUnit
        notional += (lots / lotsPerUnit) * bars.open[i] * (1 + (side * (percent - 0.5)) / 100)
        const at = row * DEPTH_BANDS.length + (side < 0 ? BANDS - percent : BANDS - 1 + percent)
        depth.quantity[at] = quantity
        depth.notional[at] = notional
      }
    }
  }
  return depth
}

/** Best prices after each order, in ticks and lots. The object may be used again. */
export type Quotes = {
  readonly bid: Float64Array
  readonly ask: Float64Array
  readonly bidLots: Float64Array
  readonly askLots: Float64Array
  readonly eventTime: Float64Array // when it was sent, some milliseconds after it was so
}

export interface QuoteMaker {
  make(orders: Orders): Quotes
}

/**
 * Best bid and ask after each order: one tick apart, the order's price among them. It took from the ask when it bought.
 *
 * Left out: changes of the book without a trade, of which the exchange publishes several for each one with.
 */
export function createQuoteMaker({ tradeValue, price, lotsPerUnit }: Instrument, random: Random): QuoteMaker {
  const usual = (4 * tradeValue * lotsPerUnit) / price
  const size = () => 1 + Math.floor((usual * random.next()) / (0.15 + random.next()))
  let quotes = emptyQuotes(0)
  return {
    make({ count, price: ticks, isBuy, time }) {
      if (count > quotes.bid.length) quotes = emptyQuotes(2 * count)
      for (let order = 0; order < count; order++) {
        const bid = Math.max(1, ticks[order] - isBuy[order])
        quotes.bid[order] = bid
        quotes.ask[order] = bid + 1
        quotes.bidLots[order] = size()
        quotes.askLots[order] = size()
        quotes.eventTime[order] = time[order] + 2 + random.below(6)
      }
      return quotes
    },
  }
}

function emptyQuotes(rows: number): Quotes {
  const column = () => new Float64Array(rows)
  return { bid: column(), ask: column(), bidLots: column(), askLots: column(), eventTime: column() }
}
