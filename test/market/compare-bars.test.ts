import { describe, expect, it } from 'vitest'
import { cleanKlines } from '../../src/market/clean.js'
import { combineCompared, comparePublished } from '../../src/market/compare-bars.js'
import { resample } from '../../src/market/resample.js'
import { minute, rowsOf, START, type TestRow } from './make-rows.js'

const SPAN = { from: START, to: minute(25) }
/** Minutes of volume 2, quote volume 20, 3 trades; five of them make 10, 100 and 15. */
const MINUTES = Array.from({ length: 25 }, (_, n) => ({ time: minute(n) }))
const FIVE = { volume: 10, quoteVolume: 100, count: 15, takerBuyVolume: 5, takerBuyQuoteVolume: 50 }

function compare(minutes: readonly TestRow[], published: readonly TestRow[]) {
  const base = cleanKlines(rowsOf(minutes), { timeframe: '1m', span: SPAN }).bars
  const bars = cleanKlines(rowsOf(published.map((row) => ({ ...FIVE, ...row }))), { timeframe: '5m', span: SPAN }).bars
  return comparePublished(bars, resample(base, '5m'), '1m')
}

describe('published bars against resampled ones', () => {
  const all = [0, 5, 10, 15, 20].map((n) => ({ time: minute(n) }))

  it('are equal but for rounding', () => {
    const found = compare(MINUTES, [{ time: minute(0), volume: 10 * (1 + 1e-12) }, ...all.slice(1)])
    expect(found).toMatchObject({ compared: 5, partial: 0, differing: { count: 0 } })
    expect(found.largestDifference).toBe(0)
  })

  it('differ column by column, with both values', () => {
    const found = compare(MINUTES, [{ time: minute(0), volume: 12.5, quoteVolume: 125, high: 12 }, ...all.slice(1)])
    expect(found.differing).toEqual({ count: 1, first: [minute(0)] })
    expect(found.columns.volume).toEqual({ count: 1, first: [{ time: minute(0), published: 12.5, resampled: 10 }] })
    expect(found.columns.high.first).toEqual([{ time: minute(0), published: 12, resampled: 11 }])
    expect(found.columns.close.count).toBe(0)
    expect(found.largestDifference, '2.5 of 12.5').toBeCloseTo(0.2, 12)
  })

  it('are not compared where a minute is missing, and named where only one of the two is there', () => {
    const without = (...gone: number[]) => MINUTES.filter((_, n) => !gone.includes(n))
    const found = compare(without(7, 10, 11, 12, 13, 14), all.slice(0, 4))
    expect(found).toMatchObject({
      ...{ compared: 2, partial: 1, differing: { count: 0 } },
      onlyPublished: { count: 1, first: [minute(10)] },
      onlyResampled: { count: 1, first: [minute(20)] },
    })
  })

  it('of two months are those of both', () => {
    const part = compare(MINUTES, [{ time: minute(0), volume: 12.5, quoteVolume: 125 }, ...all.slice(1)])
    const both = combineCompared([part, part])
    expect(both).toMatchObject({ compared: 10, differing: { count: 2, first: [minute(0), minute(0)] } })
    expect(both.columns.volume.count).toBe(2)
  })
})
