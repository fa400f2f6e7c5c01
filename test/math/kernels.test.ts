/** Kernels that no reference table has, by hand arithmetic; and every recursive kernel across a hole. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { directionalMovement } from '../../src/math/directional.js'
import { lag, logReturn, ratio, relativeChange } from '../../src/math/elementwise.js'
import { amihudIlliquidity, kyleLambda, rollSpread, signedVolume, vpin } from '../../src/math/microstructure.js'
import { exponentialMovingAverage } from '../../src/math/moving-average.js'
import { macdLines, relativeStrength } from '../../src/math/oscillators.js'
import { moneyFlow } from '../../src/math/range-oscillators.js'
import {
  garmanKlassVolatility,
  parkinsonVolatility,
  rogersSatchellVolatility,
  yangZhangVolatility,
} from '../../src/math/range-volatility.js'
import { parabolicSar, superTrend } from '../../src/math/trailing-stops.js'
import { averageTrueRange } from '../../src/math/true-range.js'
import {
  averageBalance,
  balanceSince,
  chaikinMoneyFlow,
  chaikinOscillator,
  moneyFlowVolume,
  volumeByChange,
  volumeByReturn,
} from '../../src/math/volume-flow.js'

const column = (...values: number[]) => Float64Array.from(values)

function randomBars(rows: number) {
  const random = createRandom(2, 'kernel bars')
  const close = new Float64Array(rows)
  let price = 100
  for (let i = 0; i < rows; i++) close[i] = price *= Math.exp(0.01 * random.normal())
  const high = close.map((value) => value * (1 + 0.01 * random.next()))
  const low = close.map((value) => value * (1 - 0.01 * random.next()))
  const volume = close.map(() => 1 + random.below(100))
  return { high, low, close, volume }
}

/** A new period once, late in the bars, and counted from their end. */
const months = (x: Float64Array) => x.map((_, i) => (x.length - i > 30 ? 1 : 2))

describe('recursive kernels', () => {
  const KERNELS = {
    exponentialMovingAverage: ({ close }) => exponentialMovingAverage(close, 10),
    relativeStrength: ({ close }) => relativeStrength(close, 14),
    macd: ({ close }) => macdLines(close, { fast: 3, slow: 8, signal: 4 }).macd,
    'macd histogram': ({ close }) => macdLines(close, { fast: 3, slow: 8, signal: 4 }).histogram,
    adx: (bars) => directionalMovement(bars, 7).adx,
    plusDi: (bars) => directionalMovement(bars, 7).plusDi,
    averageTrueRange: (bars) => averageTrueRange(bars, 7),
    'on-balance volume': ({ close, volume }) => balanceSince(months(close), volumeByChange(close, volume)),
    'its average': ({ close, volume }) => averageBalance(months(close), volumeByChange(close, volume), 7),
    'accumulation/distribution': (bars) => balanceSince(months(bars.close), moneyFlowVolume(bars)),
    chaikinOscillator: (bars) => chaikinOscillator(bars, 3, 10),
    parabolicSar: (bars) => parabolicSar(bars, { step: 0.02, limit: 0.2 }),
    superTrend: (bars) => superTrend(bars, { period: 7, width: 2 }).line,
    'superTrend direction': (bars) => superTrend(bars, { period: 7, width: 2 }).direction,
    'volume price trend': ({ close, volume }) => balanceSince(months(close), volumeByReturn(close, volume)),
  } satisfies Record<string, (bars: ReturnType<typeof randomBars>) => Float64Array>

  it.each(Object.entries(KERNELS))('%s begins anew after a hole', (_name, kernel) => {
    const bars = randomBars(200)
    for (const name of ['high', 'low', 'close', 'volume'] as const) bars[name].fill(Number.NaN, 90, 92)
    const whole = kernel(bars)
    const rest = kernel({
      high: bars.high.subarray(92),
      low: bars.low.subarray(92),
      close: bars.close.subarray(92),
      volume: bars.volume.subarray(92),
    })
    expect(whole.subarray(90, 92)).toEqual(column(NaN, NaN))
    expect(whole.subarray(92)).toEqual(rest)
    expect(rest.some((value) => !Number.isNaN(value))).toBe(true)
  })
})

describe('a running balance', () => {
  const close = column(10, 11, 11, 10, 12, 13)
  const volume = column(5, 3, 9, 2, 4, 1)
  const flow = volumeByChange(close, volume)
  const month = column(1, 1, 1, 1, 2, 2)

  it('counts from the start of its period, by hand', () => {
    // All of the first bar, then risen, stayed, fallen, risen, risen.
    expect(flow).toEqual(column(5, 3, 0, -2, 4, 1))
    expect(balanceSince(month, flow)).toEqual(column(5, 8, 8, 6, 4, 5))
    expect(volumeByReturn(close, volume).subarray(1, 4)).toEqual(column(3 * (11 / 10 - 1), 0, 2 * (10 / 11 - 1)))
    expect(balanceSince(month, volumeByReturn(close, volume))[4]).toBe(4 * (12 / 10 - 1))
  })

  it('has an average of the balance without periods, measured from where the period began', () => {
    // The balance runs 5, 8, 8, 6, 10, 11; weight 1/2 after the mean 7 of the first three: 6.5, 8.25, 9.625. The second
    // period began at 6.
    expect(averageBalance(month, flow, 3)).toEqual(column(NaN, NaN, 7, 6.5, 2.25, 3.625))
    // A period that begins within the first three: 5, 8 and 8 less 8 are -3, 0, 0; then 6 - 8 and so on.
    expect(averageBalance(column(1, 1, 2, 2, 2, 2), flow, 3)).toEqual(column(NaN, NaN, -1, -1.5, 0.25, 1.625))
    expect(averageBalance(new Float64Array(6), flow, 3)).toEqual(column(NaN, NaN, 7, 6.5, 8.25, 9.625))
  })
})

describe('changes', () => {
  it('span no hole, not even one between their ends', () => {
    const x = column(1, 2, NaN, 4, 8, 16)
    expect(relativeChange(x, 1)).toEqual(column(NaN, 1, NaN, NaN, 1, 1))
    expect(relativeChange(x, 2)).toEqual(column(NaN, NaN, NaN, NaN, NaN, 3))
    expect(lag(x, 1)).toEqual(column(NaN, 1, NaN, NaN, 4, 8))
    expect(logReturn(column(1, 0, 2), 1)).toEqual(column(NaN, NaN, NaN))
  })

  it('are not known where the divisor is 0', () => {
    expect(ratio(column(1, 0), column(0, 0))).toEqual(column(NaN, NaN))
    expect(relativeChange(column(0, 5), 1)).toEqual(column(NaN, NaN))
  })
})

describe('microstructure', () => {
  it('signs volume by the taker', () => {
    // 10 traded, 7 bought by takers: 7 - 3.
    expect(signedVolume(column(7, 0), column(10, 4))).toEqual(column(4, -4))
  })

  it('finds the λ with which returns were made', () => {
    // ln close rises by 0.001 per unit of signed volume.
    const signed = column(0, 3, -2, 5, -4, 1)
    const close = signed.map((_, i) => Math.exp(0.001 * signed.subarray(0, i + 1).reduce((a, b) => a + b)))
    const lambda = kyleLambda(close, signed, { window: 4, origin: 0 })
    expect(lambda.subarray(0, 4)).toEqual(column(NaN, NaN, NaN, NaN))
    expect(lambda[4]).toBeCloseTo(0.001, 14)
    expect(lambda[5]).toBeCloseTo(0.001, 14)
  })

  it('averages Amihud over the bars that traded', () => {
    // |ln 2| on a volume of 10, then nothing traded: ln 2 / 10; then |ln 1/2| on 5: (ln 2 / 5) alone, as 1 of 2 traded.
    const close = column(1, 2, 2, 1)
    const illiquidity = amihudIlliquidity(close, column(1, 10, 0, 5), { window: 2, origin: 1 })
    expect(illiquidity[1]).toBeNaN()
    expect(illiquidity[2]).toBeCloseTo(Math.LN2 / 10, 15)
    expect(illiquidity[3]).toBeCloseTo(Math.LN2 / 5, 15)
  })

  it('finds the spread of a price that bounces between bid and ask', () => {
    // Log price 0, s, 0, s …: returns ±s; over 4 pairs (r, previous r) = (∓s, ±s) the means are 0, Σ = -4s², / 3.
    const s = 0.002
    const close = Float64Array.from({ length: 8 }, (_, i) => Math.exp(i % 2 === 0 ? 0 : s))
    const spread = rollSpread(close, { window: 4, origin: 0 })
    expect(spread.findIndex((value) => !Number.isNaN(value))).toBe(5)
    expect(spread[5]).toBeCloseTo(2 * s * Math.sqrt(4 / 3), 12)
    // A trend has positive covariance: no spread to be seen.
    expect(rollSpread(column(1, 2, 4, 9, 40, 300), { window: 4, origin: 0 })[5]).toBe(0)
  })

  it('measures VPIN as absolute imbalance over volume', () => {
    // Bars (4 of 10), (-6 of 10): (4 + 6) / 20.
    expect(vpin(column(4, -6, 0), column(10, 10, 0), { window: 2, origin: 0 })).toEqual(column(NaN, 0.5, 0.6))
    expect(vpin(column(0, 0), column(0, 0), { window: 2, origin: 0 })[1]).toBeNaN()
  })
})

describe('range-based volatility', () => {
  // One bar, window 1: ln(h/l) = 0.04, ln(c/o) = 0.01, ln(h/c) = 0.01, ln(h/o) = 0.02, ln(l/c) = -0.03, ln(l/o) = -0.02.
  const bar = {
    open: column(1),
    high: column(Math.exp(0.02)),
    low: column(Math.exp(-0.02)),
    close: column(Math.exp(0.01)),
  }

  it('is Parkinson’s 0.04 / √(4 ln 2)', () => {
    expect(parkinsonVolatility(bar, 1, 0)[0]).toBeCloseTo(0.04 / Math.sqrt(4 * Math.LN2), 14)
  })

  it('is Garman and Klass’s √(0.0016 / 2 - (2 ln 2 - 1) 0.0001)', () => {
    expect(garmanKlassVolatility(bar, 1, 0)[0]).toBeCloseTo(Math.sqrt(0.0008 - (2 * Math.LN2 - 1) * 0.0001), 14)
  })

  it('is Rogers and Satchell’s √(0.01 · 0.02 + 0.03 · 0.02)', () => {
    expect(rogersSatchellVolatility(bar, 1, 0)[0]).toBeCloseTo(Math.sqrt(0.0008), 14)
  })

  it('is Yang and Zhang’s, jumps between bars included', () => {
    const prices = (...logs: number[]) => Float64Array.from(logs, Math.exp)
    const k = 0.34 / (1.34 + 3 / 1) // window 2
    // Without shadows Rogers and Satchell see nothing: jumps 0.01, -0.01 and moves 0.02, 0.05 in two bars.
    const [open, close] = [prices(0, 0.01, 0.02), prices(0, 0.03, 0.07)]
    const bare = { open, close, high: close, low: open }
    const variance = 0.02 ** 2 / 2 + (k * 0.03 ** 2) / 2
    expect(yangZhangVolatility(bare, 2, 0)[2]).toBeCloseTo(Math.sqrt(variance), 14)
    expect(yangZhangVolatility(bare, 2, 0).subarray(0, 2)).toEqual(column(NaN, NaN))
    // Without jumps and moves, shadows of 0.03 to either side: (1 - k) · 2 · 0.03².
    const level = prices(0, 0, 0)
    const shadows = { open: level, close: level, high: prices(0.03, 0.03, 0.03), low: prices(-0.03, -0.03, -0.03) }
    expect(yangZhangVolatility(shadows, 2, 1)[2]).toBeCloseTo(Math.sqrt((1 - k) * 0.0018), 14)
  })
})

describe('money flow', () => {
  it('does not depend on the unit of volume, unlike TA-Lib’s below a total of 1', () => {
    const bars = randomBars(60)
    const small = moneyFlow({ ...bars, volume: bars.volume.map((value) => value * 2 ** -40) }, 14, 0)
    expect(small).toEqual(moneyFlow(bars, 14, 0))
  })

  it('of Chaikin is the volume-weighted place of the close in the bar', () => {
    // Closes at the high (1 · 10) and at a quarter (-0.5 · 30): (10 - 15) / 40.
    const bars = { high: column(4, 4), low: column(0, 0), close: column(4, 1), volume: column(10, 30) }
    expect(chaikinMoneyFlow(bars, 2, 0)).toEqual(column(NaN, -0.125))
  })
})
