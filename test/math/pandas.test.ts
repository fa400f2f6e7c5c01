/**
 * Rolling statistics beside pandas 1.5.3 on its fixed input. pandas slides running sums: its own error against exact
 * arithmetic (reference's README) sets the tolerance where it is wider than 1e-9.
 */
import { describe, expect, it } from 'vitest'
import { difference, logReturn } from '../../src/math/elementwise.js'
import { rollingCorrelation, rollingCovariance } from '../../src/math/rolling-correlation.js'
import { rollingKurtosis, rollingSkewness, rollingStd, rollingVariance } from '../../src/math/rolling-moments.js'
import { rollingRank } from '../../src/math/rolling-rank.js'
import { referenceTable } from '../support/reference.js'
import { compare } from './difference.js'

type Case = { column: string; actual: Float64Array; tolerance?: number; scale?: number }

function cases(): Case[] {
  const input = referenceTable('talib-input.csv')
  const close = input('close')
  const volume = input('volume')
  const origin = input('open_time')[0] / 60_000
  const returns = logReturn(close, 1)
  const volumeChange = difference(volume, 1)
  return [
    { column: 'logret', actual: returns, scale: 1e-6 },
    { column: 'dvolume', actual: volumeChange },
    ...[10, 20, 30].map((n) => ({ column: `std_logret_${n}`, actual: rollingStd(returns, n, origin) })),
    ...[20, 50].map((n) => ({ column: `std_close_${n}`, actual: rollingStd(close, n, origin) })),
    { column: 'var_volume_20', actual: rollingVariance(volume, 20, origin) },
    ...[20, 60].flatMap((n) => [
      { column: `skew_logret_${n}`, actual: rollingSkewness(returns, n, origin), scale: 0.01 },
      { column: `kurt_logret_${n}`, actual: rollingKurtosis(returns, n, origin), scale: 0.01 },
      {
        column: `corr_dvolume_logret_${n}`,
        actual: rollingCorrelation(volumeChange, returns, { window: n, origin }),
        scale: 0.01,
      },
      {
        column: `cov_dvolume_logret_${n}`,
        actual: rollingCovariance(volumeChange, returns, { window: n, origin }),
        scale: 1,
      },
    ]),
    { column: 'skew_volume_20', actual: rollingSkewness(volume, 20, origin) },
    // pandas is off by 2.9e-8 from exact arithmetic here.
    { column: 'kurt_volume_20', actual: rollingKurtosis(volume, 20, origin), tolerance: 5e-8, scale: 0.1 },
    { column: 'rank_close_20', actual: rollingRank(close, 20).map((v) => v * 20) },
  ]
}

describe('rolling statistics that pandas has', () => {
  const pandas = referenceTable('pandas-rolling.csv')
  for (const { column, actual, tolerance = 1e-9, scale = 0 } of cases()) {
    it(`${column} equals pandas' and begins with it`, () => {
      const { worst, compared, silenceDiffers } = compare(actual, pandas(`pd_${column}`), scale)
      expect(compared).toBeGreaterThan(1900)
      expect(worst, 'largest relative difference').toBeLessThan(tolerance)
      expect(silenceDiffers, 'rows on which only one of the two is silent').toBe(0)
    })
  }
})
