/**
 * Oscillators: how far and how fast the price has come.
 */
import { crossings } from '../../math/crossings.js'
import { ratio, relativeChange } from '../../math/elementwise.js'
import { type MacdLines, type MacdPeriods, macdLines, relativeStrength } from '../../math/oscillators.js'
import {
  commodityChannel,
  moneyFlow,
  type StochasticLines,
  stochasticLines,
  williamsR,
} from '../../math/range-oscillators.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const rsiFeature = (period: number): Feature =>
  defineFeature({
    name: `rsi_${period}`,
    family: 'momentum',
    meaning: `Relative strength index of ${period} bars, 0 … 100.`,
    inputs: ['close'],
    lookback: period,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'Wilder 1978; TA-Lib RSI',
    compute: ({ close }) => relativeStrength(close, period),
  })

const MACD_LINES: { readonly line: keyof MacdLines; readonly name: string; readonly title: string }[] = [
  { line: 'macd', name: 'macd', title: 'Fast less slow exponential mean of the close' },
  { line: 'signal', name: 'macd_signal', title: 'Exponential mean of the MACD line' },
  { line: 'histogram', name: 'macd_histogram', title: 'MACD line less its signal' },
]

const macdOf = (periods: MacdPeriods): SharedWork<'close', MacdLines> => ({
  inputs: ['close'],
  of: ({ close }) => macdLines(close, periods),
})

/** Each line in quote currency, and as a fraction of the close. */
const macdLineFeatures = (periods: MacdPeriods, work: SharedWork<'close', MacdLines>): Feature[] =>
  MACD_LINES.flatMap(({ line, name, title }) => {
    const { fast, slow, signal } = periods
    const facts = {
      family: 'momentum',
      inputs: ['close'],
      work,
      lookback: line === 'macd' ? slow - 1 : slow + signal - 2,
      memory: 'recursive',
      timeframes: 'every',
      reference: 'Appel 1979; TA-Lib MACD',
    } as const
    const suffix = `${fast}_${slow}_${signal}`
    return [
      defineFeature({
        ...facts,
        name: `${name}_${suffix}`,
        meaning: `${title} (${fast}, ${slow}, ${signal} bars), in quote currency.`,
        compute: (_inputs, lines) => lines[line],
      }),
      defineFeature({
        ...facts,
        name: `${name}_pct_${suffix}`,
        meaning: `${title} (${fast}, ${slow}, ${signal} bars), as a fraction of the close.`,
        compute: ({ close }, lines) => ratio(lines[line], close),
      }),
    ]
  })

const macdCrossingFeature = (periods: MacdPeriods, work: SharedWork<'close', MacdLines>): Feature =>
  defineFeature({
    name: `macd_crossing_${periods.fast}_${periods.slow}_${periods.signal}`,
    family: 'momentum',
    meaning: `1 on the bar on which the MACD line (${periods.fast}, ${periods.slow}, ${periods.signal}) crosses above its signal, -1 below, else 0.`,
    inputs: ['close'],
    lookback: periods.slow + periods.signal - 1,
    memory: 'recursive',
    timeframes: 'every',
    reference: 'Appel 1979; TA-Lib MACD; common definition of a crossing',
    work,
    compute: ({ close }, { macd, signal }) => crossings(macd, signal, close),
  })

const macdFeatures = (periods: MacdPeriods): Feature[] => {
  const work = macdOf(periods)
  return [...macdLineFeatures(periods, work), macdCrossingFeature(periods, work)]
}

const MACDS: readonly MacdPeriods[] = [
  { fast: 12, slow: 26, signal: 9 },
  { fast: 5, slow: 35, signal: 5 },
  { fast: 8, slow: 17, signal: 9 },
]

const stochasticFeatures = (window: number): Feature[] => {
  const facts = {
    family: 'momentum',
    inputs: ['high', 'low', 'close'],
    timeframes: 'every',
    reference: 'Lane; TA-Lib STOCH with 3, 3',
    work: {
      inputs: ['high', 'low', 'close'],
      of: (inputs) => stochasticLines(inputs, { window, slow: 3, origin: inputs.origin }),
    } satisfies SharedWork<'high' | 'low' | 'close', StochasticLines>,
  } as const
  return [
    defineFeature({
      ...facts,
      name: `stochastic_k_${window}`,
      meaning: `Slow %K: place of the close in the range of ${window} bars, 0 … 100, mean of 3 bars.`,
      lookback: window + 1,
      compute: (_inputs, { k }) => k,
    }),
    defineFeature({
      ...facts,
      name: `stochastic_d_${window}`,
      meaning: `Slow %D: mean of the last 3 slow %K of ${window} bars, 0 … 100.`,
      lookback: window + 3,
      compute: (_inputs, { d }) => d,
    }),
  ]
}

const williamsFeature = (window: number): Feature =>
  defineFeature({
    name: `williams_r_${window}`,
    family: 'momentum',
    meaning: `Close below the highest high in the range of ${window} bars, -100 … 0.`,
    inputs: ['high', 'low', 'close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Williams; TA-Lib WILLR',
    compute: (inputs) => williamsR(inputs, window),
  })

const rocFeature = (bars: number): Feature =>
  defineFeature({
    name: `roc_${bars}`,
    family: 'momentum',
    meaning: `Change of the close over ${bars} bars, as a fraction.`,
    inputs: ['close'],
    lookback: bars,
    timeframes: 'every',
    reference: 'TA-Lib ROC, which says it in percent',
    compute: ({ close }) => relativeChange(close, bars),
  })

const cciFeature = (window: number): Feature =>
  defineFeature({
    name: `cci_${window}`,
    family: 'momentum',
    meaning: `Commodity channel index of ${window} bars; ±100 = the usual range.`,
    inputs: ['high', 'low', 'close'],
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Lambert 1980; TA-Lib CCI',
    compute: (inputs) => commodityChannel(inputs, window, inputs.origin),
  })

export const momentumFeatures: readonly Feature[] = [
  ...[2, 7, 14, 21, 34, 50].map(rsiFeature),
  ...MACDS.flatMap(macdFeatures),
  ...[5, 14, 21].flatMap(stochasticFeatures),
  ...[14, 21].map(williamsFeature),
  ...[1, 5, 10, 20].map(rocFeature),
  ...[14, 20].map(cciFeature),
  defineFeature({
    name: 'mfi_14',
    family: 'momentum',
    meaning: 'Share of money that flowed with a rising typical price over 14 bars, 0 … 100.',
    inputs: ['high', 'low', 'close', 'volume'],
    lookback: 14,
    timeframes: 'every',
    reference: 'Quong & Soudack 1989; TA-Lib MFI, without its zero for any total below 1 and its rounded ties',
    compute: (inputs) => moneyFlow(inputs, 14, inputs.origin),
  }),
]
