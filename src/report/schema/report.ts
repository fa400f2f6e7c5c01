/**
 * The shape of a `report.json`, published as docs/reference/report.schema.json. Strict: a field that is written and not described here
 * is a mistake. Whoever takes something away or gives it another meaning raises `REPORT_SCHEMA_VERSION`; what is added needs no new one.
 */
import { z } from 'zod'
import { messageOf, UserError } from '../../core/errors.js'
import { SIZING_NAMES } from '../../portfolio/sizing.js'
import { SLIPPAGE_NAMES } from '../../portfolio/slippage.js'
import type { Unavailable } from '../input.js'
import { part } from './part.js'
import { quality } from './quality.js'
import { featureChoice, featureStudy, labels } from './study.js'
import { count, fraction, gate, known, metric, span, time, unavailable } from './values.js'

export const REPORT_SCHEMA_VERSION = 1

const namedCount = z.strictObject({ family: z.string(), count })

export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
    pair: z.string(),
    venue: z.string(),
    market: z.enum(['perpetual', 'spot']),
    quoteAsset: z.string(),
    span,
    bars: z.strictObject({ base: z.string(), decision: z.string(), context: z.array(z.string()) }),
    simulated: z.strictObject({ seed: z.int(), edge: z.number() }).nullable(),
    verdict: z.string().describe('the result in a few sentences'),
    approval: z.discriminatedUnion('state', [
      z.strictObject({ state: z.literal('approved'), model: z.string(), version: z.string() }),
      z.strictObject({
        state: z.literal('not approved'),
        model: z.string(),
        version: z.string().nullable(),
        reason: z.string(),
      }),
    ]),
    gates: z.array(gate),
    minTrades: count,
    candidates: z.array(
      z.strictObject({
        name: z.string(),
        approved: z.boolean(),
        shown: z.boolean().describe('the one that this report is about'),
        score: known,
        gates: z.array(gate),
        test: z.array(metric),
        outOfFold: z.array(metric),
        leftOut: z.literal(true).exactOptional(),
        note: z.string().exactOptional(),
      }),
    ),
    trials: z.strictObject({
      fits: count,
      trials: count,
      backtests: count,
      configurations: count,
      tried: count.describe('N of the deflated Sharpe ratio'),
      candidates: count,
    }),
    features: z.strictObject({
      count,
      hash: z.string(),
      families: z.array(namedCount),
      absent: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    }),
    certificate: z.union([
      z.strictObject({
        verdict: z.enum(['passed', 'failed']),
        hash: z.string(),
        features: count,
        rows: count,
        span,
        cuts: z.array(z.strictObject({ time, place: z.string() })),
        warmups: z.strictObject({ measured: count, late: count }),
        complaints: z.array(z.string()),
      }),
      unavailable,
    ]),
    featureStudy,
    tuning: z.array(
      z.strictObject({
        model: z.string(),
        trials: z.array(
          z.strictObject({
            trial: count,
            state: z.enum(['complete', 'pruned', 'failed']),
            loss: known,
            folds: count,
            best: known,
            parameters: z.record(z.string(), z.number()),
            reason: z.string().exactOptional(),
          }),
        ),
        best: count.nullable(),
        space: z.array(z.strictObject({ name: z.string(), low: z.number(), high: z.number(), log: z.boolean() })),
      }),
    ),
    test: part.describe('the last part of the span, read once: the headline'),
    outOfFold: part.describe('predictions of the folds in the part before it'),
    intervalLevel: fraction,
    price: z.strictObject({ time: z.array(time), close: z.array(known) }),
    folds: z.array(
      z.strictObject({
        fold: count,
        train: span,
        validation: span,
        outOfFold: span,
        trainRanges: z.array(span).exactOptional(),
        outOfFoldRanges: z.array(span).exactOptional(),
        trainRows: count,
        validationRows: count,
        outOfFoldRows: count,
        auc: known,
        aucInterval: z.tuple([z.number(), z.number()]).exactOptional(),
        logLoss: known,
        precision: known,
        signals: count,
        bestRound: count.nullable(),
        threshold: known,
        reason: z.string().exactOptional(),
      }),
    ),
    split: z.strictObject({
      scheme: z.string(),
      foresight: z.boolean().describe('the out-of-fold models were trained on later rows too'),
      paths: z.array(
        z.strictObject({ path: count, trades: count, totalReturn: known, sharpe: known, maxDrawdown: known }),
      ),
    }),
    importance: z.array(
      z.strictObject({
        feature: z.string(),
        family: z.string(),
        gain: z.number(),
        share: fraction,
        permutation: known.describe('rise of the loss on validation without the feature'),
      }),
    ),
    featureChoice: z.union([featureChoice, unavailable]),
    labels,
    quality,
    costs: z.strictObject({
      makerBps: z.number(),
      takerBps: z.number(),
      feeTiers: count.describe('of 30 days of volume; 0: the fees above hold always'),
      slippage: z.enum(SLIPPAGE_NAMES),
      slippageBps: z.number(),
      spreadBps: z.number(),
      volatilityShare: z.number(),
      impact: z.number(),
      latencyBars: count,
      order: z.enum(['market', 'limit']),
      limitBps: z.number(),
      orderBars: count,
      volumeShare: fraction.nullable(),
      depthShare: fraction.nullable(),
      takeProfits: z
        .array(z.strictObject({ share: fraction, profit: z.number() }))
        .describe('empty: one, at the barrier of the label'),
      trailing: z.number().describe('0: the stop stays'),
      trailingAfter: z.number(),
      reversal: z.boolean(),
      sizing: z.enum(SIZING_NAMES),
      riskFraction: z.number(),
      kellyFraction: z.number(),
      targetVolatility: z.number(),
      leverage: z.number(),
      margin: z.enum(['isolated', 'cross']),
      missingFunding: z.string(),
    }),
    threshold: z.strictObject({
      threshold: known,
      breakEven: known,
      margin: known,
      signals: count,
      independentSignals: count,
      precision: known,
      precisionLow: known,
      reason: z.string(),
    }),
    config: z.array(z.strictObject({ key: z.string(), value: z.string() })),
    lineage: z.array(z.strictObject({ kind: z.string(), name: z.string(), hash: z.string() })),
  })
  .describe('A report of Sluice. Times are UTC ms, fractions are fractions, what is not known is null.')

export type StoredReport = z.infer<typeof reportSchema>

/**
 * @param file  what the message calls it
 * @returns     unavailable: it is of another version of the program, whose fields are not these
 * @throws UserError when it is not JSON: damaged
 */
export function readReport(text: string, file: string): StoredReport | Unavailable {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw new UserError(`${file} is damaged: ${messageOf(thrown)}`, {
      hint: 'delete its folder, or run it again with its own settings and --force',
      cause: thrown,
    })
  }
  const { success, data, error } = reportSchema.safeParse(value)
  if (success) return data
  const [{ path, message }] = error.issues
  return { unavailable: `not written by this version of Sluice (${path.join('.')}: ${message})` }
}

/** As a JSON Schema (draft 2020-12). */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema)
}
