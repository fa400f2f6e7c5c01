/**
 * How much was traded against what is usual, and whether it came with rising or with falling prices.
 */
import { distance, ratio, relativeChange } from '../../math/elementwise.js'
import { exponentialMovingAverage } from '../../math/moving-average.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import {
  accumulationDistribution,
  chaikinMoneyFlow,
  chaikinOscillator,
  onBalanceVolume,
  volumePriceTrend,
} from '../../math/volume-flow.js'
import { defineFeature, type Feature } from '../feature.js'

const volumeRocFeature = (bars: number): Feature =>
  defineFeature({
    name: `volume_roc_${bars}`,
    family: 'volume',
    meaning: `Change of the volume over ${bars} bars, as a fraction; NaN after a bar without trades.`,
    inputs: ['volume'],
    lookback: bars,
    timeframes: 'every',
    reference: 'TA-Lib ROC of volume, which says it in percent',
    compute: ({ volume }) => relativeChange(volume, bars),
  })

/** Balances that run on: their level depends on where the data begins, so they are not for a model as they are. */
const runningBalances: readonly Feature[] = [
  defineFeature({
    name: 'obv',
    family: 'volume',
    meaning: 'On-balance volume since the data or its last hole, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 0,
    memory: 'recursive',
    settle: 'never',
    timeframes: 'every',
    reference: 'Granville 1963; TA-Lib OBV',
    compute: ({ close, volume }) => onBalanceVolume(close, volume),
  }),
  defineFeature({
    name: 'obv_ema_20',
    family: 'volume',
    meaning: 'Exponential mean of the on-balance volume over 20 bars, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 19,
    memory: 'recursive',
    settle: 'never',
    timeframes: 'every',
    reference: 'Granville 1963; TA-Lib EMA of OBV',
    compute: ({ close, volume }) => exponentialMovingAverage(onBalanceVolume(close, volume), 20),
  }),
  defineFeature({
    name: 'ad',
    family: 'volume',
    meaning: 'Accumulation/distribution since the data or its last hole, in base currency.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 0,
    memory: 'recursive',
    settle: 'never',
    timeframes: 'every',
    reference: 'Chaikin; TA-Lib AD',
    compute: accumulationDistribution,
  }),
  defineFeature({
    name: 'volume_price_trend',
    family: 'volume',
    meaning: 'Running sum of volume times return since the data or its last hole, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 1,
    memory: 'recursive',
    settle: 'never',
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ close, volume }) => volumePriceTrend(close, volume),
  }),
  defineFeature({
    name: 'adosc_3_10',
    family: 'volume',
    meaning: 'Chaikin oscillator: exponential mean of accumulation/distribution over 3 less 10 bars, in base currency.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 9,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'Chaikin; TA-Lib ADOSC',
    compute: (inputs) => chaikinOscillator(inputs, 3, 10),
  }),
]

export const volumeFeatures: readonly Feature[] = [
  ...runningBalances,
  defineFeature({
    name: 'adosc_share_3_10',
    family: 'volume',
    meaning: 'Chaikin oscillator as a fraction of the mean volume of 10 bars.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 9,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'Chaikin; TA-Lib ADOSC / SMA of volume',
    compute: (inputs) => ratio(chaikinOscillator(inputs, 3, 10), rollingMean(inputs.volume, 10, inputs.origin)),
  }),
  defineFeature({
    name: 'obv_momentum_20',
    family: 'volume',
    meaning: 'Change of the on-balance volume over 20 bars as a share of their volume, -1 … 1.',
    inputs: ['close', 'volume'],
    lookback: 20,
    timeframes: 'every',
    reference: 'Granville 1963, over a window',
    compute({ close, volume, origin, rows }) {
      const signed = new Float64Array(rows).fill(Number.NaN, 0, 1)
      for (let i = 1; i < rows; i++) signed[i] = Math.sign(close[i] - close[i - 1]) * volume[i]
      return ratio(rollingSum(signed, 20, origin), rollingSum(volume, 20, origin))
    },
  }),
  defineFeature({
    name: 'cmf_20',
    family: 'volume',
    meaning: 'Chaikin money flow of 20 bars, -1 … 1.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 19,
    timeframes: 'every',
    reference: 'Chaikin',
    compute: (inputs) => chaikinMoneyFlow(inputs, 20, inputs.origin),
  }),
  ...[5, 10].map(volumeRocFeature),
  defineFeature({
    name: 'volume_sma_20',
    family: 'volume',
    meaning: 'Mean volume of 20 bars, in base currency.',
    inputs: ['volume'],
    lookback: 19,
    timeframes: 'every',
    reference: 'TA-Lib SMA',
    compute: ({ volume, origin }) => rollingMean(volume, 20, origin),
  }),
  defineFeature({
    name: 'volume_ema_20',
    family: 'volume',
    meaning: 'Exponential mean of the volume over 20 bars, in base currency.',
    inputs: ['volume'],
    lookback: 19,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'TA-Lib EMA',
    compute: ({ volume }) => exponentialMovingAverage(volume, 20),
  }),
  defineFeature({
    name: 'volume_zscore_20',
    family: 'volume',
    meaning: 'Sample deviations that the volume lies above the mean of 20 bars; 0 if all are equal.',
    inputs: ['volume'],
    lookback: 19,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ volume, origin }) => rollingZScore(volume, 20, origin),
  }),
  defineFeature({
    name: 'volume_ratio_20',
    family: 'volume',
    meaning: 'Volume over the mean of 20 bars; 1 = usual.',
    inputs: ['volume'],
    lookback: 19,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ volume, origin }) => ratio(volume, rollingMean(volume, 20, origin)),
  }),
  defineFeature({
    name: 'volume_trend_5_60',
    family: 'volume',
    meaning: 'Mean volume of 5 bars above that of 60, as a fraction of it.',
    inputs: ['volume'],
    lookback: 59,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ volume, origin }) => distance(rollingMean(volume, 5, origin), rollingMean(volume, 60, origin)),
  }),
]
