/**
 * Bars of any interval as exact sums of one-minute bars.
 */
import { DAY, HOUR, MINUTE, type Span } from '../../../src/core/time.js'

/** Prices and volumes in units of their last decimal; `quote` in units of the product of both. */
export type Bar = {
  time: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  quote: number
  count: number
  buyVolume: number
  buyQuote: number
}

const LENGTHS: Readonly<Record<string, number>> = {
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
  '3d': 3 * DAY,
  '1w': 7 * DAY,
  '1M': 31 * DAY, // by the calendar: only the order of magnitude is used
}
export const INTERVALS = Object.keys(LENGTHS)

/** 1970-01-05, the first Monday. Where the exchange's 3d grid begins is not known; here it is 1970-01-01. */
const MONDAY = 4 * DAY

export function lengthOf(interval: string): number {
  return LENGTHS[interval]
}

/** The open time of the bar that `time` lies in. */
export function bucketStart(interval: string, time: number): number {
  if (interval === '1M') {
    const date = new Date(time)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
  }
  const anchor = interval === '1w' ? MONDAY : 0
  return Math.floor((time - anchor) / LENGTHS[interval]) * LENGTHS[interval] + anchor
}

/** The open time of the bar after the one that opens at `open`. */
export function bucketEnd(interval: string, open: number): number {
  if (interval !== '1M') return open + LENGTHS[interval]
  const date = new Date(open)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** The one-minute bars of a UTC day, ascending; those that would need to know more than `asOf` are left out or unfinished. */
export type MinuteBars = { readonly life: Span; ofDay(day: number, asOf: number): readonly Bar[] }

export interface BarSeries {
  readonly life: Span
  /** Bars with from <= open time < to, as they stand at `asOf`. */
  between(interval: string, from: number, to: number, asOf: number): Bar[]
}

export function createBarSeries(minutes: MinuteBars): BarSeries {
  const days = new Map<number, Bar[]>()
  const dayBar = (day: number, asOf: number): Bar[] => {
    const whole = asOf >= day + DAY
    const known = days.get(day)
    if (whole && known !== undefined) return known
    const bars = merged(minutes.ofDay(day, asOf), '1d')
    if (whole) days.set(day, bars)
    return bars
  }
  return {
    life: minutes.life,
    between(interval, from, to, asOf) {
      const { life } = minutes
      let first = bucketStart(interval, Math.max(from, bucketStart(interval, life.from)))
      if (first < from) first = bucketEnd(interval, first)
      const last = Math.min(to, life.to, asOf + 1)
      if (last <= first) return []
      const end = bucketEnd(interval, bucketStart(interval, last - 1))
      const parts: Bar[] = []
      for (let day = bucketStart('1d', first); day < end && day < life.to; day += DAY) {
        const bars = LENGTHS[interval] < DAY ? minutes.ofDay(day, asOf) : dayBar(day, asOf)
        for (const bar of bars) if (bar.time >= first && bar.time < end) parts.push(bar)
      }
      return interval === '1m' ? parts : merged(parts, interval)
    },
  }
}

function merged(parts: readonly Bar[], interval: string): Bar[] {
  const bars: Bar[] = []
  let end = Number.NEGATIVE_INFINITY
  for (const part of parts) {
    if (part.time >= end) {
      const time = bucketStart(interval, part.time)
      end = bucketEnd(interval, time)
      bars.push({ ...part, time })
      continue
    }
    const bar = bars[bars.length - 1]
    bar.high = Math.max(bar.high, part.high)
    bar.low = Math.min(bar.low, part.low)
    bar.close = part.close
    bar.volume += part.volume
    bar.quote += part.quote
    bar.count += part.count
    bar.buyVolume += part.buyVolume
    bar.buyQuote += part.buyQuote
  }
  return bars
}

export type Taken = {
  readonly from: number
  readonly to: number // inclusive, as every bound of the exchange
  readonly limit: number
  readonly newest: boolean // the last `limit` rows instead of the first
}

/** At most `limit` items of a source that is read in chunks, so that `startTime=0&limit=1` reads one chunk and not all. */
export function take<T>(
  source: { readonly life: Span; readonly chunk: number; between(from: number, to: number): readonly T[] },
  { from, to, limit, newest }: Taken,
): T[] {
  const first = Math.max(from, source.life.from)
  const end = Math.min(to + 1, source.life.to)
  let items: T[] = []
  if (newest) {
    for (let at = end; at > first && items.length < limit; at -= source.chunk) {
      items = [...source.between(Math.max(first, at - source.chunk), at), ...items]
    }
    return items.slice(-limit)
  }
  for (let at = first; at < end && items.length < limit; at += source.chunk) {
    items.push(...source.between(at, Math.min(end, at + source.chunk)))
  }
  return items.slice(0, limit)
}
