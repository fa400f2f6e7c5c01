/**
 * Funding of perpetual futures: what a position pays at one print, and which prints there should have been.
 */
import { UserError } from '../core/errors.js'
import { HOUR, isoMinute, MINUTE, type Span } from '../core/time.js'
import type { Funding } from '../market/bars.js'
import type { Side } from '../market/entry.js'

/**
 * Cash paid at a print, in quote currency; negative = received. Longs pay when the rate is positive.
 *
 * @param price  mark price (or last price) at the print
 */
export function fundingPaid(side: Side, quantity: number, price: number, rate: number): number {
  return side * quantity * price * rate
}

/** `exclude`: go on and say so. `fail`: stop. `assume:0.0001`: that rate every 8 hours. */
export type MissingFunding = 'exclude' | 'fail' | `assume:${number}`

/** Is the rate of a print known, assumed, left out because nothing was recorded then, or missing inside the series? */
export const PRINT = { known: 0, assumed: 1, excluded: 2, hole: 3 } as const

/** Every print that is due, oldest first. `rate` is 0 where it is excluded and NaN in a hole. */
export type FundingSchedule = {
  readonly time: Float64Array // UTC ms
  readonly rate: Float64Array
  readonly kind: Uint8Array // PRINT
  readonly absent: boolean // no print of the span was recorded
}

/** For a market that has no funding at all. */
export const NO_FUNDING: FundingSchedule = {
  time: new Float64Array(0),
  rate: new Float64Array(0),
  kind: new Uint8Array(0),
  absent: false,
}

const DEFAULT_INTERVAL = 8 * HOUR
const TOLERANCE = MINUTE

/**
 * The prints that are due in a span: those recorded, and in their places those that should have been.
 *
 * Between two prints further apart than their interval (the longer of the two, since exchanges change it) the missing
 * ones are holes. Before the first and after the last recorded print the series is absent, and `missing` decides, as
 * it does where there is no series at all.
 *
 * @throws UserError when nothing was recorded for the span and `missing` is `fail`
 */
export function fundingSchedule(funding: Funding | null, span: Span, missing: MissingFunding): FundingSchedule {
  const prints: Print[] = []
  const due = (time: number, rate: number, kind: number) => {
    if (time >= span.from && time < span.to) prints.push({ time, rate, kind })
  }
  const absentKind = missing === 'exclude' ? PRINT.excluded : missing === 'fail' ? PRINT.hole : PRINT.assumed
  const absentRate =
    missing === 'fail' ? Number.NaN : missing === 'exclude' ? 0 : Number(missing.slice('assume:'.length))
  const first = funding === null ? Number.POSITIVE_INFINITY : (funding.time[0] ?? Number.POSITIVE_INFINITY)
  const last =
    funding === null ? Number.NEGATIVE_INFINITY : (funding.time[funding.time.length - 1] ?? Number.NEGATIVE_INFINITY)
  const absent = funding === null || first >= span.to || last < span.from
  if (absent) {
    if (missing === 'fail') {
      throw new UserError(`there is no funding from ${isoMinute(span.from)} to ${isoMinute(span.to)}`, {
        hint: 'download funding, or set backtest.missingFunding to exclude or assume:<rate>',
      })
    }
    const start = Math.ceil(span.from / DEFAULT_INTERVAL) * DEFAULT_INTERVAL
    for (let time = start; time < span.to; time += DEFAULT_INTERVAL) due(time, absentRate, absentKind)
    return columns(prints, absent)
  }
  const { time, rate } = funding
  const interval = (i: number) => (funding.intervalHours[i] > 0 ? funding.intervalHours[i] * HOUR : DEFAULT_INTERVAL)
  for (let k = Math.floor((first - span.from) / interval(0)); k >= 1; k--)
    due(first - k * interval(0), absentRate, absentKind)
  for (let i = 0; i < time.length; i++) {
    due(time[i], rate[i], Number.isNaN(rate[i]) ? PRINT.hole : PRINT.known)
    const step = i + 1 < time.length ? Math.max(interval(i), interval(i + 1)) : interval(i)
    if (i + 1 === time.length) for (let t = time[i] + step; t < span.to; t += step) due(t, absentRate, absentKind)
    else if (time[i + 1] - time[i] > step + TOLERANCE) {
      for (let t = time[i] + step; t < time[i + 1]; t += step) due(t, Number.NaN, PRINT.hole)
    }
  }
  return columns(prints, absent)
}

type Print = { readonly time: number; readonly rate: number; readonly kind: number }

function columns(prints: readonly Print[], absent: boolean): FundingSchedule {
  return {
    time: Float64Array.from(prints, (print) => print.time),
    rate: Float64Array.from(prints, (print) => print.rate),
    kind: Uint8Array.from(prints, (print) => print.kind),
    absent,
  }
}
