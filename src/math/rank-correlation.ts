/**
 * How alike columns are, by rank, and which of them say nearly the same.
 */

/**
 * Ranks from 1, ties sharing their mean; NaN stays NaN and takes no rank.
 *
 * @param x  values in any order [n]; not changed
 */
export function averageRanks(x: Float64Array): Float64Array {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort()
  // Two searches a row: typed arrays sort without calling back, which is several times faster than sorting row numbers.
  return x.map((value) =>
    Number.isNaN(value) ? Number.NaN : (countBelow(sorted, value, false) + 1 + countBelow(sorted, value, true)) / 2,
  )
}

/** How many values are below `value`, or with `orEqual` not above it. */
function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Pearson correlation of the rows that both know. Of ranks it is Spearman's (1904), who ranks anew what both know, while we
 * keep the ranks that each column has by itself: with few holes the difference is in the third decimal.
 *
 * In one pass: ranks are halves, so the sums of up to 100,000 of them are exact, and nothing cancels.
 *
 * @param a, b  ranks; NaN = not known [n]
 * @returns     NaN for fewer than two common rows, or where a column does not move in them
 */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  let [n, sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const product = a[i] * b[i]
    if (Number.isNaN(product)) continue
    n++
    sumA += a[i]
    sumB += b[i]
    aa += a[i] * a[i]
    bb += b[i] * b[i]
    ab += product
  }
  const spread = (n * aa - sumA * sumA) * (n * bb - sumB * sumB)
  return spread > 0 ? Math.max(-1, Math.min(1, (n * ab - sumA * sumB) / Math.sqrt(spread))) : Number.NaN
}

/**
 * Groups of columns that are connected by |r| of at least `limit`, directly or through others (single linkage, Sneath 1957):
 * two of a group need not be that alike themselves.
 *
 * @param r       of columns i and j; asked for i < j only, NaN = not alike
 * @returns       groups of two or more, each with its members rising; by first member
 */
export function clustersOf(columns: number, r: (i: number, j: number) => number, limit: number): number[][] {
  const parent = Int32Array.from({ length: columns }, (_, i) => i)
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i]
    return i
  }
  for (let i = 0; i < columns; i++) {
    for (let j = i + 1; j < columns; j++) {
      // The lower number is the root, so that groups come out by their first member.
      if (Math.abs(r(i, j)) >= limit) {
        const [a, b] = [root(i), root(j)]
        parent[Math.max(a, b)] = Math.min(a, b)
      }
    }
  }
  const members = new Map<number, number[]>()
  for (let i = 0; i < columns; i++) members.set(root(i), [...(members.get(root(i)) ?? []), i])
  return [...members.values()].filter((group) => group.length > 1)
}
