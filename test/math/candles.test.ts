/**
 * All 61 candlestick patterns beside TA-Lib's: on a made-up series whose prices are exact binary fractions, so that no
 * sum rounds and every row must agree, and on 2,000 real bars.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CANDLE_PATTERNS } from '../../src/math/candle-patterns.js'
import { hasReference, referenceTable } from './reference.js'

const PRICES = ['open', 'high', 'low', 'close'] as const
const pricesOf = (file: string) => {
  const table = referenceTable(file)
  const [open, high, low, close] = PRICES.map((name) => table(name))
  return { open, high, low, close }
}
const entries = Object.entries(CANDLE_PATTERNS)

describe.skipIf(!hasReference)('candlestick patterns', () => {
  const made = hasReference ? pricesOf('talib/pattern_input.csv') : null
  const real = hasReference ? pricesOf('talib/input.csv') : null
  const expected = hasReference ? referenceTable('talib/patterns.csv') : null
  const origin = hasReference ? referenceTable('talib/input.csv')('open_time')[0] / 60_000 : 0
  const events = hasReference ? eventsOf() : new Map<string, Map<number, number>>()

  it('are all of TA-Lib’s', () => {
    const ours = entries.map(([, { talib }]) => `talib_cdl${talib.toLowerCase()}`)
    expect(ours.sort()).toEqual([...events.keys()].sort())
    expect(ours).toHaveLength(61)
  })

  it.each(entries)('%s fires where TA-Lib’s does and nowhere else', (_name, { talib, find, lookback }) => {
    const values = find(made!, 0)
    const wanted = events.get(`talib_cdl${talib.toLowerCase()}`)!
    const fired = new Map([...values.entries()].filter(([, value]) => value !== 0 && !Number.isNaN(value)))
    expect(fired).toEqual(wanted)
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(lookback)
  })

  it.each(entries)('%s needs the bars of its look-back and no others', (_name, { talib, find, lookback }) => {
    const wanted = [...events.get(`talib_cdl${talib.toLowerCase()}`)!].filter((_, i) => i % 7 === 0)
    for (const [row, value] of wanted) {
      const first = row - lookback
      const cut = PRICES.map((name) => [name, made![name].subarray(first, row + 1)])
      expect(find(Object.fromEntries(cut), first)[lookback], `row ${row}`).toBe(value)
    }
  })

  it.each(entries)('%s agrees on real bars, from the same row on', (_name, { talib, find }) => {
    const values = find(real!, origin)
    const column = expected!(`talib_cdl${talib.toLowerCase()}`)
    const differing = [...values.keys()].filter((row) => !Object.is(values[row], column[row]))
    expect(differing).toEqual([])
  })
})

/** Every value that is not 0, by pattern and row. */
function eventsOf(): Map<string, Map<number, number>> {
  const path = join(import.meta.dirname, '../../../shared/reference/talib/pattern_events.csv')
  const out = new Map<string, Map<number, number>>()
  for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
    const [pattern, row, value] = line.split(',')
    if (!out.has(pattern)) out.set(pattern, new Map())
    out.get(pattern)!.set(Number(row), Number(value))
  }
  return out
}
