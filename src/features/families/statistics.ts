/**
 * The shape of the recent distribution: z-scores, higher moments, entropy; dependence on the past and memory.
 */
import { difference, lag, logReturn, ratio } from '../../math/elementwise.js'
import { rollingEntropy } from '../../math/entropy.js'
import { fractionalWeights, weightedPast } from '../../math/fractional-difference.js'
import { rollingCorrelation } from '../../math/rolling-correlation.js'
import { rollingKurtosis, rollingSkewness, rollingStd, rollingZScore } from '../../math/rolling-moments.js'
import { hurstExponent, varianceRatio } from '../../math/scaling.js'
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

const varianceRatioFeature = (bars: number): Feature =>
  defineFeature({
    name: `variance_ratio_${bars}`,
    family: 'statistics',
    meaning: `Variance of ${bars}-bar log returns over ${bars} times that of 1-bar ones, in 100 bars; below 1 = reverting.`,
    inputs: ['close'],
    lookback: 99 + bars,
    timeframes: 'every',
    reference: 'Lo & MacKinlay 1988, RFS 1(1), overlapping, without their small-sample correction',
    compute: ({ close, origin }) => varianceRatio(close, bars, { window: 100, origin }),
  })

const HURST_LONGEST = 32 // bars of the longest change

/** Bin edges between which a standard normal value falls equally often. */
const NORMAL_OCTILES = [
  -1.1503493803760079, -0.6744897501960817, -0.31863936396437514, 0, 0.31863936396437514, 0.6744897501960817,
  1.1503493803760079,
]

/** Weights below this are left out: 282 bars at order 0.4, 140 at 0.6. */
const FRACTIONAL_THRESHOLD = 1e-4

const fractionalFeature = (order: number): Feature => {
  const weights = fractionalWeights(order, FRACTIONAL_THRESHOLD)
  return defineFeature({
    name: `fractional_difference_${Math.round(100 * order)}`,
    family: 'statistics',
    meaning: `Difference of order ${order} of the log close: keeps some of the level that a return forgets; weights of ${weights.length} bars.`,
    inputs: ['close'],
    lookback: weights.length - 1,
    timeframes: 'every',
    reference: 'López de Prado 2018, Advances in Financial Machine Learning, 5.5, fixed width, weights from 1e-4 up',
    compute: ({ close }) =>
      weightedPast(
        close.map((value) => (value > 0 ? Math.log(value) : Number.NaN)),
        weights,
      ),
  })
}

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
  ...[2, 5, 10].map(varianceRatioFeature),
  defineFeature({
    name: 'hurst_256',
    family: 'statistics',
    meaning: `Hurst exponent of the log price over 256 bars, from changes over 1 … ${HURST_LONGEST} bars; 0.5 = random walk, above = trending.`,
    inputs: ['close'],
    lookback: 255 + HURST_LONGEST,
    timeframes: 'every',
    reference: 'slope of ln deviation on ln bars; Di Matteo 2007, Quant. Finance 7(1), order 2, drift taken off',
    compute: ({ close, origin }) => hurstExponent(close, HURST_LONGEST, { window: 256, origin }),
  }),
  defineFeature({
    name: 'shannon_entropy_100',
    family: 'statistics',
    meaning:
      'Entropy of the last 100 log returns in 8 bins, 0 … 1; each return by the deviation of the 100 before it, bins equally likely if normal.',
    inputs: ['close'],
    lookback: 200,
    timeframes: 'every',
    reference: 'Shannon 1948, Bell Syst. Tech. J. 27',
    compute({ close, origin }) {
      const returns = logReturn(close, 1)
      const usual = lag(rollingStd(returns, 100, origin), 1)
      return rollingEntropy(ratio(returns, usual), { edges: NORMAL_OCTILES, window: 100 })
    },
  }),
  ...[0.4, 0.6].map(fractionalFeature),
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
