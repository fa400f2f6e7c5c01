/**
 * Returns too large for their neighbours. They are flagged for people to look at; no bar is changed or dropped for it:
 * a crash is data.
 */
import { quantile } from '../math/statistics.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'

/** Robust z-score above which a return is flagged. */
export const OUTLIER_Z = 20

/** How many are listed; all are counted. */
export const LARGEST = 10

export type Outlier = { readonly time: number; readonly logReturn: number; readonly z: number }

export type OutlierFindings = {
  readonly count: number
  /** Largest |z| first, equal ones by time. */
  readonly largest: readonly Outlier[]
}

/**
 * Log returns from close to close whose robust z-score 0.6745 · |r − median| / MAD exceeds `OUTLIER_Z` (Iglewicz & Hoaglin
 * 1993, whose limit is 3.5: returns have tails far heavier than normal). Only bars with a known neighbour before them have
 * a return; the first bar has none. Where more than half of the returns are equal the MAD is 0 and the mean absolute
 * deviation, times 1.2533, stands in for MAD / 0.6745; where all are equal there is no outlier.
 */
export function findOutliers(bars: Bars): OutlierFindings {
  const { returns, times } = closeToClose(bars)
  const centre = quantile(returns, 0.5)
  const deviations = returns.map((r) => Math.abs(r - centre))
  const mad = quantile(deviations, 0.5)
  const scale = mad > 0 ? mad / 0.6745 : 1.253314 * (deviations.reduce((sum, d) => sum + d, 0) / deviations.length)
  if (!(scale > 0)) return { count: 0, largest: [] }
  const found: Outlier[] = []
  for (let i = 0; i < returns.length; i++) {
    const z = deviations[i] / scale
    if (z > OUTLIER_Z) found.push({ time: times[i], logReturn: returns[i], z })
  }
  return { count: found.length, largest: largestOf(found) }
}

/** Findings of several spans as one; each z keeps the scale of its own span. */
export function combineOutliers(list: readonly OutlierFindings[]): OutlierFindings {
  return {
    count: list.reduce((sum, findings) => sum + findings.count, 0),
    largest: largestOf(list.flatMap((findings) => findings.largest)),
  }
}

function closeToClose(bars: Bars): { returns: Float64Array; times: Float64Array } {
  const returns = new Float64Array(bars.rows)
  const times = new Float64Array(bars.rows)
  let n = 0
  for (let i = 1; i < bars.rows; i++) {
    if (isHole(bars, i) || isHole(bars, i - 1)) continue
    returns[n] = Math.log(bars.close[i] / bars.close[i - 1])
    times[n] = bars.openTime[i]
    n++
  }
  return { returns: returns.subarray(0, n), times: times.subarray(0, n) }
}

function largestOf(outliers: readonly Outlier[]): Outlier[] {
  return [...outliers].sort((a, b) => b.z - a.z || a.time - b.time).slice(0, LARGEST)
}
