/**
 * Does a stated confidence come true that often? Equal-count bins of confidence, the data of the reliability diagram,
 * and the expected calibration error over them.
 *
 * The plain error counts chance as miscalibration: a bin of m independent outcomes misses a true probability p by √(p(1 − p)/m) as a rule, so ten bins
 * of a perfectly calibrated model with 200 independent outcomes have an error of 0.07. What chance alone makes is therefore taken off each bin's
 * squared gap, as Kumar, Liang & Ma 2019 (NeurIPS, "Verified uncertainty calibration") do for the squared error. With many rows nothing is taken
 * off, and it is the plain error.
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
  /** Mean of |hit rate − confidence| over the bins, weighted by count, beyond what chance alone makes of it; NaN without rows. */
  readonly error: number
  readonly count: number
  readonly bins: readonly ReliabilityBin[]
}

/** Fewest independent outcomes of a bin: with fewer its hit rate says next to nothing. */
const FEWEST = 30

/** How many bins the rows allow: ten, as the gate's definition says, or fewer where they would hold fewer than 30 independent outcomes each. */
export function binsFor(independent: number): number {
  return Math.min(10, Math.max(1, Math.floor(independent / FEWEST)))
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
 *                    non-overlapping rows support, and says what chance alone makes of the error; without them every
 *                    row is independent                                                          [n]
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
  const perRow = intervals === undefined ? 1 : nonOverlapping(intervals).length / n
  let error = 0
  for (const { start, end } of equalCountRanges(order, confidence, bins)) {
    const rows = order.slice(start, end).sort()
    const bin = emptyBin()
    for (const row of rows) count(bin, confidence[row], hit[row], 1)
    const independent = intervals === undefined ? rows.length : nonOverlapping(intervals, rows).length
    const { value, low, high } = wilson(bin.hits / rows.length, independent, 1.959963984540054)
    made.push({ confidence: bin.stated / rows.length, hitRate: value, low, high, count: rows.length, independent })
    error += beyondChance(bin, perRow) / n
  }
  return { error: n > 0 ? error : Number.NaN, count: n, bins: made }
}

/**
 * `reliability(…).error` with integer or real weights and the ascending order given, so that a bootstrap sorts once. Weights that differ say less than
 * as many rows (Kish's effective sample size), so a replicate that draws half of the rows twice has the chance of half the rows taken off.
 *
 * @param perRow  independent outcomes a row, 1 where none overlap; infinite takes nothing off
 */
export function calibrationErrorInOrder(
  order: Int32Array,
  confidence: Float64Array,
  hit: Uint8Array,
  weight: Float64Array,
  { bins = 10, perRow = 1 }: { readonly bins?: number; readonly perRow?: number } = {},
): number {
  let total = 0
  for (let i = 0; i < weight.length; i++) total += weight[i]
  if (total === 0) return Number.NaN
  let error = 0
  let open = emptyBin()
  let seen = 0
  let closed = 0
  for (let i = 0; i < order.length; i++) {
    const row = order[i]
    count(open, confidence[row], hit[row], weight[row])
    seen += weight[row]
    const tied = i + 1 < order.length && confidence[order[i + 1]] === confidence[row]
    if (tied || seen < (total * (closed + 1)) / bins) continue
    error += beyondChance(open, perRow)
    open = emptyBin()
    closed = Math.floor((seen * bins) / total)
  }
  return (error + beyondChance(open, perRow)) / total
}

/** Sums of w, w², w · confidence, w · hit, and w · confidence · (1 − confidence). */
type Bin = { weight: number; squares: number; stated: number; hits: number; noise: number }

function emptyBin(): Bin {
  return { weight: 0, squares: 0, stated: 0, hits: 0, noise: 0 }
}

function count(bin: Bin, confidence: number, hit: number, weight: number): void {
  bin.weight += weight
  bin.squares += weight * weight
  bin.stated += weight * confidence
  bin.hits += weight * hit
  bin.noise += weight * confidence * (1 - confidence)
}

/** Weight times the distance of hit rate and confidence, less what chance alone makes of its square; 0 where that is more. */
function beyondChance({ weight, squares, stated, hits, noise }: Bin, perRow: number): number {
  if (weight === 0) return 0
  const independent = (perRow * weight * weight) / squares
  const gap = (hits - stated) / weight
  return weight * Math.sqrt(Math.max(0, gap * gap - noise / weight / independent))
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
