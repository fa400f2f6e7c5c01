/** Order statistics without sorting. */

/**
 * The `rank`-th smallest value, counted from 0; the values are reordered so that those before it are no larger and those after it no smaller.
 * Quickselect (Hoare 1961, Algorithm 65: Find) with the middle of three as pivot: time in proportion to the length, on values in order too.
 *
 * @param x     without NaN   [n]
 * @param rank  0 … n − 1
 */
export function selectInPlace(x: Float32Array | Float64Array, rank: number): number {
  let low = 0
  let high = x.length - 1
  while (low < high) {
    const pivot = middle(x[low], x[(low + high) >> 1], x[high])
    let i = low
    let j = high
    while (i <= j) {
      while (x[i] < pivot) i++
      while (x[j] > pivot) j--
      if (i > j) break
      const swapped = x[i]
      x[i++] = x[j]
      x[j--] = swapped
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else break // Between the two parts lies the pivot itself.
  }
  return x[rank]
}

/** The median, the mean of the two in the middle for an even number; the values are reordered. NaN for no values. */
export function medianInPlace(x: Float32Array | Float64Array): number {
  if (x.length === 0) return Number.NaN
  const half = x.length >> 1
  const upper = selectInPlace(x, half)
  if (x.length % 2 === 1) return upper
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < half; i++) lower = Math.max(lower, x[i])
  return (lower + upper) / 2
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
