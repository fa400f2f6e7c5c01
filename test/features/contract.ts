/**
 * What every column must hold, as one function, so that the planted leaks are judged by the very rules that the registry
 * passes. Values are compared bit for bit.
 */
import { createRandom } from '../../src/core/random.js'
import type { Feature } from '../../src/features/feature.js'
import { availableTimes, featureInputs } from '../../src/features/inputs.js'
import {
  from,
  joinFunding,
  knownBy,
  type Market,
  marketOf,
  randomMarket,
  sliceFunding,
  withHole,
  withHoleInOther,
} from './market.js'

export type Subject = {
  readonly name: string
  readonly lookback: number // decision bars
  readonly memory: 'window' | 'recursive'
  /** Where a hole can be: in the bars, in the funding prints, or nowhere (the calendar). */
  readonly holes: 'bars' | 'funding' | 'none'
  /** Whether it compares with the market, whose hole silences it as one of its own does. */
  readonly ofMarket: boolean
  readonly values: (market: Market) => Float64Array | Float32Array
}

export const RULES = [
  'does not see the future',
  'is silent exactly through its warm-up',
  'looks across no hole',
  'does not depend on where the data begins',
  'is never infinite',
] as const
export type Rule = (typeof RULES)[number]

export function subjectOf(feature: Feature): Subject {
  const ofFunding = feature.inputs.some((name) => /funding/i.test(name))
  const ofClock = feature.inputs.every((name) => name === 'openTime' || name === 'availableTime')
  return {
    name: feature.name,
    lookback: feature.lookback(60 * 60_000),
    memory: feature.memory,
    ofMarket: feature.inputs.includes('marketClose'),
    holes: ofFunding ? 'funding' : ofClock ? 'none' : 'bars',
    values: ({ decision, series }) => feature.compute(featureInputs(decision, series)),
  }
}

const ROWS = 1200
const HOLE = [430, 433] as const
const MISSING_PRINTS = [150, 159] as const
const market = randomMarket(ROWS, 1)
const random = createRandom(7, 'cuts')
const CUTS = [1, 2, 25, 431, ...Array.from({ length: 5 }, () => 1 + random.below(ROWS - 1))]
const STARTS = [1, 17, 20, ...Array.from({ length: 2 }, () => 1 + random.below(250))]
const prefixes = CUTS.map((rows) => knownBy(market, rows))
const suffixes = STARTS.map((rows) => from(market, rows))
const holed = withHole(market, ...HOLE)
const afterHole = from(holed, HOLE[1])
const marketHoled = withHoleInOther(market, 0, HOLE)
const afterMarketHole = from(marketHoled, HOLE[1])
const gap = fundingGap()

/** A span without prints, and the market as it would be if it began with the first print after it. */
function fundingGap(): { readonly holed: Market; readonly fresh: Market; readonly begins: number } {
  const funding = market.funding
  if (funding === null) throw new Error('the test market has funding')
  const rest = sliceFunding(funding, MISSING_PRINTS[1], funding.time.length)
  const kept = joinFunding(sliceFunding(funding, 0, MISSING_PRINTS[0]), rest)
  const begins = availableTimes(market.decision).findIndex((time) => time >= rest.time[0])
  return {
    holed: marketOf(market.decision, market.context, kept),
    fresh: from(marketOf(market.decision, market.context, rest), begins),
    begins,
  }
}

/** The rules that the column breaks. */
export function brokenRules(subject: Subject): Rule[] {
  const whole = subject.values(market)
  const broken: Rule[] = []
  const check = (rule: Rule, holds: boolean) => {
    if (!holds) broken.push(rule)
  }
  check(
    'does not see the future',
    CUTS.every((rows, i) => same(subject.values(prefixes[i]), whole.subarray(0, rows))),
  )
  check(
    'is silent exactly through its warm-up',
    whole.every((value, row) => Number.isNaN(value) === row < subject.lookback),
  )
  check('looks across no hole', passesHoles(subject))
  check(
    'does not depend on where the data begins',
    subject.memory === 'recursive' ||
      STARTS.every((start, i) =>
        same(subject.values(suffixes[i]).subarray(subject.lookback), whole.subarray(start + subject.lookback)),
      ),
  )
  check(
    'is never infinite',
    whole.every((value) => Number.isFinite(value) || Number.isNaN(value)),
  )
  return broken
}

/** After a hole a column is what it would be if the data began there; in the hole it is silent. */
function passesHoles(subject: Subject): boolean {
  if (subject.holes === 'none') return true
  if (subject.holes === 'funding') {
    return same(subject.values(gap.holed).subarray(gap.begins), subject.values(gap.fresh))
  }
  return (
    isSilentIn(subject.values(holed), subject.values(afterHole)) &&
    (!subject.ofMarket || isSilentIn(subject.values(marketHoled), subject.values(afterMarketHole)))
  )
}

/** Nothing in the hole, and after it what there would be if the data began there. */
function isSilentIn(values: Float64Array | Float32Array, fresh: Float64Array | Float32Array): boolean {
  return values.subarray(...HOLE).every(Number.isNaN) && same(values.subarray(HOLE[1]), fresh)
}

export function same(a: Float64Array | Float32Array, b: Float64Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
