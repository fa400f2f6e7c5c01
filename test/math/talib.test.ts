/**
 * Every kernel that TA-Lib has, on its fixed input. Tolerance 1e-9 relative, wider only where TA-Lib's own running sums
 * lose digits (the sizes stand in the reference's README); `scale` is the size to which a value near 0 is compared.
 * DI, ADX and MFI, where ties make a difference, are in talib-ties.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { aroonDown, aroonUp } from '../../src/math/directional.js'
import { logReturn, relativeChange } from '../../src/math/elementwise.js'
import { exponentialMovingAverage as ema } from '../../src/math/moving-average.js'
import { macdLines, relativeStrength } from '../../src/math/oscillators.js'
import {
  commodityChannel,
  fastStochastic,
  stochasticLines,
  typicalPrice,
  williamsR,
} from '../../src/math/range-oscillators.js'
import { rollingCorrelation } from '../../src/math/rolling-correlation.js'
import { rollingMax, rollingMin } from '../../src/math/rolling-extremes.js'
import { rollingMeanAndSpread } from '../../src/math/rolling-moments.js'
import { rollingLineEnd, rollingSlope, weightedMovingAverage } from '../../src/math/rolling-regression.js'
import { rollingMean, rollingSum } from '../../src/math/rolling-sum.js'
import { parabolicSar } from '../../src/math/trailing-stops.js'
import { averageTrueRange, trueRange } from '../../src/math/true-range.js'
import { balanceSince, chaikinOscillator, moneyFlowVolume, volumeByChange } from '../../src/math/volume-flow.js'
import { referenceTable } from '../support/reference.js'
import { compare } from './difference.js'

type Case = {
  readonly column: string
  readonly actual: Float64Array
  readonly tolerance?: number
  readonly scale?: number
  readonly earlier?: number // bars by which we speak before TA-Lib does
}

function cases(): Case[] {
  const input = referenceTable('talib-input.csv')
  const [high, low, close, volume] = ['high', 'low', 'close', 'volume'].map(input)
  const bars = { high, low, close, volume }
  const origin = input('open_time')[0] / 60_000
  const returns = logReturn(close, 1)
  returns[0] = 0 // as the reference fills its first row
  const volumeChange = Float64Array.from(volume, (v, i) => (i === 0 ? 0 : v - volume[i - 1]))
  const forever = new Float64Array(close.length) // one period: TA-Lib's balances never begin anew
  const macd = macdLines(close, { fast: 12, slow: 26, signal: 9 })
  const spread20 = rollingMeanAndSpread(close, 20, origin)
  const spread50 = rollingMeanAndSpread(close, 50, origin)
  const band = (s: { mean: Float64Array; deviation: Float64Array }, k: number) =>
    s.mean.map((m, i) => m + k * s.deviation[i])
  const slowStochastic = stochasticLines(bars, { window: 14, slow: 3, origin })
  return [
    ...[5, 10, 20, 50, 100, 200].flatMap((n) => [
      { column: `sma_${n}`, actual: rollingMean(close, n, origin) },
      { column: `ema_${n}`, actual: ema(close, n) },
      { column: `wma_${n}`, actual: weightedMovingAverage(close, n, origin) },
    ]),
    ...[2, 7, 14, 21, 50].map((n) => ({ column: `rsi_${n}`, actual: relativeStrength(close, n), scale: 1 })),
    // TA-Lib holds the MACD line back until its signal is known, 8 bars later.
    { column: 'macd_12_26_9', actual: macd.macd, scale: 1e-3, earlier: 8 },
    { column: 'macd_signal_12_26_9', actual: macd.signal, scale: 1e-3 },
    { column: 'macd_hist_12_26_9', actual: macd.histogram, scale: 1e-3 },
    { column: 'stoch_slowk_14_3_3', actual: slowStochastic.k, scale: 1, earlier: 2 },
    { column: 'stoch_slowd_14_3_3', actual: slowStochastic.d, scale: 1 },
    { column: 'stochf_fastk_14_3', actual: fastStochastic(bars, 14), scale: 1, earlier: 2 },
    ...[14, 21].map((n) => ({ column: `willr_${n}`, actual: williamsR(bars, n), scale: 1 })),
    ...[14, 20].map((n) => ({ column: `cci_${n}`, actual: commodityChannel(bars, n, origin), scale: 1 })),
    ...[1, 5, 10, 20].map((n) => ({
      column: `roc_${n}`, // TA-Lib in percent
      actual: relativeChange(close, n).map((v) => 100 * v),
      scale: 0.01,
    })),
    { column: 'aroon_up_25', actual: aroonUp(high, 25), scale: 1 },
    { column: 'aroon_down_25', actual: aroonDown(low, 25), scale: 1 },
    { column: 'sar_002_02', actual: parabolicSar(bars, { step: 0.02, limit: 0.2 }) },
    ...[7, 14, 21].map((n) => ({ column: `atr_${n}`, actual: averageTrueRange(bars, n) })),
    { column: 'natr_14', actual: averageTrueRange(bars, 14).map((v, i) => (100 * v) / close[i]) },
    { column: 'trange', actual: trueRange(bars) },
    { column: 'bb_upper_20', actual: band(spread20, 2) },
    { column: 'bb_middle_20', actual: spread20.mean },
    { column: 'bb_lower_20', actual: band(spread20, -2) },
    { column: 'bb_upper_50', actual: band(spread50, 2) },
    { column: 'bb_middle_50', actual: spread50.mean },
    { column: 'bb_lower_50', actual: band(spread50, -2) },
    { column: 'obv', actual: balanceSince(forever, volumeByChange(close, volume)) },
    { column: 'ad', actual: balanceSince(forever, moneyFlowVolume(bars)) },
    { column: 'adosc_3_10', actual: chaikinOscillator(bars, 3, 10), scale: 1000 },
    ...[10, 20, 30].map((n) => ({
      column: `stddev_logret_${n}`,
      actual: rollingMeanAndSpread(returns, n, origin).deviation,
    })),
    // TA-Lib keeps the sums of squared prices: off by up to 4e-9 from exact arithmetic here.
    { column: 'stddev_20', actual: spread20.deviation, tolerance: 1e-8 },
    {
      column: 'correl_dvolume_logret_20',
      actual: rollingCorrelation(volumeChange, returns, { window: 20, origin }),
      scale: 0.01,
    },
    // The same: off by up to 2e-9.
    { column: 'correl_high_low_30', actual: rollingCorrelation(high, low, { window: 30, origin }), tolerance: 1e-8 },
    ...[20, 50].flatMap((n) => [
      { column: `min_${n}`, actual: rollingMin(close, n) },
      { column: `max_${n}`, actual: rollingMax(close, n) },
    ]),
    { column: 'sum_volume_60', actual: rollingSum(volume, 60, origin) },
    { column: 'linearreg_14', actual: rollingLineEnd(close, 14, origin) },
    // A price of 3.7 carries rounding of 4e-16, a slope of 1e-4 is compared to no better than that allows.
    { column: 'linearreg_slope_14', actual: rollingSlope(close, 14, origin), scale: 1e-5 },
    { column: 'typprice', actual: typicalPrice(bars) },
  ]
}

describe('kernels that TA-Lib 0.6.4 has', () => {
  const talib = referenceTable('talib-indicators.csv')
  for (const { column, actual, tolerance = 1e-9, scale = 0, earlier = 0 } of cases()) {
    it(`${column} equals TA-Lib's and begins ${earlier === 0 ? 'with it' : `${earlier} bars before it`}`, () => {
      const { worst, compared, silenceDiffers } = compare(actual, talib(`talib_${column}`), scale)
      expect(compared).toBeGreaterThan(1700)
      expect(worst, 'largest relative difference').toBeLessThan(tolerance)
      expect(silenceDiffers, 'rows on which only one of the two is silent').toBe(earlier)
    })
  }
})
