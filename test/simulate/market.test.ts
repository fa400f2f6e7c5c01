import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.js'
import type { Bars } from '../../src/market/bars.js'
import { instrumentOf } from '../../src/simulate/instruments.js'
import { createMarket, type PairHistory, simulateMonths } from '../../src/simulate/market.js'
import { createRestlessness, type Regime, SEASON } from '../../src/simulate/volatility.js'

const FROM = Date.UTC(2024, 0, 1)
const SERIES = [
  'openTime',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'count',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
  'baseBars',
] as const

/** Days of BTCUSDT and ETHUSDT. */
function simulate(seed: number, edge: number, days: number, pairs = ['BTCUSDT', 'ETHUSDT']): PairHistory[] {
  return createMarket({ seed, edge, pairs, from: FROM }).advance(days * 1440)
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Bit for bit, NaN included. */
function isSame(a: Float64Array, b: Float64Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))
}

function isSameHistory(a: PairHistory, b: PairHistory): boolean {
  const funding = (['time', 'rate', 'intervalHours'] as const).every((name) => isSame(a.funding[name], b.funding[name]))
  return a.pair === b.pair && funding && SERIES.every((name) => isSame(a.bars[name], b.bars[name]))
}

describe('a simulated market', () => {
  it('is the same for the same seed and another for another', () => {
    const [again, other] = [simulate(5, 1, 3), simulate(6, 1, 3)]
    for (const [p, history] of simulate(5, 1, 3).entries()) {
      expect(isSameHistory(history, again[p]), history.pair).toBe(true)
      expect(isSame(history.bars.close, other[p].bars.close), history.pair).toBe(false)
    }
  })

  it('does not depend on where it is cut', () => {
    const [btc, eth] = simulate(5, 1, 2)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2880 }), { maxLength: 5 }), (cuts) => {
        const borders = [0, ...cuts.toSorted((a, b) => a - b), 2880]
        const market = createMarket({ seed: 5, edge: 1, pairs: ['BTCUSDT', 'ETHUSDT'], from: FROM })
        const pieces = borders.slice(1).map((border, i) => market.advance(border - borders[i]))
        for (const [p, whole] of [btc, eth].entries()) {
          for (const name of SERIES)
            expect(isSame(joined(pieces.map((piece) => piece[p].bars[name])), whole.bars[name]), name).toBe(true)
          expect(joined(pieces.map((piece) => piece[p].funding.rate))).toEqual(whole.funding.rate)
          expect(joined(pieces.map((piece) => piece[p].funding.time))).toEqual(whole.funding.time)
        }
      }),
      { numRuns: 10 },
    )
  })

  it('comes month by month as it does in one go', () => {
    const options = { seed: 5, edge: 0.5, pairs: ['BTCUSDT'] }
    const months = [...simulateMonths(options, { from: Date.UTC(2023, 1, 1), to: Date.UTC(2023, 3, 1) })]
    expect(months.map(({ month, pairs }) => [month, pairs[0].bars.rows])).toEqual([
      ['2023-02', 28 * 1440],
      ['2023-03', 31 * 1440],
    ])
    const [whole] = createMarket({ ...options, from: Date.UTC(2023, 1, 1) }).advance(59 * 1440)
    for (const name of SERIES)
      expect(isSame(joined(months.map(({ pairs }) => pairs[0].bars[name])), whole.bars[name]), name).toBe(true)
  })

  it('moves a pair the same whoever else is traded', () => {
    const [alone] = simulate(5, 1, 2, ['ETHUSDT'])
    expect(isSameHistory(simulate(5, 1, 2, ['SOLUSDT', 'BTCUSDT', 'ETHUSDT'])[2], alone)).toBe(true)
  })

  it('prints bars that could have been traded, on tick and lot', () => {
    const options = fc.record({
      seed: fc.nat(),
      edge: fc.double({ min: 0, max: 3, noNaN: true }),
      pair: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT', '1000PEPEUSDT'),
    })
    fc.assert(
      fc.property(options, ({ seed, edge, pair }) => {
        const [{ bars }] = simulate(seed, edge, 1, [pair])
        const { ticksPerUnit, lotsPerUnit } = instrumentOf(pair)
        for (let i = 0; i < bars.rows; i++) {
          const [open, high, low, close] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]]
          const [volume, buys, quote, buyQuote] = [
            bars.volume[i],
            bars.takerBuyVolume[i],
            bars.quoteVolume[i],
            bars.takerBuyQuoteVolume[i],
          ]
          expect(
            low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close),
            `prices of minute ${i}`,
          ).toBe(true)
          for (const price of [open, high, low, close])
            expect(Math.round(price * ticksPerUnit) / ticksPerUnit).toBe(price)
          for (const lots of [volume, buys]) expect(Math.round(lots * lotsPerUnit) / lotsPerUnit).toBe(lots)
          expect(volume > 0 && buys >= 0 && buys <= volume && bars.count[i] >= 1, `volumes of minute ${i}`).toBe(true)
          // Quote volumes are rounded to five decimals: the mean price of each side lies in the bar up to that.
          const within = (value: number, quantity: number) =>
            value >= low * quantity - 1e-5 && value <= high * quantity + 1e-5
          expect(
            within(quote, volume) && within(buyQuote, buys) && within(quote - buyQuote, volume - buys),
            `quotes of minute ${i}`,
          ).toBe(true)
        }
      }),
      { numRuns: 6 },
    )
  })

  it('pays funding every 8 hours, at rates as the exchange forms them', () => {
    const [{ funding }] = simulate(5, 0, 60)
    expect(funding.time).toEqual(Float64Array.from({ length: 180 }, (_, i) => FROM + i * 8 * HOUR))
    expect(new Set(funding.intervalHours)).toEqual(new Set([8]))
    for (const rate of funding.rate) {
      expect(Math.abs(rate)).toBeLessThanOrEqual(0.003)
      expect(Math.round(rate * 1e8) / 1e8).toBe(rate)
    }
    // The interest rate holds sway while the premium is within 0.05 % of it.
    expect([...funding.rate].filter((rate) => rate === 0.0001).length).toBeGreaterThan(30)
    expect(new Set(funding.rate).size).toBeGreaterThan(30)
  })
})

describe('the statistics of a simulated market', () => {
  const [btc, eth] = simulate(11, 0, 120)
  const returns = logReturns(btc.bars)

  it('has heavy tails', () => {
    expect(kurtosis(returns)).toBeGreaterThan(4) // 3 for a normal distribution
  })

  it('clusters its volatility, not its direction', () => {
    const size = returns.map(Math.abs)
    // Standard error of an autocorrelation: 1 / √172,800 = 0.0024, more with heavy tails.
    for (const lag of [1, 10, 60]) {
      expect(autocorrelation(size, lag), `|return| at lag ${lag}`).toBeGreaterThan(0.1)
      expect(Math.abs(autocorrelation(returns, lag)), `return at lag ${lag}`).toBeLessThan(0.02)
    }
  })

  it('has the volatility of a lively year', () => {
    const annual = Math.sqrt(mean(returns.map((r) => r * r)) * 525_600)
    expect(annual).toBeGreaterThan(0.5)
    expect(annual).toBeLessThan(0.95)
  })

  it('is busier in the afternoon than at night, in moves and in volume', () => {
    const at = (hour: number) => Array.from(returns.keys()).filter((i) => Math.floor(i / 60) % 24 === hour)
    const meanOf = (x: Float64Array, rows: number[]) => rows.reduce((sum, i) => sum + Math.abs(x[i]), 0) / rows.length
    expect(meanOf(returns, at(14)) / meanOf(returns, at(22))).toBeGreaterThan(1.3)
    expect(meanOf(btc.bars.volume, at(14)) / meanOf(btc.bars.volume, at(22))).toBeGreaterThan(1.5)
    expect(Math.sqrt(mean(SEASON.map((s) => s * s)))).toBeCloseTo(1, 12)
  })

  it('moves its pairs together', () => {
    const r = correlation(blocks(btc.bars, 60), blocks(eth.bars, 60))
    // Both load 0.92 on the common factor: 0.92² = 0.85.
    expect(r).toBeGreaterThan(0.75)
    expect(r).toBeLessThan(0.92)
  })

  it('lets buyers push the price within the minute', () => {
    const share = btc.bars.takerBuyVolume.map((buys, i) => buys / btc.bars.volume[i] - 0.5)
    expect(correlation(share, returns)).toBeGreaterThan(0.2)
    expect(Math.abs(mean(share))).toBeLessThan(0.02)
  })

  it('passes through its regimes', () => {
    const restlessness = createRestlessness(11, 0.7)
    const seen = new Set<Regime>()
    for (let i = 0; i < 120 * 1440; i++) seen.add(restlessness.next(FROM + i * MINUTE).regime)
    expect(seen).toEqual(new Set(['calm', 'normal', 'turbulent']))
  })
})

describe('the planted edge', () => {
  const DAYS = 100
  // 599 blocks of 4 hours that do not overlap: the standard error of a correlation near 0 is 1 / √599 = 0.041.
  const ERROR = 1 / Math.sqrt(DAYS * 6 - 1)

  /** Correlation between the taker-buy share of 2 hours and the sign of the 4 hours after them. */
  function foresight(bars: Bars): number {
    const flow: number[] = []
    const sign: number[] = []
    for (let end = 240; end + 240 <= bars.rows; end += 240) {
      let [buys, volume] = [0, 0]
      for (let i = end - 120; i < end; i++) {
        buys += bars.takerBuyVolume[i]
        volume += bars.volume[i]
      }
      flow.push(buys / volume)
      sign.push(Math.sign(bars.close[end + 239] - bars.open[end]))
    }
    return correlation(Float64Array.from(flow), Float64Array.from(sign))
  }

  it.each([1, 2, 3])('is absent at edge 0: the flow says nothing about the next 4 hours (seed %i)', (seed) => {
    for (const { pair, bars } of simulate(seed, 0, DAYS))
      expect(Math.abs(foresight(bars)), pair).toBeLessThan(2.5 * ERROR)
  })

  it('shows in the flow, and grows with its strength', () => {
    for (const p of [0, 1]) {
      const [weak, strong] = [0.3, 1].map((edge) => foresight(simulate(1, edge, DAYS)[p].bars))
      expect(weak).toBeGreaterThan(4 * ERROR)
      expect(strong).toBeGreaterThan(7 * ERROR)
      expect(strong).toBeGreaterThan(weak)
    }
  })

  it('leaves the flow of a market without it as it is: the same state leans on the takers', () => {
    const hourly = (bars: Bars) => blocksOf(bars, 60, (i) => bars.takerBuyVolume[i] / bars.volume[i])
    const [noise] = simulate(1, 0, 30)
    const shares = hourly(noise.bars)
    // Half-life 5 hours: the autocorrelation of a well-read state after one hour is 2^(-1/5) = 0.87.
    expect(autocorrelation(shares, 1)).toBeGreaterThan(0.6)
  })
})

/** Minute i's own: from the close before it, the first from its open. */
function logReturns(bars: Bars): Float64Array {
  return bars.close.map((close, i) => Math.log(close / (i === 0 ? bars.open[0] : bars.close[i - 1])))
}

function blocks(bars: Bars, size: number): Float64Array {
  return Float64Array.from({ length: Math.floor(bars.rows / size) }, (_, b) =>
    Math.log(bars.close[(b + 1) * size - 1] / bars.open[b * size]),
  )
}

function blocksOf(bars: Bars, size: number, value: (i: number) => number): Float64Array {
  return Float64Array.from({ length: Math.floor(bars.rows / size) }, (_, b) => {
    let sum = 0
    for (let i = b * size; i < (b + 1) * size; i++) sum += value(i)
    return sum / size
  })
}

function mean(x: Float64Array): number {
  let sum = 0
  for (const value of x) sum += value
  return sum / x.length
}

function kurtosis(x: Float64Array): number {
  const m = mean(x)
  return mean(x.map((v) => (v - m) ** 4)) / mean(x.map((v) => (v - m) ** 2)) ** 2
}

/** Over the common length. */
function correlation(x: Float64Array, y: Float64Array): number {
  const n = Math.min(x.length, y.length)
  const [a, b] = [x.subarray(0, n), y.subarray(0, n)]
  const [ma, mb] = [mean(a), mean(b)]
  const cross = mean(a.map((v, i) => (v - ma) * (b[i] - mb)))
  return cross / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)))
}

function autocorrelation(x: Float64Array, lag: number): number {
  return correlation(x.subarray(lag), x.subarray(0, x.length - lag))
}
