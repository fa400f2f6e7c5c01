/**
 * The bar itself: its return, its shape, and where the close lies against the average price paid.
 */
import { distance, logReturn, relativeChange } from '../../math/elementwise.js'
import { typicalPrice } from '../../math/range-oscillators.js'
import { rollingSum } from '../../math/rolling-sum.js'
import { defineFeature, type Feature } from '../feature.js'

const USUAL = 'common definition'

/** Price really paid over the window: quote volume / volume; NaN while nothing was traded. */
function vwap(quoteVolume: Float64Array, volume: Float64Array, window: number, origin: number): Float64Array {
  const paid = rollingSum(quoteVolume, window, origin)
  const bought = rollingSum(volume, window, origin)
  for (let i = 0; i < paid.length; i++) paid[i] = bought[i] === 0 ? Number.NaN : paid[i] / bought[i]
  return paid
}

const vwapFeatures = (window: number): Feature[] => [
  defineFeature({
    name: `vwap_${window}`,
    family: 'price',
    meaning: `Average price of all trades of the last ${window} bars, in quote currency.`,
    inputs: ['quoteVolume', 'volume'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'quote volume / volume, so of the trades themselves, not of typical prices',
    compute: ({ quoteVolume, volume, origin }) => vwap(quoteVolume, volume, window, origin),
  }),
  defineFeature({
    name: `vwap_distance_${window}`,
    family: 'price',
    meaning: `Close above the average price of all trades of the last ${window} bars, as a fraction of it.`,
    inputs: ['close', 'quoteVolume', 'volume'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'quote volume / volume, so of the trades themselves, not of typical prices',
    compute: ({ close, quoteVolume, volume, origin }) => distance(close, vwap(quoteVolume, volume, window, origin)),
  }),
]

type Shape = {
  readonly name: string
  readonly meaning: string
  readonly of: (open: number, high: number, low: number, close: number) => number
}

/** A share of the bar's range, from its four prices. */
const shapeFeature = ({ name, meaning, of }: Shape): Feature =>
  defineFeature({
    name,
    family: 'price',
    meaning,
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 0,
    timeframes: 'every',
    reference: USUAL,
    compute({ open, high, low, close, rows }) {
      const out = new Float64Array(rows)
      for (let i = 0; i < rows; i++) out[i] = of(open[i], high[i], low[i], close[i])
      return out
    },
  })

export const priceFeatures: readonly Feature[] = [
  defineFeature({
    name: 'return',
    family: 'price',
    meaning: 'Change of the close over one bar, as a fraction.',
    inputs: ['close'],
    lookback: 1,
    timeframes: 'every',
    reference: USUAL,
    compute: ({ close }) => relativeChange(close, 1),
  }),
  defineFeature({
    name: 'log_return',
    family: 'price',
    meaning: 'Natural logarithm of close / previous close.',
    inputs: ['close'],
    lookback: 1,
    timeframes: 'every',
    reference: USUAL,
    compute: ({ close }) => logReturn(close, 1),
  }),
  defineFeature({
    name: 'typical_price',
    family: 'price',
    meaning: '(high + low + close) / 3, in quote currency.',
    inputs: ['high', 'low', 'close'],
    lookback: 0,
    timeframes: 'every',
    reference: 'TA-Lib TYPPRICE',
    compute: typicalPrice,
  }),
  defineFeature({
    name: 'weighted_close',
    family: 'price',
    meaning: '(high + low + 2 close) / 4, in quote currency.',
    inputs: ['high', 'low', 'close'],
    lookback: 0,
    timeframes: 'every',
    reference: 'TA-Lib WCLPRICE',
    compute: ({ high, low, close }) => close.map((value, i) => (high[i] + low[i] + 2 * value) / 4),
  }),
  defineFeature({
    name: 'high_low_range',
    family: 'price',
    meaning: 'high / low - 1.',
    inputs: ['high', 'low'],
    lookback: 0,
    timeframes: 'every',
    reference: USUAL,
    compute: ({ high, low }) => distance(high, low),
  }),
  defineFeature({
    name: 'close_position',
    family: 'price',
    meaning: 'Where the close lies in the bar: 0 = low, 1 = high, 0.5 for a bar without range.',
    inputs: ['high', 'low', 'close'],
    lookback: 0,
    timeframes: 'every',
    reference: USUAL,
    compute: ({ high, low, close }) =>
      close.map((value, i) => (high[i] === low[i] ? 0.5 : (value - low[i]) / (high[i] - low[i]))),
  }),
  shapeFeature({
    name: 'body_share',
    meaning: '(close - open) / (high - low), -1 … 1; 0 for a bar without range.',
    of: (open, high, low, close) => (high === low ? 0 : (close - open) / (high - low)),
  }),
  shapeFeature({
    name: 'upper_shadow_share',
    meaning: '(high - max(open, close)) / (high - low), 0 … 1; 0 for a bar without range.',
    of: (open, high, low, close) => (high === low ? 0 : (high - Math.max(open, close)) / (high - low)),
  }),
  shapeFeature({
    name: 'lower_shadow_share',
    meaning: '(min(open, close) - low) / (high - low), 0 … 1; 0 for a bar without range.',
    of: (open, high, low, close) => (high === low ? 0 : (Math.min(open, close) - low) / (high - low)),
  }),
  ...[20, 60, 240].flatMap(vwapFeatures),
]
