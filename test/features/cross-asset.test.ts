/** One pair beside another: by hand, against plain arithmetic over each window, and on grids that do not match. */
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import { crossAssetFeatures } from '../../src/features/families/cross-asset.js'
import { featureInputs } from '../../src/features/inputs.js'
import { featureMatrix } from '../../src/features/matrix.js'
import { marketInputs, marketSeries } from '../../src/features/series/market.js'
import { emptyBars, sliceBars } from '../../src/market/bars.js'
import { marketOf, randomMarket, withHoleInOther } from './market.js'

const column = (...values: number[]) => Float64Array.from(values)
const named = (name: string) => crossAssetFeatures.find((feature) => feature.name === name) ?? expect.fail(name)

/** The pair with these closes on a market with those, one bar an hour. */
function valuesOf(name: string, close: readonly number[], market: readonly number[]): Float64Array {
  const bars = (closes: readonly number[]) => ({
    ...emptyBars('1h', 0, closes.length),
    close: Float64Array.from(closes),
  })
  return named(name).compute(featureInputs(bars(close), { market: marketSeries(bars(market)) }))
}

/** Closes of which the log returns are these. */
const grown = (returns: readonly number[]) => {
  let log = 0
  const grow = (value: number) => {
    log += value
    return Math.exp(log)
  }
  return [1, ...returns.map(grow)]
}

describe('the market beside a pair', () => {
  const times = (...hours: number[]) => Float64Array.from(hours, (hour) => hour * HOUR)

  it('is known from its close on and no longer than one bar', () => {
    // The market's bars close at 1, 2 and 5 o'clock; at 3 and 4 there is no bar, and the last one is not carried on.
    const series = { available: times(1, 2, 5), columns: { close: column(10, 20, 50) } }
    const { marketClose } = marketInputs({ availableTime: times(0, 1, 2, 3, 4, 5, 6), stepMs: HOUR }, series)
    expect(marketClose).toEqual(column(NaN, 10, 20, NaN, NaN, 50, NaN))
  })

  it('on a finer grid is its last bar that closed within the row’s own', () => {
    const series = { available: times(0.5, 1, 1.5, 2.5), columns: { close: column(1, 2, 3, 5) } }
    const { marketClose } = marketInputs({ availableTime: times(1, 2, 3, 4), stepMs: HOUR }, series)
    expect(marketClose).toEqual(column(2, 3, 5, NaN))
  })

  it('leaves its features absent, and says why, where there is none', () => {
    const { decision } = randomMarket(300, 5)
    const why = 'features.market X is not among data.pairs'
    const { names, absent } = featureMatrix({
      ...{ decision, context: [], series: {}, missing: { market: why } },
      selection: { include: ['cross-asset', 'return'], exclude: [] },
    })
    expect(names).toEqual(['return'])
    expect(absent).toHaveLength(crossAssetFeatures.length)
    expect(new Set(absent.map(({ reason }) => reason))).toEqual(new Set([why]))
  })
})

describe('a cross-asset feature by hand', () => {
  const wave = Array.from({ length: 300 }, (_, i) => 0.01 * Math.sin(i * i))

  it('of a pair that moves twice as the market has beta 2, correlation 1 and nothing of its own', () => {
    const twice = [grown(wave.map((value) => 2 * value)), grown(wave)] as const
    expect(valuesOf('market_beta_60', ...twice)[200]).toBeCloseTo(2, 12)
    expect(valuesOf('market_correlation_60', ...twice)[200]).toBeCloseTo(1, 12)
    expect(valuesOf('idiosyncratic_volatility_60', ...twice)[200]).toBeCloseTo(0, 9)
    expect(valuesOf('market_correlation_change_60_240', ...twice)[290]).toBeCloseTo(0, 12)
  })

  it('of a pair that follows the market by a bar has a lead correlation of 1', () => {
    const late = [grown([0, ...wave]), grown([...wave, 0])] as const
    expect(valuesOf('market_lead_correlation_60', ...late)[200]).toBeCloseTo(1, 12)
    expect(Math.abs(valuesOf('market_correlation_60', ...late)[200])).toBeLessThan(0.5)
  })

  it('of strength is the difference of growth', () => {
    // The pair doubles over 20 bars and the market grows by half: ln 2 - ln 1.5.
    const path = (factor: number) => Array.from({ length: 21 }, (_, i) => factor ** (i / 20))
    expect(valuesOf('relative_strength_20', path(2), path(1.5))[20]).toBeCloseTo(Math.log(2) - Math.log(1.5), 12)
  })

  it('of the ratio is its distance from its mean', () => {
    // 59 bars at 2 / 1, then 4 / 1: mean (59 · 2 + 4) / 60.
    const close = [...Array<number>(59).fill(2), 4]
    const values = valuesOf('market_ratio_distance_60', close, Array<number>(60).fill(1))
    expect(values[59]).toBeCloseTo(4 / (122 / 60) - 1, 12)
  })
})

describe('cross-asset features', () => {
  const market = randomMarket(700, 31)
  const inputs = featureInputs(market.decision, market.series)
  const log = (x: Float64Array) => x.map((value, t) => Math.log(value / x[t - 1]))
  const [own, other] = [log(inputs.close), log(inputs.marketClose)]
  const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value, 0) / x.length

  it('over every window are what the textbook’s sums give', () => {
    for (const window of [60, 240]) {
      for (let t = window + 1; t < 700; t += 37) {
        const y = own.slice(t - window + 1, t + 1)
        const moment = (x: Float64Array, z: Float64Array) => mean(x.map((v, i) => (v - mean(x)) * (z[i] - mean(z))))
        const x = other.slice(t - window + 1, t + 1)
        const before = other.slice(t - window, t)
        const beta = moment(x, y) / moment(x, x)
        const rest = y.map((value, i) => value - mean(y) - beta * (x[i] - mean(x)))
        const expected = {
          market_beta: beta,
          market_correlation: moment(x, y) / Math.sqrt(moment(x, x) * moment(y, y)),
          market_lead_correlation: moment(before, y) / Math.sqrt(moment(before, before) * moment(y, y)),
          idiosyncratic_volatility: Math.sqrt((mean(rest.map((v) => v * v)) * window) / (window - 2)),
        }
        for (const [name, value] of Object.entries(expected)) {
          expect(named(`${name}_${window}`).compute(inputs)[t], `${name}_${window} at ${t}`).toBeCloseTo(value, 10)
        }
      }
    }
  })

  it('do not depend on where the market’s bars begin, once it is there', () => {
    const [first, ...rest] = market.others
    const late = marketOf(market.decision, [], null, { others: [sliceBars(first, 100, first.rows), ...rest] })
    const values = named('market_beta_60').compute(featureInputs(late.decision, late.series))
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(160)
    expect(values.subarray(160)).toEqual(named('market_beta_60').compute(inputs).subarray(160))
  })

  it('are silent while a hole of the market lies in their window', () => {
    const holed = withHoleInOther(market, 0, [400, 402])
    const values = named('market_correlation_60').compute(featureInputs(holed.decision, holed.series))
    const silent = [...values.keys()].filter((t) => t >= 60 && Number.isNaN(values[t]))
    expect([silent[0], silent.at(-1), silent.length]).toEqual([400, 461, 62]) // 2 bars, one change more, 60 - 1 windows
  })
})
