/**
 * How large the single trades are, who began them and how far apart their prices lie. A print is a trade, or those of one taker order at
 * one price where the source has put them together. (That bars know only the sum of quantities leaves out any other moment of their size.)
 */
import { ratio } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import { spreadWithin } from '../../math/traded-price.js'
import { defineFeature, type Feature } from '../feature.js'

const TRADES = 'single trades of the exchange'
const USUAL_BARS = 60

/** How far `part` outweighs the rest of `whole`, as a share of it: -1 … 1. */
function imbalance(part: Float64Array, whole: Float64Array): Float64Array {
  return ratio(part, whole).map((share) => 2 * share - 1)
}

const volumeImbalanceFeature = (window: number): Feature =>
  defineFeature({
    name: `trade_imbalance_${window}`,
    family: 'trades',
    meaning: `Volume bought by takers less volume sold, as a share of both in ${window} bar${window === 1 ? '' : 's'} of single trades, -1 … 1.`,
    inputs: ['boughtVolume', 'soldVolume'],
    lookback: window - 1,
    timeframes: 'every',
    reference: TRADES,
    compute({ boughtVolume, soldVolume, origin }) {
      const bought = rollingSum(boughtVolume, window, origin)
      const sold = rollingSum(soldVolume, window, origin)
      return bought.map((volume, i) => {
        const all = volume + sold[i]
        return all === 0 ? Number.NaN : (volume - sold[i]) / all
      })
    },
  })

const printImbalanceFeature = (window: number): Feature =>
  defineFeature({
    name: `print_imbalance_${window}`,
    family: 'trades',
    meaning: `Prints of taker buyers less those of sellers, as a share of both in ${window} bar${window === 1 ? '' : 's'}, -1 … 1.`,
    inputs: ['boughtPrints', 'prints'],
    lookback: window - 1,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ boughtPrints, prints, origin }) =>
      imbalance(rollingSum(boughtPrints, window, origin), rollingSum(prints, window, origin)),
  })

export const tradesFeatures: readonly Feature[] = [
  ...[1, 5, 20, 60, 240].map(volumeImbalanceFeature),
  ...[1, 20, 60].map(printImbalanceFeature),
  defineFeature({
    name: 'print_size',
    family: 'trades',
    meaning: 'Volume per print, in base currency; NaN without trades.',
    inputs: ['tradedVolume', 'prints'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ tradedVolume, prints }) => ratio(tradedVolume, prints),
  }),
  defineFeature({
    name: 'print_size_ratio',
    family: 'trades',
    meaning: `Volume per print over that of the last ${USUAL_BARS} bars together; 1 = usual.`,
    inputs: ['tradedVolume', 'prints'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: TRADES,
    compute({ tradedVolume, prints, origin }) {
      const usual = ratio(rollingSum(tradedVolume, USUAL_BARS, origin), rollingSum(prints, USUAL_BARS, origin))
      return ratio(ratio(tradedVolume, prints), usual)
    },
  }),
  defineFeature({
    name: 'print_size_skew',
    family: 'trades',
    meaning:
      'Logarithm of the volume per print of taker buyers over that of sellers; NaN where one side is without a print.',
    inputs: ['boughtVolume', 'boughtPrints', 'soldVolume', 'prints'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ boughtVolume, boughtPrints, soldVolume, prints }) =>
      boughtVolume.map((bought, i) => {
        const relative = (bought * (prints[i] - boughtPrints[i])) / (soldVolume[i] * boughtPrints[i])
        return relative > 0 && Number.isFinite(relative) ? Math.log(relative) : Number.NaN
      }),
  }),
  defineFeature({
    name: 'trades_per_print',
    family: 'trades',
    meaning:
      'Single trades per print: how many makers a taker order met at one price; 1 where the source has single trades.',
    inputs: ['singleTrades', 'prints'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ singleTrades, prints }) => ratio(singleTrades, prints),
  }),
  defineFeature({
    name: 'largest_print',
    family: 'trades',
    meaning: 'Volume of the largest print, in base currency; NaN without trades.',
    inputs: ['largestPrint'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ largestPrint }) => largestPrint.slice(),
  }),
  defineFeature({
    name: 'largest_print_share',
    family: 'trades',
    meaning: 'Volume of the largest print as a share of the volume, 0 … 1.',
    inputs: ['largestPrint', 'tradedVolume'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ largestPrint, tradedVolume }) => ratio(largestPrint, tradedVolume),
  }),
  defineFeature({
    name: 'largest_print_zscore',
    family: 'trades',
    meaning: `Sample deviations that the largest print lies above its mean of ${USUAL_BARS} bars; NaN over a bar without trades.`,
    inputs: ['largestPrint'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: TRADES,
    compute: ({ largestPrint, origin }) => rollingZScore(largestPrint, USUAL_BARS, origin),
  }),
  defineFeature({
    name: 'trade_price_spread',
    family: 'trades',
    meaning: 'Volume-weighted deviation of the prices of single trades in the bar, as a fraction of their mean.',
    inputs: ['tradedQuote', 'tradedVolume', 'tradedSquares'],
    lookback: 0,
    timeframes: 'every',
    reference: TRADES,
    compute: spreadOf,
  }),
  defineFeature({
    name: 'trade_price_spread_ratio',
    family: 'trades',
    meaning: `trade_price_spread over its mean of ${USUAL_BARS} bars; 1 = usual.`,
    inputs: ['tradedQuote', 'tradedVolume', 'tradedSquares'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: TRADES,
    compute(sums) {
      const spread = spreadOf(sums)
      return ratio(spread, rollingMean(spread, USUAL_BARS, sums.origin))
    },
  }),
]

type Sums = {
  readonly tradedQuote: Float64Array
  readonly tradedVolume: Float64Array
  readonly tradedSquares: Float64Array
}

function spreadOf({ tradedQuote, tradedVolume, tradedSquares }: Sums): Float64Array {
  const within = spreadWithin({ quoteVolume: tradedQuote, volume: tradedVolume, squares: tradedSquares })
  return within.map((squares, i) => {
    const mean = tradedQuote[i] / tradedVolume[i]
    return tradedVolume[i] === 0 ? Number.NaN : Math.sqrt(squares / tradedVolume[i]) / mean
  })
}
