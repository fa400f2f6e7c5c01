/**
 * All 61 candlestick patterns beside TA-Lib's: on a made-up series whose prices are exact binary fractions, so that no
 * sum rounds and every row must agree, and on 2,000 real bars.
 */
import { describe, expect, it } from 'vitest'
import { CANDLE_PATTERNS } from '../../src/math/candle-patterns.js'
import { candlesOf } from '../../src/math/candles.js'
import { referenceTable, referenceText } from '../support/reference.js'

const PRICES = ['open', 'high', 'low', 'close'] as const
const pricesOf = (file: string) => {
  const table = referenceTable(file)
  const [open, high, low, close] = PRICES.map((name) => table(name))
  return { open, high, low, close }
}
const entries = Object.entries(CANDLE_PATTERNS)

describe('candlestick patterns', () => {
  const made = pricesOf('talib-pattern_input.csv')
  const real = pricesOf('talib-input.csv')
  const expected = referenceTable('talib-patterns.csv')
  const origin = referenceTable('talib-input.csv')('open_time')[0] / 60_000
  const events = eventsOf()

  it('are all of TA-Lib’s', () => {
    const ours = entries.map(([, { talib }]) => `talib_cdl${talib.toLowerCase()}`)
    expect(ours.sort()).toEqual([...events.keys()].sort())
    expect(ours).toHaveLength(61)
  })

  it.each(entries)('%s fires where TA-Lib’s does and nowhere else', (_name, { talib, find, lookback }) => {
    const values = find(candlesOf(made!), 0)
    const wanted = events.get(`talib_cdl${talib.toLowerCase()}`)!
    const fired = new Map([...values.entries()].filter(([, value]) => value !== 0 && !Number.isNaN(value)))
    expect(fired).toEqual(wanted)
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(lookback)
  })

  it.each(entries)('%s needs the bars of its look-back and no others', (_name, { talib, find, lookback }) => {
    const wanted = [...events.get(`talib_cdl${talib.toLowerCase()}`)!].filter((_, i) => i % 7 === 0)
    for (const [row, value] of wanted) {
      const first = row - lookback
      const { open, high, low, close } = made!
      const [o, h, l, c] = [open, high, low, close].map((x) => x.subarray(first, row + 1))
      expect(find(candlesOf({ open: o, high: h, low: l, close: c }), first)[lookback], `row ${row}`).toBe(value)
    }
  })

  it.each(entries)('%s agrees on real bars, from the same row on', (_name, { talib, find }) => {
    const values = find(candlesOf(real!), origin)
    const column = expected!(`talib_cdl${talib.toLowerCase()}`)
    const differing = [...values.keys()].filter((row) => !Object.is(values[row], column[row]))
    expect(differing).toEqual([])
  })
})

describe('how far a pattern reaches into the body before', () => {
  // Ten quiet bars of body 2 around 100, and then the pattern: neither reference series tells 30 % from 35 %.
  const find = (pattern: keyof typeof CANDLE_PATTERNS, ...bars: [number, number, number, number][]) => {
    const quiet = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? [99, 102, 98, 101] : [101, 102, 98, 99]))
    const rows = [...quiet, ...bars]
    const [open, high, low, close] = [0, 1, 2, 3].map((at) => Float64Array.from(rows, (row) => row[at]))
    return CANDLE_PATTERNS[pattern].find(candlesOf({ open, high, low, close }), 0).at(-1)
  }

  it('is 30 % for the stars', () => {
    // A body from 100 to 110, a star above it; the third closes below 107 or does not. And the same downwards.
    const evening = (close: number) =>
      find('evening_star', [100, 110, 100, 110], [112, 113, 111, 112.5], [111, 111, 104, close])
    expect([evening(106.9), evening(107.1)]).toEqual([-100, 0])
    const morning = (close: number) => find('morning_star', [100, 100, 90, 90], [88, 89, 87, 87.5], [89, 96, 89, close])
    expect([morning(93.1), morning(92.9)]).toEqual([100, 0])
  })

  it('is half for dark clouds, piercing lines, thrusts and the pause of a mat hold', () => {
    const cloud = (close: number) => find('dark_cloud_cover', [100, 110, 100, 110], [111, 111, 104, close])
    expect([cloud(104.9), cloud(105.1)]).toEqual([-100, 0])
    const piercing = (close: number) => find('piercing', [100, 100, 90, 90], [89, 96, 89, close])
    expect([piercing(95.1), piercing(94.9)]).toEqual([100, 0])
    const thrust = (close: number) => find('thrusting', [100, 100, 90, 90], [89, 96, 89, close])
    expect([thrust(94.9), thrust(95.1)]).toEqual([-100, 0])
    const hold = (low: number) =>
      find(
        'mat_hold',
        [100, 110, 100, 110],
        [112, 112, 111, 111],
        [109, 109, 108, 108.5],
        [low + 0.5, low + 1, low - 1, low],
        [111, 115, 111, 115],
      )
    expect([hold(105.1), hold(104.9)]).toEqual([100, 0])
  })
})

/** Every value that is not 0, by pattern and row. */
function eventsOf(): Map<string, Map<number, number>> {
  const out = new Map<string, Map<number, number>>()
  for (const line of referenceText('talib-pattern_events.csv').trim().split('\n').slice(1)) {
    const [pattern, row, value] = line.split(',')
    if (!out.has(pattern)) out.set(pattern, new Map())
    out.get(pattern)!.set(Number(row), Number(value))
  }
  return out
}
