/**
 * What the last trading session of each place was like, and what the coming hour usually is. A bar belongs to a session by its
 * open time; a session counts from the close of its last bar on, so nothing of one under way is told.
 *
 * Sessions begin at whole hours: on bars longer than an hour these features are not known. They overlap and trading never
 * stops, so a gap between two is measured from what was paid in the first before the second began.
 */
import { DAY, HOUR } from '../../core/time.js'
import { lastSpan, type Recurrence, recurrenceLookback } from '../../math/recurring.js'
import { defineFeature, type Feature, type Grid } from '../feature.js'
import type { Inputs } from '../inputs.js'
import { SESSIONS, type Session, sessionHours } from './time.js'

const COARSE = 'NaN on bars longer than an hour'
const USUAL_DAYS = 10 // sessions, or days, that make up the usual

/** Number of bars in so many hours, rounded up where an hour is no whole number of bars. */
type BarsOf = (hours: number) => number

const barsOf =
  (stepMs: number): BarsOf =>
  (hours) =>
    Math.ceil((hours * HOUR) / stepMs)

type SpanFeature<K extends keyof Inputs> = {
  readonly name: string
  readonly meaning: string
  readonly reference: string
  readonly inputs: readonly K[]
  readonly recurrence: (bars: BarsOf) => Recurrence
  readonly of: (inputs: Pick<Inputs, K>, span: Span) => number
}

/** Bars [start, end), and the number of bars in a day and an hour. */
type Span = { readonly start: number; readonly end: number; readonly day: number; readonly hour: number }

function spanFeature<const K extends keyof Inputs>(spec: SpanFeature<K>): Feature {
  const { name, meaning, reference, inputs, recurrence, of } = spec
  return defineFeature({
    name,
    family: 'session',
    meaning: `${meaning}; ${COARSE}.`,
    inputs,
    lookback: (stepMs) => recurrenceLookback(recurrence(barsOf(stepMs))),
    timeframes: 'decision',
    reference,
    compute(visible: Pick<Inputs, K> & Grid) {
      const { origin, stepMs, rows } = visible
      if (HOUR % stepMs !== 0) return new Float64Array(rows).fill(Number.NaN)
      const columns = inputs.map((key) => visible[key])
      const [day, hour] = [DAY / stepMs, HOUR / stepMs]
      return lastSpan(columns, origin, recurrence(barsOf(stepMs)), (start, end) =>
        of(visible, { start, end, day, hour }),
      )
    },
  })
}

const lengthOf = ({ opens, closes }: Session) => (closes - opens + 24) % 24

function total(x: Float64Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += x[i]
  return sum
}

const placeFeatures = (session: Session): Feature[] => {
  const title = `${session.title} session (${sessionHours(session)})`
  const daily = (daysBefore: number) => (bars: BarsOf) => ({
    period: bars(24),
    phase: bars(session.opens),
    length: bars(lengthOf(session)),
    before: daysBefore * bars(24),
  })
  return [
    spanFeature({
      name: `previous_return_${session.name}`,
      meaning: `Return from first to last price of the last whole ${title}, a fraction`,
      reference: 'common definition',
      inputs: ['open', 'close'],
      recurrence: daily(0),
      of: ({ open, close }, { start, end }) => close[end - 1] / open[start] - 1,
    }),
    spanFeature({
      name: `session_volatility_${session.name}`,
      meaning: `Root of the sum of squared log returns of the bars of the last whole ${title}`,
      reference: 'realised volatility; Andersen & Bollerslev 1998, Int. Econ. Rev. 39(4)',
      inputs: ['open', 'close'],
      recurrence: daily(0),
      of({ open, close }, { start, end }) {
        let sum = Math.log(close[start] / open[start]) ** 2
        for (let i = start + 1; i < end; i++) sum += Math.log(close[i] / close[i - 1]) ** 2
        return Math.sqrt(sum)
      },
    }),
    spanFeature({
      name: `session_volume_ratio_${session.name}`,
      meaning: `Volume of the last whole ${title} over the mean of the ${USUAL_DAYS} before it; 1 = usual`,
      reference: 'common definition',
      inputs: ['volume'],
      recurrence: daily(USUAL_DAYS),
      of({ volume }, { start, end, day }) {
        let usual = 0
        for (let days = 1; days <= USUAL_DAYS; days++) usual += total(volume, start - days * day, end - days * day)
        return usual === 0 ? Number.NaN : (USUAL_DAYS * total(volume, start, end)) / usual
      },
    }),
  ]
}

const gapFeature = (first: Session, second: Session): Feature =>
  spanFeature({
    name: `gap_${first.name}_${second.name}`,
    meaning: `First price of the last ${second.title} session over what was paid on average in the ${first.title} session before it began, less 1`,
    reference: 'mean price = quote volume / volume',
    inputs: ['open', 'quoteVolume', 'volume'],
    // Known with the close of the session's first bar.
    recurrence: (bars) => ({
      period: bars(24),
      phase: bars(second.opens),
      length: 1,
      before: bars(second.opens - first.opens),
    }),
    of({ open, quoteVolume, volume }, { start, hour }) {
      const from = start - (second.opens - first.opens) * hour
      const bought = total(volume, from, start)
      return bought === 0 ? Number.NaN : (open[start] * bought) / total(quoteVolume, from, start) - 1
    },
  })

export const sessionFeatures: readonly Feature[] = [
  ...Object.values(SESSIONS).flatMap(placeFeatures),
  gapFeature(SESSIONS.tokyo, SESSIONS.london),
  gapFeature(SESSIONS.london, SESSIONS.newYork),
  spanFeature({
    name: 'liquidity_score',
    meaning: `Quote volume that the clock hour to come had in the last ${USUAL_DAYS} days, over that of an average hour in them; 1 = average`,
    reference: 'common definition',
    inputs: ['quoteVolume'],
    // All hours of the ten days up to the beginning of this one; every hour there are new ten days.
    recurrence: (bars) => ({ period: bars(1), phase: 0, length: USUAL_DAYS * bars(24), before: 0 }),
    of({ quoteVolume }, { start, end, day, hour }) {
      let same = 0
      for (let from = start; from < end; from += day) same += total(quoteVolume, from, from + hour)
      const all = total(quoteVolume, start, end)
      return all === 0 ? Number.NaN : (24 * same) / all
    },
  }),
]
