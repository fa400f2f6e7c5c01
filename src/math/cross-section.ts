/**
 * Operators across pairs at one time. A pair without a value in a bar takes no part in it, so the others' values depend on
 * who was there: columns made of these belong to a universe, not to a pair.
 */

/**
 * Rank of each pair among all with a value in the same bar, divided by their number, 1 / pairs … 1; equal values share their
 * mean rank (pandas `rank(axis=1, pct=True)`; `rank` of Kakushadze 2016).
 *
 * @param columns  one a pair, on one grid, NaN = not known [pairs][n]
 * @returns        NaN where the pair has no value [pairs][n]
 */
export function crossRank(columns: readonly Float64Array[]): Float64Array[] {
  return acrossPairs(columns, (values, out) => {
    const count = values.filter((value) => !Number.isNaN(value)).length
    values.forEach((value, pair) => {
      let below = 0
      let equal = 0
      for (const other of values) {
        if (other < value) below++
        else if (other === value) equal++
      }
      out[pair] = Number.isNaN(value) ? Number.NaN : (below + (equal + 1) / 2) / count
    })
  })
}

/** Each value divided by the sum of the sizes of all in the same bar (`scale` of Kakushadze 2016); NaN where all are 0. */
export function crossScale(columns: readonly Float64Array[]): Float64Array[] {
  return acrossPairs(columns, (values, out) => {
    let size = 0
    for (const value of values) if (!Number.isNaN(value)) size += Math.abs(value)
    values.forEach((value, pair) => {
      out[pair] = size === 0 ? Number.NaN : value / size
    })
  })
}

/** Each value less the mean of its group's in the same bar (`indneutralize` of Kakushadze 2016, groups by the caller). */
export function crossNeutralise(columns: readonly Float64Array[], groups: readonly string[]): Float64Array[] {
  return acrossPairs(columns, (values, out) => {
    const sums = new Map<string, { sum: number; count: number }>()
    values.forEach((value, pair) => {
      if (Number.isNaN(value)) return
      const { sum, count } = sums.get(groups[pair]) ?? { sum: 0, count: 0 }
      sums.set(groups[pair], { sum: sum + value, count: count + 1 })
    })
    values.forEach((value, pair) => {
      const { sum, count } = sums.get(groups[pair]) ?? { sum: Number.NaN, count: 1 }
      out[pair] = value - sum / count
    })
  })
}

/** Calls back once a bar with the pairs' values and the place for what becomes of them. */
function acrossPairs(
  columns: readonly Float64Array[],
  of: (values: Float64Array, out: Float64Array) => void,
): Float64Array[] {
  const pairs = columns.length
  const rows = pairs === 0 ? 0 : columns[0].length
  const result = columns.map(() => new Float64Array(rows))
  const values = new Float64Array(pairs)
  const out = new Float64Array(pairs)
  for (let t = 0; t < rows; t++) {
    for (let pair = 0; pair < pairs; pair++) values[pair] = columns[pair][t]
    of(values, out)
    for (let pair = 0; pair < pairs; pair++) result[pair][t] = out[pair]
  }
  return result
}
