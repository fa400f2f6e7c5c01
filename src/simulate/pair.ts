/**
 * One simulated instrument: how its price path, latent state and flow go on from one minute to the next.
 */
import { createRandom, type Random } from '../core/random.js'
import { DAY, MINUTE } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { drawFlow, type Flow } from './flow.js'
import { nextFundingRate, type Premium } from './funding.js'
import { type Instrument, instrumentOf } from './instruments.js'
import { ouStep, SEASON, type Weather, weekend } from './volatility.js'

/** Points of the price path inside one minute; open, high, low and close are read off it. */
export const SUB_STEPS = 6
/** Share of the common factor in each pair's shocks; two pairs correlate by its square. */
const LOADING = 0.92
/** The same for the innovations of their latent states. */
const STATE_LOADING = 0.8
/** Drift of one minute in its own standard deviations, per unit of edge and of latent state. */
const DRIFT = 0.22
const STATE_HALF_LIFE = 300 // minutes
const FADE_HALF_LIFE = 24 * 60 // minutes

const STATE = ouStep(STATE_HALF_LIFE, 1)
const FADE = Math.LN2 / FADE_HALF_LIFE
const ACTIVITY = ouStep(6 * 60, 0.35)

export type PairState = {
  readonly pair: string
  readonly instrument: Instrument
  readonly path: Random
  readonly latent: Random
  readonly trading: Random
  readonly premiumChance: Random
  readonly premium: Premium
  readonly flow: Flow
  logPrice: number
  last: number // last traded price, on the tick grid
  state: number
  pressure: number // what the planted drift has added to the log price and not yet given back
  activity: number // log of the slow level of turnover
  logPriceAtFunding: number
}

/** @param sharedState the normal that all latent states begin with in part */
export function startPair(pair: string, seed: number, sharedState: number): PairState {
  const instrument = instrumentOf(pair)
  const latent = createRandom(seed, `latent ${pair}`)
  const logPrice = Math.log(instrument.price)
  return {
    pair,
    instrument,
    latent,
    logPrice,
    path: createRandom(seed, `path ${pair}`),
    trading: createRandom(seed, `trading ${pair}`),
    premiumChance: createRandom(seed, `premium ${pair}`),
    premium: { level: 0 },
    flow: { volume: 0, quoteVolume: 0, count: 0, takerBuyVolume: 0, takerBuyQuoteVolume: 0 },
    last: instrument.price,
    state: stateNormal(sharedState, latent),
    pressure: 0,
    activity: 0,
    logPriceAtFunding: logPrice,
  }
}

export type Step = {
  readonly bars: Bars // row i is filled
  readonly i: number
  readonly time: number
  readonly edge: number
  readonly weather: Weather
  readonly shared: Float64Array // the common factor's normals, one per sub-step
  readonly sharedState: number // the normal that moves all latent states
}

/** Fills one row of bars and moves the pair on by a minute. */
export function stepPair(pair: PairState, { bars, i, time, edge, weather, shared, sharedState }: Step): void {
  const { instrument } = pair
  const { ticksPerUnit } = instrument
  const sigma = weather.sigma * instrument.restlessness
  const scale = (sigma * weather.tail) / Math.sqrt(SUB_STEPS)
  const own = Math.sqrt(1 - LOADING * LOADING)
  // The state of the minute before: flow shows it no later than the drift acts.
  const drift = edge * DRIFT * pair.state * sigma - FADE * pair.pressure
  pair.pressure += drift
  const start = pair.logPrice
  let ticks = Math.round(pair.last * ticksPerUnit)
  if (pair.path.next() < 0.2) ticks += pair.path.next() < 0.5 ? 1 : -1
  let price = Math.max(1, ticks) / ticksPerUnit
  bars.open[i] = price
  let high = price
  let low = price
  let sum = 0
  for (let k = 0; k < SUB_STEPS; k++) {
    pair.logPrice += drift / SUB_STEPS + scale * (LOADING * shared[k] + own * pair.path.normal())
    price = Math.max(1, Math.round(Math.exp(pair.logPrice) * ticksPerUnit)) / ticksPerUnit
    if (price > high) high = price
    if (price < low) low = price
    sum += price
  }
  pair.last = price
  bars.high[i] = high
  bars.low[i] = low
  bars.close[i] = price
  pair.state = STATE.keep * pair.state + STATE.kick * stateNormal(sharedState, pair.latent)
  pair.activity = ACTIVITY.keep * pair.activity + ACTIVITY.kick * pair.trading.normal()
  const activity = SEASON[Math.floor((time % DAY) / MINUTE)] ** 2 * weekend(time) ** 2 * Math.exp(pair.activity)
  const move = (pair.logPrice - start) / sigma
  drawFlow(instrument, { move, activity, state: pair.state, high, low, mean: sum / SUB_STEPS }, pair.trading, pair.flow)
  bars.volume[i] = pair.flow.volume
  bars.quoteVolume[i] = pair.flow.quoteVolume
  bars.count[i] = pair.flow.count
  bars.takerBuyVolume[i] = pair.flow.takerBuyVolume
  bars.takerBuyQuoteVolume[i] = pair.flow.takerBuyQuoteVolume
  bars.baseBars[i] = 1
}

/** The rate printed at this minute's open, before the minute's trades. */
export function printFunding(pair: PairState): number {
  const move = pair.logPrice - pair.logPriceAtFunding
  pair.logPriceAtFunding = pair.logPrice
  return nextFundingRate(pair.premium, move, pair.premiumChance)
}

function stateNormal(shared: number, own: Random): number {
  return STATE_LOADING * shared + Math.sqrt(1 - STATE_LOADING * STATE_LOADING) * own.normal()
}
