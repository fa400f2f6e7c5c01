/** Pieces that occur all over a `report.json`. Where a number may be null, it is not known; nothing unknown is 0. */
import { z } from 'zod'

/** As the page writes it: not finite becomes null. */
export const known = z.number().nullable()
export const count = z.int().min(0)
export const time = z.int().describe('UTC ms')
export const fraction = z.number().min(0).max(1)
export const month = z.string().regex(/^\d{4}-\d\d$/)
export const span = z.strictObject({ from: time, to: time }).describe('from ≤ time < to')

export const unavailable = z.strictObject({ unavailable: z.string().describe('why there is none') })

export const metric = z
  .strictObject({
    key: z.string(),
    title: z.string().exactOptional(),
    meaning: z.string().exactOptional(),
    unit: z
      .enum(['fraction', 'ratio', 'score', 'value', 'quote', 'count', 'days', 'hours', 'per day'])
      .describe('a fraction is not percent; quote is money'),
    value: known,
    reason: z.string().exactOptional().describe('why the value is null'),
    note: z.string().exactOptional().describe('what to keep in mind about it'),
    interval: z.tuple([z.number(), z.number()]).exactOptional().describe('at intervalLevel'),
    intervalReason: z.string().exactOptional().describe('why there is no interval'),
  })
  .describe('one number with its name')

export const gate = z.strictObject({
  gate: z.string(),
  title: z.string().exactOptional(),
  unit: metric.shape.unit.exactOptional(),
  value: known,
  count: z.number().describe('what the value rests on'),
  limit: z.number(),
  bound: z.enum(['at least', 'at most']),
  required: z.boolean(),
  passed: z.boolean(),
  reason: z.string(),
})

export const range = z.strictObject({ low: z.number(), high: z.number() })
