/**
 * Operators across pairs at one time. A pair without a value in a bar takes no part in it, so the others' values depend on
 * who was there: columns made of these belong to a universe, not to a pair.
 */

/** Pairs that must have a value, or nothing is known of any; and how many of the first pairs are wanted (default all). */
export type Across = { readonly least: number; readonly first?: number }

/**
 * Rank of each pair among all with a value in the same bar, divided by their number, 1 / pairs … 1; equal values share their
 * mean rank (pandas `rank(axis=1, pct=True)`; `rank` of Kakushadze 2016).
 *
 * @param columns  one a pair, on one grid, NaN = not known [pairs][n]
 * @returns        NaN where the pair has no value, or fewer than `least` have one [first][n]
 */
export function crossRank(columns: readonly Float64Array[], across: Across = { least: 1 }): Float64Array[] {
  // Pairs in the order of their values, kept from bar to bar: it changes little, so putting it right takes few steps.
  const order = Int32Array.from(columns.keys())
  return acrossPairs(columns, across, (values, out) => {
    if (out.length === 1) out[0] = rankOfFirst(values, across.least)
    else rankAll(values, order, { out, least: across.least })
  })
}

/** Of one pair alone: no order is needed. */
function rankOfFirst(values: Float64Array, least: number): number {
  const own = values[0]
  let count = 0
  let below = 0
  let equal = 0
  for (let pair = 0; pair < values.length; pair++) {
    const value = values[pair]
    count += +!Number.isNaN(value)
    below += +(value < own)
    equal += +(value === own)
  }
  return Number.isNaN(own) || count < least ? Number.NaN : (below + (equal + 1) / 2) / count
}

type RankTarget = { readonly out: Float64Array; readonly least: number }

function rankAll(values: Float64Array, order: Int32Array, { out, least }: RankTarget): void {
  // Pairs without a value go last.
  for (let i = 1; i < order.length; i++) {
    const pair = order[i]
    const value = values[pair]
    let j = i
    while (j > 0 && (values[order[j - 1]] > value || (Number.isNaN(values[order[j - 1]]) && !Number.isNaN(value)))) {
      order[j] = order[j - 1]
      j--
    }
    order[j] = pair
  }
  let count = order.length
  while (count > 0 && Number.isNaN(values[order[count - 1]])) count--
  out.fill(Number.NaN)
  if (count < least) return
  for (let below = 0; below < count; ) {
    const value = values[order[below]]
    let end = below + 1
    while (end < count && values[order[end]] === value) end++
    const rank = (below + (end - below + 1) / 2) / count
    for (let i = below; i < end; i++) if (order[i] < out.length) out[order[i]] = rank
    below = end
  }
}

/**
 * Each value divided by the sum of the sizes of all in the same bar (`scale` of Kakushadze 2016); NaN where all are 0, and
 * where fewer than `least` have a value [first][n].
 */
export function crossScale(columns: readonly Float64Array[], across: Across = { least: 1 }): Float64Array[] {
  return acrossPairs(columns, across, (values, out) => {
    let size = 0
    let count = 0
    for (const value of values) {
      if (Number.isNaN(value)) continue
      size += Math.abs(value)
      count++
    }
    for (let pair = 0; pair < out.length; pair++) {
      out[pair] = size === 0 || count < across.least ? Number.NaN : values[pair] / size
    }
  })
}

/** Each value less the mean of its group's in the same bar (`indneutralize` of Kakushadze 2016, groups by the caller). */
export function crossNeutralise(columns: readonly Float64Array[], groups: readonly string[]): Float64Array[] {
  return acrossPairs(columns, { least: 1 }, (values, out) => {
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

/** Calls back once a bar with the pairs' values and the place for what becomes of the first of them. */
function acrossPairs(
  columns: readonly Float64Array[],
  { first = columns.length }: Across,
  of: (values: Float64Array, out: Float64Array) => void,
): Float64Array[] {
  const pairs = columns.length
  const rows = pairs === 0 ? 0 : columns[0].length
  const result = columns.slice(0, first).map(() => new Float64Array(rows))
  const values = new Float64Array(pairs)
  const out = new Float64Array(result.length)
  for (let t = 0; t < rows; t++) {
    for (let pair = 0; pair < pairs; pair++) values[pair] = columns[pair][t]
    of(values, out)
    for (let pair = 0; pair < out.length; pair++) result[pair][t] = out[pair]
  }
  return result
}
