/**
 * The shape of the recent distribution: z-scores, higher moments, dependence on the past.
 */
import { difference, lag, logReturn } from '../../math/elementwise.js'
import { rollingCorrelation } from '../../math/rolling-correlation.js'
import { rollingKurtosis, rollingSkewness, rollingVariance, rollingZScore } from '../../math/rolling-moments.js'
import { defineFeature, type Feature } from '../feature.js'

const zScoreFeature = (window: number): Feature =>
  defineFeature({
    name: `zscore_${window}`,
    family: 'statistics',
    meaning: `Sample deviations that the close lies above the mean of ${window} closes; 0 if all are equal.`,
    inputs: ['close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ close, origin }) => rollingZScore(close, window, origin),
  })

const AUTOCORRELATION_WINDOW = 60

const autocorrelationFeature = (bars: number): Feature =>
  defineFeature({
    name: `autocorrelation_${bars}`,
    family: 'statistics',
    meaning: `Correlation of ${AUTOCORRELATION_WINDOW} log returns with those ${bars} bars earlier; NaN if the price stood still.`,
    inputs: ['close'],
    lookback: AUTOCORRELATION_WINDOW + bars,
    timeframes: 'every',
    reference: 'Pearson correlation, each side with its own mean',
    compute({ close, origin }) {
      const returns = logReturn(close, 1)
      return rollingCorrelation(returns, lag(returns, bars), { window: AUTOCORRELATION_WINDOW, origin })
    },
  })

export const statisticsFeatures: readonly Feature[] = [
  ...[20, 50].map(zScoreFeature),
  defineFeature({
    name: 'skew_20',
    family: 'statistics',
    meaning: 'Skewness of the last 20 log returns; NaN if the price stood still.',
    inputs: ['close'],
    lookback: 20,
    timeframes: 'every',
    reference: 'pandas rolling(20).skew()',
    compute: ({ close, origin }) => rollingSkewness(logReturn(close, 1), 20, origin),
  }),
  defineFeature({
    name: 'kurtosis_20',
    family: 'statistics',
    meaning: 'Excess kurtosis of the last 20 log returns; NaN if the price stood still.',
    inputs: ['close'],
    lookback: 20,
    timeframes: 'every',
    reference: 'pandas rolling(20).kurt()',
    compute: ({ close, origin }) => rollingKurtosis(logReturn(close, 1), 20, origin),
  }),
  ...[1, 5, 10].map(autocorrelationFeature),
  defineFeature({
    name: 'variance_ratio_10',
    family: 'statistics',
    meaning: 'Variance of 10-bar log returns over 10 times that of 1-bar ones, in 100 bars; below 1 = reverting.',
    inputs: ['close'],
    lookback: 109,
    timeframes: 'every',
    reference: 'Lo & MacKinlay 1988, RFS 1(1), overlapping, without their small-sample correction',
    compute({ close, origin, rows }) {
      const long = rollingVariance(logReturn(close, 10), 100, origin)
      const short = rollingVariance(logReturn(close, 1), 100, origin)
      for (let i = 0; i < rows; i++) long[i] = short[i] === 0 ? Number.NaN : long[i] / (10 * short[i])
      return long
    },
  }),
  defineFeature({
    name: 'volume_return_correlation_20',
    family: 'statistics',
    meaning: 'Correlation of the change of volume with the log return over 20 bars, -1 … 1; NaN if either stood still.',
    inputs: ['close', 'volume'],
    lookback: 20,
    timeframes: 'every',
    reference: 'TA-Lib CORREL',
    compute: ({ close, volume, origin }) =>
      rollingCorrelation(difference(volume, 1), logReturn(close, 1), { window: 20, origin }),
  }),
]
