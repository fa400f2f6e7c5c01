/** Volume-weighted prices and the volume profile, by hand and beside plain recounts of every window. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { volumeProfile } from '../../src/math/volume-profile.js'
import { anchoredWeightedPrice, rollingWeightedPrice } from '../../src/math/volume-weighted-price.js'
import { compare } from './difference.js'

const column = (...values: number[]) => Float64Array.from(values)

function tradedBars(rows: number, seed: number) {
  const random = createRandom(seed, 'traded bars')
  const price = new Float64Array(rows)
  let now = 60_000
  for (let i = 0; i < rows; i++) price[i] = now *= Math.exp(0.001 * random.normal())
  const volume = price.map(() => (random.below(8) === 0 ? 0 : 1 + random.below(50)))
  return { close: price, volume, quoteVolume: price.map((value, i) => value * volume[i]) }
}

describe('the average price paid', () => {
  // 1 unit for 10, 3 for 14: mean 52 / 4 = 13, variance (1 · 9 + 3 · 1) / 4 = 3. Then 2 for 13: variance 12 / 6.
  const bars = { close: column(10, 14, 13, 13), volume: column(1, 3, 2, 0), quoteVolume: column(10, 42, 26, 0) }

  it('weighs by volume, over a window', () => {
    const { mean, deviation } = rollingWeightedPrice(bars, 2, 0)
    expect(mean.subarray(0, 2)).toEqual(column(NaN, 13))
    expect(deviation[1]).toBeCloseTo(Math.sqrt(3), 14)
    // 3 for 14 and 2 for 13: 68 / 5; variance 3 · 2 / 25. A bar without trades weighs nothing.
    expect(mean[2]).toBeCloseTo(13.6, 14)
    expect(deviation[2]).toBeCloseTo(Math.sqrt(6 / 25), 14)
    expect([mean[3], deviation[3]]).toEqual([13, 0])
  })

  it('and since the start of a period', () => {
    const { mean, deviation } = anchoredWeightedPrice(bars, column(1, 1, 1, 2))
    expect(mean).toEqual(column(10, 13, 13, NaN))
    expect(deviation.subarray(0, 2)).toEqual(column(0, Math.sqrt(3)))
    expect(deviation[2]).toBeCloseTo(Math.sqrt(2), 14)
    expect(deviation[3]).toBeNaN()
  })

  it('begins anew after a hole', () => {
    const holed = { volume: column(1, NaN, 2, 2), quoteVolume: column(10, NaN, 24, 28) }
    expect(anchoredWeightedPrice(holed, column(1, 1, 1, 1)).mean).toEqual(column(10, NaN, 12, 13))
  })

  it('loses no digits over many bars at a high price', () => {
    const long = tradedBars(20_000, 3)
    const { mean, deviation } = anchoredWeightedPrice(long, new Float64Array(20_000))
    const rolling = rollingWeightedPrice(long, 240, 7)
    for (const [end, start, of] of [
      [19_999, 0, { mean, deviation }],
      [15_001, 15_001 - 239, rolling],
    ] as const) {
      // Two passes over the bars.
      let [bought, paid, squares] = [0, 0, 0]
      for (let i = start; i <= end; i++) bought += long.volume[i]
      for (let i = start; i <= end; i++) paid += (long.close[i] - long.close[start]) * long.volume[i]
      const average = long.close[start] + paid / bought
      for (let i = start; i <= end; i++) squares += long.volume[i] * (long.close[i] - average) ** 2
      expect(of.mean[end] / average).toBeCloseTo(1, 13)
      expect(of.deviation[end] / Math.sqrt(squares / bought)).toBeCloseTo(1, 10)
    }
  })
})

describe('the volume profile', () => {
  it('finds the bin with most volume and the range around it', () => {
    // Bins of 1 in the logarithm; volumes 2, 5, 1, 4 in bins 0, 1, 2, 3 of 12 in all, 70 % = 8.4.
    const volume = column(2, 5, 1, 4)
    const quoteVolume = volume.map((value, i) => value * Math.exp(i + 0.5))
    const settings = { window: 4, origin: 0, binWidth: 1, share: 0.7 }
    const { control, areaLow, areaHigh } = volumeProfile({ volume, quoteVolume }, settings)
    // From bin 1: 2 below against 1 above, 7; then 1 above, 8; then 4, 12.
    expect([control[3], areaLow[3], areaHigh[3]]).toEqual([Math.exp(1.5), Math.exp(0), Math.exp(4)])
    // 50 % = 6 is held by the two lowest.
    const narrow = volumeProfile({ volume, quoteVolume }, { ...settings, share: 0.5 })
    expect([narrow.areaLow[3], narrow.areaHigh[3]]).toEqual([Math.exp(0), Math.exp(2)])
    expect(control.subarray(0, 3)).toEqual(column(NaN, NaN, NaN))
  })

  it('is that of a plain recount of each window', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 40 }), fc.nat(100), (seed, window, origin) => {
        const bars = tradedBars(150, seed)
        const settings = { window, origin, binWidth: 0.002, share: 0.7 }
        const { control, areaLow, areaHigh } = volumeProfile(bars, settings)
        const recount = bars.volume.map((_, t) => (t < window - 1 ? NaN : recounted(bars, t, settings).control))
        const low = bars.volume.map((_, t) => (t < window - 1 ? NaN : recounted(bars, t, settings).low))
        const high = bars.volume.map((_, t) => (t < window - 1 ? NaN : recounted(bars, t, settings).high))
        for (const [actual, expected] of [
          [control, recount],
          [areaLow, low],
          [areaHigh, high],
        ]) {
          expect(compare(actual, expected)).toMatchObject({ worst: 0, silenceDiffers: 0 })
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** Counted afresh; whole volumes, so that no order of summing matters. */
function recounted(
  { volume, quoteVolume }: ReturnType<typeof tradedBars>,
  t: number,
  { window, binWidth, share }: { window: number; binWidth: number; share: number },
) {
  const bins = new Map<number, number>()
  for (let i = t - window + 1; i <= t; i++) {
    if (volume[i] === 0) continue
    const bin = Math.floor(Math.log(quoteVolume[i] / volume[i]) / binWidth)
    bins.set(bin, (bins.get(bin) ?? 0) + volume[i])
  }
  if (bins.size === 0) return { control: NaN, low: NaN, high: NaN }
  const most = Math.max(...bins.values())
  const control = Math.min(...[...bins].filter(([, held]) => held === most).map(([bin]) => bin))
  const [bottom, top] = [Math.min(...bins.keys()), Math.max(...bins.keys())]
  const total = [...bins.values()].reduce((a, b) => a + b)
  let [low, high, held] = [control, control, most]
  while (held < share * total) {
    const above = high < top ? (bins.get(high + 1) ?? 0) : -1
    const below = low > bottom ? (bins.get(low - 1) ?? 0) : -1
    held += Math.max(above, below)
    if (above >= below) high++
    else low--
  }
  return {
    control: Math.exp((control + 0.5) * binWidth),
    low: Math.exp(low * binWidth),
    high: Math.exp((high + 1) * binWidth),
  }
}
