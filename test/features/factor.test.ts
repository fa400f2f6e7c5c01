/** Factors and interactions by hand, on bars short enough to count. */
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import { featureInputs } from '../../src/features/inputs.js'
import { FEATURES } from '../../src/features/registry.js'
import { fundingSeries } from '../../src/features/series/funding.js'
import { type BarValue, emptyBars, type Funding } from '../../src/market/bars.js'

function valuesOf(name: string, columns: Partial<Record<BarValue, ArrayLike<number>>>, funding: Funding | null = null) {
  const bars = emptyBars('1h', Date.UTC(2024, 0, 1), Math.max(...Object.values(columns).map((x) => x.length)))
  for (const [key, column] of Object.entries(columns)) bars[key as BarValue].set(column)
  const feature = FEATURES.find((entry) => entry.name === name) ?? expect.fail(`no feature ${name}`)
  return feature.compute(featureInputs(bars, funding === null ? {} : { funding: fundingSeries(funding) }))
}

const repeat = (length: number, of: (i: number) => number) => Array.from({ length }, (_, i) => of(i))

describe('factors', () => {
  it('leave the last bars out of momentum', () => {
    // ln close rises by 0.01 a bar for 56 bars and then stands: 60 bars ago to 5 bars ago are 55 steps.
    const close = repeat(61, (i) => Math.exp(0.01 * Math.min(i, 55)))
    expect(valuesOf('price_momentum_60_5', { close })[60]).toBeCloseTo(0.55, 12)
  })

  it('compare the volume of two spans', () => {
    expect(valuesOf('volume_momentum_20', { volume: repeat(40, (i) => (i < 20 ? 1 : 3)) })[39]).toBeCloseTo(
      Math.log(3),
      12,
    )
  })

  it('compare highest and lowest', () => {
    const high = repeat(20, (i) => (i === 4 ? 12 : 11))
    const low = repeat(20, (i) => (i === 9 ? 8 : 10))
    expect(valuesOf('high_low_ratio_20', { high, low })[19]).toBe(0.5)
  })
})

describe('interactions', () => {
  it('weigh a return by its volume', () => {
    // 19 bars of 1 and one of 21: mean 2, so 10.5 times the usual on a return of ln 2.
    const close = repeat(20, (i) => (i < 19 ? 1 : 2))
    const volume = repeat(20, (i) => (i < 19 ? 1 : 21))
    expect(valuesOf('volume_return_interaction_20', { close, volume })[19]).toBeCloseTo(10.5 * Math.LN2, 12)
  })

  it('set taker flow against the move', () => {
    // Takers bought 3 of every 4: share 0.5; the price halved all the same.
    const columns = {
      close: repeat(21, (i) => (i < 20 ? 2 : 1)),
      takerBuyVolume: repeat(21, () => 3),
      volume: repeat(21, () => 4),
    }
    expect(valuesOf('flow_return_interaction_20', columns)[20]).toBeCloseTo(-0.5 * Math.LN2, 12)
  })

  it('see flow and price drift apart', () => {
    const n = 120
    const columns = {
      close: repeat(n, (i) => (i < n - 1 ? 2 : 1)),
      takerBuyVolume: repeat(n, (i) => (i < n - 1 ? 2 : 4)),
      volume: repeat(n, () => 4),
    }
    // Share and return jump in the last of 100 values, in opposite directions. One of 100 values differs by d: mean d / 100, Σ squares d² · 0.99, deviation d / 10; z = 0.99 d / (d / 10) = 9.9.
    expect(valuesOf('flow_price_divergence_20', columns)[n - 1]).toBeCloseTo(2 * 9.9, 9)
  })

  it('weigh taker flow by how unusual funding is', () => {
    const n = 24 * 31
    const time = Float64Array.from(repeat(200, (i) => Date.UTC(2023, 11, 1) + i * 8 * HOUR))
    // The last print known in the last bar is the first of another rate; known in 8 of 720 bars.
    const last = Date.UTC(2024, 0, 1) + (n - 8) * HOUR
    const rate = time.map((at) => (at >= last ? 0.0003 : 0.0001))
    const funding = { time, rate, intervalHours: time.map(() => 8) }
    const columns = { takerBuyVolume: repeat(n, () => 3), volume: repeat(n, () => 4) }
    // A share p of values at d: z of one of them = (1 - p) / √(p (1 - p) · 720 / 719).
    const p = 8 / 720
    const z = (1 - p) / Math.sqrt((p * (1 - p) * 720) / 719)
    expect(valuesOf('funding_flow_interaction_24h', columns, funding)[n - 1]).toBeCloseTo(0.5 * z, 9)
    // A price that stands still has a z-score of 0, so that of funding is left.
    const close = repeat(n, () => 5)
    expect(valuesOf('funding_price_divergence_24h', { close }, funding)[n - 1]).toBeCloseTo(z, 9)
  })
})

describe('order flow', () => {
  it('sees what is unusual', () => {
    // One of 60 values differs: z = (59 / 60) / √(1 / 60) = 7.6165.
    const z = 59 / 60 / Math.sqrt(1 / 60)
    expect(valuesOf('trade_count_zscore_60', { count: repeat(60, (i) => (i < 59 ? 7 : 9)) })[59]).toBeCloseTo(z, 9)
    const takerBuyVolume = repeat(60, (i) => (i < 59 ? 2 : 1))
    expect(valuesOf('taker_buy_zscore_60', { takerBuyVolume, volume: repeat(60, () => 4) })[59]).toBeCloseTo(-z, 9)
  })

  it('compares illiquidity with the usual', () => {
    // |ln 2| a bar on 10 throughout, on 5 in the last 20: 1/5 over (220/10 + 20/5) / 240.
    const close = repeat(241, (i) => 1 + (i % 2))
    const quoteVolume = repeat(241, (i) => (i <= 220 ? 10 : 5))
    expect(valuesOf('amihud_ratio_20_240', { close, quoteVolume })[240]).toBeCloseTo(0.2 / (26 / 240), 12)
  })
})
