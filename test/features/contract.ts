/**
 * What every column must hold, as one function, so that the planted leaks are judged by the very rules that the registry
 * passes. Values are compared bit for bit.
 */
import { createRandom } from '../../src/core/random.js'
import { HOUR } from '../../src/core/time.js'
import type { Feature } from '../../src/features/feature.js'
import { availableTimes, featureInputs, type SeriesName, seriesOf } from '../../src/features/inputs.js'
import {
  from,
  joinFunding,
  knownBy,
  type Market,
  mapSeries,
  marketOf,
  randomMarket,
  rowsWhere,
  sliceFunding,
  withHole,
  withHoleInOther,
} from './market.js'

export type Subject = {
  readonly name: string
  readonly lookback: number // decision bars
  readonly memory: 'window' | 'recursive'
  /** Where a hole can be: in the bars, in the series that it has inputs from, or nowhere (the calendar). */
  readonly holes: readonly ('bars' | SeriesName)[]
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
  // Other pairs have holes of their own kind: below, and in the tests of what ranks pairs.
  const series = seriesOf(feature.inputs).filter((name) => name !== 'market' && name !== 'peers')
  const ofSeries = feature.inputs.filter((input) => seriesOf([input]).length > 0)
  const ofClock = feature.inputs.filter((name) => name === 'openTime' || name === 'availableTime')
  const ofBars = feature.inputs.length > ofSeries.length + ofClock.length
  return {
    name: feature.name,
    lookback: feature.lookback(60 * 60_000),
    memory: feature.memory,
    ofMarket: feature.inputs.includes('marketClose'),
    holes: [...(ofBars ? (['bars'] as const) : []), ...series],
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
const gaps = new Map<SeriesName, SeriesGap>()
/** Nine hours from the middle of an hour on, so that bars of a series that lack at either end are part of one of the market's. */
const GAP = { from: market.decision.openTime[500] + 0.5 * HOUR, to: market.decision.openTime[509] + 0.5 * HOUR }

type SeriesGap = { readonly holed: Market; readonly fresh: Market; readonly begins: number }

function gapOf(name: SeriesName): SeriesGap {
  const gap = gaps.get(name) ?? (name === 'funding' ? fundingGap() : seriesGap(name))
  gaps.set(name, gap)
  return gap
}

/** A span in which nothing of a series became known, and the market as it would be if the series began after it. */
function seriesGap(name: SeriesName): SeriesGap {
  const without = (isGone: (time: number) => boolean) =>
    mapSeries(market.series, (own, each) =>
      each === name ? rowsWhere(own, (row) => !isGone(own.available[row])) : own,
    )
  const begins = availableTimes(market.decision).findIndex((time) => time >= GAP.to)
  const { decision, context, funding, others } = market
  const marketWithout = (isGone: (time: number) => boolean) =>
    marketOf(decision, context, funding, { series: without(isGone), others })
  const holed = marketWithout((time) => time > GAP.from && time <= GAP.to)
  const fresh = marketWithout((time) => time <= GAP.to)
  return { holed, fresh: from(fresh, begins), begins }
}

/** A span without prints, and the market as it would be if it began with the first print after it. */
function fundingGap(): SeriesGap {
  const funding = market.funding
  if (funding === null) throw new Error('the test market has funding')
  const rest = sliceFunding(funding, MISSING_PRINTS[1], funding.time.length)
  const kept = joinFunding(sliceFunding(funding, 0, MISSING_PRINTS[0]), rest)
  const begins = availableTimes(market.decision).findIndex((time) => time >= rest.time[0])
  return {
    holed: marketOf(market.decision, market.context, kept, market),
    fresh: from(marketOf(market.decision, market.context, rest, market), begins),
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
function passesHoles({ holes, ofMarket, values }: Subject): boolean {
  const ofBars = holes.includes('bars')
  if (ofBars) {
    const own = values(holed)
    const isSilent = own.subarray(...HOLE).every((value) => Number.isNaN(value))
    if (!isSilent || !hasBegunAnew(own.subarray(HOLE[1]), values(afterHole), holes.length > 1)) return false
  }
  if (ofMarket) {
    const own = values(marketHoled)
    const isSilent = own.subarray(...HOLE).every((value) => Number.isNaN(value))
    if (!isSilent || !same(own.subarray(HOLE[1]), values(afterMarketHole))) return false
  }
  return holes.every((name) => {
    if (name === 'bars') return true
    const { holed, fresh, begins } = gapOf(name)
    const own = values(holed)
    const silentFrom = availableTimes(market.decision).findIndex((time) => time > GAP.from + 2 * HOUR)
    const isSilent = name === 'funding' || own.subarray(silentFrom, begins).every((value) => Number.isNaN(value))
    return isSilent && hasBegunAnew(own.subarray(begins), values(fresh), holes.length > 1)
  })
}

/** What is made of several sources is known sooner after a hole in one than if all began there; then it must be the same from there on. */
type Values = Float64Array | Float32Array

function hasBegunAnew(own: Values, fresh: Values, isMixed: boolean): boolean {
  return isMixed
    ? own.length === fresh.length && fresh.every((value, i) => Number.isNaN(value) || Object.is(value, own[i]))
    : same(own, fresh)
}

export function same(a: Float64Array | Float32Array, b: Float64Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}
