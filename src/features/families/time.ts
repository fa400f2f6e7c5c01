/**
 * The clock and the calendar at the moment the row is acted on (the bar's close), UTC. Known in advance, so known in
 * holes too. Sessions are clock hours; they say nothing of holidays.
 */
import { DAY, HOUR, MINUTE } from '../../core/time.js'
import { defineFeature, type Feature } from '../feature.js'

/** A column from each row's available time. */
const clockFeature = (name: string, meaning: string, of: (time: number) => number): Feature =>
  defineFeature({
    name,
    family: 'time',
    meaning,
    inputs: ['availableTime'],
    lookback: 0,
    timeframes: 'decision',
    reference: 'UTC calendar',
    compute: ({ availableTime }) => availableTime.map(of),
  })

const minuteOfDay = (time: number) => Math.floor((time % DAY) / MINUTE)
const hourOf = (time: number) => (time % DAY) / HOUR
/** 0 = Monday; 1970-01-01 was a Thursday. */
const weekdayOf = (time: number) => (Math.floor(time / DAY) + 3) % 7
const monthOf = (time: number) => new Date(time).getUTCMonth() + 1

type Circle = { readonly name: string; readonly length: number; readonly of: (time: number) => number }

/** Sine and cosine, so that the end of a cycle lies beside its beginning. */
const circleFeatures = ({ name, length, of }: Circle): Feature[] => [
  clockFeature(`${name}_sin`, `Sine of the ${name} on a circle of ${length}.`, (time) =>
    Math.sin((2 * Math.PI * of(time)) / length),
  ),
  clockFeature(`${name}_cos`, `Cosine of the ${name} on a circle of ${length}.`, (time) =>
    Math.cos((2 * Math.PI * of(time)) / length),
  ),
]

export type Session = { readonly name: string; readonly title: string; readonly opens: number; readonly closes: number }

/** Trading hours by UTC clock; Sydney's run over midnight. */
export const SESSIONS = {
  sydney: { name: 'sydney', title: 'Sydney', opens: 22, closes: 7 },
  tokyo: { name: 'tokyo', title: 'Tokyo', opens: 0, closes: 9 },
  london: { name: 'london', title: 'London', opens: 8, closes: 16 },
  newYork: { name: 'new_york', title: 'New York', opens: 13, closes: 22 },
} as const satisfies Record<string, Session>

/** `08–16 UTC`. */
export function sessionHours({ opens, closes }: Session): string {
  return `${String(opens).padStart(2, '0')}–${String(closes).padStart(2, '0')} UTC`
}

/** Minutes since the session opened, or -1 outside it. */
function minutesSinceOpen({ opens, closes }: Session, time: number): number {
  const length = ((closes - opens + 24) % 24) * 60
  const since = (minuteOfDay(time) - opens * 60 + 1440) % 1440
  return since < length ? since : -1
}

const sessionFeatures = (session: Session): Feature[] => {
  const hours = sessionHours(session)
  return [
    clockFeature(`session_${session.name}`, `1 in the ${session.title} session (${hours}), else 0.`, (time) =>
      minutesSinceOpen(session, time) >= 0 ? 1 : 0,
    ),
    clockFeature(
      `minutes_in_${session.name}`,
      `Minutes since the ${session.title} session (${hours}) opened; -1 outside it.`,
      (time) => minutesSinceOpen(session, time),
    ),
  ]
}

const overlapFeature = (one: Session, other: Session): Feature =>
  clockFeature(
    `overlap_${one.name}_${other.name}`,
    `1 while the ${one.title} and ${other.title} sessions are both open, else 0.`,
    (time) => (minutesSinceOpen(one, time) >= 0 && minutesSinceOpen(other, time) >= 0 ? 1 : 0),
  )

export const timeFeatures: readonly Feature[] = [
  clockFeature('hour', 'Hour of the day, 0 … 23.', (time) => Math.floor(hourOf(time))),
  clockFeature('weekday', 'Day of the week, 0 = Monday … 6 = Sunday.', weekdayOf),
  clockFeature('day_of_month', 'Day of the month, 1 … 31.', (time) => new Date(time).getUTCDate()),
  clockFeature('month', 'Month, 1 … 12.', monthOf),
  clockFeature('quarter', 'Quarter, 1 … 4.', (time) => Math.ceil(monthOf(time) / 3)),
  clockFeature('weekend', '1 on Saturday and Sunday, else 0.', (time) => (weekdayOf(time) >= 5 ? 1 : 0)),
  ...circleFeatures({ name: 'hour', length: 24, of: hourOf }),
  ...circleFeatures({ name: 'weekday', length: 7, of: weekdayOf }),
  ...circleFeatures({ name: 'month', length: 12, of: monthOf }),
  ...Object.values(SESSIONS).flatMap(sessionFeatures),
  overlapFeature(SESSIONS.tokyo, SESSIONS.london),
  overlapFeature(SESSIONS.london, SESSIONS.newYork),
]
