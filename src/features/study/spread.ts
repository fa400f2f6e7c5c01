/**
 * How a column is spread: over its values in two parts of the time, and from month to month.
 */
import { quantileOfSorted } from '../../math/statistics.js'
import type { Distribution, MonthShift } from './study.js'

/** Rows `start` (inclusive) to `end` (exclusive). */
export type Range = { readonly start: number; readonly end: number }
export type MonthRange = Range & { readonly month: string }

export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const
const BINS = 24
/** What lies beyond these quantiles of both parts together is counted in the outermost bins. */
const DRAWN_BETWEEN = [0.005, 0.995] as const
/** Fewer known rows make no mean of a month. */
const LEAST_OF_MONTH = 30

type Parts = { readonly train: Float64Array; readonly test: Float64Array } // rising, no NaN

export function distributionOf({ train, test }: Parts): Omit<Distribution, 'name' | 'months'> {
  const both = new Float64Array(train.length + test.length)
  both.set(train)
  both.set(test, train.length)
  both.sort()
  const [low, high] = both.length === 0 ? [0, 0] : DRAWN_BETWEEN.map((p) => quantileOfSorted(both, p))
  const quantiles = (x: Float64Array) => (x.length === 0 ? [] : QUANTILES.map((p) => quantileOfSorted(x, p)))
  return {
    ...{ low, high, train: shares(train, low, high), test: shares(test, low, high) },
    quantiles: { train: quantiles(train), test: quantiles(test) },
  }
}

/** Of a column of one value all lies in the first bin. */
function shares(x: Float64Array, low: number, high: number): number[] {
  const counts = new Array<number>(BINS).fill(0)
  const width = (high - low) / BINS
  for (const value of x) {
    const bin = width > 0 ? Math.floor((value - low) / width) : 0
    counts[Math.min(BINS - 1, Math.max(0, bin))]++
  }
  return counts.map((count) => (x.length === 0 ? 0 : count / x.length))
}

/** Mean and spread of each month against those of the train part; null where either has too few rows or does not move. */
export function monthShifts(values: Float32Array, train: Range, months: readonly MonthRange[]): MonthShift[] {
  const base = momentsOf(values, train)
  return months.map((range) => {
    const { month } = range
    const own = momentsOf(values, range)
    const isKnown = own.known >= LEAST_OF_MONTH && base.known >= LEAST_OF_MONTH && base.deviation > 0
    return isKnown
      ? { month, shift: (own.mean - base.mean) / base.deviation, spread: own.deviation / base.deviation }
      : { month, shift: null, spread: null }
  })
}

/** In two passes, in float64; the deviation with divisor n - 1. */
function momentsOf(values: Float32Array, { start, end }: Range) {
  let known = 0
  let sum = 0
  for (let i = start; i < end; i++) {
    if (Number.isNaN(values[i])) continue
    known++
    sum += values[i]
  }
  const mean = sum / known
  let squares = 0
  for (let i = start; i < end; i++) {
    if (!Number.isNaN(values[i])) squares += (values[i] - mean) ** 2
  }
  return { known, mean, deviation: Math.sqrt(squares / (known - 1)) }
}
