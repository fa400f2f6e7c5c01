import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, type Span } from '../../src/core/time.js'
import { cleanFunding, RATE_LIMIT } from '../../src/market/funding.js'
import { START } from './make-rows.js'

const at = (hours: number) => START + hours * HOUR
type Print = readonly [hours: number, rate: number, intervalHours?: number | undefined]

/** Rates are given in thousandths. */
function clean(prints: readonly Print[], spanHours: number, jitterMs = 0, period?: Span) {
  return cleanFunding(
    {
      time: Float64Array.from(prints, ([hours]) => at(hours) + jitterMs),
      rate: Float64Array.from(prints, ([, rate]) => rate / 1000),
      intervalHours: Float64Array.from(prints, ([, , hours]) => hours ?? Number.NaN),
    },
    { from: START, to: at(spanHours) },
    null,
    period,
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
    expect([...funding.rate]).toEqual([0.001, 0.003])
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

  it('drops rates beyond reason, names them, and finds a hole where they were', () => {
    const limit = 1000 * RATE_LIMIT
    const { funding, findings } = clean(
      [
        [0, limit, 8],
        [8, limit + 1, 8],
        [16, -limit, 8],
        [24, -1e308, 8],
      ],
      32,
    )
    expect([...funding.time]).toEqual([at(0), at(16)])
    expect(findings.beyondReason).toEqual({
      count: 2,
      first: [
        { time: at(8), rate: 0.101 },
        { time: at(24), rate: -1e305 },
      ],
    })
    expect(findings.lost).toEqual({ foreign: 0, offGrid: 0, impossible: 2, replaced: 0 })
    expect(findings.holes).toEqual([{ from: at(0), to: at(16), expectedHours: 8 }])
  })

  it('tells rows that the span cuts off from those that no file should hold', () => {
    const week = { from: at(-24), to: at(48) }
    const { findings } = clean(silent(-25, -24, 0, 24, 48), 8, 0, week)
    expect(findings).toMatchObject({ outsideSpan: 4, lost: { foreign: 2 } })
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

describe('funding of REST', () => {
  type RestPrint = readonly [hours: number, rate: number, markPrice?: number, type?: 'Special']
  const withRest = (archive: readonly Print[], rest: readonly RestPrint[], spanHours: number, jitterMs = 12) =>
    cleanFunding(
      {
        time: Float64Array.from(archive, ([hours]) => at(hours)),
        rate: Float64Array.from(archive, ([, rate]) => rate),
        intervalHours: Float64Array.from(archive, ([, , hours]) => hours ?? Number.NaN),
      },
      { from: START, to: at(spanHours) },
      {
        time: Float64Array.from(rest, ([hours]) => at(hours) + jitterMs),
        rate: Float64Array.from(rest, ([, rate]) => rate),
        markPrice: Float64Array.from(rest, ([, , price]) => price ?? Number.NaN),
        isSpecial: rest.map(([, , , type]) => type === 'Special'),
      },
    )

  it('completes the archive and gives the mark price', () => {
    const { funding, findings } = withRest(
      [
        [0, 1e-4, 8],
        [8, 2e-4, 8],
      ],
      [
        [0, 1e-4],
        [8, 2e-4, 500],
        [16, 3e-4, 510],
      ],
      24,
    )
    expect([...funding.rate]).toEqual([1e-4, 2e-4, 3e-4])
    expect([...funding.time]).toEqual([0, 8, 16].map(at))
    expect([...funding.intervalHours]).toEqual([8, 8, 8])
    expect([...funding.markPrice], 'of the first years it is not said').toEqual([Number.NaN, 500, 510])
    expect(findings.rest).toMatchObject({ rows: 3, compared: 2, used: { count: 1, first: [at(16)] } })
    expect(findings).toMatchObject({ prints: 3, holes: [], derivedIntervals: 1, unknownMarkPrices: 1 })
  })

  it('does not replace what the archive says', () => {
    const { funding, findings } = withRest([[0, 1e-4, 8]], [[0, 2e-4]], 8)
    expect([...funding.rate]).toEqual([1e-4])
    expect(findings.rest).toMatchObject({
      largestDifference: 0.5,
      disagreements: { count: 1, first: [{ time: at(0), column: 'rate', archive: 1e-4, rest: 2e-4 }] },
    })
  })

  it('tells special prints apart, which change neither interval nor holes', () => {
    const archive: Print[] = [0, 8, 16, 24].map((hours): Print => [hours, 1e-4, 8])
    const regular: RestPrint[] = [0, 8, 16, 24, 32].map((hours): RestPrint => [hours, 1e-4])
    const special: RestPrint[] = [
      [13.5, 0.02, 99, 'Special'],
      [16, 0.03, 98, 'Special'],
      [16, 0.03, 98, 'Special'],
    ]
    // The archive has the print of 13:30 too, and does not say what it is.
    const { funding, special: found, findings } = withRest([...archive, [13.5, 0.02, 8]], [...regular, ...special], 40)
    expect([...funding.time]).toEqual([0, 8, 16, 24, 32].map(at))
    expect([...funding.rate]).toEqual([1e-4, 1e-4, 1e-4, 1e-4, 1e-4])
    expect(findings).toMatchObject({ holes: [], changedInterval: [], outOfOrder: 0, conflicts: 0 })
    expect([[...found.time], [...found.rate], [...found.markPrice]]).toEqual([
      [at(13.5), at(16)],
      [0.02, 0.03],
      [99, 98],
    ])
    expect(findings.special).toEqual({
      count: 2,
      first: [
        { time: at(13.5), rate: 0.02 },
        { time: at(16), rate: 0.03 },
      ],
    })
  })

  it('of a regular print stays one, although a special one has its minute and rate', () => {
    const { funding } = withRest(
      [[0, 0.01, 8]],
      [
        [0, 0.01],
        [0, 0.01, 5, 'Special'],
      ],
      8,
    )
    expect([...funding.rate]).toEqual([0.01])
  })

  it('follows an interval of 8, 4 and 1 hours', () => {
    const hours = [0, 8, 16, 24, 32, 36, 40, 44, 48, 49, 50, 51, 52]
    const { funding, findings } = withRest(
      [],
      hours.map((hour): RestPrint => [hour, 1e-4]),
      53,
    )
    expect([...funding.intervalHours]).toEqual([8, 8, 8, 8, 8, 4, 4, 4, 4, 1, 1, 1, 1])
    expect(findings.holes).toEqual([])
    expect(findings.changedInterval.map(({ toHours }) => toHours)).toEqual([4, 1])
  })
})
