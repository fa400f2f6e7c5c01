/**
 * The pair beside other asset classes: a share index and the dollar, from one midnight UTC to the next at which that market had traded within a
 * day. So a weekend is one change, from Friday's last price to Monday's, on both sides.
 */
import { type SampledChanges, sampledChanges } from '../../math/sampled-changes.js'
import { barsInDays, defineFeature, type Feature } from '../feature.js'

const REFERENCES = [
  { prefix: 'spy', input: 'spyClose', of: 'the S&P 500 (features.spy)' },
  { prefix: 'dxy', input: 'dxyClose', of: 'the US dollar index (features.dxy)' },
] as const
type Reference = (typeof REFERENCES)[number]

const SHORT = 30
const LONG = 90
/** Of 30 days about 21 are trading days; half of the days must be known. */
const KNOWN = 0.5

type Both = {
  readonly own: Float64Array
  readonly other: Float64Array
  readonly stepMs: number
  readonly origin: number
}

function changes({ own, other, stepMs, origin }: Both, days: number): SampledChanges {
  const every = barsInDays(1, stepMs)
  return sampledChanges(other, own, { every, window: days * every, least: KNOWN * days, origin })
}

const lookback = (days: number) => (stepMs: number) => (days + 1) * barsInDays(1, stepMs) - 1

function referenceFeatures({ prefix, input, of }: Reference): Feature[] {
  const facts = { family: 'macro', inputs: ['close', input], timeframes: 'decision' } as const
  return [
    ...[SHORT, LONG].flatMap((days) => [
      defineFeature({
        ...facts,
        name: `${prefix}_correlation_${days}d`,
        meaning: `Correlation of daily log returns with those of ${of} over ${days} days, -1 … 1; of the last midnight.`,
        lookback: lookback(days),
        reference: 'Pearson correlation of synchronous closes',
        compute: ({ close, [input]: other, stepMs, origin }) =>
          changes({ own: close, other, stepMs, origin }, days).correlation,
      }),
      defineFeature({
        ...facts,
        name: `${prefix}_beta_${days}d`,
        meaning: `Slope of daily log returns on those of ${of} over ${days} days, a ratio; of the last midnight.`,
        lookback: lookback(days),
        reference: 'Sharpe 1963, Management Science 9(2): one-factor model of returns',
        compute: ({ close, [input]: other, stepMs, origin }) =>
          changes({ own: close, other, stepMs, origin }, days).beta,
      }),
    ]),
    defineFeature({
      ...facts,
      name: `${prefix}_correlation_change_${SHORT}d_${LONG}d`,
      meaning: `${prefix}_correlation_${SHORT}d less ${prefix}_correlation_${LONG}d, -2 … 2.`,
      lookback: lookback(LONG),
      reference: 'change of correlation regime: short window against long',
      compute({ close, [input]: other, stepMs, origin }) {
        const both = { own: close, other, stepMs, origin }
        const long = changes(both, LONG).correlation
        return changes(both, SHORT).correlation.map((short, i) => short - long[i])
      },
    }),
  ]
}

export const macroFeatures: readonly Feature[] = REFERENCES.flatMap(referenceFeatures)
