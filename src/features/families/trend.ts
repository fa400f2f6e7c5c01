/**
 * Whether there is a trend, in which direction, and how old it is.
 */
import { aroonDown, aroonUp, type DirectionalLines, directionalMovement } from '../../math/directional.js'
import { ratio, subtract } from '../../math/elementwise.js'
import { rollingMax, rollingMin } from '../../math/rolling-extremes.js'
import { rollingSlope } from '../../math/rolling-regression.js'
import { rollingSum } from '../../math/rolling-sum.js'
import { trueRange } from '../../math/true-range.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

type Line = { readonly name: string; readonly meaning: string; readonly line: keyof DirectionalLines }

const directionalFeatures = (period: number): Feature[] => {
  const lines: Line[] = [
    { name: 'adx', meaning: 'Average directional index: strength of the trend, 0 … 100', line: 'adx' },
    { name: 'plus_di', meaning: 'Directional indicator: share of the range won upwards, 0 … 100', line: 'plusDi' },
    { name: 'minus_di', meaning: 'Directional indicator: share of the range won downwards, 0 … 100', line: 'minusDi' },
  ]
  const work: SharedWork<'high' | 'low' | 'close', DirectionalLines> = {
    inputs: ['high', 'low', 'close'],
    of: (bars) => directionalMovement(bars, period),
  }
  return lines.map(({ name, meaning, line }) =>
    defineFeature({
      work,
      name: `${name}_${period}`,
      family: 'trend',
      meaning: `${meaning}; ${period} bars.`,
      inputs: ['high', 'low', 'close'],
      lookback: line === 'adx' ? 2 * period - 1 : period,
      memory: 'recursive',
      timeframes: 'every',
      reference: 'Wilder 1978; TA-Lib ADX, PLUS_DI, MINUS_DI, which let rounding decide between moves of as many ticks',
      compute: (_inputs, lines) => lines[line],
    }),
  )
}

const slopeFeature = (window: number): Feature =>
  defineFeature({
    name: `linear_slope_pct_${window}`,
    family: 'trend',
    meaning: `Slope of the least-squares line through ${window} closes, a bar, as a fraction of the close.`,
    inputs: ['close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'TA-Lib LINEARREG_SLOPE / close',
    compute: ({ close, origin }) => ratio(rollingSlope(close, window, origin), close),
  })

export const trendFeatures: readonly Feature[] = [
  ...[14, 21].flatMap(directionalFeatures),
  defineFeature({
    name: 'aroon_up_25',
    family: 'trend',
    meaning: 'How recent the highest high of the last 26 bars is: 100 = now, 0 = 25 bars ago.',
    inputs: ['high'],
    lookback: 25,
    timeframes: 'every',
    reference: 'Chande 1995; TA-Lib AROON',
    compute: ({ high }) => aroonUp(high, 25),
  }),
  defineFeature({
    name: 'aroon_down_25',
    family: 'trend',
    meaning: 'How recent the lowest low of the last 26 bars is: 100 = now, 0 = 25 bars ago.',
    inputs: ['low'],
    lookback: 25,
    timeframes: 'every',
    reference: 'Chande 1995; TA-Lib AROON',
    compute: ({ low }) => aroonDown(low, 25),
  }),
  defineFeature({
    name: 'aroon_oscillator_25',
    family: 'trend',
    meaning: 'Aroon up less Aroon down, -100 … 100.',
    inputs: ['high', 'low'],
    lookback: 25,
    timeframes: 'every',
    reference: 'Chande 1995; TA-Lib AROONOSC',
    compute: ({ high, low }) => subtract(aroonUp(high, 25), aroonDown(low, 25)),
  }),
  ...[14, 60].map(slopeFeature),
  defineFeature({
    name: 'choppiness_14',
    family: 'trend',
    meaning: 'Choppiness index of 14 bars: 100 = all movement cancelled out, towards 0 = all went one way.',
    inputs: ['high', 'low', 'close'],
    lookback: 14,
    timeframes: 'every',
    reference: 'Dreiss: 100 · log(Σ true range / (highest high - lowest low)) / log(bars)',
    compute(inputs) {
      const moved = rollingSum(trueRange(inputs), 14, inputs.origin)
      const covered = subtract(rollingMax(inputs.high, 14), rollingMin(inputs.low, 14))
      return ratio(moved, covered).map((value) => (100 * Math.log(value)) / Math.log(14))
    },
  }),
]
