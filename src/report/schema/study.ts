/** What a `report.json` says of features and labels. */
import { z } from 'zod'
import { count, fraction, known, month, span, time } from './values.js'

const names = z.array(z.string())
const both = z.strictObject({ train: z.array(known), test: z.array(known) })

const stability = {
  index: known,
  reason: z.string().nullable(),
  folds: count,
  fewest: count,
  most: count,
  frequency: z.record(z.string(), fraction),
}

export const featureChoice = z.strictObject({
  features: count,
  chosen: count,
  steps: z.array(
    z.strictObject({
      method: z.string(),
      settings: z.record(z.string(), z.number()),
      before: count,
      after: count,
    }),
  ),
  stability: z.strictObject(stability),
  importance: z.strictObject({ ...stability, top: count }),
})

export const featureStudy = z.strictObject({
  rows: count,
  span,
  train: span,
  test: span,
  sampled: z.strictObject({ train: count, test: count, correlation: count, seed: z.int() }),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      family: z.string(),
      timeframe: z.string(),
      known: count,
      firstKnown: time.nullable(),
      sampled: z.strictObject({ train: count, test: count }),
      psi: known.describe('population stability index'),
      ks: known.describe('Kolmogorov–Smirnov distance'),
      furthest: z.strictObject({ month, shift: z.number() }).nullable(),
    }),
  ),
  drawn: z.array(
    z.strictObject({
      name: z.string(),
      low: known,
      high: known,
      ...both.shape,
      quantiles: both,
      months: z.array(z.strictObject({ month, shift: known, spread: known })),
    }),
  ),
  clusters: z.array(z.strictObject({ representative: z.string(), members: names })),
  correlations: z.strictObject({ names, values: z.array(z.array(known)) }),
})

const classCounts = z.strictObject({
  classes: z.array(count),
  labelled: count,
  neither: count,
  unknown: count,
  outcomes: z.array(count).describe('−1, 0, 1'),
})
const valueSpread = z.strictObject({ mean: z.number(), deviation: known, quantiles: z.array(z.number()) }).nullable()

export const labels = z.strictObject({
  type: z.string(),
  horizonHours: z.number(),
  barrier: z.string(),
  profit: z.number(),
  stop: z.number(),
  costAware: z.boolean(),
  shuffled: z.boolean().describe('moved to other rows: a placebo'),
  terms: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  balance: z.strictObject({
    type: z.string(),
    meaning: z.string(),
    task: z.string(),
    classes: z.array(z.number()),
    total: classCounts,
    values: valueSpread,
    independent: z.number(),
    months: z.array(z.strictObject({ month, counts: classCounts, values: valueSpread, psi: known, noise: known })),
  }),
  relations: z.strictObject({
    rows: count,
    sampled: count,
    from: time.nullable(),
    to: time.nullable(),
    independent: z.number(),
    band: known,
    features: z.array(z.strictObject({ feature: z.string(), known: count, correlation: known, information: known })),
  }),
})
