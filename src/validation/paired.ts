/**
 * Two models on the same days: is one better by more than luck? The difference of their daily returns is resampled in blocks, both models' days
 * together, so that what moved both cancels.
 */
import { assert } from '../core/errors.js'
import { blockBootstrap } from './bootstrap.js'

/** One UTC day of an account, out of sample; sums, so that days add up. */
export type DayRecord = {
  readonly day: number // start, UTC ms
  readonly return: number // fraction of the equity the day before
  readonly signals: number
  readonly won: number // of the signals
  readonly trades: number // closed that day
  readonly gains: number // net, quote
  readonly losses: number // net, quote, positive
}

export type PairedTest = {
  readonly days: number
  /** Mean daily return of the first less that of the second. */
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly level: number
  /** One-sided: how often chance alone makes a difference of this size or more where there is none. */
  readonly p: number
}

export type PairedOptions = { readonly seed: number; readonly replicates?: number; readonly level?: number }

/** Fewer common days say nothing: blocks of three days would leave six. */
export const LEAST_DAYS = 20

/** Days that both have, in order, as pairs. */
export function commonDays<D extends { readonly day: number }>(a: readonly D[], b: readonly D[]): [D, D][] {
  const byDay = new Map(b.map((record) => [record.day, record]))
  return [...a]
    .sort((x, y) => x.day - y.day)
    .flatMap((record) => {
      const other = byDay.get(record.day)
      return other === undefined ? [] : [[record, other] satisfies [D, D]]
    })
}

/**
 * Stationary block bootstrap (Politis & Romano 1994) of the mean difference; blocks of mean length n^(1/3). The p value is of the differences
 * moved to a mean of zero, with one added to both counts, so that it is never 0 (Davison & Hinkley 1997, 4.2).
 *
 * @returns the reason, where they share fewer than 20 days
 */
export function pairedTest(
  pairs: readonly (readonly [DayRecord, DayRecord])[],
  { seed, replicates = 2000, level = 0.95 }: PairedOptions,
): PairedTest | string {
  const days = pairs.length
  if (days < LEAST_DAYS) return `${days} common days are fewer than ${LEAST_DAYS}`
  const differences = Float64Array.from(pairs, ([a, b]) => a.return - b.return)
  assert(
    differences.every((d) => !Number.isNaN(d)),
    'a daily return is not known',
  )
  const means: number[] = []
  const mean = (counts: Float64Array) => {
    let sum = 0
    for (let day = 0; day < days; day++) sum += counts[day] * differences[day]
    return sum / days
  }
  const block = Math.max(1, Math.round(Math.cbrt(days)))
  const found = blockBootstrap(
    (counts) => {
      const value = mean(counts)
      means.push(value)
      return value
    },
    { rows: days, block, seed, stream: 'paired returns', replicates, level },
  )
  const [difference, ...resampled] = means // the first is of the days as they are
  const beyond = resampled.filter((value) => value - difference >= difference).length
  return { days, difference, low: found.low, high: found.high, level, p: (beyond + 1) / (replicates + 1) }
}

/** The metrics that decide a promotion, over these days; counts are of trades, one at a time and so independent. */
export function dayMetrics(days: readonly DayRecord[]) {
  const sum = (of: (day: DayRecord) => number) => days.reduce((total, day) => total + of(day), 0)
  const [signals, won, count, gains, losses] = [
    sum((day) => day.signals),
    sum((day) => day.won),
    sum((day) => day.trades),
    sum((day) => day.gains),
    sum((day) => day.losses),
  ]
  return {
    precision:
      signals > 0
        ? { value: won / signals, count }
        : { value: null, count: 0, reason: 'no signal reached the threshold' },
    profit_factor:
      losses > 0
        ? { value: gains / losses, count }
        : { value: null, count, reason: count === 0 ? 'no trades' : 'no losing trade' },
  }
}
