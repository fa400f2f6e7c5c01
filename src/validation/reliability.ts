/**
 * Does a stated confidence come true that often? Equal-count bins of confidence, the data of the reliability diagram,
 * and the expected calibration error over them.
 */
import { assert } from '../core/errors.js'
import { nonOverlapping, wilson } from './independence.js'
import { descendingOrder } from './scores.js'
import type { Intervals } from './splits.js'

export type ReliabilityBin = {
  readonly confidence: number // mean confidence of the bin
  readonly hitRate: number
  readonly low: number // 95 % Wilson interval of the hit rate, on `independent` observations
  readonly high: number
  readonly count: number
  readonly independent: number // rows whose label intervals do not overlap; `count` when no intervals are given
}

export type Reliability = {
  /** Mean of |hit rate − confidence| over the bins, weighted by count; NaN without rows. */
  readonly error: number
  readonly count: number
  readonly bins: readonly ReliabilityBin[]
}

/**
 * Reliability in `bins` bins of equal count, after Naeini et al. 2015 (AAAI) but with quantile bins: confidences of a
 * calibrated model crowd around the base rate, where bins of equal width would hold nearly all rows in two.
 *
 * Rows of equal confidence stay together, so a bin may be larger than its share and there may be fewer bins: cutting
 * through a tie would let the order of the rows decide the error.
 *
 * @param confidence  finite, 0 … 1                                                              [n]
 * @param hit         1 where the signal won; a row that hit neither barrier has not won         [n]
 * @param intervals   label intervals of the same rows, in time order: widens the bins' intervals to what the
 *                    non-overlapping rows support; the error itself does not depend on it       [n]
 */
export function reliability(
  confidence: Float64Array,
  hit: Uint8Array,
  options: { readonly bins?: number; readonly intervals?: Intervals } = {},
): Reliability {
  const { bins = 10, intervals } = options
  const n = confidence.length
  assert(hit.length === n, `${n} confidences, ${hit.length} outcomes`)
  const order = descendingOrder(confidence).reverse()
  const made: ReliabilityBin[] = []
  let error = 0
  for (const { start, end } of equalCountRanges(order, confidence, bins)) {
    const rows = order.slice(start, end).sort()
    let sum = 0
    let hits = 0
    for (const row of rows) {
      sum += confidence[row]
      hits += hit[row]
    }
    const independent = intervals === undefined ? rows.length : nonOverlapping(intervals, rows).length
    const { value, low, high } = wilson(hits / rows.length, independent, 1.959963984540054)
    made.push({ confidence: sum / rows.length, hitRate: value, low, high, count: rows.length, independent })
    error += Math.abs(hits - sum) / n
  }
  return { error: n > 0 ? error : Number.NaN, count: n, bins: made }
}

/** `reliability(…).error` with integer or real weights and the ascending order given, so that a bootstrap sorts once. */
export function calibrationErrorInOrder(
  order: Int32Array,
  confidence: Float64Array,
  hit: Uint8Array,
  weight: Float64Array,
  bins = 10,
): number {
  let total = 0
  for (let i = 0; i < weight.length; i++) total += weight[i]
  if (total === 0) return Number.NaN
  let error = 0
  let gap = 0 // Σ weight · (hit − confidence) of the open bin
  let seen = 0
  let closed = 0
  for (let i = 0; i < order.length; i++) {
    const row = order[i]
    gap += weight[row] * (hit[row] - confidence[row])
    seen += weight[row]
    const tied = i + 1 < order.length && confidence[order[i + 1]] === confidence[row]
    if (tied || seen < (total * (closed + 1)) / bins) continue
    error += Math.abs(gap)
    gap = 0
    closed = Math.floor((seen * bins) / total)
  }
  return (error + Math.abs(gap)) / total
}

function equalCountRanges(order: Int32Array, value: Float64Array, bins: number): { start: number; end: number }[] {
  const n = order.length
  const ranges: { start: number; end: number }[] = []
  for (let start = 0, closed = 0; start < n; ) {
    let end = Math.min(n, Math.max(start + 1, Math.ceil((n * (closed + 1)) / bins)))
    while (end < n && value[order[end]] === value[order[end - 1]]) end++
    ranges.push({ start, end })
    closed = Math.floor((end * bins) / n)
    start = end
  }
  return ranges
}
