/**
 * What the future costs beside spot: mark price and last price against the index, and the premium from which funding is made.
 */
import { distance } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean } from '../../math/rolling-sum.js'
import { barsIn, barsInDays, defineFeature, type Feature, type Grid } from '../feature.js'

const USUAL_DAYS = 7 // window of what counts as usual
const PRICES = "the exchange's mark and index price"
const PREMIUM = "the exchange's premium index"
const FUNDING_HOURS = 8 // over which the exchange takes the mean of the premium

const usual = {
  family: 'premium',
  lookback: (stepMs: number) => barsInDays(USUAL_DAYS, stepMs) - 1,
  timeframes: 'decision',
} as const

const usually = (what: string) =>
  `Sample deviations that ${what} lies above its mean over ${USUAL_DAYS} days of bars; 0 if it stood still.`

const zScore = (x: Float64Array, { stepMs, origin }: Grid) => rollingZScore(x, barsInDays(USUAL_DAYS, stepMs), origin)

export const premiumFeatures: readonly Feature[] = [
  defineFeature({
    name: 'mark_index_deviation',
    family: 'premium',
    meaning: 'Mark price above the index price, as a fraction of it.',
    inputs: ['markPrice', 'indexPrice'],
    lookback: 0,
    timeframes: 'every',
    reference: PRICES,
    compute: ({ markPrice, indexPrice }) => distance(markPrice, indexPrice),
  }),
  defineFeature({
    ...usual,
    name: 'mark_index_deviation_zscore',
    meaning: usually('mark_index_deviation'),
    inputs: ['markPrice', 'indexPrice'],
    reference: PRICES,
    compute: (all) => zScore(distance(all.markPrice, all.indexPrice), all),
  }),
  defineFeature({
    name: 'mark_price_deviation',
    family: 'premium',
    meaning: 'Close above the mark price, as a fraction of it.',
    inputs: ['close', 'markPrice'],
    lookback: 0,
    timeframes: 'every',
    reference: PRICES,
    compute: ({ close, markPrice }) => distance(close, markPrice),
  }),
  defineFeature({
    name: 'basis',
    family: 'premium',
    meaning: 'Close above the index price, as a fraction of it.',
    inputs: ['close', 'indexPrice'],
    lookback: 0,
    timeframes: 'every',
    reference: PRICES,
    compute: ({ close, indexPrice }) => distance(close, indexPrice),
  }),
  defineFeature({
    ...usual,
    name: 'basis_zscore',
    meaning: usually('basis'),
    inputs: ['close', 'indexPrice'],
    reference: PRICES,
    compute: (all) => zScore(distance(all.close, all.indexPrice), all),
  }),
  defineFeature({
    name: 'premium_index',
    family: 'premium',
    meaning: 'Premium index, as a fraction of the index price; positive = the future is dearer.',
    inputs: ['premiumIndex'],
    lookback: 0,
    timeframes: 'every',
    reference: PREMIUM,
    compute: ({ premiumIndex }) => premiumIndex.slice(),
  }),
  defineFeature({
    ...usual,
    name: 'premium_index_zscore',
    meaning: usually('the premium index'),
    inputs: ['premiumIndex'],
    reference: PREMIUM,
    compute: (all) => zScore(all.premiumIndex, all),
  }),
  defineFeature({
    name: `premium_index_mean_${FUNDING_HOURS}h`,
    family: 'premium',
    meaning: `Mean of the premium index at the closes of ${FUNDING_HOURS} hours, as a fraction.`,
    inputs: ['premiumIndex'],
    lookback: (stepMs) => barsIn(FUNDING_HOURS, stepMs) - 1,
    timeframes: 'decision',
    reference: `${PREMIUM}; funding weighs it by time, which this does not`,
    compute: ({ premiumIndex, stepMs, origin }) => rollingMean(premiumIndex, barsIn(FUNDING_HOURS, stepMs), origin),
  }),
]
