import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanKlines } from '../../src/market/clean.js'
import { combineKlineFindings } from '../../src/market/combine.js'
import { KLINE_VALUES, type RawKlines } from '../../src/market/impossible.js'
import { LISTED } from '../../src/market/listed.js'
import { minute, plain, rowsOf, START, type TestRow } from './make-rows.js'

const clean = (rows: readonly TestRow[], bars: number) =>
  cleanKlines(rowsOf(rows), { timeframe: '1m', span: { from: START, to: minute(bars) } })

describe('cleaning', () => {
  it('puts rows on a complete grid and leaves holes unknown', () => {
    const { bars, findings } = clean([{ time: minute(0) }, { time: minute(2), close: 11 }], 4)
    expect([...bars.openTime]).toEqual([0, 1, 2, 3].map(minute))
    expect([...bars.close]).toEqual([10, Number.NaN, 11, Number.NaN])
    expect([...bars.baseBars]).toEqual([1, 0, 1, 0])
    expect(findings).toMatchObject({ rows: 2, kept: 2, duplicates: 0, outOfOrder: 0 })
  })

  it('keeps the first of equal rows and counts the others', () => {
    const { bars, findings } = clean([{ time: START }, { time: START }, { time: START }], 1)
    expect(findings).toMatchObject({ rows: 3, kept: 1, duplicates: 2, conflicts: { count: 0 }, outOfOrder: 0 })
    expect(bars.close[0]).toBe(10)
  })

  it('counts rows as equal when the same columns are unknown', () => {
    const unknown = { time: START, count: Number.NaN }
    expect(clean([unknown, unknown], 1).findings).toMatchObject({ duplicates: 1, conflicts: { count: 0 } })
  })

  it('keeps the last published of rows that differ and counts them apart', () => {
    const { bars, findings } = clean([{ time: START }, { time: START, close: 9.5 }, { time: START, close: 9.5 }], 1)
    expect(bars.close[0]).toBe(9.5)
    expect(findings).toMatchObject({ duplicates: 1, conflicts: { count: 1, first: [START] } })
  })

  it('sorts rows and counts those that come after a later one', () => {
    const { bars, findings } = clean(
      [0, 3, 1, 2, 4].map((n) => ({ time: minute(n), volume: n + 1, takerBuyVolume: 0 })),
      5,
    )
    expect([...bars.volume]).toEqual([1, 2, 3, 4, 5])
    expect(findings.outOfOrder).toBe(2)
  })

  it('drops rows off the grid and lists the first of them', () => {
    const off = Array.from({ length: 25 }, (_, n) => ({ time: minute(n) + 1 }))
    const { bars, findings } = clean([...off, { time: Number.NaN }], 30)
    expect(findings.offGrid.count).toBe(26)
    expect(findings.offGrid.first).toEqual(off.slice(0, LISTED).map((row) => row.time))
    expect(bars.baseBars.every((known) => known === 0)).toBe(true)
    expect(clean([{ time: Number.NaN }], 1).findings.offGrid.first, 'JSON has no NaN').toEqual([null])
  })

  it('tells rows cut by the span from rows that the file should not hold', () => {
    const { bars, findings } = cleanKlines(rowsOf([0, 5, 9, 10, 99].map((n) => ({ time: minute(n) }))), {
      timeframe: '1m',
      span: { from: minute(4), to: minute(6) },
      period: { from: START, to: minute(10) },
    })
    expect(findings).toMatchObject({ outsideSpan: 2, foreign: { count: 2, first: [minute(10), minute(99)] }, kept: 1 })
    expect([...bars.openTime]).toEqual([minute(4), minute(5)])
  })

  it('takes only bars that lie wholly inside the span', () => {
    const { bars } = cleanKlines(rowsOf([]), { timeframe: '5m', span: { from: minute(1), to: minute(14) } })
    expect([...bars.openTime]).toEqual([minute(5)])
    const none = cleanKlines(rowsOf([{ time: START }]), { timeframe: '5m', span: { from: minute(1), to: minute(4) } })
    expect(none).toMatchObject({ bars: { rows: 0 }, findings: { outsideSpan: 1, kept: 0 } })
  })

  it('keeps bars without volume and counts their longest run', () => {
    const volumes = [0, 2, 0, 0, 2, 0]
    const { bars, findings } = clean(
      volumes.map((volume, n) => ({ time: minute(n), volume, takerBuyVolume: 0 })),
      6,
    )
    expect([...bars.volume]).toEqual(volumes)
    expect(findings.zeroVolume).toMatchObject({ bars: 4, longest: 2, longestFrom: minute(2) })
  })

  it('leaves columns unknown that the source does not have, and counts them', () => {
    const unknown = Number.NaN
    const { bars, findings } = clean([{ time: START, count: unknown, takerBuyVolume: unknown }, { time: minute(1) }], 3)
    expect([...bars.count]).toEqual([unknown, 3, unknown])
    expect(bars.baseBars[0]).toBe(1)
    expect(findings.unknown).toMatchObject({ count: 1, takerBuyVolume: 1, volume: 0 })
  })
})

describe('impossible rows', () => {
  const cases = {
    'price not finite': [{ high: Number.POSITIVE_INFINITY }, { close: Number.NaN }],
    'price not positive': [{ low: 0 }, { low: -1 }],
    'high below low': [{ high: 9, low: 9.5 }],
    'open outside low to high': [{ open: 8.99 }, { open: 11.01 }],
    'close outside low to high': [{ close: 8.99 }, { close: 11.01 }],
    'volume not finite': [{ volume: Number.POSITIVE_INFINITY }],
    'negative volume': [{ volume: -1 }, { quoteVolume: -1 }, { count: -1 }, { takerBuyVolume: -1 }],
    'taker volume above volume': [{ takerBuyVolume: 2.0000001 }, { takerBuyQuoteVolume: 20.000001 }],
  }
  for (const [reason, rows] of Object.entries(cases)) {
    it(`become a hole: ${reason}`, () => {
      for (const values of rows) {
        const { bars, findings } = clean([{ time: START, ...values }], 1)
        expect(findings.impossible).toMatchObject({
          count: 1,
          reasons: { [reason]: 1 },
          first: [{ time: START, reason }],
        })
        for (const column of KLINE_VALUES) expect(bars[column][0], column).toBeNaN()
        expect(bars.baseBars[0]).toBe(0)
      }
    })
  }

  it('are listed with what was published', () => {
    const first = clean([{ time: START, low: -1, count: Number.NaN }], 1).findings.impossible.first[0]
    expect(first.values).toEqual({
      ...{ open: 10, high: 11, low: -1, close: 10, volume: 2, quoteVolume: 20, count: null },
      ...{ takerBuyVolume: 1, takerBuyQuoteVolume: 10 },
    })
  })

  it('do not include a taker volume that exceeds the volume by rounding', () => {
    expect(clean([{ time: START, takerBuyVolume: 2 * (1 + 1e-10) }], 1).findings.impossible.count).toBe(0)
  })

  it('do not bring back the row that they replaced', () => {
    const { bars, findings } = clean([{ time: START }, { time: START, low: -1 }], 1)
    expect(bars.baseBars[0]).toBe(0)
    expect(findings).toMatchObject({ conflicts: { count: 1 }, impossible: { count: 1 } })
  })

  it('are forgotten when a possible row replaces them', () => {
    const { bars, findings } = clean([{ time: START, low: -1 }, { time: START }], 1)
    expect(bars.baseBars[0]).toBe(1)
    expect(findings).toMatchObject({ conflicts: { count: 1 }, impossible: { count: 0 } })
  })
})

const anyRow = fc
  .record({
    at: fc.integer({ min: -3, max: 14 }),
    shift: fc.constantFrom(0, 0, 0, 0, 1),
    low: fc.constantFrom(9, 9, 9, 8, -1),
    volume: fc.constantFrom(2, 2, 0, -1),
  })
  .map(({ at, shift, low, volume }) => ({ time: minute(at) + shift, low, volume, takerBuyVolume: 0 }))

describe('cleaning any rows', () => {
  it('accounts for every row that was read', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
        const { findings: found } = cleanKlines(rowsOf(rows), {
          timeframe: '1m',
          span: { from: minute(2), to: minute(9) },
          period: { from: START, to: minute(12) },
        })
        const left = found.outsideSpan + found.foreign.count + found.offGrid.count
        const merged = found.duplicates + found.conflicts.count
        expect(found.kept + found.impossible.count + left + merged).toBe(rows.length)
      }),
    )
  })

  it('gives the same bars from distinct rows in any order', () => {
    const distinct = fc.uniqueArray(anyRow, { selector: (row) => row.time, maxLength: 12 })
    const shuffled = distinct.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    )
    fc.assert(
      fc.property(shuffled, ([rows, other]) => {
        expect(plain(clean(other, 10).bars)).toEqual(plain(clean(rows, 10).bars))
      }),
    )
  })

  it('changes nothing when it is done twice', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), (rows) => {
        const once = clean(rows, 10).bars
        const known = [...once.baseBars.keys()].filter((i) => once.baseBars[i] > 0)
        const again: RawKlines = {
          ...rowsOf([]),
          rows: known.length,
          openTime: Float64Array.from(known, (i) => once.openTime[i]),
          ...Object.fromEntries(KLINE_VALUES.map((name) => [name, Float64Array.from(known, (i) => once[name][i])])),
        }
        const twice = cleanKlines(again, { timeframe: '1m', span: { from: START, to: minute(10) } })
        expect(plain(twice.bars)).toEqual(plain(once))
        expect(twice.findings).toMatchObject({
          duplicates: 0,
          outOfOrder: 0,
          impossible: { count: 0 },
          kept: known.length,
        })
      }),
    )
  })

  it('finds in two parts what it finds in the whole', () => {
    const sorted = fc.array(anyRow, { maxLength: 30 }).map((rows) => [...rows].sort((a, b) => a.time - b.time))
    fc.assert(
      fc.property(sorted, fc.integer({ min: 0, max: 10 }), (rows, cut) => {
        const part = (from: number, to: number) => {
          const inside = rows.filter((row) => row.time >= minute(from) && row.time < minute(to))
          return cleanKlines(rowsOf(inside), { timeframe: '1m', span: { from: minute(from), to: minute(to) } }).findings
        }
        expect(combineKlineFindings([part(cut, 10), part(0, cut)])).toEqual(part(0, 10))
      }),
    )
  })
})
