/**
 * Time is UTC milliseconds in a number: exact for 285,000 years. There is no clock here; "now" is passed in.
 */
import { UserError } from './errors.js'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** In what a time since 1970 is counted. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/**
 * From which size on a time is in the unit, the largest first. A second after 1e11 would lie in the year 5138, a millisecond before it
 * in 1973; the other borders are the same dates in finer units. So no time of a market can be mistaken.
 */
export const TIME_UNITS_FROM = [
  { unit: 'ns', from: 1e17 },
  { unit: 'us', from: 1e14 },
  { unit: 'ms', from: 1e11 },
  { unit: 's', from: 0 },
] as const satisfies readonly { readonly unit: TimeUnit; readonly from: number }[]

/** The unit of a time, by its size. */
export function timeUnitOf(time: number): TimeUnit {
  return TIME_UNITS_FROM.find(({ from }) => Math.abs(time) >= from)?.unit ?? 's'
}

/** Bar lengths that divide a day, so that every bar lies inside one UTC day and one month. */
export const TIMEFRAMES = {
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
} as const
export type Timeframe = keyof typeof TIMEFRAMES
export const TIMEFRAME_NAMES = Object.keys(TIMEFRAMES) as readonly Timeframe[]

export function timeframeMs(timeframe: Timeframe): number {
  return TIMEFRAMES[timeframe]
}

/** From `from` (inclusive) to `to` (exclusive). */
export type Span = { readonly from: number; readonly to: number }

/** A calendar month, `2024-01`. */
export type Month = string

export function monthOf(time: number): Month {
  return new Date(time).toISOString().slice(0, 7)
}

export function monthStart(month: Month): number {
  return Date.parse(`${month}-01T00:00:00Z`)
}

export function addMonths(month: Month, count: number): Month {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`
}

export function monthSpan(month: Month): Span {
  return { from: monthStart(month), to: monthStart(addMonths(month, 1)) }
}

/** Every month that the span touches, oldest first. */
export function monthsOf(span: Span): Month[] {
  const months: Month[] = []
  for (let month = monthOf(span.from); monthStart(month) < span.to; month = addMonths(month, 1)) months.push(month)
  return months
}

/** Every UTC day of the span as `2024-01-31`, oldest first. */
export function daysOf(span: Span): string[] {
  const days: string[] = []
  for (let day = Math.floor(span.from / DAY) * DAY; day < span.to; day += DAY) days.push(isoDay(day))
  return days
}

export function intersect(a: Span, b: Span): Span {
  return { from: Math.max(a.from, b.from), to: Math.max(Math.max(a.from, b.from), Math.min(a.to, b.to)) }
}

export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** `2024-01-31 23:59 UTC`, for people. */
export function isoMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/**
 * A date or date-time as UTC milliseconds. Accepts `2024-01`, `2024-01-31`, `2024-01-31T12:00`, with an optional Z.
 *
 * @throws UserError when the text is not such a date
 */
export function parseTime(text: string): number {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?Z?)?)?$/.exec(text)
  const time = match
    ? Date.parse(
        `${match[1]}-${match[2]}-${match[3] ?? '01'}T${match[4] ?? '00'}:${match[5] ?? '00'}:${match[6] ?? '00'}Z`,
      )
    : Number.NaN
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 7) !== text.slice(0, 7)) {
    throw new UserError(`${text} is not a date`, {
      hint: 'write UTC dates as 2024-01-31 or 2024-01-31T12:00',
      exitCode: 2,
    })
  }
  return time
}
