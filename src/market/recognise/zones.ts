/**
 * Local times → UTC, by the rules of a named time zone. Where the clock is turned back an hour happens twice; which of the two is meant can
 * be told from the order of the rows or not at all, and is then not guessed.
 */
import { DAY, HOUR, isoDay, MINUTE, type Span } from '../../core/time.js'

/** A change of the clock. Offsets are local time minus UTC, ms. */
export type Transition = { readonly at: number; readonly before: number; readonly after: number }

export type Zone = { readonly first: number; readonly transitions: readonly Transition[] }

/**
 * The offsets of a zone in a span of time, by asking for each day and then halving.
 *
 * @param name of the IANA database, such as `Europe/Berlin`
 * @returns null when there is no such zone
 */
export function zoneOf(name: string, span: Span): Zone | null {
  const offset = offsets(name)
  if (offset === null) return null
  const transitions: Transition[] = []
  const first = offset(span.from)
  let before = first
  for (let day = span.from; day < span.to; day += DAY) {
    const after = offset(day + DAY)
    if (after === before) continue
    let [low, high] = [day, day + DAY]
    while (high - low > MINUTE) {
      const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE
      if (offset(middle) === before) low = middle
      else high = middle
    }
    transitions.push({ at: Math.floor(high / MINUTE) * MINUTE, before, after })
    before = after
  }
  return { first, transitions }
}

function offsets(name: string): ((time: number) => number) | null {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return null
  }
  return (time) => {
    const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second)
    return local - Math.floor(time / 1000) * 1000
  }
}

/** Local times that no clock shows (`skipped`), or that it shows twice. */
export function windowsOf({
  transitions,
}: Zone): { readonly window: Span; readonly twice: boolean; readonly change: Transition }[] {
  return transitions.map((change) => {
    const [low, high] = [change.before, change.after].sort((a, b) => a - b)
    return { window: { from: change.at + low, to: change.at + high }, twice: change.before > change.after, change }
  })
}

/**
 * Where the second pass through an hour that happens twice begins.
 *
 * @param times local times inside the window, in the order of the file, oldest first
 * @returns the first index of the second pass; null when the order does not show it
 */
export function secondPass(times: ArrayLike<number>): number | null {
  let found: number | null = null
  for (let i = 1; i < times.length; i++) {
    if (times[i] > times[i - 1]) continue
    if (found !== null) return null
    found = i
  }
  return found
}

/**
 * Signs that times without a zone are local ones of a zone with summer time: on a Sunday in March the hour from 02:00 is missing, on one in
 * October or November an hour from 01:00 or 02:00 stands twice.
 *
 * @param holes begin and end of every hole of an hour, as if UTC
 * @param repeats begin of every hour in which times stand twice
 * @returns the days
 */
export function summerTimeSigns(holes: readonly Span[], repeats: readonly number[]): string[] {
  const isSunday = (time: number) => new Date(time).getUTCDay() === 0
  const month = (time: number) => new Date(time).getUTCMonth() + 1
  const hour = (time: number) => (time % DAY) / HOUR
  const spring = holes.filter(
    ({ from, to }) => to - from === HOUR && isSunday(from) && month(from) === 3 && hour(from) === 2,
  )
  const autumn = repeats.filter(
    (time) => isSunday(time) && [10, 11].includes(month(time)) && [1, 2].includes(hour(time)),
  )
  return [...spring.map(({ from }) => isoDay(from)), ...autumn.map(isoDay)].sort()
}
