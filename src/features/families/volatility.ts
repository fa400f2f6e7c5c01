/**
 * How much the price moves: true range, Bollinger bands, standard deviation and range-based estimators. Volatilities are
 * per bar, as fractions, not annualised.
 */

import { ulcerIndex } from '../../math/drawdown.js'
import { logReturn, ratio } from '../../math/elementwise.js'
import {
  garmanKlassVolatility,
  parkinsonVolatility,
  rogersSatchellVolatility,
  yangZhangVolatility,
} from '../../math/range-volatility.js'
import { type MeanAndSpread, rollingMeanAndSpread, rollingStd, rollingZScore } from '../../math/rolling-moments.js'
import { averageTrueRange, trueRange } from '../../math/true-range.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const BANDS = 2 // standard deviations from the middle to either band
const BOLLINGER = 'Bollinger 2001; TA-Lib BBANDS (2, population deviation)'

const atrFeatures = (period: number): Feature[] => {
  const facts = {
    family: 'volatility',
    inputs: ['high', 'low', 'close'],
    lookback: period,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'Wilder 1978; TA-Lib ATR',
  } as const
  return [
    defineFeature({
      ...facts,
      name: `atr_${period}`,
      meaning: `Average true range of ${period} bars, in quote currency.`,
      compute: (inputs) => averageTrueRange(inputs, period),
    }),
    defineFeature({
      ...facts,
      name: `atr_pct_${period}`,
      meaning: `Average true range of ${period} bars, as a fraction of the close.`,
      compute: (inputs) => ratio(averageTrueRange(inputs, period), inputs.close),
    }),
  ]
}

type Band = {
  readonly name: string
  readonly meaning: string
  readonly of: (mean: number, deviation: number) => number
}

const bollingerFeatures = (window: number): Feature[] => {
  const facts = {
    family: 'volatility',
    inputs: ['close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: BOLLINGER,
  } as const
  const bands: Band[] = [
    { name: 'upper', meaning: 'Upper Bollinger band', of: (mean, deviation) => mean + BANDS * deviation },
    { name: 'middle', meaning: 'Middle Bollinger band', of: (mean) => mean },
    { name: 'lower', meaning: 'Lower Bollinger band', of: (mean, deviation) => mean - BANDS * deviation },
  ]
  const work: SharedWork<'close', MeanAndSpread> = {
    inputs: ['close'],
    of: ({ close, origin }) => rollingMeanAndSpread(close, window, origin),
  }
  return [
    ...bands.map(({ name, meaning, of }) =>
      defineFeature({
        ...facts,
        work,
        name: `bollinger_${name}_${window}`,
        meaning: `${meaning} of ${window} closes, in quote currency.`,
        compute: (_inputs, { mean, deviation }) => mean.map((value, i) => of(value, deviation[i])),
      }),
    ),
    defineFeature({
      ...facts,
      name: `bollinger_width_${window}`,
      meaning: `Distance between the Bollinger bands of ${window} closes, as a fraction of the middle.`,
      work,
      compute: (_inputs, { mean, deviation }) => mean.map((value, i) => (2 * BANDS * deviation[i]) / value),
    }),
    defineFeature({
      ...facts,
      name: `bollinger_position_${window}`,
      meaning: `Where the close lies between the Bollinger bands of ${window} closes: 0 = lower, 1 = upper, 0.5 if flat.`,
      compute({ close, origin }) {
        const out = rollingZScore(close, window, origin)
        // A z-score has the sample deviation, the bands have the population's.
        const scale = Math.sqrt(window / (window - 1)) / (2 * BANDS)
        for (let i = 0; i < out.length; i++) out[i] = 0.5 + scale * out[i]
        return out
      },
    }),
  ]
}

const historicalFeature = (window: number): Feature =>
  defineFeature({
    name: `historical_volatility_${window}`,
    family: 'volatility',
    meaning: `Sample standard deviation of the last ${window} log returns.`,
    inputs: ['close'],
    lookback: window,
    timeframes: 'every',
    reference: 'pandas rolling(n).std(); not annualised',
    compute: ({ close, origin }) => rollingStd(logReturn(close, 1), window, origin),
  })

export const volatilityFeatures: readonly Feature[] = [
  defineFeature({
    name: 'true_range_pct',
    family: 'volatility',
    meaning: 'Range of the bar with the gap from the previous close, as a fraction of the close.',
    inputs: ['high', 'low', 'close'],
    lookback: 1,
    timeframes: 'every',
    reference: 'Wilder 1978; TA-Lib TRANGE / close',
    compute: (inputs) => ratio(trueRange(inputs), inputs.close),
  }),
  ...[7, 14, 21].flatMap(atrFeatures),
  defineFeature({
    name: 'natr_14',
    family: 'volatility',
    meaning: 'Average true range of 14 bars, in percent of the close.',
    inputs: ['high', 'low', 'close'],
    lookback: 14,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'TA-Lib NATR',
    compute(inputs) {
      const out = ratio(averageTrueRange(inputs, 14), inputs.close)
      for (let i = 0; i < out.length; i++) out[i] *= 100
      return out
    },
  }),
  ...[20, 50].flatMap(bollingerFeatures),
  ...[10, 14, 20, 30].map(historicalFeature),
  defineFeature({
    name: 'volatility_ratio_10_60',
    family: 'volatility',
    meaning: 'Standard deviation of the last 10 log returns over that of the last 60; above 1 = rising. NaN if flat.',
    inputs: ['close'],
    lookback: 60,
    timeframes: 'every',
    reference: 'common definition',
    compute({ close, origin }) {
      const returns = logReturn(close, 1)
      return ratio(rollingStd(returns, 10, origin), rollingStd(returns, 60, origin))
    },
  }),
  defineFeature({
    name: 'parkinson_20',
    family: 'volatility',
    meaning: 'Volatility of 20 bars from high and low.',
    inputs: ['high', 'low'],
    lookback: 19,
    timeframes: 'every',
    reference: 'Parkinson 1980, J. Business 53(1)',
    compute: (inputs) => parkinsonVolatility(inputs, 20, inputs.origin),
  }),
  defineFeature({
    name: 'garman_klass_20',
    family: 'volatility',
    meaning: 'Volatility of 20 bars from open, high, low and close.',
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 19,
    timeframes: 'every',
    reference: 'Garman & Klass 1980, J. Business 53(1)',
    compute: (inputs) => garmanKlassVolatility(inputs, 20, inputs.origin),
  }),
  defineFeature({
    name: 'rogers_satchell_20',
    family: 'volatility',
    meaning: 'Volatility of 20 bars from open, high, low and close, whatever the drift.',
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 19,
    timeframes: 'every',
    reference: 'Rogers & Satchell 1991, Ann. Appl. Probab. 1(4)',
    compute: (inputs) => rogersSatchellVolatility(inputs, 20, inputs.origin),
  }),
  defineFeature({
    name: 'yang_zhang_20',
    family: 'volatility',
    meaning: 'Volatility of 20 bars from open, high, low and close with the jumps between bars, whatever the drift.',
    inputs: ['open', 'high', 'low', 'close'],
    lookback: 20,
    timeframes: 'every',
    reference: 'Yang & Zhang 2000, J. Business 73(3)',
    compute: (inputs) => yangZhangVolatility(inputs, 20, inputs.origin),
  }),
  defineFeature({
    name: 'ulcer_index_14',
    family: 'volatility',
    meaning: 'Ulcer index of 14 bars: root of the mean squared distance below the highest close, as a fraction.',
    inputs: ['close'],
    lookback: 26,
    timeframes: 'every',
    reference: 'Martin & McCann 1989, "The Investor\'s Guide to Fidelity Funds"',
    compute: ({ close, origin }) => ulcerIndex(close, 14, origin),
  }),
]
