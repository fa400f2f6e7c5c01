/**
 * Moving averages of the close: the level itself, the close's distance from it, and one average against another.
 */
import { crossings } from '../../math/crossings.js'
import { distance } from '../../math/elementwise.js'
import { exponentialMovingAverage } from '../../math/moving-average.js'
import { weightedMovingAverage } from '../../math/rolling-regression.js'
import { rollingMean } from '../../math/rolling-sum.js'
import { defineFeature, type Feature } from '../feature.js'

type Average = {
  readonly title: string
  readonly memory: 'window' | 'recursive'
  readonly of: (close: Float64Array, period: number, origin: number) => Float64Array
}

const AVERAGES = {
  sma: { title: 'simple', memory: 'window', of: rollingMean },
  ema: { title: 'exponential', memory: 'recursive', of: (close, period) => exponentialMovingAverage(close, period) },
  wma: { title: 'linearly weighted', memory: 'window', of: weightedMovingAverage },
} as const satisfies Record<string, Average>
type AverageName = keyof typeof AVERAGES

const reference = (name: AverageName) => `TA-Lib ${name.toUpperCase()}`

const averageFeatures = (name: AverageName, period: number): Feature[] => {
  const { title, memory, of } = AVERAGES[name]
  return [
    defineFeature({
      name: `${name}_${period}`,
      family: 'moving-average',
      meaning: `Mean (${title}) of the last ${period} closes, in quote currency.`,
      inputs: ['close'],
      lookback: period - 1,
      memory,
      timeframes: 'every',
      reference: reference(name),
      compute: ({ close, origin }) => of(close, period, origin),
    }),
    defineFeature({
      name: `${name}_distance_${period}`,
      family: 'moving-average',
      meaning: `Close above the mean (${title}) of the last ${period} closes, as a fraction of it.`,
      inputs: ['close'],
      lookback: period - 1,
      memory,
      timeframes: 'every',
      reference: reference(name),
      compute: ({ close, origin }) => distance(close, of(close, period, origin)),
    }),
  ]
}

const crossFeature = (name: AverageName, fast: number, slow: number): Feature => {
  const { title, memory, of } = AVERAGES[name]
  return defineFeature({
    name: `${name}_cross_${fast}_${slow}`,
    family: 'moving-average',
    meaning: `Mean (${title}) of ${fast} closes above that of ${slow}, as a fraction of it; changes sign as they cross.`,
    inputs: ['close'],
    lookback: slow - 1,
    memory,
    timeframes: 'every',
    reference: reference(name),
    compute: ({ close, origin }) => distance(of(close, fast, origin), of(close, slow, origin)),
  })
}

const crossingFeature = (name: AverageName, fast: number, slow: number): Feature => {
  const { title, memory, of } = AVERAGES[name]
  return defineFeature({
    name: `${name}_crossing_${fast}_${slow}`,
    family: 'moving-average',
    meaning: `1 on the bar on which the mean (${title}) of ${fast} closes crosses above that of ${slow}, -1 below, else 0.`,
    inputs: ['close'],
    lookback: slow,
    memory,
    timeframes: 'every',
    reference: `${reference(name)}; common definition of a crossing`,
    compute: ({ close, origin }) => crossings(of(close, fast, origin), of(close, slow, origin)),
  })
}

const CROSSES = [
  ['sma', 5, 20],
  ['sma', 20, 50],
  ['sma', 50, 200],
  ['ema', 12, 26],
  ['ema', 20, 100],
] as const

export const movingAverageFeatures: readonly Feature[] = [
  ...[5, 7, 10, 20, 50, 100, 200].flatMap((period) => averageFeatures('sma', period)),
  ...[5, 10, 12, 14, 20, 26, 50, 100, 200].flatMap((period) => averageFeatures('ema', period)),
  ...[5, 10, 20, 50, 100, 200].flatMap((period) => averageFeatures('wma', period)),
  ...CROSSES.map(([name, fast, slow]) => crossFeature(name, fast, slow)),
  ...CROSSES.map(([name, fast, slow]) => crossingFeature(name, fast, slow)),
]
