/**
 * The premium index minute by minute: how far the contract stands above its index, as a fraction. Funding is made from it.
 *
 * The funding process says where the premium of each 8 hours lies: a drift that is drawn, and a part that follows the price. The drift is
 * independent of every return, so the whole interval may know it; the part that follows may only know returns that have happened, or
 * the premium would foretell the price. Each return therefore moves the premium when it happens, by as much as makes the weighted mean
 * of the interval come out: returns late in the interval, which few minutes are left to weigh, by more, up to LATE times. What the last
 * half hour's move lacks by that bound is the one departure from the exchange: there the rate is the formula over the weighted mean of
 * the premium, here it differs from that by 0.0003 % of the position in the mean (0.007 % at most in 120 days); where interest rules, as
 * in three prints of four, by nothing.
 */
import { assert } from '../core/errors.js'
import { createRandom } from '../core/random.js'
import { MINUTE } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { driftPremium, FOLLOW, FUNDING_INTERVAL, limitMove } from './funding.js'
import { emptyPriceBars, type PriceBars } from './price-bars.js'
import { ouStep } from './volatility.js'

const MINUTES = FUNDING_INTERVAL / MINUTE
const LATE = 8

/** The noise around the level: half-life in minutes and standard deviation; and what extremes go beyond open and close. */
const NOISE = ouStep(12, 0.00006)
const REACH = 0.00003

/** From the level before to the one that the drift says: minutes of the way's time constant. */
const APPROACH = 60

/** Weight of minute k of an interval, as the exchange weighs: the later the heavier. Sums to 1. */
export const PREMIUM_WEIGHT = Float64Array.from(
  { length: MINUTES },
  (_, k) => (2 * (k + 1)) / (MINUTES * (MINUTES + 1)),
)

/** What one return at minute k adds to the minutes from k on, so that their weighted sum is 1: 1 / (sum of their weights), bounded. */
const RESPONSE = responses()

/** How much of the way the path has gone after minute k, and the weighted mean of that. */
const WAY = Float64Array.from({ length: MINUTES }, (_, k) => 1 - Math.exp(-(k + 1) / APPROACH))
const MEAN_WAY = weightedMean(WAY)

export interface PremiumIndex {
  /** The bars of the minutes of `bars`, which begin where those before ended. */
  next(bars: Bars): PriceBars
}

/** @param from UTC ms of the first bar, at a funding print */
export function createPremiumIndex(seed: number, pair: string, from: number): PremiumIndex {
  assert(from % FUNDING_INTERVAL === 0, `a premium cannot start at ${from}`)
  // The stream that the funding prints of the pair are drawn from, drawn again in the same order.
  const drift = createRandom(seed, `premium ${pair}`)
  const random = createRandom(seed, `premium index ${pair}`)
  let level = driftPremium(0, drift)
  let last = level
  let lastPrice = Number.NaN
  let noise = 0
  // Of the interval that is under way: where it began, what leads from there, and what the price has moved and added.
  let start = level
  let path = new Float64Array(MINUTES)
  let move = 0
  let followed = 0
  const begin = () => {
    level = driftPremium(level, drift)
    const before = noise
    path = path.map(() => {
      noise = NOISE.keep * noise + NOISE.kick * random.normal()
      return noise - before
    })
    const step = (level - last - weightedMean(path)) / MEAN_WAY
    path = path.map((value, k) => value + step * WAY[k])
    start = last
    move = 0
    followed = 0
  }
  return {
    next(bars) {
      const result = emptyPriceBars(bars.rows)
      for (let i = 0; i < bars.rows; i++) {
        const k = (bars.openTime[i] % FUNDING_INTERVAL) / MINUTE
        if (k === 0) begin()
        if (Number.isNaN(lastPrice)) lastPrice = bars.open[i]
        const before = limitMove(move)
        move += Math.log(bars.close[i] / lastPrice)
        lastPrice = bars.close[i]
        followed += FOLLOW * RESPONSE[k] * (limitMove(move) - before)
        const close = eightDecimals(start + path[k] + followed)
        result.open[i] = eightDecimals(last)
        result.close[i] = close
        result.high[i] = eightDecimals(Math.max(last, close) + REACH * Math.abs(random.normal()))
        result.low[i] = eightDecimals(Math.min(last, close) - REACH * Math.abs(random.normal()))
        last = close
        // The price has had its say: the level that the next drift goes on from holds all of it.
        if (k === MINUTES - 1) level += FOLLOW * limitMove(move)
      }
      return result
    },
  }
}

function responses(): Float64Array {
  const result = new Float64Array(MINUTES)
  let left = 0
  for (let k = MINUTES - 1; k >= 0; k--) {
    left += PREMIUM_WEIGHT[k]
    result[k] = Math.min(LATE, 1 / left)
  }
  return result
}

function weightedMean(x: Float64Array): number {
  let sum = 0
  for (let k = 0; k < MINUTES; k++) sum += PREMIUM_WEIGHT[k] * x[k]
  return sum
}

function eightDecimals(x: number): number {
  return Math.round(x * 1e8) / 1e8
}
