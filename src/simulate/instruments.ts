/**
 * What a simulated instrument starts from: price, tick, lot and turnover, near the exchange's own at the start of 2024.
 */
import { power } from '../core/power.js'
import { createRandom } from '../core/random.js'

export type Instrument = {
  readonly price: number // quote asset, at the first bar's open
  readonly ticksPerUnit: number // 1 / tick: a price is a whole number divided by it, so that it prints and parses back exactly
  readonly priceDecimals: number // as the exchange prints prices
  readonly lotsPerUnit: number // 1 / lot, base asset
  readonly lotDecimals: number
  readonly turnover: number // mean quote volume of one minute
  readonly tradeValue: number // mean quote value of one trade
  readonly restlessness: number // volatility relative to the market's
}

const KNOWN: Readonly<Record<string, Instrument>> = {
  BTCUSDT: {
    price: 42_313.9,
    ticksPerUnit: 10,
    priceDecimals: 2,
    lotsPerUnit: 1000,
    lotDecimals: 3,
    turnover: 8.3e6,
    tradeValue: 3200,
    restlessness: 1,
  },
  ETHUSDT: {
    price: 2_283.23,
    ticksPerUnit: 100,
    priceDecimals: 2,
    lotsPerUnit: 1000,
    lotDecimals: 3,
    turnover: 4.1e6,
    tradeValue: 2100,
    restlessness: 1.08,
  },
}

/** The table's entry, or for any other pair one drawn from its name alone, so that every seed trades the same contract. */
export function instrumentOf(pair: string): Instrument {
  const known = KNOWN[pair]
  if (known !== undefined) return known
  const random = createRandom(0, `instrument ${pair}`)
  const priceDecimals = 2 + random.below(3)
  // Between 5,000 and 25,000 ticks, so that a tick is a few thousandths of a percent, as on the exchange.
  const price = Math.round(5000 + random.next() * 20_000) / power(10, priceDecimals)
  return {
    price,
    ticksPerUnit: power(10, priceDecimals),
    priceDecimals,
    lotsPerUnit: 10,
    lotDecimals: 1,
    turnover: 2e5 * (1 + 9 * random.next()),
    tradeValue: 600 + 600 * random.next(),
    restlessness: 1.15,
  }
}
