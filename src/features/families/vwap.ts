/**
 * Price, continued: bands around the average price paid, over a window and since the start of the UTC day, week or month.
 */
import { DAY } from '../../core/time.js'
import { distance } from '../../math/elementwise.js'
import { anchoredWeightedPrice, rollingWeightedPrice, type WeightedPrice } from '../../math/volume-weighted-price.js'
import { barsInDays, defineFeature, type Feature, type Grid, type SharedWork } from '../feature.js'

export const BANDS = 2 // deviations from the average price to either band
const REFERENCE = 'quote volume / volume, so of the trades themselves; volume-weighted deviation between bars'

export function band({ mean, deviation }: WeightedPrice, deviations: number): Float64Array {
  return mean.map((value, i) => value + deviations * deviation[i])
}

export function position(close: Float64Array, { mean, deviation }: WeightedPrice): Float64Array {
  return mean.map((value, i) => {
    const above = close[i] - value
    // 0 · above keeps what is not known.
    return 0.5 + (deviation[i] === 0 ? 0 * above : above / (2 * BANDS * deviation[i]))
  })
}

type Traded = 'quoteVolume' | 'volume'

const rollingPrice = (window: number): SharedWork<Traded, WeightedPrice> => ({
  inputs: ['quoteVolume', 'volume'],
  of: (bars) => rollingWeightedPrice(bars, window, bars.origin),
})

const anchoredPrice = (anchor: Anchor): SharedWork<Traded, WeightedPrice> => ({
  inputs: ['quoteVolume', 'volume'],
  of: (bars) => anchoredWeightedPrice(bars, periodsOf(bars, anchor)),
})

const rollingFeatures = (window: number): Feature[] => {
  const facts = {
    family: 'price',
    work: rollingPrice(window),
    lookback: window - 1,
    timeframes: 'every',
    reference: REFERENCE,
  } as const
  const inputs = ['quoteVolume', 'volume'] as const
  const around = `the average price of all trades of the last ${window} bars`
  return [
    defineFeature({
      ...facts,
      name: `vwap_upper_${window}`,
      meaning: `Two deviations above ${around}, in quote currency.`,
      inputs,
      compute: (_bars, price) => band(price, BANDS),
    }),
    defineFeature({
      ...facts,
      name: `vwap_lower_${window}`,
      meaning: `Two deviations below ${around}, in quote currency.`,
      inputs,
      compute: (_bars, price) => band(price, -BANDS),
    }),
    defineFeature({
      ...facts,
      name: `vwap_position_${window}`,
      meaning: `Where the close lies between the bands two deviations around ${around}: 0 = lower, 1 = upper, 0.5 if they meet.`,
      inputs: ['close', ...inputs],
      compute: ({ close }, price) => position(close, price),
    }),
  ]
}

const ANCHORS = {
  day: (time: number) => Math.floor(time / DAY),
  week: (time: number) => Math.floor((time / DAY + 3) / 7), // from Monday on; the count of days began on a Thursday
  month(time: number) {
    const date = new Date(time)
    return 12 * date.getUTCFullYear() + date.getUTCMonth()
  },
} as const satisfies Record<string, (time: number) => number>
export type Anchor = keyof typeof ANCHORS
export const ANCHOR_NAMES = Object.keys(ANCHORS) as readonly Anchor[]

/** Days after which an average has begun anew. */
export const LONGEST_DAYS = { day: 1, week: 7, month: 31 } as const satisfies Record<Anchor, number>

/** Number of the calendar period in which each bar opens; periods change at midnight only. */
export function periodsOf({ origin, stepMs, rows }: Grid, anchor: Anchor): Float64Array {
  const out = new Float64Array(rows)
  let day = Number.NaN
  let period = Number.NaN
  for (let i = 0; i < rows; i++) {
    const time = (origin + i) * stepMs
    const today = Math.floor(time / DAY)
    if (today !== day) period = ANCHORS[anchor](time)
    day = today
    out[i] = period
  }
  return out
}

const anchoredFeatures = (anchor: Anchor): Feature[] => {
  const facts = {
    family: 'price',
    work: anchoredPrice(anchor),
    lookback: 0,
    memory: 'recursive',
    settle: (stepMs: number) => barsInDays(LONGEST_DAYS[anchor], stepMs),
    timeframes: 'every',
    reference: REFERENCE,
  } as const
  const inputs = ['quoteVolume', 'volume'] as const
  const around = `the average price of all trades since the start of the UTC ${anchor}`
  return [
    defineFeature({
      ...facts,
      name: `vwap_${anchor}`,
      meaning: `The average price of all trades since the start of the UTC ${anchor}, in quote currency.`,
      inputs,
      compute: (_bars, { mean }) => mean,
    }),
    defineFeature({
      ...facts,
      name: `vwap_upper_${anchor}`,
      meaning: `Two deviations above ${around}, in quote currency.`,
      inputs,
      compute: (_bars, price) => band(price, BANDS),
    }),
    defineFeature({
      ...facts,
      name: `vwap_lower_${anchor}`,
      meaning: `Two deviations below ${around}, in quote currency.`,
      inputs,
      compute: (_bars, price) => band(price, -BANDS),
    }),
    defineFeature({
      ...facts,
      name: `vwap_distance_${anchor}`,
      meaning: `Close above ${around}, as a fraction of it.`,
      inputs: ['close', ...inputs],
      compute: ({ close }, { mean }) => distance(close, mean),
    }),
    defineFeature({
      ...facts,
      name: `vwap_position_${anchor}`,
      meaning: `Where the close lies between the bands two deviations around ${around}: 0 = lower, 1 = upper, 0.5 if they meet.`,
      inputs: ['close', ...inputs],
      compute: ({ close }, price) => position(close, price),
    }),
  ]
}

export const vwapFeatures: readonly Feature[] = [
  ...[20, 60, 240].flatMap(rollingFeatures),
  ...ANCHOR_NAMES.flatMap(anchoredFeatures),
]
