/**
 * The average price of trades and how far the prices paid lie around it, from sums over the trades themselves. Unlike
 * volume-weighted-price.ts, which knows one price a bar, the spread includes that within each bar: the two add up (law of total variance).
 */
import { rollingSum } from './rolling-sum.js'
import {
  anchoredWeightedPrice,
  rollingWeightedPrice,
  type TradedBars,
  type WeightedPrice,
} from './volume-weighted-price.js'

/** `squares`: Σ quantity · price² of each bar [n]. */
export type TradedSums = TradedBars & { readonly squares: Float64Array }

/** Over the last `window` bars; `close` is where prices are measured from, as in `rollingWeightedPrice`. NaN while a NaN lies in the window. */
export function rollingTradedPrice(
  sums: TradedSums & { readonly close: Float64Array },
  window: number,
  origin: number,
): WeightedPrice {
  const { mean, deviation } = rollingWeightedPrice(sums, window, origin)
  const within = rollingSum(spreadWithin(sums), window, origin)
  const bought = rollingSum(sums.volume, window, origin)
  return { mean, deviation: deviation.map((between, i) => Math.sqrt(between * between + within[i] / bought[i])) }
}

/**
 * Since the first bar of the period, or since the data or its last hole, if later.
 *
 * @param period  number of the period of each bar: a change of it begins anew [n]
 * @returns       NaN in a hole and until something was traded [n]
 */
export function anchoredTradedPrice(sums: TradedSums, period: Float64Array): WeightedPrice {
  const { mean, deviation } = anchoredWeightedPrice(sums, period)
  const within = spreadWithin(sums)
  let bought = 0
  let squares = 0
  for (let i = 0; i < mean.length; i++) {
    const isUnknown = Number.isNaN(sums.volume[i] + within[i])
    if (isUnknown || i === 0 || period[i] !== period[i - 1]) bought = squares = 0
    if (!isUnknown) {
      bought += sums.volume[i]
      squares += within[i]
    }
    deviation[i] = isUnknown ? Number.NaN : Math.sqrt(deviation[i] * deviation[i] + squares / bought)
  }
  return { mean, deviation }
}

/**
 * Σ quantity · (price - mean price of the bar)² of each bar [n]; 0 without trades, NaN where not known. Of a bar whose trades have
 * one price some 1e-16 of its squares may be left, which is a deviation of some 1e-8 of the price.
 */
export function spreadWithin({ quoteVolume, volume, squares }: TradedSums): Float64Array {
  return squares.map((square, i) => {
    if (volume[i] === 0) return 0 * square
    return Math.max(0, square - (quoteVolume[i] * quoteVolume[i]) / volume[i])
  })
}
