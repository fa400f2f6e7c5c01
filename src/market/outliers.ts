/**
 * Returns too large for their neighbours, and closes too far from a reference price. They are flagged for people to look at; no bar is
 * changed or dropped for it: a crash is data.
 */
import { assert } from '../core/errors.js'
import { quantile, quantileOfSorted } from '../math/statistics.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'

/** Robust z-score above which a return is flagged. */
export const OUTLIER_Z = 20

/** A return is flagged when it lies more than this many interquartile ranges outside of the quartiles. */
export const OUTLIER_IQR = 10

/** A step between two bars is flagged when it is larger than this many robust deviations of the returns. */
export const JUMP_Z = 3.5

/** Robust z-score above which the distance of a close from the close of the reference price is flagged. */
export const REFERENCE_Z = 10

/** How many are listed; all are counted. */
export const LARGEST = 10

export type Outlier = { readonly time: number; readonly logReturn: number; readonly z: number }

/** `ranges`: how many interquartile ranges beyond the nearer quartile. */
export type RangeOutlier = { readonly time: number; readonly logReturn: number; readonly ranges: number }

export type OutlierFindings = {
  readonly count: number
  /** Largest |z| first, equal ones by time. */
  readonly largest: readonly Outlier[]
  /** By the rule of the interquartile range, which weighs the two sides apart. */
  readonly iqr: { readonly count: number; readonly largest: readonly RangeOutlier[] }
  /** From the close of the bar before to the open: where trading stood still and went on elsewhere. `logReturn` is that step, `z` the step in
   * robust deviations of the returns. */
  readonly jumps: { readonly count: number; readonly largest: readonly Outlier[] }
}

/** `logDistance` = ln(close / reference close). */
export type ReferenceOutlier = { readonly time: number; readonly logDistance: number; readonly z: number }
export type ReferenceFindings = {
  readonly compared: number // bars of which both closes are known
  readonly count: number
  readonly largest: readonly ReferenceOutlier[]
}

/**
 * Log returns from close to close whose robust z-score 0.6745 · |r − median| / MAD exceeds `OUTLIER_Z` (Iglewicz & Hoaglin
 * 1993, whose limit is 3.5: returns have tails far heavier than normal), and those further than `OUTLIER_IQR` interquartile ranges
 * outside of the quartiles (Tukey 1977, whose outer fence is 3, likewise). Only bars with a known neighbour before them have
 * a return; the first bar has none. Where more than half of the returns are equal the MAD is 0 and the mean absolute
 * deviation, times 1.2533, stands in for MAD / 0.6745; where the quartiles are equal nothing is flagged by them. Steps, ln(open / close
 * before), are measured by the scale of the returns, not by their own: most are one tick or none, and so would be almost nothing's limit.
 */
export function findOutliers(bars: Bars): OutlierFindings {
  const { values: returns, times } = fromCloseBefore(bars, bars.close)
  const sorted = returns.slice().sort()
  const { centre, scale } = robustScale(sorted)
  const lower = quantileOfSorted(sorted, 0.25)
  const upper = quantileOfSorted(sorted, 0.75)
  const steps = fromCloseBefore(bars, bars.open).values
  const found: Outlier[] = []
  const ranged: RangeOutlier[] = []
  const jumps: Outlier[] = []
  for (let i = 0; i < returns.length; i++) {
    const [time, logReturn] = [times[i], returns[i]]
    const z = Math.abs(logReturn - centre) / scale
    if (scale > 0 && z > OUTLIER_Z) found.push({ time, logReturn, z })
    const ranges = Math.max(lower - logReturn, logReturn - upper) / (upper - lower)
    if (upper > lower && ranges > OUTLIER_IQR) ranged.push({ time, logReturn, ranges })
    const step = Math.abs(steps[i]) / scale
    if (scale > 0 && step > JUMP_Z) jumps.push({ time, logReturn: steps[i], z: step })
  }
  return {
    count: found.length,
    largest: largestOf(found, 'z'),
    iqr: { count: ranged.length, largest: largestOf(ranged, 'ranges') },
    jumps: { count: jumps.length, largest: largestOf(jumps, 'z') },
  }
}

/**
 * Closes whose distance from the close of the reference price (mark or index) is unusual: ln(close / reference) further than
 * `REFERENCE_Z` robust deviations, as above, from its median over the span. The median is the usual premium, and no outlier.
 *
 * @param reference on the same grid
 */
export function findFarFromReference(bars: Bars, reference: Bars): ReferenceFindings {
  const isSameGrid = bars.rows === reference.rows && bars.openTime[0] === reference.openTime[0]
  assert(isSameGrid && bars.timeframe === reference.timeframe, 'the reference price is on another grid')
  const { values, times } = collect(bars, (i) =>
    isHole(bars, i) || isHole(reference, i) ? Number.NaN : Math.log(bars.close[i] / reference.close[i]),
  )
  const { centre, scale } = robustScale(values.slice().sort())
  const found: ReferenceOutlier[] = []
  for (let i = 0; i < values.length; i++) {
    const z = Math.abs(values[i] - centre) / scale
    if (scale > 0 && z > REFERENCE_Z) found.push({ time: times[i], logDistance: values[i], z })
  }
  return { compared: values.length, count: found.length, largest: largestOf(found, 'z') }
}

/** Findings of several spans as one; each z keeps the scale of its own span. */
export function combineOutliers(list: readonly OutlierFindings[]): OutlierFindings {
  return {
    ...combined(list, 'z'),
    iqr: combined(
      list.map(({ iqr }) => iqr),
      'ranges',
    ),
    jumps: combined(
      list.map(({ jumps }) => jumps),
      'z',
    ),
  }
}

export function combineReference(list: readonly ReferenceFindings[]): ReferenceFindings {
  return { compared: list.reduce((sum, { compared }) => sum + compared, 0), ...combined(list, 'z') }
}

type Ranked<K extends 'z' | 'ranges'> = { readonly time: number } & Readonly<Record<K, number>>

function combined<K extends 'z' | 'ranges', T extends Ranked<K>>(
  list: readonly { readonly count: number; readonly largest: readonly T[] }[],
  by: K,
): { count: number; largest: T[] } {
  return {
    count: list.reduce((sum, { count }) => sum + count, 0),
    largest: largestOf(
      list.flatMap(({ largest }) => largest),
      by,
    ),
  }
}

/** Median and a robust standard deviation of values in rising order; the scale is 0 or NaN where all are equal or there are none. */
function robustScale(sorted: Float64Array): { centre: number; scale: number } {
  const centre = quantileOfSorted(sorted, 0.5)
  const deviations = sorted.map((value) => Math.abs(value - centre))
  const mad = quantile(deviations, 0.5)
  const mean = deviations.reduce((sum, d) => sum + d, 0) / deviations.length
  return { centre, scale: mad > 0 ? mad / 0.6745 : 1.253314 * mean }
}

function fromCloseBefore(bars: Bars, to: Float64Array): Known {
  return collect(bars, (i) =>
    i === 0 || isHole(bars, i) || isHole(bars, i - 1) ? Number.NaN : Math.log(to[i] / bars.close[i - 1]),
  )
}

type Known = { readonly values: Float64Array; readonly times: Float64Array }

/** Values that are known, with the times of their bars. */
function collect(bars: Bars, valueAt: (bar: number) => number): Known {
  const values = new Float64Array(bars.rows)
  const times = new Float64Array(bars.rows)
  let n = 0
  for (let i = 0; i < bars.rows; i++) {
    const value = valueAt(i)
    if (Number.isNaN(value)) continue
    values[n] = value
    times[n] = bars.openTime[i]
    n++
  }
  return { values: values.subarray(0, n), times: times.subarray(0, n) }
}

function largestOf<K extends 'z' | 'ranges', T extends Ranked<K>>(outliers: readonly T[], by: K): T[] {
  return [...outliers].sort((a, b) => b[by] - a[by] || a.time - b.time).slice(0, LARGEST)
}
