/**
 * What open interest means depends on what price, volume and funding do with it.
 */
import { multiply, ratio, relativeChange, subtract } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import { barsInDays, defineFeature, type Feature } from '../feature.js'

const METRICS = "the exchange's metrics"
const USUAL_BARS = 20
const USUAL_DAYS = 7

export const interactionFeatures: readonly Feature[] = [
  defineFeature({
    name: 'oi_volume_interaction',
    family: 'interactions',
    meaning: `Change of the open interest over one bar, as a fraction, times the volume over its mean of ${USUAL_BARS} bars.`,
    inputs: ['openInterest', 'volume'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ openInterest, volume, origin }) =>
      multiply(relativeChange(openInterest, 1), ratio(volume, rollingMean(volume, USUAL_BARS, origin))),
  }),
  defineFeature({
    name: 'oi_price_strength',
    family: 'interactions',
    meaning: `Change of the open interest times that of the close, over ${USUAL_BARS} bars, both in per cent; above 0 = opened as it rose or closed as it fell.`,
    inputs: ['openInterest', 'close'],
    lookback: USUAL_BARS,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ openInterest, close }) =>
      multiply(relativeChange(openInterest, USUAL_BARS), relativeChange(close, USUAL_BARS)).map((value) => 1e4 * value),
  }),
  defineFeature({
    name: 'funding_oi_divergence',
    family: 'interactions',
    meaning: `Deviations of the funding rate less those of the open interest from their means over ${USUAL_DAYS} days of bars; above 0 = dearer than the crowding explains.`,
    inputs: ['fundingRate', 'openInterest'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: `${METRICS}; funding prints of the exchange`,
    compute({ fundingRate, openInterest, stepMs, origin }) {
      const bars = barsInDays(USUAL_DAYS, stepMs)
      return subtract(rollingZScore(fundingRate, bars, origin), rollingZScore(openInterest, bars, origin))
    },
  }),
  defineFeature({
    name: 'oi_turnover_24h',
    family: 'interactions',
    meaning: 'Quote volume of 24 hours over the value of the open interest: how often it was turned over.',
    inputs: ['quoteVolume', 'openInterestValue'],
    lookback: (stepMs) => barsInDays(1, stepMs) - 1,
    timeframes: 'decision',
    reference: METRICS,
    compute: ({ quoteVolume, openInterestValue, stepMs, origin }) =>
      ratio(rollingSum(quoteVolume, barsInDays(1, stepMs), origin), openInterestValue),
  }),
]
