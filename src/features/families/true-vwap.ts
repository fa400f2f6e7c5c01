/**
 * The average price of single trades with bands that know the spread within each bar: over a window, and since the start of the UTC day,
 * week or month.
 */
import { distance } from '../../math/elementwise.js'
import { anchoredTradedPrice, rollingTradedPrice } from '../../math/traded-price.js'
import { anchoredWeightedPrice, rollingWeightedPrice, type WeightedPrice } from '../../math/volume-weighted-price.js'
import { barsInDays, defineFeature, type Feature, type Grid, type SharedWork } from '../feature.js'
import type { Inputs } from '../inputs.js'
import { ANCHOR_NAMES, type Anchor, BANDS, band, LONGEST_DAYS, periodsOf, position } from './vwap.js'

const REFERENCE = 'Σ price · quantity / Σ quantity of the trades; volume-weighted deviation of single trades'

const MEAN_INPUTS = ['close', 'tradedQuote', 'tradedVolume'] as const
const INPUTS = [...MEAN_INPUTS, 'tradedSquares'] as const

type Sums = Pick<Inputs, (typeof MEAN_INPUTS)[number]> & Grid
type Squares = Sums & Pick<Inputs, 'tradedSquares'>

/** A hole in the bars is one in the trades as well, so that all these features begin anew after the same bars. */
const pricesOf = ({ tradedQuote, tradedVolume, close }: Sums) => ({
  quoteVolume: tradedQuote,
  volume: tradedVolume.map((volume, i) => (Number.isNaN(close[i]) ? Number.NaN : volume)),
  close,
})

const meanOf = (of: (all: Sums) => Float64Array): SharedWork<(typeof MEAN_INPUTS)[number], Float64Array> => ({
  inputs: MEAN_INPUTS,
  of,
})
const aroundOf = (of: (all: Squares) => WeightedPrice): SharedWork<(typeof INPUTS)[number], WeightedPrice> => ({
  inputs: INPUTS,
  of,
})

const rollingFeatures = (window: number): Feature[] => {
  const facts = { family: 'trades', lookback: window - 1, timeframes: 'every', reference: REFERENCE } as const
  const mean = meanOf((all) => rollingWeightedPrice(pricesOf(all), window, all.origin).mean)
  const around = aroundOf((all) =>
    rollingTradedPrice({ ...pricesOf(all), squares: all.tradedSquares }, window, all.origin),
  )
  const what = `the average price of the single trades of ${window} bars`
  return [
    defineFeature({
      ...facts,
      name: `true_vwap_${window}`,
      meaning: `The average price of the single trades of ${window} bars, in quote currency.`,
      inputs: MEAN_INPUTS,
      work: mean,
      compute: (_all, price) => price,
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_distance_${window}`,
      meaning: `Close above ${what}, as a fraction of it.`,
      inputs: MEAN_INPUTS,
      work: mean,
      compute: ({ close }, price) => distance(close, price),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_upper_${window}`,
      meaning: `Two deviations of single trades above ${what}, in quote currency.`,
      inputs: INPUTS,
      work: around,
      compute: (_all, price) => band(price, BANDS),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_lower_${window}`,
      meaning: `Two deviations of single trades below ${what}, in quote currency.`,
      inputs: INPUTS,
      work: around,
      compute: (_all, price) => band(price, -BANDS),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_position_${window}`,
      meaning: `Where the close lies between the bands two deviations of single trades around ${what}: 0 = lower, 1 = upper, 0.5 if they meet.`,
      inputs: INPUTS,
      work: around,
      compute: ({ close }, price) => position(close, price),
    }),
  ]
}

const anchoredFeatures = (anchor: Anchor): Feature[] => {
  const facts = {
    family: 'trades',
    lookback: 0,
    memory: 'recursive',
    settle: (stepMs: number) => barsInDays(LONGEST_DAYS[anchor], stepMs),
    timeframes: 'every',
    reference: REFERENCE,
  } as const
  const what = `the average price of the single trades since the start of the UTC ${anchor}`
  const mean = meanOf((all) => anchoredWeightedPrice(pricesOf(all), periodsOf(all, anchor)).mean)
  const around = aroundOf((all) =>
    anchoredTradedPrice({ ...pricesOf(all), squares: all.tradedSquares }, periodsOf(all, anchor)),
  )
  return [
    defineFeature({
      ...facts,
      name: `true_vwap_${anchor}`,
      meaning: `The average price of the single trades since the start of the UTC ${anchor}, in quote currency.`,
      inputs: MEAN_INPUTS,
      work: mean,
      compute: (_all, price) => price,
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_distance_${anchor}`,
      meaning: `Close above ${what}, as a fraction of it.`,
      inputs: MEAN_INPUTS,
      work: mean,
      compute: ({ close }, price) => distance(close, price),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_upper_${anchor}`,
      meaning: `Two deviations of single trades above ${what}, in quote currency.`,
      inputs: INPUTS,
      work: around,
      compute: (_all, price) => band(price, BANDS),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_lower_${anchor}`,
      meaning: `Two deviations of single trades below ${what}, in quote currency.`,
      inputs: INPUTS,
      work: around,
      compute: (_all, price) => band(price, -BANDS),
    }),
    defineFeature({
      ...facts,
      name: `true_vwap_position_${anchor}`,
      meaning: `Where the close lies between the bands two deviations of single trades around ${what}: 0 = lower, 1 = upper, 0.5 if they meet.`,
      inputs: INPUTS,
      work: around,
      compute: ({ close }, price) => position(close, price),
    }),
  ]
}

export const trueVwapFeatures: readonly Feature[] = [
  ...[20, 60, 240].flatMap(rollingFeatures),
  ...ANCHOR_NAMES.flatMap(anchoredFeatures),
]
