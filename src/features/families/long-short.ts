/**
 * Who is on which side: ratios of long to short over all accounts, over those of top traders, and over the latter's positions. Ratios
 * are compared by their logarithm, so that 2 : 1 and 1 : 2 are equally far from even.
 */
import { logReturn } from '../../math/elementwise.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingRank } from '../../math/rolling-rank.js'
import { barsIn, barsInDays, defineFeature, type Feature } from '../feature.js'

const METRICS = "the exchange's metrics"
const USUAL_DAYS = 7 // window of what counts as usual
const RANKED_DAYS = 1 // a rank costs as many steps as its window has rows of metrics
const EXTREME = 2 // sample deviations

type Ratio = {
  readonly prefix: string
  readonly input: 'accountRatio' | 'topAccountRatio' | 'topPositionRatio'
  readonly of: string
  readonly column: string
}

const RATIOS: readonly Ratio[] = [
  { prefix: '', input: 'accountRatio', of: 'of all accounts', column: 'count_long_short_ratio' },
  {
    prefix: 'top_account_',
    input: 'topAccountRatio',
    of: 'of the accounts of top traders',
    column: 'count_toptrader_long_short_ratio',
  },
  {
    prefix: 'top_position_',
    input: 'topPositionRatio',
    of: 'of the positions of top traders',
    column: 'sum_toptrader_long_short_ratio',
  },
]

const log = (x: Float64Array) => x.map((value) => (value > 0 ? Math.log(value) : Number.NaN))

const ratioFeatures = ({ prefix, input, of, column }: Ratio): Feature[] => {
  const facts = { family: 'long-short', inputs: [input], reference: `${METRICS}, ${column}` } as const
  const usual = { lookback: (stepMs: number) => barsInDays(USUAL_DAYS, stepMs) - 1, timeframes: 'decision' } as const
  const zScore = (ratios: Float64Array, stepMs: number, origin: number) =>
    rollingZScore(log(ratios), barsInDays(USUAL_DAYS, stepMs), origin)
  return [
    defineFeature({
      ...facts,
      name: `${prefix}ls_ratio`,
      meaning: `Long per short ${of}; 1 = even.`,
      lookback: 0,
      timeframes: 'every',
      compute: ({ [input]: ratios }) => ratios.slice(),
    }),
    ...[1, 4, 24].map((hours) =>
      defineFeature({
        ...facts,
        name: `${prefix}ls_ratio_change_${hours}h`,
        meaning: `Change of the logarithm of long per short ${of} over ${hours} hour${hours === 1 ? '' : 's'}.`,
        lookback: (stepMs) => barsIn(hours, stepMs),
        timeframes: 'decision',
        compute: ({ [input]: ratios, stepMs }) => logReturn(ratios, barsIn(hours, stepMs)),
      }),
    ),
    defineFeature({
      ...facts,
      name: `${prefix}ls_ratio_percentile`,
      meaning: `Rank of long per short ${of} among a day of bars, 0 … 1; equal values share their mean rank.`,
      lookback: (stepMs) => barsInDays(RANKED_DAYS, stepMs) - 1,
      timeframes: 'decision',
      reference: `${facts.reference}; pandas rolling(n).rank(pct=True)`,
      compute: ({ [input]: ratios, stepMs }) => rollingRank(ratios, barsInDays(RANKED_DAYS, stepMs)),
    }),
    defineFeature({
      ...facts,
      ...usual,
      name: `${prefix}ls_ratio_zscore`,
      meaning: `Sample deviations that the logarithm of long per short ${of} lies above its mean over ${USUAL_DAYS} days of bars; 0 if it stood still.`,
      compute: ({ [input]: ratios, stepMs, origin }) => zScore(ratios, stepMs, origin),
    }),
    ...(['long', 'short'] as const).map((side) =>
      defineFeature({
        ...facts,
        ...usual,
        name: `${prefix}ls_ratio_extreme_${side}`,
        meaning: `1 where ${prefix}ls_ratio_zscore is ${side === 'long' ? `above ${EXTREME}` : `below -${EXTREME}`}, else 0.`,
        compute: ({ [input]: ratios, stepMs, origin }) =>
          zScore(ratios, stepMs, origin).map((z) =>
            Number.isNaN(z) ? z : Number(side === 'long' ? z > EXTREME : z < -EXTREME),
          ),
      }),
    ),
  ]
}

export const longShortFeatures: readonly Feature[] = [
  ...RATIOS.flatMap(ratioFeatures),
  defineFeature({
    name: 'top_ls_ratio_lead',
    family: 'long-short',
    meaning: 'Logarithm of long per short of the positions of top traders less that of all accounts.',
    inputs: ['topPositionRatio', 'accountRatio'],
    lookback: 0,
    timeframes: 'every',
    reference: METRICS,
    compute: ({ topPositionRatio, accountRatio }) =>
      topPositionRatio.map((top, i) => {
        const relative = top / accountRatio[i]
        return relative > 0 && Number.isFinite(relative) ? Math.log(relative) : Number.NaN
      }),
  }),
  defineFeature({
    name: 'taker_ls_ratio',
    family: 'long-short',
    meaning:
      'Volume that takers bought per volume that they sold, in the last five minutes that the exchange published.',
    inputs: ['takerRatio'],
    lookback: 0,
    timeframes: 'every',
    reference: `${METRICS}, sum_taker_long_short_vol_ratio`,
    compute: ({ takerRatio }) => takerRatio.slice(),
  }),
]
