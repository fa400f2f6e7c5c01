/**
 * How many contracts are open, and whether they were opened with the price or against it. Windows in hours are for the decision timeframe;
 * those in bars for every one.
 */
import { HOUR } from '../../core/time.js'
import { ratio, relativeChange, subtract } from '../../math/elementwise.js'
import { type MacdLines, macdLines } from '../../math/oscillators.js'
import { rollingMeanAndSpread, rollingZScore } from '../../math/rolling-moments.js'
import { rollingRank } from '../../math/rolling-rank.js'
import { barsIn, defineFeature, type Feature } from '../feature.js'

const METRICS = "the exchange's metrics, sum_open_interest"
const USUAL_BARS = 100
const MACD = { fast: 12, slow: 26, signal: 9 } as const
const BOLLINGER_BARS = 20
const BANDS = 2 // population deviations from the middle to either band

const changeFeature = (bars: number): Feature =>
  defineFeature({
    name: `oi_pct_change_${bars}`,
    family: 'open-interest',
    meaning: `Change of the open interest over ${bars} bar${bars === 1 ? '' : 's'}, as a fraction.`,
    inputs: ['openInterest'],
    lookback: bars,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ openInterest }) => relativeChange(openInterest, bars),
  })

const velocityFeature = (hours: number): Feature =>
  defineFeature({
    name: `oi_velocity_${hours}h`,
    family: 'open-interest',
    meaning: `Change of the open interest over ${hours} hour${hours === 1 ? '' : 's'}, as a fraction an hour.`,
    inputs: ['openInterest'],
    lookback: (stepMs) => barsIn(hours, stepMs),
    timeframes: 'decision',
    reference: METRICS,
    compute({ openInterest, stepMs }) {
      const bars = barsIn(hours, stepMs)
      // Of the bars themselves: one of 4 hours is no hour.
      const passed = (bars * stepMs) / HOUR
      return relativeChange(openInterest, bars).map((change) => change / passed)
    },
  })

const divergenceFeature = (bars: number): Feature =>
  defineFeature({
    name: `oi_price_divergence_${bars}`,
    family: 'open-interest',
    meaning: `Change of the open interest less that of the close over ${bars} bars, both as fractions; above 0 = more is open than the price explains.`,
    inputs: ['openInterest', 'close'],
    lookback: bars,
    timeframes: 'every',
    reference: `${METRICS}, common definition`,
    compute: ({ openInterest, close }) => subtract(relativeChange(openInterest, bars), relativeChange(close, bars)),
  })

const LINES: readonly { readonly line: keyof MacdLines; readonly name: string; readonly title: string }[] = [
  { line: 'macd', name: 'oi_macd', title: 'Fast less slow exponential mean of the open interest' },
  { line: 'signal', name: 'oi_macd_signal', title: 'Exponential mean of the MACD line of the open interest' },
  { line: 'histogram', name: 'oi_macd_histogram', title: 'MACD line of the open interest less its signal' },
]

const macdFeature = ({ line, name, title }: (typeof LINES)[number]): Feature =>
  defineFeature({
    name,
    family: 'open-interest',
    meaning: `${title} (${MACD.fast}, ${MACD.slow}, ${MACD.signal} bars), as a fraction of the open interest.`,
    inputs: ['openInterest'],
    lookback: line === 'macd' ? MACD.slow - 1 : MACD.slow + MACD.signal - 2,
    memory: 'recursive',
    timeframes: 'every',
    reference: `${METRICS}; Appel 1979; TA-Lib MACD`,
    compute: ({ openInterest }) => ratio(macdLines(openInterest, MACD)[line], openInterest),
  })

type Band = { readonly name: string; readonly meaning: string; readonly of: (mean: number, spread: number) => number }

const BOLLINGER: readonly Band[] = [
  { name: 'upper', meaning: 'Upper Bollinger band', of: (mean, spread) => mean + BANDS * spread },
  { name: 'middle', meaning: 'Middle Bollinger band', of: (mean) => mean },
  { name: 'lower', meaning: 'Lower Bollinger band', of: (mean, spread) => mean - BANDS * spread },
]

const bandFacts = {
  family: 'open-interest',
  inputs: ['openInterest'],
  lookback: BOLLINGER_BARS - 1,
  timeframes: 'every',
  reference: `${METRICS}; Bollinger 2001; TA-Lib BBANDS (2, population deviation)`,
} as const

const bandFeature = ({ name, meaning, of }: Band): Feature =>
  defineFeature({
    ...bandFacts,
    name: `oi_bb_${name}`,
    meaning: `${meaning} of the open interest of ${BOLLINGER_BARS} bars, in base currency.`,
    compute({ openInterest, origin }) {
      const { mean, deviation } = rollingMeanAndSpread(openInterest, BOLLINGER_BARS, origin)
      return mean.map((value, i) => of(value, deviation[i]))
    },
  })

export const openInterestFeatures: readonly Feature[] = [
  defineFeature({
    name: 'open_interest',
    family: 'open-interest',
    meaning: 'Contracts that are open, in base currency.',
    inputs: ['openInterest'],
    lookback: 0,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ openInterest }) => openInterest.slice(),
  }),
  defineFeature({
    name: 'open_interest_value',
    family: 'open-interest',
    meaning: 'Contracts that are open, in quote currency.',
    inputs: ['openInterestValue'],
    lookback: 0,
    timeframes: 'every',
    reference: "the exchange's metrics, sum_open_interest_value",
    compute: ({ openInterestValue }) => openInterestValue.slice(),
  }),
  ...[1, 5, 20].map(changeFeature),
  ...[1, 4, 24].map(velocityFeature),
  ...LINES.map(macdFeature),
  ...[20, 48, 288].map(divergenceFeature),
  defineFeature({
    name: 'oi_zscore',
    family: 'open-interest',
    meaning: `Sample deviations that the open interest lies above its mean of ${USUAL_BARS} bars; 0 if it stood still.`,
    inputs: ['openInterest'],
    lookback: USUAL_BARS - 1,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ openInterest, origin }) => rollingZScore(openInterest, USUAL_BARS, origin),
  }),
  defineFeature({
    name: 'oi_percentile_100',
    family: 'open-interest',
    meaning: 'Rank of the open interest among 100 bars, 0 … 1; equal values share their mean rank.',
    inputs: ['openInterest'],
    lookback: 99,
    timeframes: 'every',
    reference: `${METRICS}; pandas rolling(n).rank(pct=True)`,
    compute: ({ openInterest }) => rollingRank(openInterest, 100),
  }),
  ...BOLLINGER.map(bandFeature),
  defineFeature({
    ...bandFacts,
    name: 'oi_bb_width',
    meaning: `Distance between the Bollinger bands of the open interest of ${BOLLINGER_BARS} bars, as a fraction of the middle.`,
    compute({ openInterest, origin }) {
      const { mean, deviation } = rollingMeanAndSpread(openInterest, BOLLINGER_BARS, origin)
      return mean.map((value, i) => (2 * BANDS * deviation[i]) / value)
    },
  }),
  defineFeature({
    ...bandFacts,
    name: 'oi_bb_position',
    meaning: `Where the open interest lies between its Bollinger bands of ${BOLLINGER_BARS} bars: 0 = lower, 1 = upper, 0.5 if flat.`,
    compute({ openInterest, origin }) {
      // A z-score has the sample deviation, the bands have the population's.
      const scale = Math.sqrt(BOLLINGER_BARS / (BOLLINGER_BARS - 1)) / (2 * BANDS)
      return rollingZScore(openInterest, BOLLINGER_BARS, origin).map((z) => 0.5 + scale * z)
    },
  }),
]
