/** Rows that hold what no market did, and real crashes that look like it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanKlines } from '../../src/market/clean.js'
import { VOLUME_BARS } from '../../src/market/implausible.js'
import { resample } from '../../src/market/resample.js'
import { minute, plain, rowsOf, START, type TestRow } from './make-rows.js'

const clean = (rows: readonly TestRow[], sign: 'positive' | 'any' = 'positive') =>
  cleanKlines(rowsOf(rows), { timeframe: '1m', span: { from: START, to: minute(rows.length) }, sign })
const reasonsOf = (rows: readonly TestRow[], sign: 'positive' | 'any' = 'positive') =>
  clean(rows, sign).findings.impossible.first.map(({ time, reason }) => [(time - START) / 60_000, reason])
const at = (n: number, row: Omit<TestRow, 'time'> = {}): TestRow => ({ time: minute(n), ...row })
const NO_TAKER = { takerBuyVolume: 0, takerBuyQuoteVolume: 0 }
/** Prices without any volume, as of a mark price. */
const BARE = {
  ...{ volume: Number.NaN, quoteVolume: Number.NaN, count: Number.NaN },
  ...{ takerBuyVolume: Number.NaN, takerBuyQuoteVolume: Number.NaN },
}

describe('volume and prices of one bar', () => {
  it('contradict each other where quote volume ÷ volume lies outside of low to high', () => {
    // Low 9 and high 11: 2 coins cost 18 to 22.
    const costs = [17.9, 18, 20, 22, 22.1]
    expect(reasonsOf(costs.map((quoteVolume, n) => at(n, { volume: 2.0001, quoteVolume })))).toEqual([
      [0, 'volume does not fit the prices'],
      [4, 'volume does not fit the prices'],
    ])
    expect(reasonsOf([at(0, { volume: 1e20, quoteVolume: 20 })])).toEqual([[0, 'volume does not fit the prices']])
    expect(reasonsOf([at(0, { volume: 0, quoteVolume: 20, ...NO_TAKER })])).toEqual([
      [0, 'volume does not fit the prices'],
    ])
  })

  it('are asked of what takers bought as well', () => {
    expect(reasonsOf([at(0, { takerBuyVolume: 1.0001, takerBuyQuoteVolume: 12 })])).toEqual([
      [0, 'volume does not fit the prices'],
    ])
  })

  it('fit where volumes or prices were rounded when they were written', () => {
    // 1.4 coins at 10 cost 14; a table in whole coins says 1, and 14 ÷ 1 lies above the high of 11.
    expect(reasonsOf([at(0, { volume: 1, quoteVolume: 14, ...NO_TAKER })])).toEqual([])
    // In single precision 0.1 is 0.10000000149 and 1.11 is 1.11000001431: a mean of 11.0999999778, below a low of 11.1.
    const flat = { open: 11.1, high: 11.1, low: 11.1, close: 11.1, volume: Math.fround(0.1) }
    expect(reasonsOf([at(0, { ...flat, quoteVolume: Math.fround(1.11), ...NO_TAKER })])).toEqual([])
  })

  it('fit in every bar that is made of trades', () => {
    const trade = fc.record({ price: fc.integer({ min: 1, max: 1e6 }), quantity: fc.integer({ min: 1, max: 1e6 }) })
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), (trades) => {
        const prices = trades.map(({ price }) => price / 1000)
        const volume = trades.reduce((sum, { quantity }) => sum + quantity / 1000, 0)
        const quoteVolume = trades.reduce((sum, { quantity }, i) => sum + (quantity / 1000) * prices[i], 0)
        const row = at(0, {
          ...{ open: prices[0], high: Math.max(...prices), low: Math.min(...prices), close: prices.at(-1) ?? 0 },
          ...{ volume, quoteVolume, takerBuyVolume: volume, takerBuyQuoteVolume: quoteVolume },
        })
        expect(reasonsOf([row]).filter(([, reason]) => reason === 'volume does not fit the prices')).toEqual([])
      }),
    )
  })
})

describe('a wick', () => {
  it('is beyond reason where next to nothing can have been traded at its end', () => {
    // (10 − 9) ÷ (1000 − 9) = 0.1 % of the volume at most.
    expect(reasonsOf([at(0), at(1, { high: 1e308 }), at(2, { high: 1000 }), at(3)])).toEqual([
      [1, 'wick beyond reason'],
      [2, 'wick beyond reason'],
    ])
    // (10 − 9.995) ÷ (10 − 1) = 0.06 %.
    expect(reasonsOf([at(0, { high: 10, low: 1, volume: 2.0001, quoteVolume: 19.99 })])).toEqual([
      [0, 'wick beyond reason'],
    ])
  })

  it('is a crash where the mean price shows trades on the way', () => {
    // 2 coins for 13: (10 − 6.5) ÷ (10 − 0.001) = 35 % of the volume at the low, or more of it on the way.
    const crash = { high: 10, low: 0.001, close: 9, volume: 2, quoteVolume: 13, takerBuyQuoteVolume: 7 }
    expect(reasonsOf([at(0, crash)])).toEqual([])
  })

  it('is judged by the prices alone where no volume is known', () => {
    expect(
      reasonsOf([at(0, { ...BARE, high: 90 }), at(1, { ...BARE, high: 111 }), at(2, { ...BARE, low: 0.9 })]),
    ).toEqual([
      [1, 'wick beyond reason'],
      [2, 'wick beyond reason'],
    ])
  })
})

describe('a price', () => {
  const times = (factor: number) => ({ open: 10 * factor, high: 11 * factor, low: 9 * factor, close: 10 * factor })

  it('of one bar that stands far from those around it is beyond reason', () => {
    expect(reasonsOf([at(0), at(1, times(100)), at(2), at(3, times(0.01)), at(4)])).toEqual([
      [1, 'price beyond reason'],
      [3, 'price beyond reason'],
    ])
  })

  it('that stays is a new denomination and costs one bar', () => {
    const later = [2, 3, 4].map((n) => at(n, times(1000)))
    expect(reasonsOf([at(0), at(1, times(1000)), ...later])).toEqual([[1, 'price beyond reason']])
  })

  it('may fall as far as it likes where bars touch', () => {
    const falling = { open: 10, high: 10, low: 0.5, close: 0.5, volume: 2, quoteVolume: 8, takerBuyQuoteVolume: 4 }
    const fallen = { open: 0.5, high: 0.6, low: 0.4, close: 0.5 }
    expect(reasonsOf([at(0), at(1, falling), at(2, fallen)])).toEqual([])
  })

  it('is not compared over a hole, and a premium not at all, but for its size', () => {
    const rows = rowsOf([at(0), at(2, times(100))])
    const { findings } = cleanKlines(rows, { timeframe: '1m', span: { from: START, to: minute(3) } })
    expect(findings.impossible.count).toBe(0)
    const premium = (value: number) => ({ ...BARE, open: value, high: value, low: value, close: value })
    expect(reasonsOf([at(0, premium(1e-5)), at(1, premium(-0.3)), at(2, premium(1e308 / 4))], 'any')).toEqual([
      [2, 'price beyond reason'],
    ])
  })
})

describe('a volume', () => {
  const ordinary = Array.from({ length: VOLUME_BARS }, (_, n) => at(n))

  it('is beyond reason far above all before it, where there are enough of them', () => {
    expect(reasonsOf([...ordinary, at(VOLUME_BARS, { volume: 20_000 }), at(VOLUME_BARS + 1)])).toEqual([])
    expect(reasonsOf([...ordinary, at(VOLUME_BARS, { volume: 20_001 }), at(VOLUME_BARS + 1)])).toEqual([
      [VOLUME_BARS, 'volume beyond reason'],
    ])
    expect(reasonsOf([...ordinary.slice(1), at(VOLUME_BARS, { volume: 1e9 })])).toEqual([])
  })
})

describe('a bar that is beyond reason', () => {
  it('is a hole, which no higher bar holds', () => {
    const { bars } = clean([at(0), at(1), at(2, { high: 1e308 }), at(3), at(4)])
    expect(bars.high[2]).toBeNaN()
    expect(resample(bars, '5m')).toMatchObject({ high: Float64Array.of(11), baseBars: Float64Array.of(4) })
  })

  it('is the same whether or not its future is known', () => {
    const price = fc.constantFrom(1, 1.1, 1.2, 30, 1000)
    const row = fc.record({ open: price, close: price, up: price, volume: fc.constantFrom(1, 2, 1e9) })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 300 }), fc.nat(), (drawn, cut) => {
        const rows = drawn.map(({ open, close, up, volume }, n) =>
          at(n, { open, close, low: Math.min(open, close), high: Math.max(open, close) * up, volume }),
        )
        const known = rows.slice(0, 1 + (cut % rows.length))
        const [whole, early] = [plain(clean(rows).bars), plain(clean(known).bars)]
        for (const [name, values] of Object.entries(early)) {
          expect(whole[name].slice(0, values.length), name).toEqual(values)
        }
      }),
    )
  })
})
