/**
 * How far one sample of a quantity lies from another: sizes of a difference, not tests of one. Neither has a p-value here,
 * for rows that follow each other in time are not independent, and any p-value that takes them to be is far too small.
 */

/** Added to the count of each bin, so that an empty one has a logarithm. */
const PSEUDO_COUNT = 0.5

/**
 * Population stability index: Σ (q - p) · ln(q / p) over the bins, p and q the shares of the first and of the second sample.
 *
 * Siddiqi, Credit Risk Scorecards (2006): below 0.1 small, from 0.25 on large. Bins are cut at the quantiles of the first
 * sample; equal quantiles are one edge, so a column of few values has fewer bins. A quantile is a value of the sample, not a
 * point between two: rounded, such a point could lie to either side of an equal value of the other sample, and a rising change
 * of scale must not move a row. A value on an edge belongs to the bin below it. We depart from the book in adding half a row
 * to every bin of both samples, so that no bin is without a logarithm (it leaves empty bins open);
 * (bins - 1) · (1/n + 1/m) is about what two samples of one distribution give.
 *
 * @param first   values in rising order, no NaN [n]
 * @param second  the same [m]
 * @returns       >= 0; NaN where a sample is empty
 */
export function populationStability(first: Float64Array, second: Float64Array, bins = 10): number {
  if (first.length === 0 || second.length === 0) return Number.NaN
  const edges = Array.from({ length: bins - 1 }, (_, i) => first[Math.ceil(((i + 1) * first.length) / bins) - 1])
  // The largest value of the first sample is no edge: nothing of it would lie beyond.
  const cuts = [...new Set(edges)].filter((edge) => edge < first[first.length - 1])
  return countStability(countsBetween(first, cuts), countsBetween(second, cuts))
}

/**
 * The same of rows that are counted by class: the bins are the classes.
 *
 * @param first, second  rows of each class, in the same order
 * @returns              >= 0; NaN where a sample is empty
 */
export function countStability(first: readonly number[], second: readonly number[]): number {
  const shares = [first, second].map((counts) => {
    const rows = counts.reduce((sum, count) => sum + count, 0)
    return counts.map(
      (count) => (rows === 0 ? Number.NaN : count + PSEUDO_COUNT) / (rows + PSEUDO_COUNT * counts.length),
    )
  })
  const [p, q] = shares
  return p.reduce((sum, share, i) => sum + (q[i] - share) * Math.log(q[i] / share), 0)
}

/** How many lie up to each cut, and beyond the last. */
function countsBetween(sorted: Float64Array, cuts: readonly number[]): number[] {
  const upTo = [...cuts.map((cut) => countUpTo(sorted, cut)), sorted.length]
  return upTo.map((count, i) => count - (i === 0 ? 0 : upTo[i - 1]))
}

/**
 * Two-sample Kolmogorov–Smirnov statistic: the largest distance between the two empirical distribution functions (Smirnov
 * 1939; `scipy.stats.ks_2samp` gives the same). Ties are passed together.
 *
 * @param first   values in rising order, no NaN [n]
 * @param second  the same [m]
 * @returns       0 … 1; NaN where a sample is empty
 */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): number {
  const [n, m] = [first.length, second.length]
  if (n === 0 || m === 0) return Number.NaN
  let largest = 0
  for (let i = 0, j = 0; i < n && j < m; ) {
    const value = Math.min(first[i], second[j])
    while (i < n && first[i] === value) i++
    while (j < m && second[j] === value) j++
    largest = Math.max(largest, Math.abs(i / n - j / m))
  }
  return largest
}

/** Number of values <= `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= limit) low = middle + 1
    else high = middle
  }
  return low
}
