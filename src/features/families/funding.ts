/**
 * What holding a perpetual future costs, from the funding prints known at the bar's close. Windows are in hours and
 * days, so their look-back in bars depends on the timeframe. A hole in the prints silences the windows over it.
 */
import { lag, subtract } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingRank } from '../../math/rolling-rank.js'
import { rollingSum } from '../../math/rolling-sum.js'
import { barsIn, barsInDays, defineFeature, type Feature } from '../feature.js'

const PRINTS = 'funding prints of the exchange'
const USUAL_DAYS = 30 // window of what counts as usual
const EXTREME = 2 // sample deviations

const cumulativeFeature = (days: number): Feature =>
  defineFeature({
    name: `cumulative_funding_${days}d`,
    family: 'funding',
    meaning: `Sum of the funding rates printed in the last ${days} days, as a fraction of the position.`,
    inputs: ['fundingPaid'],
    lookback: (stepMs) => barsInDays(days, stepMs) - 1,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingPaid, origin, stepMs }) => rollingSum(fundingPaid, barsInDays(days, stepMs), origin),
  })

const extremeFeature = (name: string, meaning: string, isExtreme: (z: number) => boolean): Feature =>
  defineFeature({
    name,
    family: 'funding',
    meaning,
    inputs: ['fundingRate'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingRate, origin, stepMs }) =>
      rollingZScore(fundingRate, barsInDays(USUAL_DAYS, stepMs), origin).map((z) =>
        Number.isNaN(z) ? z : Number(isExtreme(z)),
      ),
  })

export const fundingFeatures: readonly Feature[] = [
  defineFeature({
    name: 'funding_rate',
    family: 'funding',
    meaning: 'Last funding rate printed, as a fraction of the position; positive = longs paid.',
    inputs: ['fundingRate'],
    lookback: 0,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingRate }) => fundingRate.slice(),
  }),
  defineFeature({
    name: 'funding_change',
    family: 'funding',
    meaning: 'Last funding rate less the one before it.',
    inputs: ['fundingRate', 'previousFundingRate'],
    lookback: 0,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingRate, previousFundingRate }) => subtract(fundingRate, previousFundingRate),
  }),
  defineFeature({
    name: 'funding_change_24h',
    family: 'funding',
    meaning: 'Last funding rate less the one known 24 hours earlier.',
    inputs: ['fundingRate'],
    lookback: (stepMs) => barsIn(24, stepMs),
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingRate, stepMs }) => subtract(fundingRate, lag(fundingRate, barsIn(24, stepMs))),
  }),
  ...[7, 30].map(cumulativeFeature),
  defineFeature({
    name: 'funding_zscore',
    family: 'funding',
    meaning: `Sample deviations that the funding rate lies above its mean over ${USUAL_DAYS} days of bars; 0 if it stood still.`,
    inputs: ['fundingRate'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ fundingRate, origin, stepMs }) => rollingZScore(fundingRate, barsInDays(USUAL_DAYS, stepMs), origin),
  }),
  defineFeature({
    name: 'funding_percentile',
    family: 'funding',
    meaning: `Rank of the funding rate among ${USUAL_DAYS} days of bars, 0 … 1; equal rates share their mean rank.`,
    inputs: ['fundingRate'],
    lookback: (stepMs) => barsInDays(USUAL_DAYS, stepMs) - 1,
    timeframes: 'decision',
    reference: `${PRINTS}; pandas rolling(n).rank(pct=True)`,
    compute: ({ fundingRate, stepMs }) => rollingRank(fundingRate, barsInDays(USUAL_DAYS, stepMs)),
  }),
  extremeFeature('funding_extreme_positive', `1 where funding_zscore is above ${EXTREME}, else 0.`, (z) => z > EXTREME),
  extremeFeature(
    'funding_extreme_negative',
    `1 where funding_zscore is below -${EXTREME}, else 0.`,
    (z) => z < -EXTREME,
  ),
  defineFeature({
    name: 'time_to_funding',
    family: 'funding',
    meaning: 'Hours until the next funding print is due.',
    inputs: ['timeToFunding'],
    lookback: 0,
    timeframes: 'decision',
    reference: PRINTS,
    compute: ({ timeToFunding }) => timeToFunding.slice(),
  }),
]
