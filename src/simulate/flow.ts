/**
 * Who traded in a minute: volume, trades, and the takers' buying side. The latent state shows itself here and nowhere else.
 */
import type { Random } from '../core/random.js'
import type { Instrument } from './instruments.js'

/** Weights inside the imbalance: latent state, the minute's own return in units of its volatility, and noise. */
const STATE_WEIGHT = 0.16
const RETURN_WEIGHT = 0.12
const NOISE_WEIGHT = 0.2

export type Minute = {
  readonly move: number // log return of the minute / its standard deviation
  readonly activity: number // expected activity relative to the average minute
  readonly state: number // the latent state s at the minute's end
  readonly high: number
  readonly low: number
  readonly mean: number // mean of the path's prices
}

export type Flow = {
  volume: number
  quoteVolume: number
  count: number
  takerBuyVolume: number
  takerBuyQuoteVolume: number
}

/** Fills `flow` for one minute. Volumes lie on the lot grid and are at least one lot; both sides' mean prices lie within [low, high]. */
export function drawFlow(instrument: Instrument, minute: Minute, random: Random, flow: Flow): void {
  const { lotsPerUnit, turnover, tradeValue } = instrument
  const size = Math.min(Math.abs(minute.move), 5)
  const quote = turnover * minute.activity * Math.exp(0.45 * size - 0.5 + 0.35 * random.normal())
  const lots = Math.max(1, Math.round((quote / minute.mean) * lotsPerUnit))
  const lean =
    STATE_WEIGHT * minute.state +
    RETURN_WEIGHT * Math.max(-5, Math.min(5, minute.move)) +
    NOISE_WEIGHT * random.normal()
  const buyLots = Math.max(0, Math.min(lots, Math.round(lots * (0.5 + 0.5 * Math.tanh(lean)))))
  const share = buyLots / lots
  // Buyers pay a little more than sellers get; the lot-weighted mean of the two is the minute's mean price.
  const range = minute.high - minute.low
  const mean = Math.max(minute.low + 0.1 * range, Math.min(minute.high - 0.1 * range, minute.mean))
  const buyPrice = mean + 0.1 * range * (1 - share)
  flow.volume = lots / lotsPerUnit
  flow.quoteVolume = fiveDecimals((lots / lotsPerUnit) * mean)
  flow.takerBuyVolume = buyLots / lotsPerUnit
  flow.takerBuyQuoteVolume = fiveDecimals((buyLots / lotsPerUnit) * buyPrice)
  flow.count = Math.max(
    1,
    Math.min(lots, Math.round((flow.quoteVolume / tradeValue) * Math.exp(0.2 * random.normal()))),
  )
}

/** Quote volumes carry five decimals, as the exchange prints them. */
function fiveDecimals(quote: number): number {
  return Math.round(quote * 1e5) / 1e5
}
