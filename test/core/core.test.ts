import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json, prettyJson, sha256 } from '../../src/core/canonical.js'
import { nearest, suggestion } from '../../src/core/suggest.js'
import {
  addMonths,
  DAY,
  daysOf,
  HOUR,
  intersect,
  isoDay,
  isoMinute,
  monthOf,
  monthSpan,
  monthsOf,
  parseTime,
  TIMEFRAMES,
} from '../../src/core/time.js'

describe('canonical JSON', () => {
  it('sorts keys at every depth, keeps the order of lists, drops what is undefined', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }, 2], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1},2]}')
    expect(canonicalJson({ a: undefined, b: 1 } as unknown as Json)).toBe('{"b":1}')
    expect(prettyJson({ b: 1, a: 2 })).toBe('{\n  "a": 2,\n  "b": 1\n}\n')
  })

  it('does not depend on the order in which keys were written, and reads back', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.jsonValue({ maxDepth: 2 }),
        ),
        (value) => {
          const turned = Object.fromEntries(Object.entries(value).reverse())
          expect(canonicalJson(turned as Json)).toBe(canonicalJson(value as Json))
          expect(JSON.parse(canonicalJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)))
        },
      ),
    )
  })

  it('hashes text and bytes alike', () => {
    // printf abc | sha256sum
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256(new TextEncoder().encode('abc'))).toBe(sha256('abc'))
  })
})

describe('suggestions', () => {
  it.each([
    ['BTCUSTD', ['BTCUSDT', 'ETHUSDT'], 'BTCUSDT'], // two neighbours swapped
    ['btcusdt', ['ETHUSDT', 'BTCUSDT'], 'BTCUSDT'], // case
    ['labls', ['labels', 'features'], 'labels'],
    ['runn', ['run', 'train'], 'run'],
    ['zzzzz', ['run', 'train'], null],
    ['NOSUCHUSDT', ['BTCUSDT', 'ETHUSDT'], null], // five edits of ten letters
    ['x', [], null],
  ])('%s among %j is %s', (typed, known, expected) => {
    expect(nearest(typed, known)).toBe(expected)
    expect(suggestion(typed, known)).toBe(expected === null ? '' : `, did you mean ${expected}?`)
  })
})

describe('time', () => {
  it('reads UTC dates and refuses what is none', () => {
    expect(parseTime('2024-02')).toBe(Date.UTC(2024, 1))
    expect(parseTime('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
    expect(parseTime('2024-02-29T12:30Z')).toBe(Date.UTC(2024, 1, 29, 12, 30))
    expect(parseTime('2024-02-29 12:30:15')).toBe(Date.UTC(2024, 1, 29, 12, 30, 15))
    for (const text of ['2024', '2023-02-29', '2024-13', '2024-1-1', '29.2.2024', '2024-02-29T25:00', '']) {
      expect(() => parseTime(text), text).toThrow(`${text} is not a date`)
    }
  })

  it('counts months over the turn of the year, both ways', () => {
    expect([
      addMonths('2023-11', 2),
      addMonths('2024-01', -1),
      addMonths('2024-06', -18),
      addMonths('2024-06', 0),
    ]).toEqual(['2024-01', '2023-12', '2022-12', '2024-06'])
    fc.assert(
      fc.property(fc.integer({ min: -600, max: 600 }), (n) => {
        expect(addMonths(addMonths('2024-06', n), -n)).toBe('2024-06')
      }),
    )
  })

  it('lists the months and days that a span touches, the end left out', () => {
    const span = { from: Date.UTC(2023, 11, 31), to: Date.UTC(2024, 1, 1) }
    expect(monthsOf(span)).toEqual(['2023-12', '2024-01'])
    expect(daysOf(span)).toHaveLength(32)
    expect([daysOf(span)[0], daysOf(span).at(-1)]).toEqual(['2023-12-31', '2024-01-31'])
    expect(monthsOf({ from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 1) })).toEqual([])
  })

  it('cuts spans; what does not meet is empty', () => {
    expect(intersect({ from: 0, to: 10 }, { from: 5, to: 20 })).toEqual({ from: 5, to: 10 })
    expect(intersect({ from: 0, to: 10 }, { from: 15, to: 20 })).toEqual({ from: 15, to: 15 })
  })

  it('prints in UTC whatever the zone of the machine', () => {
    const time = Date.UTC(2024, 0, 31, 23, 59, 59)
    expect([isoDay(time), isoMinute(time), monthOf(time)]).toEqual(['2024-01-31', '2024-01-31 23:59 UTC', '2024-01'])
    expect(monthSpan('2024-02')).toEqual({ from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 2, 1) })
  })

  it('has only timeframes that divide a day', () => {
    for (const length of Object.values(TIMEFRAMES)) expect(DAY % length).toBe(0)
    expect(TIMEFRAMES['4h']).toBe(4 * HOUR)
  })
})
