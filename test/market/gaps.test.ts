import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyBars, sliceBars } from '../../src/market/bars.js'
import { findGaps, mergeGaps } from '../../src/market/gaps.js'
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

  it('are split where the archive has no file', () => {
    const absent = [
      { from: minute(3), to: minute(4) },
      { from: minute(4), to: minute(6) },
      { from: minute(9), to: minute(99) },
    ]
    expect(findGaps(barsFrom('xx.....xx..x'), absent)).toEqual([
      gap(2, 3, 'unknown'),
      gap(3, 6, 'absent in archive'),
      gap(6, 7, 'unknown'),
      gap(9, 11, 'absent in archive'),
    ])
  })

  it('of months become one where they touch, with the cause that the whole shows', () => {
    const [a, b, c] = [barsFrom('..xx..', minute(0)), barsFrom('......', minute(6)), barsFrom('.xx', minute(12))]
    const absent = [{ from: minute(6), to: minute(12) }]
    const span = { from: minute(0), to: minute(15) }
    expect(mergeGaps([findGaps(c), findGaps(a), findGaps(b)], { timeframe: '1m', span, absent })).toEqual([
      gap(0, 2, 'before first bar'),
      gap(4, 6, 'unknown'),
      gap(6, 12, 'absent in archive'),
      gap(12, 13, 'unknown'),
    ])
  })

  it('merged from any parts are those of the whole', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 5 })
    const absence = fc.record({ at: fc.integer({ min: 0, max: 29 }), bars: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(anyBars({ rows: 30 }), cuts, fc.array(absence, { maxLength: 3 }), (bars, inner, absences) => {
        const borders = [0, ...inner.sort((a, b) => a - b), 30]
        const absent = absences.map(({ at, bars: count }) => ({ from: minute(at), to: minute(at + count) }))
        const parts = borders.slice(1).map((end, i) => findGaps(sliceBars(bars, borders[i], end), absent))
        const span = { from: START, to: minute(30) }
        const whole = findGaps(bars, absent)
        expect(mergeGaps(parts, { timeframe: '1m', span, absent })).toEqual(whole)
        const missing = [...bars.close].filter(Number.isNaN).length
        expect(whole.reduce((sum, { bars: count }) => sum + count, 0)).toBe(missing)
      }),
    )
  })
})
