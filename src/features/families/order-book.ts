/**
 * The order book: depth within bands of 1 to 5 % around the price, and the best bid and ask. The archive has no levels of the book, so
 * imbalance is by bands and at the best.
 */
import { ratio } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean } from '../../math/rolling-sum.js'
import { defineFeature, type Feature } from '../feature.js'
import { BOOK_BANDS, type BookBand } from '../series/book-depth.js'

const DEPTH = "the exchange's bookDepth"
const TICKER = "the exchange's bookTicker, which ends on 2024-03-30"
const USUAL_BARS = 60
const NEAREST = 0.01 // the nearest band, as a fraction of the price

/** (a - b) / (a + b): -1 … 1, NaN where both are 0. */
function imbalance(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => (value + b[i] === 0 ? Number.NaN : (value - b[i]) / (value + b[i])))
}

const sum = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i])
const midOf = (bid: Float64Array, ask: Float64Array) => bid.map((price, i) => (price + ask[i]) / 2)

const bandFeatures = (band: BookBand): Feature[] => {
  const [bids, asks] = [`bidDepth${band}`, `askDepth${band}`] as const
  const [bidValue, askValue] = [`bidNotional${band}`, `askNotional${band}`] as const
  const facts = { family: 'order-book', lookback: 0, timeframes: 'every', reference: DEPTH } as const
  return [
    defineFeature({
      ...facts,
      name: `book_imbalance_${band}`,
      meaning: `Bids less asks within ${band} % of the price, as a share of both, -1 … 1.`,
      inputs: [bids, asks],
      compute: ({ [bids]: bid, [asks]: ask }) => imbalance(bid, ask),
    }),
    defineFeature({
      ...facts,
      name: `book_depth_${band}`,
      meaning: `Bids and asks within ${band} % of the price, in quote currency.`,
      inputs: [bidValue, askValue],
      compute: ({ [bidValue]: bid, [askValue]: ask }) => sum(bid, ask),
    }),
  ]
}

const impactFeature = (side: 'buy' | 'sell'): Feature => {
  const depth = side === 'buy' ? 'askNotional1' : 'bidNotional1'
  return defineFeature({
    name: `price_impact_${side}`,
    family: 'order-book',
    meaning: `How far a market order to ${side} the mean quote volume of ${USUAL_BARS} bars would move the price, as a fraction of it, if depth lay evenly within 1 %.`,
    inputs: ['quoteVolume', depth],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: `${DEPTH}; a straight line through the nearest band`,
    compute: ({ quoteVolume, [depth]: notional, origin }) =>
      ratio(rollingMean(quoteVolume, USUAL_BARS, origin), notional).map((share) => NEAREST * share),
  })
}

const best = { family: 'order-book', lookback: 0, timeframes: 'every', reference: TICKER } as const
const PRICES = ['bidPrice', 'askPrice'] as const
const QUOTE = [...PRICES, 'bidQuantity', 'askQuantity'] as const
type Quote = { readonly [name in (typeof QUOTE)[number]]: Float64Array }

/** Each price by the quantity on the other side: nearer to the side that is about to give way. */
function weightedMid({ bidPrice, askPrice, bidQuantity, askQuantity }: Quote): Float64Array {
  return ratio(
    bidPrice.map((price, i) => price * askQuantity[i] + askPrice[i] * bidQuantity[i]),
    sum(bidQuantity, askQuantity),
  )
}

export const orderBookFeatures: readonly Feature[] = [
  ...BOOK_BANDS.flatMap(bandFeatures),
  defineFeature({
    name: 'book_depth_zscore',
    family: 'order-book',
    meaning: `Sample deviations that book_depth_1 lies above its mean of ${USUAL_BARS} bars; 0 if it stood still.`,
    inputs: ['bidNotional1', 'askNotional1'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: DEPTH,
    compute: ({ bidNotional1, askNotional1, origin }) =>
      rollingZScore(sum(bidNotional1, askNotional1), USUAL_BARS, origin),
  }),
  defineFeature({
    name: 'book_imbalance_mean_20',
    family: 'order-book',
    meaning: 'Mean of book_imbalance_1 at the closes of 20 bars, -1 … 1.',
    inputs: ['bidDepth1', 'askDepth1'],
    lookback: 19,
    timeframes: 'every',
    reference: DEPTH,
    compute: ({ bidDepth1, askDepth1, origin }) => rollingMean(imbalance(bidDepth1, askDepth1), 20, origin),
  }),
  defineFeature({
    name: 'book_nearness',
    family: 'order-book',
    meaning: 'Share of the depth within 5 % of the price that lies within 1 %, 0 … 1; 0.2 = evenly spread.',
    inputs: ['bidDepth1', 'askDepth1', 'bidDepth5', 'askDepth5'],
    lookback: 0,
    timeframes: 'every',
    reference: DEPTH,
    compute: ({ bidDepth1, askDepth1, bidDepth5, askDepth5 }) =>
      ratio(sum(bidDepth1, askDepth1), sum(bidDepth5, askDepth5)),
  }),
  ...(['buy', 'sell'] as const).map(impactFeature),
  defineFeature({
    ...best,
    name: 'spread',
    meaning: 'Best ask less best bid, in quote currency.',
    inputs: PRICES,
    compute: ({ bidPrice, askPrice }) => askPrice.map((ask, i) => ask - bidPrice[i]),
  }),
  defineFeature({
    ...best,
    name: 'spread_pct',
    meaning: 'Best ask less best bid, as a fraction of their mean.',
    inputs: PRICES,
    compute: ({ bidPrice, askPrice }) =>
      ratio(
        askPrice.map((ask, i) => ask - bidPrice[i]),
        midOf(bidPrice, askPrice),
      ),
  }),
  defineFeature({
    ...best,
    name: 'spread_mean_pct',
    meaning: 'Mean spread over the updates of the bar, as a fraction of the mean of best bid and ask.',
    inputs: ['meanSpread', ...PRICES],
    compute: ({ meanSpread, bidPrice, askPrice }) => ratio(meanSpread, midOf(bidPrice, askPrice)),
  }),
  defineFeature({
    ...best,
    name: 'spread_zscore',
    meaning: `Sample deviations that the mean spread of the bar lies above its mean of ${USUAL_BARS} bars; 0 if it stood still.`,
    inputs: ['meanSpread'],
    lookback: USUAL_BARS - 1,
    compute: ({ meanSpread, origin }) => rollingZScore(meanSpread, USUAL_BARS, origin),
  }),
  defineFeature({
    ...best,
    name: 'best_imbalance',
    meaning: 'Quantity at the best bid less that at the best ask, as a share of both, -1 … 1.',
    inputs: ['bidQuantity', 'askQuantity'],
    compute: ({ bidQuantity, askQuantity }) => imbalance(bidQuantity, askQuantity),
  }),
  defineFeature({
    ...best,
    name: 'best_depth',
    meaning: 'Value of what stands at the best bid and ask, in quote currency.',
    inputs: QUOTE,
    compute: ({ bidPrice, askPrice, bidQuantity, askQuantity }) =>
      bidPrice.map((price, i) => price * bidQuantity[i] + askPrice[i] * askQuantity[i]),
  }),
  defineFeature({
    ...best,
    name: 'weighted_mid',
    meaning: 'Best bid and ask, each weighted by the quantity on the other side, in quote currency.',
    inputs: QUOTE,
    reference: `${TICKER}; Gatheral & Oomen 2010, Finance and Stochastics 14(2)`,
    compute: weightedMid,
  }),
  defineFeature({
    ...best,
    name: 'weighted_mid_distance',
    meaning: 'weighted_mid above the mean of best bid and ask, as a fraction of it.',
    inputs: QUOTE,
    reference: `${TICKER}; Gatheral & Oomen 2010, Finance and Stochastics 14(2)`,
    compute: (quote) =>
      ratio(weightedMid(quote), midOf(quote.bidPrice, quote.askPrice)).map((relative) => relative - 1),
  }),
]
