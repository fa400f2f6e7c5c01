/**
 * How much a column tells about a target, whatever the shape of the relation: both cut into cells, and the cells counted.
 */
import { assert } from '../core/errors.js'

/**
 * Cell of each value: equal-count cells by rank, equal values in one cell; NaN has a cell of its own, the last one.
 *
 * @param x     values in any order [n]; not changed
 * @param bins  most cells of known values, >= 1; a column of fewer distinct values gets one cell for each
 * @returns     cells 0 … bins [n]
 */
export function quantileCells(x: Float64Array, bins: number): Int32Array {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort()
  const ends = distinctValues(sorted, bins) ?? equalCountEnds(sorted, bins)
  return Int32Array.from(x, (value) => (Number.isNaN(value) ? bins : lowerBound(ends, value)))
}

/** Null when there are more than `most`. */
function distinctValues(sorted: Float64Array, most: number): number[] | null {
  const distinct: number[] = []
  for (let i = 0; i < sorted.length; i = upperBound(sorted, sorted[i])) {
    if (distinct.length === most) return null
    distinct.push(sorted[i])
  }
  return distinct
}

/** Last value of each cell, rising. What is left is shared by the cells that are left, so that a large tie does not starve those after it. */
function equalCountEnds(sorted: Float64Array, bins: number): number[] {
  const ends: number[] = []
  for (let start = 0; start < sorted.length; start = upperBound(sorted, ends[ends.length - 1])) {
    ends.push(sorted[start + Math.ceil((sorted.length - start) / (bins - ends.length)) - 1])
  }
  return ends
}

/**
 * Mutual information of two columns of cells, in nats: Σ p(a, b) ln(p(a, b) / (p(a) p(b))), from the counts (the plug-in estimate).
 *
 * Of independent columns it is not 0 but about (A − 1)(B − 1) / 2n, A and B being the cells that occur (Miller 1955): `corrected` takes
 * that off, so that columns of few and of many cells can be compared.
 *
 * @param a, b  cells >= 0 [n]
 */
export function mutualInformation(
  a: Int32Array,
  b: Int32Array,
): { readonly plain: number; readonly corrected: number } {
  const n = a.length
  assert(b.length === n, `${n} and ${b.length} cells`)
  const width = largest(b) + 1
  const joint = new Float64Array((largest(a) + 1) * width)
  const ofA = new Float64Array(largest(a) + 1)
  const ofB = new Float64Array(width)
  for (let i = 0; i < n; i++) {
    joint[a[i] * width + b[i]]++
    ofA[a[i]]++
    ofB[b[i]]++
  }
  let plain = 0
  for (let cell = 0; cell < joint.length; cell++) {
    if (joint[cell] === 0) continue
    const row = Math.floor(cell / width)
    plain += (joint[cell] / n) * Math.log((joint[cell] * n) / (ofA[row] * ofB[cell % width]))
  }
  const occurring = (counts: Float64Array) => counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  return { plain, corrected: plain - ((occurring(ofA) - 1) * (occurring(ofB) - 1)) / (2 * n) }
}

function largest(cells: Int32Array): number {
  let most = 0
  for (const cell of cells) if (cell > most) most = cell
  return most
}

/** First place whose value is not below `value`; the last place at most. */
function lowerBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** First place whose value is above `value`. */
function upperBound(sorted: ArrayLike<number>, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= value) low = middle + 1
    else high = middle
  }
  return low
}
