/**
 * How much was traded against what is usual, and whether it came with rising or with falling prices.
 */
import { distance, ratio, relativeChange } from '../../math/elementwise.js'
import { exponentialMovingAverage } from '../../math/moving-average.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import {
  averageBalance,
  balanceSince,
  chaikinMoneyFlow,
  chaikinOscillator,
  moneyFlowVolume,
  volumeByChange,
  volumeByReturn,
} from '../../math/volume-flow.js'
import { barsInDays, defineFeature, type Feature, type Grid, usualSettle } from '../feature.js'
import { LONGEST_DAYS, periodsOf } from './vwap.js'

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

/**
 * A balance counts from the start of the UTC month, so that a row whose history reaches back there has the batch's level. Until the
 * first month begins it counts from the start of the data, and after a hole from its end.
 */
const balanceFacts = {
  family: 'volume',
  memory: 'recursive',
  settle: (stepMs: number) => barsInDays(LONGEST_DAYS.month, stepMs),
  timeframes: 'every',
} as const
const since = (bars: Grid, flow: Float64Array) => balanceSince(periodsOf(bars, 'month'), flow)

const runningBalances: readonly Feature[] = [
  defineFeature({
    ...balanceFacts,
    name: 'obv',
    meaning: 'On-balance volume since the start of the UTC month, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 0,
    reference: 'Granville 1963; TA-Lib OBV, which has no months',
    compute: (bars) => since(bars, volumeByChange(bars.close, bars.volume)),
  }),
  defineFeature({
    ...balanceFacts,
    name: 'obv_ema_20',
    meaning:
      'Exponential mean of the on-balance volume over 20 bars, measured from where the UTC month began, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 19,
    settle: (stepMs) => Math.max(balanceFacts.settle(stepMs), usualSettle(19)),
    reference: 'Granville 1963; TA-Lib EMA of OBV, which has no months',
    compute: (bars) => averageBalance(periodsOf(bars, 'month'), volumeByChange(bars.close, bars.volume), 20),
  }),
  defineFeature({
    ...balanceFacts,
    name: 'ad',
    meaning: 'Accumulation/distribution since the start of the UTC month, in base currency.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 0,
    reference: 'Chaikin; TA-Lib AD, which has no months',
    compute: (bars) => since(bars, moneyFlowVolume(bars)),
  }),
  defineFeature({
    ...balanceFacts,
    name: 'volume_price_trend',
    meaning: 'Running sum of volume times return since the start of the UTC month, in base currency.',
    inputs: ['close', 'volume'],
    lookback: 1,
    reference: 'common definition',
    compute: (bars) => since(bars, volumeByReturn(bars.close, bars.volume)),
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
