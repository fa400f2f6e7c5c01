/**
 * Simple factors of the literature, and products and differences of two columns of other families: what a linear model cannot
 * make for itself. Those with open interest wait for its series.
 */
import { distance, logReturn, multiply, ratio, subtract } from '../../math/elementwise.js'
import { signedVolume } from '../../math/microstructure.js'
import { rollingMax, rollingMin } from '../../math/rolling-extremes.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import { barsIn, barsInDays, defineFeature, type Feature } from '../feature.js'

const OWN = 'product or difference of two columns that stand for themselves'
const USUAL_DAYS = 30 // window of what counts as usual

const priceMomentumFeature = ([long, skip]: readonly [number, number]): Feature =>
  defineFeature({
    name: `price_momentum_${long}_${skip}`,
    family: 'factor',
    meaning: `Log return from ${long} bars ago to ${skip} bars ago: momentum without the reversal of the last bars.`,
    inputs: ['close'],
    lookback: long,
    timeframes: 'every',
    reference: 'Jegadeesh & Titman 1993, J. Finance 48(1), who leave out the last week',
    compute: ({ close }) => subtract(logReturn(close, long), logReturn(close, skip)),
  })

const volumeMomentumFeature = (bars: number): Feature =>
  defineFeature({
    name: `volume_momentum_${bars}`,
    family: 'factor',
    meaning: `Logarithm of the volume of ${bars} bars over that of the ${bars} bars before them.`,
    inputs: ['volume'],
    lookback: 2 * bars - 1,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ volume, origin }) => logReturn(rollingSum(volume, bars, origin), bars),
  })

const highLowFeature = (bars: number): Feature =>
  defineFeature({
    name: `high_low_ratio_${bars}`,
    family: 'factor',
    meaning: `Highest high of ${bars} bars over their lowest low, less 1.`,
    inputs: ['high', 'low'],
    lookback: bars - 1,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ high, low }) => distance(rollingMax(high, bars), rollingMin(low, bars)),
  })

/** Taker buying less taker selling as a share of the volume of `bars` bars, -1 … 1. */
function signedShare(takerBuyVolume: Float64Array, volume: Float64Array, bars: number, origin: number): Float64Array {
  const signed = rollingSum(signedVolume(takerBuyVolume, volume), bars, origin)
  return ratio(signed, rollingSum(volume, bars, origin))
}

export const factorFeatures: readonly Feature[] = [
  ...(
    [
      [60, 5],
      [240, 20],
    ] as const
  ).map(priceMomentumFeature),
  ...[20, 60].map(volumeMomentumFeature),
  ...[20, 60].map(highLowFeature),
  defineFeature({
    name: 'volume_return_interaction_20',
    family: 'factor',
    meaning: 'Log return times the volume over its mean of 20 bars: a move counts as much as was traded on it.',
    inputs: ['close', 'volume'],
    lookback: 19,
    timeframes: 'every',
    reference: OWN,
    compute: ({ close, volume, origin }) =>
      multiply(logReturn(close, 1), ratio(volume, rollingMean(volume, 20, origin))),
  }),
  defineFeature({
    name: 'flow_return_interaction_20',
    family: 'factor',
    meaning: 'Signed share of taker volume times the log return, both of 20 bars; negative = takers push in vain.',
    inputs: ['close', 'takerBuyVolume', 'volume'],
    lookback: 20,
    timeframes: 'every',
    reference: OWN,
    compute: ({ close, takerBuyVolume, volume, origin }) =>
      multiply(signedShare(takerBuyVolume, volume, 20, origin), logReturn(close, 20)),
  }),
  defineFeature({
    name: 'flow_price_divergence_20',
    family: 'factor',
    meaning: 'Z-score of the signed share of taker volume less that of the log return, both of 20 bars over 100 bars.',
    inputs: ['close', 'takerBuyVolume', 'volume'],
    lookback: 119,
    timeframes: 'every',
    reference: OWN,
    compute({ close, takerBuyVolume, volume, origin }) {
      const flow = rollingZScore(signedShare(takerBuyVolume, volume, 20, origin), 100, origin)
      return subtract(flow, rollingZScore(logReturn(close, 20), 100, origin))
    },
  }),
  defineFeature({
    name: 'funding_price_divergence_24h',
    family: 'factor',
    meaning: `Z-score of the funding rate less that of the log return of 24 hours, both over the same ${USUAL_DAYS} days; positive = longs pay up and the price lags.`,
    inputs: ['close', 'fundingRate'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: OWN,
    compute({ close, fundingRate, origin, stepMs }) {
      const usual = barsInDays(USUAL_DAYS, stepMs)
      const day = barsIn(24, stepMs)
      const moved = rollingZScore(logReturn(close, day), usual - day, origin) // the first day makes the first return
      return subtract(rollingZScore(fundingRate, usual, origin), moved)
    },
  }),
  defineFeature({
    name: 'funding_flow_interaction_24h',
    family: 'factor',
    meaning: `Z-score of the funding rate over ${USUAL_DAYS} days times the signed share of taker volume of 24 hours; positive = the crowded side still buys in.`,
    inputs: ['takerBuyVolume', 'volume', 'fundingRate'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: OWN,
    compute: ({ takerBuyVolume, volume, fundingRate, origin, stepMs }) =>
      multiply(
        rollingZScore(fundingRate, barsInDays(USUAL_DAYS, stepMs), origin),
        signedShare(takerBuyVolume, volume, barsIn(24, stepMs), origin),
      ),
  }),
]
