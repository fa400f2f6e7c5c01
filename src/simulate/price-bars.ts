/**
 * Bars of a price that nobody trades: mark, index, premium index. They have no volume.
 */

/** One bar a minute, in the order of the traded bars they belong to. */
export type PriceBars = {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

export function emptyPriceBars(rows: number): PriceBars {
  const column = () => new Float64Array(rows)
  return { open: column(), high: column(), low: column(), close: column() }
}

/** Rows `start` (inclusive) to `end` (exclusive), sharing memory with the whole. */
export function slicePriceBars({ open, high, low, close }: PriceBars, start: number, end: number): PriceBars {
  const cut = (x: Float64Array) => x.subarray(start, end)
  return { open: cut(open), high: cut(high), low: cut(low), close: cut(close) }
}
