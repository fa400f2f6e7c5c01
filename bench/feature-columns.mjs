/**
 * The 69 columns of the reference comparison as our kernels make them, each call as TA-Lib would be called, under the names that the
 * peers of feature-peers.mjs and features-python.py use.
 */
import { aroonDown, aroonUp, directionalMovement } from '../dist/math/directional.js'
import { difference, logReturn, relativeChange } from '../dist/math/elementwise.js'
import { exponentialMovingAverage } from '../dist/math/moving-average.js'
import { macdLines, relativeStrength } from '../dist/math/oscillators.js'
import * as range from '../dist/math/range-oscillators.js'
import { rollingCorrelation } from '../dist/math/rolling-correlation.js'
import { rollingMax, rollingMin } from '../dist/math/rolling-extremes.js'
import { rollingMeanAndSpread, rollingStd } from '../dist/math/rolling-moments.js'
import { weightedMovingAverage } from '../dist/math/rolling-regression.js'
import { rollingMean, rollingSum } from '../dist/math/rolling-sum.js'
import { averageTrueRange, trueRange } from '../dist/math/true-range.js'
import { balanceSince, chaikinOscillator, moneyFlowVolume, volumeByChange } from '../dist/math/volume-flow.js'

/** Each column or group of columns that one call makes: how many, name, call. */
export function featureColumns(bars) {
  const { high, low, close, volume } = bars
  const origin = bars.openTime[0] / 60_000
  const returns = logReturn(close, 1)
  const forever = new Float64Array(close.length) // TA-Lib's balances never begin anew
  const volumeChange = difference(volume, 1)
  return [
    ...[5, 10, 20, 50, 100, 200].flatMap((n) => [
      [1, `sma ${n}`, () => rollingMean(close, n, origin)],
      [1, `ema ${n}`, () => exponentialMovingAverage(close, n)],
      [1, `wma ${n}`, () => weightedMovingAverage(close, n, origin)],
    ]),
    ...[2, 7, 14, 21, 50].map((n) => [1, `rsi ${n}`, () => relativeStrength(close, n)]),
    [3, 'macd', () => macdLines(close, { fast: 12, slow: 26, signal: 9 })],
    [2, 'stochastic', () => range.stochasticLines(bars, { window: 14, slow: 3, origin })],
    ...[14, 21].map((n) => [1, `williams ${n}`, () => range.williamsR(bars, n)]),
    ...[14, 20].map((n) => [1, `cci ${n}`, () => range.commodityChannel(bars, n, origin)]),
    ...[1, 5, 10, 20].map((n) => [1, `roc ${n}`, () => relativeChange(close, n)]),
    [1, 'mfi', () => range.moneyFlow(bars, 14, origin)],
    ...[14, 21].map((n) => [3, `adx ${n}`, () => directionalMovement(bars, n)]),
    [1, 'aroon up', () => aroonUp(high, 25)],
    [1, 'aroon down', () => aroonDown(low, 25)],
    ...[7, 14, 21].map((n) => [1, `atr ${n}`, () => averageTrueRange(bars, n)]),
    [1, 'true range', () => trueRange(bars)],
    ...[20, 50].map((n) => [3, `bollinger ${n}`, () => bollinger(close, n, origin)]),
    [1, 'obv', () => balanceSince(forever, volumeByChange(close, volume))],
    [1, 'ad', () => balanceSince(forever, moneyFlowVolume(bars))],
    [1, 'adosc', () => chaikinOscillator(bars, 3, 10)],
    ...[10, 20, 30].map((n) => [1, `std ${n}`, () => rollingStd(returns, n, origin)]),
    [1, 'correlation', () => rollingCorrelation(volumeChange, returns, { window: 20, origin })],
    ...[20, 50].flatMap((n) => [
      [1, `min ${n}`, () => rollingMin(close, n)],
      [1, `max ${n}`, () => rollingMax(close, n)],
    ]),
    [1, 'volume sum', () => rollingSum(volume, 60, origin)],
    [1, 'log return', () => logReturn(close, 1)],
    [1, 'typical price', () => range.typicalPrice(bars)],
  ]
}

/** TA-Lib's three lines; our own features need no more than the mean and the deviation. */
function bollinger(close, window, origin) {
  const { mean, deviation } = rollingMeanAndSpread(close, window, origin)
  const upper = new Float64Array(close.length)
  for (let i = 0; i < close.length; i++) {
    upper[i] = mean[i] + 2 * deviation[i]
    deviation[i] = mean[i] - 2 * deviation[i]
  }
  return { upper, mean, lower: deviation }
}
