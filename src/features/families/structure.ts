/**
 * Price patterns: higher highs and lower lows, swings, support and resistance, how straight a trend runs, and divergences
 * between price and an indicator. A swing counts only once the bars to its right have closed (src/math/swings.ts).
 */
import { breakouts } from '../../math/crossings.js'
import { absolute, difference, distance, lag, ratio } from '../../math/elementwise.js'
import { macdLine, relativeStrength } from '../../math/oscillators.js'
import { rollingCorrelation } from '../../math/rolling-correlation.js'
import { rollingMax, rollingMin } from '../../math/rolling-extremes.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import { atLastSwing, divergence, type SwingSettings, swingChange, swingHighs, swingLows } from '../../math/swings.js'
import { balanceSince, volumeByChange } from '../../math/volume-flow.js'
import { defineFeature, type Feature } from '../feature.js'

const SWING: SwingSettings = { reach: 5, window: 100 }
const IN_WINDOW = `in the last ${SWING.window} bars (a swing is the extreme of ${SWING.reach} bars to either side)`
const SWING_REFERENCE = 'fractals in Williams’s manner, dated by when they are known'

/** 1 where x beats its value one bar before in the direction of `sign`, else 0; NaN where that is not known. */
function beats(x: Float64Array, sign: 1 | -1): Float64Array {
  const out = difference(x, 1)
  for (let i = 0; i < out.length; i++) out[i] = sign * out[i] > 0 ? 1 : 0 * out[i] + 0
  return out
}

const runFeatures = (window: number): Feature[] => [
  defineFeature({
    name: `higher_highs_${window}`,
    family: 'structure',
    meaning: `Share of the last ${window} bars whose high lies above that of the bar before, 0 … 1.`,
    inputs: ['high'],
    lookback: window,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ high, origin }) => rollingMean(beats(high, 1), window, origin),
  }),
  defineFeature({
    name: `lower_lows_${window}`,
    family: 'structure',
    meaning: `Share of the last ${window} bars whose low lies below that of the bar before, 0 … 1.`,
    inputs: ['low'],
    lookback: window,
    timeframes: 'every',
    reference: 'common definition',
    compute: ({ low, origin }) => rollingMean(beats(low, -1), window, origin),
  }),
]

const levelFeatures = (window: number): Feature[] => [
  defineFeature({
    name: `resistance_distance_${window}`,
    family: 'structure',
    meaning: `Highest high of the last ${window} bars above the close, as a fraction of it; never negative.`,
    inputs: ['high', 'close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Donchian channel',
    compute: ({ high, close }) => distance(rollingMax(high, window), close),
  }),
  defineFeature({
    name: `support_distance_${window}`,
    family: 'structure',
    meaning: `Lowest low of the last ${window} bars above the close, as a fraction of it; never positive.`,
    inputs: ['low', 'close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Donchian channel',
    compute: ({ low, close }) => distance(rollingMin(low, window), close),
  }),
]

const breakoutFeature = (window: number): Feature =>
  defineFeature({
    name: `breakout_${window}`,
    family: 'structure',
    meaning: `1 if the bar closes above the highest high of the ${window} bars before it, -1 below their lowest low, else 0.`,
    inputs: ['high', 'low', 'close'],
    lookback: window,
    timeframes: 'every',
    reference: 'Donchian channel',
    compute: ({ high, low, close }) =>
      breakouts(close, lag(rollingMax(high, window), 1), lag(rollingMin(low, window), 1)),
  })

const swingFacts = {
  family: 'structure',
  lookback: SWING.window - 1,
  timeframes: 'every',
  reference: SWING_REFERENCE,
} as const

const swingFeatures: readonly Feature[] = [
  defineFeature({
    ...swingFacts,
    name: 'swing_high_change',
    meaning: `Last swing high above the one before ${IN_WINDOW}, as a fraction of it; 0 if there are no two.`,
    inputs: ['high'],
    compute: ({ high }) => swingChange(high, swingHighs(high, SWING), SWING.window),
  }),
  defineFeature({
    ...swingFacts,
    name: 'swing_low_change',
    meaning: `Last swing low above the one before ${IN_WINDOW}, as a fraction of it; 0 if there are no two.`,
    inputs: ['low'],
    compute: ({ low }) => swingChange(low, swingLows(low, SWING), SWING.window),
  }),
  defineFeature({
    ...swingFacts,
    name: 'swing_trend',
    meaning: `1 while the last two swing highs and the last two swing lows rise, -1 while all fall, else 0, ${IN_WINDOW}.`,
    inputs: ['high', 'low'],
    compute({ high, low }) {
      const out = swingChange(high, swingHighs(high, SWING), SWING.window)
      const lows = swingChange(low, swingLows(low, SWING), SWING.window)
      for (let i = 0; i < out.length; i++) {
        const way = Math.sign(out[i])
        out[i] = way === Math.sign(lows[i]) ? way : 0 * (out[i] + lows[i]) + 0
      }
      return out
    },
  }),
  defineFeature({
    ...swingFacts,
    name: 'swing_high_distance',
    meaning: `Last swing high above the close, as a fraction of it, ${IN_WINDOW}; of the highest high if there is none.`,
    inputs: ['high', 'close'],
    compute: ({ high, close }) =>
      distance(atLastSwing(high, swingHighs(high, SWING), rollingMax(high, SWING.window)), close),
  }),
  defineFeature({
    ...swingFacts,
    name: 'swing_low_distance',
    meaning: `Last swing low above the close, as a fraction of it, ${IN_WINDOW}; of the lowest low if there is none.`,
    inputs: ['low', 'close'],
    compute: ({ low, close }) =>
      distance(atLastSwing(low, swingLows(low, SWING), rollingMin(low, SWING.window)), close),
  }),
]

const trendStrengthFeature = (window: number): Feature =>
  defineFeature({
    name: `trend_strength_${window}`,
    family: 'structure',
    meaning: `R² of the least-squares line through ${window} closes with the sign of its slope, -1 … 1; NaN if the price stood still.`,
    inputs: ['close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Pearson correlation with time, squared',
    compute({ close, origin, rows }) {
      const time = new Float64Array(rows)
      for (let i = 0; i < rows; i++) time[i] = i
      const out = rollingCorrelation(time, close, { window, origin })
      for (let i = 0; i < rows; i++) out[i] *= Math.abs(out[i])
      return out
    },
  })

const efficiencyFeature = (bars: number): Feature =>
  defineFeature({
    name: `efficiency_ratio_${bars}`,
    family: 'structure',
    meaning: `Change of the close over ${bars} bars over the sum of its changes bar by bar, -1 … 1; NaN if it stood still.`,
    inputs: ['close'],
    lookback: bars,
    timeframes: 'every',
    reference: 'Kaufman 1995, with the sign of the change',
    compute({ close, origin }) {
      return ratio(difference(close, bars), rollingSum(absolute(difference(close, 1)), bars, origin))
    },
  })

const DIVERGENCE = `1 while the last two swing lows fell but %s rose at them, -1 while the swing highs rose but it fell, else 0, ${IN_WINDOW}.`
const divergenceFacts = {
  family: 'structure',
  memory: 'recursive',
  timeframes: 'every',
  reference: 'regular divergence over swings, dated by when they are known',
} as const

const divergenceFeatures: readonly Feature[] = [
  defineFeature({
    ...divergenceFacts,
    name: 'rsi_divergence_14',
    meaning: DIVERGENCE.replace('%s', 'the RSI of 14 bars'),
    inputs: ['high', 'low', 'close'],
    lookback: 14 + SWING.window - 1,
    compute: ({ high, low, close }) => divergence({ high, low, indicator: relativeStrength(close, 14) }, SWING),
  }),
  defineFeature({
    ...divergenceFacts,
    name: 'macd_divergence_12_26',
    meaning: DIVERGENCE.replace('%s', 'the MACD line (12, 26)'),
    inputs: ['high', 'low', 'close'],
    lookback: 25 + SWING.window - 1,
    compute: ({ high, low, close }) =>
      divergence({ high, low, indicator: macdLine(close, { fast: 12, slow: 26 }) }, SWING),
  }),
  defineFeature({
    ...divergenceFacts,
    name: 'obv_divergence',
    meaning: DIVERGENCE.replace('%s', 'the on-balance volume'),
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: SWING.window - 1,
    compute({ high, low, close, volume, rows }) {
      // Only its changes within the window matter, so it may run on.
      const indicator = balanceSince(new Float64Array(rows), volumeByChange(close, volume))
      return divergence({ high, low, indicator }, SWING)
    },
  }),
]

export const structureFeatures: readonly Feature[] = [
  ...[20, 50].flatMap(runFeatures),
  ...[20, 50, 200].flatMap(levelFeatures),
  ...[20, 50].map(breakoutFeature),
  ...swingFeatures,
  ...[20, 60].map(trendStrengthFeature),
  ...[10, 20].map(efficiencyFeature),
  ...divergenceFeatures,
]
