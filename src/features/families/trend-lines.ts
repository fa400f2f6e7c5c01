/**
 * Trend, continued: lines that trail the price, channels around it, and Ichimoku's cloud.
 */
import { distance, ratio, relativeChange, subtract } from '../../math/elementwise.js'
import { baseLine, cloudAhead, cloudNow, conversionLine, distanceFromCloud } from '../../math/ichimoku.js'
import { exponentialMovingAverage } from '../../math/moving-average.js'
import { parabolicSar, type SuperTrendLines, superTrend } from '../../math/trailing-stops.js'
import { averageTrueRange, type RangeBars } from '../../math/true-range.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const SAR = { step: 0.02, limit: 0.2 }

/** Two stops that began at different bars are one once both have turned at the same bar, which they do after a few turns. */
const SAR_SETTLE = 500

const STOPS: SharedWork<'high' | 'low', Float64Array> = {
  inputs: ['high', 'low'],
  of: (bars) => parabolicSar(bars, SAR),
}

const sarFeatures: readonly Feature[] = [
  defineFeature({
    name: 'parabolic_sar',
    family: 'trend',
    meaning: 'Parabolic stop and reverse (0.02, at most 0.2), in quote currency.',
    inputs: ['high', 'low'],
    lookback: 1,
    memory: 'recursive',
    settle: SAR_SETTLE,
    timeframes: 'every',
    reference: 'Wilder 1978; TA-Lib SAR',
    work: STOPS,
    compute: (_bars, stops) => stops,
  }),
  defineFeature({
    name: 'parabolic_sar_distance',
    family: 'trend',
    meaning: 'Close above the parabolic stop and reverse, as a fraction of it; negative in a fall.',
    inputs: ['high', 'low', 'close'],
    lookback: 1,
    memory: 'recursive',
    settle: SAR_SETTLE,
    timeframes: 'every',
    reference: 'Wilder 1978; TA-Lib SAR',
    work: STOPS,
    compute: ({ close }, stops) => distance(close, stops),
  }),
]

const SUPERTREND = { period: 10, width: 3 }
const SUPERTREND_LINES: SharedWork<'high' | 'low' | 'close', SuperTrendLines> = {
  inputs: ['high', 'low', 'close'],
  of: (bars) => superTrend(bars, SUPERTREND),
}
const superTrendFacts = {
  family: 'trend',
  work: SUPERTREND_LINES,
  inputs: ['high', 'low', 'close'],
  lookback: SUPERTREND.period,
  memory: 'recursive',
  timeframes: 'every',
  reference: 'Seban; Pine ta.supertrend, with the ATR of TA-Lib',
} as const

const superTrendFeatures: readonly Feature[] = [
  defineFeature({
    ...superTrendFacts,
    name: 'supertrend_10_3',
    meaning: 'SuperTrend line (10 bars, 3 average true ranges), in quote currency.',
    compute: (_bars, { line }) => line,
  }),
  defineFeature({
    ...superTrendFacts,
    name: 'supertrend_distance_10_3',
    meaning: 'Close above the SuperTrend line (10 bars, 3 average true ranges), as a fraction of it.',
    compute: ({ close }, { line }) => distance(close, line),
  }),
  defineFeature({
    ...superTrendFacts,
    name: 'supertrend_direction_10_3',
    meaning: 'Direction of the SuperTrend (10 bars, 3 average true ranges): 1 rise, -1 fall.',
    compute: (_bars, { direction }) => direction,
  }),
]

const KELTNER = { middle: 20, range: 10, width: 2 }
const keltnerFacts = {
  family: 'trend',
  inputs: ['high', 'low', 'close'],
  lookback: KELTNER.middle - 1,
  memory: 'recursive',
  timeframes: 'every',
  reference: 'Raschke’s form: EMA of 20 closes ± 2 ATR of 10 bars',
} as const

/** Middle of the channel moved by `widths` average true ranges. */
function keltnerLine(bars: RangeBars, widths: number): Float64Array {
  const out = exponentialMovingAverage(bars.close, KELTNER.middle)
  const range = averageTrueRange(bars, KELTNER.range)
  for (let i = 0; i < out.length; i++) out[i] += widths * range[i]
  return out
}

const keltnerFeatures: readonly Feature[] = [
  defineFeature({
    ...keltnerFacts,
    name: 'keltner_upper_20',
    meaning: 'Upper line of the Keltner channel, in quote currency.',
    compute: (bars) => keltnerLine(bars, KELTNER.width),
  }),
  defineFeature({
    ...keltnerFacts,
    name: 'keltner_lower_20',
    meaning: 'Lower line of the Keltner channel, in quote currency.',
    compute: (bars) => keltnerLine(bars, -KELTNER.width),
  }),
  defineFeature({
    ...keltnerFacts,
    name: 'keltner_position_20',
    meaning: 'Where the close lies in the Keltner channel: 0 = lower line, 1 = upper, 0.5 if it has no width.',
    compute(bars) {
      const above = subtract(bars.close, exponentialMovingAverage(bars.close, KELTNER.middle))
      const range = averageTrueRange(bars, KELTNER.range)
      for (let i = 0; i < above.length; i++) {
        // 0 · above keeps what is not known.
        above[i] = 0.5 + (range[i] === 0 ? 0 * above[i] : above[i] / (2 * KELTNER.width * range[i]))
      }
      return above
    },
  }),
]

type CloudLine = {
  readonly name: string
  readonly meaning: string
  readonly lookback: number
  readonly of: (bars: RangeBars) => Float64Array
}

const cloudFeature = ({ name, meaning, lookback, of }: CloudLine): Feature =>
  defineFeature({
    name: `ichimoku_${name}`,
    family: 'trend',
    meaning,
    inputs: ['high', 'low', 'close'],
    lookback,
    timeframes: 'every',
    reference: 'Hosoda 1969 (9, 26, 52)',
    compute: of,
  })

const cloudLevel = (name: string, meaning: string, of: (bars: Omit<RangeBars, 'close'>) => Float64Array) => ({
  name: `ichimoku_${name}`,
  family: 'trend' as const,
  meaning,
  inputs: ['high', 'low'] as const,
  timeframes: 'every' as const,
  reference: 'Hosoda 1969 (9, 26, 52)',
  compute: of,
})

const ichimokuFeatures: readonly Feature[] = [
  defineFeature({
    ...cloudLevel('conversion', 'Tenkan-sen: middle of the range of 9 bars, in quote currency.', conversionLine),
    lookback: 8,
  }),
  defineFeature({
    ...cloudLevel('base', 'Kijun-sen: middle of the range of 26 bars, in quote currency.', baseLine),
    lookback: 25,
  }),
  defineFeature({
    ...cloudLevel(
      'span_a',
      'Senkou span A that stands at the bar, made 26 bars ago, in quote currency.',
      (bars) => cloudNow(bars).a,
    ),
    lookback: 51,
  }),
  defineFeature({
    ...cloudLevel(
      'span_b',
      'Senkou span B that stands at the bar, made 26 bars ago, in quote currency.',
      (bars) => cloudNow(bars).b,
    ),
    lookback: 77,
  }),
  defineFeature({
    ...cloudLevel('conversion_distance', 'Tenkan-sen above the Kijun-sen, as a fraction of it.', (bars) =>
      distance(conversionLine(bars), baseLine(bars)),
    ),
    lookback: 25,
  }),
  cloudFeature({
    name: 'base_distance',
    meaning: 'Close above the Kijun-sen, as a fraction of it.',
    lookback: 25,
    of: (bars) => distance(bars.close, baseLine(bars)),
  }),
  cloudFeature({
    name: 'cloud_distance',
    meaning: 'Close above (+) or below (-) the cloud that stands at the bar, as a fraction of the close; 0 inside it.',
    lookback: 77,
    of: (bars) => distanceFromCloud(bars.close, cloudNow(bars)),
  }),
  cloudFeature({
    name: 'cloud_thickness',
    meaning: 'Span A less span B of the cloud that stands at the bar, as a fraction of the close.',
    lookback: 77,
    of(bars) {
      const { a, b } = cloudNow(bars)
      return ratio(subtract(a, b), bars.close)
    },
  }),
  cloudFeature({
    name: 'cloud_ahead',
    meaning: 'Span A less span B of the cloud that the bar makes for 26 bars ahead, as a fraction of the close.',
    lookback: 51,
    of(bars) {
      const { a, b } = cloudAhead(bars)
      return ratio(subtract(a, b), bars.close)
    },
  }),
  defineFeature({
    name: 'ichimoku_lagging',
    family: 'trend',
    meaning: 'Chikou span: close above that of 26 bars ago, as a fraction of it.',
    inputs: ['close'],
    lookback: 26,
    timeframes: 'every',
    reference: 'Hosoda 1969 (9, 26, 52)',
    compute: ({ close }) => relativeChange(close, 26),
  }),
]

export const trendLineFeatures: readonly Feature[] = [
  ...sarFeatures,
  ...superTrendFeatures,
  ...keltnerFeatures,
  ...ichimokuFeatures,
]
