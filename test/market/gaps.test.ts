import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyBars, sliceBars } from '../../src/market/bars.js'
import { findGaps, type GapEvidence, mergeGaps, NO_EVIDENCE } from '../../src/market/gaps.js'
import { anyBars, minute, START } from './make-rows.js'

/** `x` is a known bar, `.` a hole. */
function barsFrom(pattern: string, from = START) {
  const bars = emptyBars('1m', from, pattern.length)
  for (const column of [bars.open, bars.high, bars.low, bars.close]) {
    for (let i = 0; i < pattern.length; i++) if (pattern[i] === 'x') column[i] = 1
  }
  return bars
}
const gap = (from: number, to: number, cause: string) => ({
  from: minute(from),
  to: minute(to),
  bars: to - from,
  cause,
})

describe('gaps', () => {
  it('are named after the end that they touch', () => {
    expect(findGaps(barsFrom('..x.xx..x...'))).toEqual([
      gap(0, 2, 'before first bar'),
      gap(3, 4, 'unknown'),
      gap(6, 8, 'unknown'),
      gap(9, 12, 'after last bar'),
    ])
  })

  it('are none in a whole series, and one in an empty one', () => {
    expect(findGaps(barsFrom('xxxx'))).toEqual([])
    expect(findGaps(barsFrom('....'))).toEqual([gap(0, 4, 'before first bar')])
    expect(findGaps(emptyBars('1m', START, 0))).toEqual([])
  })

  it('are explained by what was looked for, part by part', () => {
    const evidence: GapEvidence = {
      searched: [{ from: minute(0), to: minute(9) }],
      asked: [
        { from: minute(3), to: minute(4) },
        { from: minute(4), to: minute(6) },
      ],
      listedFrom: minute(1) + 30_000,
      listedTo: minute(13),
    }
    //                 0123456789012345
    const bars = barsFrom('..xx...x.xx.x...')
    const options = { timeframe: '1m' as const, span: { from: START, to: minute(16) }, evidence }
    const refused = [{ from: minute(8), to: minute(9) }]
    expect(mergeGaps([findGaps(bars, refused)], options)).toEqual([
      gap(0, 1, 'before listing'),
      gap(1, 2, 'before first bar'), // the minute in which it was listed
      gap(4, 6, 'absent in both'),
      gap(6, 7, 'absent in archive'),
      gap(8, 9, 'refused'),
      gap(11, 12, 'unknown'), // nobody looked there
      gap(13, 16, 'after delisting'),
    ])
  })

  it('cover a higher bar only when all of it was looked for', () => {
    const bars = emptyBars('5m', START, 6)
    for (const i of [0, 5]) for (const column of [bars.open, bars.high, bars.low, bars.close]) column[i] = 1
    const span = { from: START, to: minute(30) }
    const searched = [span]
    const asked = [{ from: minute(7), to: minute(21) }]
    const evidence = { searched, asked, listedFrom: null, listedTo: null }
    expect(mergeGaps([findGaps(bars)], { timeframe: '5m', span, evidence })).toEqual([
      { ...gap(5, 10, 'absent in archive'), bars: 1 },
      { ...gap(10, 20, 'absent in both'), bars: 2 },
      { ...gap(20, 25, 'absent in archive'), bars: 1 },
    ])
  })

  it('of months become one where they touch, with the cause that the whole shows', () => {
    const [a, b, c] = [barsFrom('..xx..', minute(0)), barsFrom('......', minute(6)), barsFrom('.xx', minute(12))]
    const evidence = { ...NO_EVIDENCE, searched: [{ from: minute(6), to: minute(12) }] }
    const span = { from: minute(0), to: minute(15) }
    expect(mergeGaps([findGaps(c), findGaps(a), findGaps(b)], { timeframe: '1m', span, evidence })).toEqual([
      gap(0, 2, 'before first bar'),
      gap(4, 6, 'unknown'),
      gap(6, 12, 'absent in archive'),
      gap(12, 13, 'unknown'),
    ])
  })

  it('merged from any parts are those of the whole', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 5 })
    const someSpan = fc
      .record({ at: fc.integer({ min: 0, max: 29 }), bars: fc.integer({ min: 1, max: 9 }) })
      .map(({ at, bars }) => ({ from: minute(at), to: minute(at + bars) }))
    const some = fc.array(someSpan, { maxLength: 3 })
    const known = fc.record({
      searched: some,
      asked: some,
      refused: some,
      listed: fc.option(fc.integer({ min: 0, max: 9 })),
    })
    fc.assert(
      fc.property(anyBars({ rows: 30 }), cuts, known, (bars, inner, { searched, asked, refused, listed }) => {
        const borders = [0, ...inner.sort((a, b) => a - b), 30]
        const evidence = { searched, asked, listedFrom: listed === null ? null : minute(listed), listedTo: null }
        const options = { timeframe: '1m' as const, span: { from: START, to: minute(30) }, evidence }
        const parts = borders.slice(1).map((end, i) => findGaps(sliceBars(bars, borders[i], end), refused))
        const whole = mergeGaps([findGaps(bars, refused)], options)
        expect(mergeGaps(parts, options)).toEqual(whole)
        const missing = [...bars.close].filter(Number.isNaN).length
        expect(whole.reduce((sum, { bars: count }) => sum + count, 0)).toBe(missing)
        for (let i = 1; i < whole.length; i++) {
          const isOne = whole[i - 1].to === whole[i].from && whole[i - 1].cause === whole[i].cause
          expect(isOne, 'two that touch differ in cause').toBe(false)
        }
      }),
    )
  })
})
