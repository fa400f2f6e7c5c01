import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanKlines } from '../../src/market/clean.js'
import { combineKlineFindings } from '../../src/market/combine.js'
import { combineRest } from '../../src/market/rest-rows.js'
import { minute, plain, rowsOf, START, type TestRow } from './make-rows.js'

const clean = (archive: readonly TestRow[], rest: readonly TestRow[] | null, from = 0, to = 6) =>
  cleanKlines(rowsOf(archive), {
    ...{ timeframe: '1m', span: { from: minute(from), to: minute(to) } },
    rest: rest === null ? null : rowsOf(rest),
  })

describe('rows of REST', () => {
  it('stand in where the archive has none', () => {
    const { bars, findings } = clean(
      [{ time: minute(0), close: 9.5 }, { time: minute(3) }],
      [1, 2, 5].map((n) => ({ time: minute(n), close: 10.5 })),
    )
    expect([...bars.close]).toEqual([9.5, 10.5, 10.5, 10, Number.NaN, 10.5])
    expect([...bars.baseBars]).toEqual([1, 1, 1, 1, 0, 1])
    expect(findings).toMatchObject({ rows: 2, kept: 5 })
    expect(findings.rest).toMatchObject({
      ...{ rows: 3, compared: 0, disagreements: { count: 0 } },
      used: { count: 3, first: [1, 2, 5].map(minute) },
    })
  })

  it('never replace the archive, and say where they differ from it', () => {
    // Close 10 against 8 is 2 / 10; volume 2 against 4 is 2 / 4, the largest. The first column that differs is named.
    const { bars, findings } = clean(
      [{ time: minute(0) }, { time: minute(1) }, { time: minute(2) }],
      [
        { time: minute(0), close: 8, low: 8, open: 8 },
        { time: minute(1), volume: 4 },
        { time: minute(2), close: 10 * (1 + 1e-12) },
      ],
    )
    expect([...bars.close.subarray(0, 3)]).toEqual([10, 10, 10])
    expect([...bars.volume.subarray(0, 3)]).toEqual([2, 2, 2])
    expect(findings.rest).toMatchObject({ compared: 3, largestDifference: 0.5, used: { count: 0 } })
    expect(findings.rest?.disagreements).toEqual({
      count: 2,
      first: [
        { time: minute(0), column: 'open', archive: 10, rest: 8 },
        { time: minute(1), column: 'volume', archive: 2, rest: 4 },
      ],
    })
  })

  it('do not stand in for a row that was refused, and are refused themselves', () => {
    const { bars, findings } = clean(
      [{ time: minute(0), low: -1 }],
      [{ time: minute(0) }, { time: minute(1), volume: -1 }],
    )
    expect([...bars.baseBars.subarray(0, 2)]).toEqual([0, 0])
    expect(findings.impossible.count).toBe(2)
    expect(findings.refused).toEqual([{ from: minute(0), to: minute(2) }])
  })

  it('go through the same rules by themselves', () => {
    const rest = [{ time: minute(1) }, { time: minute(1) }, { time: minute(1), close: 11 }, { time: minute(2) + 5 }]
    const { bars, findings } = clean([], [...rest, { time: minute(99) }])
    expect(findings.rest).toMatchObject({ rows: 5, duplicates: 1, conflicts: 1, dropped: 2, used: { count: 1 } })
    expect(bars.close[1]).toBe(11)
    expect(findings, 'those of the archive are counted apart').toMatchObject({ rows: 0, duplicates: 0 })
  })

  it('are none when REST was not asked', () => {
    expect(clean([{ time: START }], null).findings.rest).toBeNull()
    expect(combineRest([null, null])).toBeNull()
  })

  it('found in two months are those of the whole', () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 9 })).map((times) => [...times].sort((a, b) => a - b))
    fc.assert(
      fc.property(some, some, fc.integer({ min: 0, max: 10 }), (ours, theirs, cut) => {
        const rows = (times: readonly number[], close: number) =>
          times.map((n) => ({ time: minute(n), close: close + n / 20 }))
        const [archive, rest] = [rows(ours, 10), rows(theirs, 10.1)]
        const part = (from: number, to: number) => {
          const inside = ({ time }: { time: number }) => time >= minute(from) && time < minute(to)
          return clean(archive.filter(inside), rest.filter(inside), from, to)
        }
        const whole = clean(archive, rest, 0, 10)
        const [a, b] = [part(0, cut), part(cut, 10)]
        expect(combineKlineFindings([b.findings, a.findings])).toEqual(whole.findings)
        expect([...plain(a.bars).close, ...plain(b.bars).close]).toEqual(plain(whole.bars).close)
        const both = ours.filter((n) => theirs.includes(n)).length
        expect(whole.findings.rest).toMatchObject({ compared: both, used: { count: theirs.length - both } })
      }),
    )
  })
})

describe('rows from before the listing', () => {
  it('belong to another instrument of the same name', () => {
    const { bars, findings } = cleanKlines(rowsOf([0, 1, 2, 3].map((n) => ({ time: minute(n) }))), {
      ...{ timeframe: '1m', span: { from: START, to: minute(5) }, listedFrom: minute(2) + 30_000 },
    })
    expect([...bars.baseBars], 'the minute in which it was listed counts').toEqual([0, 0, 1, 1, 0])
    expect(findings.beforeListing).toEqual({ count: 2, first: [minute(0), minute(1)] })
  })
})
