import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import { cleanFunding } from '../../src/market/funding.js'
import { START } from './make-rows.js'

const at = (hours: number) => START + hours * HOUR
type Print = readonly [hours: number, rate: number, intervalHours?: number | undefined]

function clean(prints: readonly Print[], spanHours: number, jitterMs = 0) {
  return cleanFunding(
    {
      time: Float64Array.from(prints, ([hours]) => at(hours) + jitterMs),
      rate: Float64Array.from(prints, ([, rate]) => rate),
      intervalHours: Float64Array.from(prints, ([, , hours]) => hours ?? Number.NaN),
    },
    { from: START, to: at(spanHours) },
  )
}
/** Prints at these hours that do not say their interval. */
const silent = (...hours: number[]): Print[] => hours.map((hour) => [hour, 0.0001])

describe('cleaning funding', () => {
  it('rounds the time to the minute', () => {
    const { funding } = clean([[0, 1e-4, 8]], 8, 29)
    expect([...funding.time]).toEqual([START])
    expect([...clean([[8, 1e-4, 8]], 24, -3).funding.time]).toEqual([at(8)])
  })

  it('sorts, keeps one print a minute, the last of those that differ', () => {
    const { funding, findings } = clean(
      [
        [8, 2, 8],
        [0, 1, 8],
        [8, 2, 8],
        [8, 3, 8],
      ],
      16,
    )
    expect([...funding.time]).toEqual([at(0), at(8)])
    expect([...funding.rate]).toEqual([1, 3])
    expect(findings).toMatchObject({ rows: 4, prints: 2, duplicates: 1, conflicts: 1, outOfOrder: 1 })
  })

  it('drops what lies outside the span and rates that are no number', () => {
    const { findings } = clean(
      [
        [-8, 1, 8],
        [0, 1, 8],
        [8, Number.NaN, 8],
        [16, 1, 8],
        [24, 1, 8],
      ],
      24,
    )
    expect(findings).toMatchObject({ prints: 2, outsideSpan: 2, unknownRates: 1 })
    expect(findings.holes).toEqual([{ from: at(0), to: at(16), expectedHours: 8 }])
  })

  it('finds a hole by the interval that the prints state', () => {
    const { findings } = clean(
      [
        [0, 1, 4],
        [4, 1, 4],
        [12, 1, 4],
        [16, 1, 4],
      ],
      20,
    )
    expect(findings.holes).toEqual([{ from: at(4), to: at(12), expectedHours: 4 }])
  })

  it('follows a stated change of the interval without finding a hole', () => {
    const { findings } = clean(
      [
        [0, 1, 8],
        [8, 1, 8],
        [12, 1, 4],
        [16, 1, 4],
        [24, 1, 8],
      ],
      32,
    )
    expect(findings.holes).toEqual([])
    expect(findings.changedInterval).toEqual([
      { time: at(12), fromHours: 8, toHours: 4 },
      { time: at(24), fromHours: 4, toHours: 8 },
    ])
  })

  it('derives the interval from the spacing around a print', () => {
    const { funding, findings } = clean(silent(0, 8, 16, 24, 32, 36, 40, 44, 48), 52)
    expect([...funding.intervalHours]).toEqual([8, 8, 8, 8, 8, 4, 4, 4, 4])
    expect(findings).toMatchObject({ holes: [], derivedIntervals: 9 })
    expect(findings.changedInterval).toEqual([{ time: at(36), fromHours: 8, toHours: 4 }])
  })

  it('finds a hole although no print says its interval', () => {
    const { findings } = clean(silent(0, 8, 16, 40, 48, 56), 64)
    expect(findings.holes).toEqual([{ from: at(16), to: at(40), expectedHours: 8 }])
    expect(clean(silent(0, 24), 32).findings.holes, 'no interval is longer than 8 hours').toHaveLength(1)
  })

  it('says when prints are missing at the ends of the span', () => {
    const whole = clean(silent(0, 8, 16), 24).findings
    expect([whole.missingBefore, whole.missingAfter]).toEqual([null, null])
    const cut = clean(silent(8, 16, 24), 33).findings
    expect(cut.missingBefore).toEqual({ from: START, to: at(8) })
    expect(cut.missingAfter).toEqual({ from: at(24), to: at(33) })
    expect(clean(silent(7, 15, 23), 31).findings.missingBefore, 'the one before lies outside').toBeNull()
  })

  it('gives an empty series when there is none', () => {
    const { funding, findings } = clean([], 24)
    expect(funding.time).toHaveLength(0)
    expect(findings).toMatchObject({ prints: 0, holes: [], missingBefore: null, missingAfter: null, first: null })
  })

  it('finds exactly the prints that were taken out of a regular series', () => {
    const interval = fc.constantFrom(1, 4, 8)
    const taken = fc.uniqueArray(fc.integer({ min: 1, max: 38 }), { maxLength: 6 })
    fc.assert(
      fc.property(interval, taken, fc.boolean(), (hours, out, isStated) => {
        // Where the interval must be derived, few enough are taken out for the true spacing to stay the most common.
        const gone = new Set(isStated ? out : out.slice(0, 2))
        const prints: Print[] = Array.from(
          { length: 40 },
          (_, i): Print => [i * hours, i, isStated ? hours : undefined],
        )
        const { findings } = clean(
          prints.filter((_, i) => !gone.has(i)),
          40 * hours,
          7,
        )
        const missing = findings.holes.flatMap((hole) => {
          const first = (hole.from - START) / HOUR / hours
          return Array.from({ length: (hole.to - hole.from) / HOUR / hours - 1 }, (_, i) => first + 1 + i)
        })
        expect(missing).toEqual([...gone].sort((a, b) => a - b))
      }),
    )
  })
})
