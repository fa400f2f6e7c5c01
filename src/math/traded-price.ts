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

/** Over the last `window` bars. NaN while a NaN lies in the window. */
export function rollingTradedPrice(sums: TradedSums, window: number, origin: number): WeightedPrice {
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

/** Of Σ quantity · price²: what rounding leaves of a bar whose trades have one price, a deviation of 3e-8 of the price. */
const ONE_PRICE = 2 ** -50

/**
 * Σ quantity · (price - mean price of the bar)² of each bar [n]; 0 without trades and where all prices are one but for rounding,
 * NaN where not known.
 */
export function spreadWithin({ quoteVolume, volume, squares }: TradedSums): Float64Array {
  return squares.map((square, i) => {
    if (volume[i] === 0) return 0 * square
    const spread = square - (quoteVolume[i] * quoteVolume[i]) / volume[i]
    return spread <= ONE_PRICE * square ? 0 : spread
  })
}
