/** Label intervals for tests of splits, and the slow, direct way to see whether two rows meet. */
import fc from 'fast-check'
import type { Intervals, RowRange } from '../../src/validation/splits.js'

/** `n` rows one minute apart, each label `length` minutes long. */
export function evenRows(n: number, length: number): Intervals {
  const t0 = Float64Array.from({ length: n }, (_, i) => i * 60_000)
  return { t0, t1: t0.map((t) => t + length * 60_000) }
}

/** Uneven steps (0 makes ties), labels that are short or reach over many rows, one row in twenty without an outcome. */
export const intervalsArbitrary = fc
  .array(
    fc.record({
      step: fc.nat({ max: 5 }),
      length: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 400 })),
      known: fc.nat({ max: 19 }).map((x) => x > 0),
    }),
    { minLength: 150, maxLength: 600 },
  )
  .map((rows): Intervals => {
    let time = 1_000_000
    const t0 = new Float64Array(rows.length)
    const t1 = new Float64Array(rows.length)
    rows.forEach(({ step, length, known }, i) => {
      time += step
      t0[i] = time
      t1[i] = known ? time + length : Number.NaN
    })
    return { t0, t1 }
  })

/** Naive and direct: does any pair of rows, one of each, meet when the first interval is stretched by the embargo? */
export function anyMeeting({ t0, t1 }: Intervals, some: Int32Array, others: Int32Array, embargo: number): boolean {
  for (const a of some) for (const b of others) if (t0[a] < t1[b] + embargo && t0[b] < t1[a] + embargo) return true
  return false
}

export const indices = ({ start, end }: RowRange) => Int32Array.from({ length: end - start }, (_, i) => start + i)
