/** What a `report.json` says of the data that it rests on. */
import { z } from 'zod'
import { count, known, span, time } from './values.js'

const counted = count.nullable().describe('null: does not apply')

export const quality = z.strictObject({
  series: z.array(
    z.strictObject({
      name: z.string(),
      span,
      expected: counted,
      present: count,
      missing: counted,
      duplicates: counted,
      outOfOrder: counted,
      impossible: counted,
      zeroVolume: counted,
      gaps: z.array(z.strictObject({ from: time, to: time, bars: count, cause: z.string() })),
    }),
  ),
  absent: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  findings: z.array(
    z.strictObject({
      series: z.string(),
      what: z.string(),
      count,
      largest: z.strictObject({ time, logReturn: z.number() }).nullable(),
      longest: z.strictObject({ from: time, bars: count }).nullable().exactOptional(),
      first: time.nullable().exactOptional(),
    }),
  ),
  disagreements: z.array(
    z.strictObject({
      series: z.string(),
      between: z.string(),
      compared: count,
      differing: count,
      largest: known.describe('relative'),
      taken: counted,
      first: z.array(z.strictObject({ time, column: z.string(), kept: known, other: known })),
    }),
  ),
})
