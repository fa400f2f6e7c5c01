/**
 * Which rows of a long series a chart draws, so that seven years of minutes fit on a page and no extreme is lost.
 */

/**
 * Rows to draw: the lowest and the highest of every series in each of equally long stretches, and the ends.
 *
 * Rows rather than points, so that all series of a chart share their times and one tooltip reads them all. Extremes
 * rather than largest triangles (Steinarsson 2013): the peak and the deepest drawdown are what a reader looks for, and a
 * series' own extremes are always among them.
 *
 * @param series  one or more of equal length n; NaN is passed over
 * @param limit   largest number of rows, at least 2 + 2 · series
 * @returns       ascending row numbers, all of them where n ≤ limit
 */
export function drawnRows(series: readonly Float64Array[], limit: number): number[] {
  const n = series[0].length
  if (n <= limit) return Array.from({ length: n }, (_, i) => i)
  const stretches = Math.floor((limit - 2) / (2 * series.length))
  const rows = new Set([0, n - 1])
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * n) / stretches)
    const end = Math.floor(((stretch + 1) * n) / stretches)
    for (const x of series) for (const row of extremes(x, start, end)) rows.add(row)
  }
  return [...rows].sort((a, b) => a - b)
}

/** Rows of the lowest and the highest value in [start, end); none where all are NaN. */
function extremes(x: Float64Array, start: number, end: number): number[] {
  let low = -1
  let high = -1
  for (let i = start; i < end; i++) {
    if (Number.isNaN(x[i])) continue
    if (low < 0 || x[i] < x[low]) low = i
    if (high < 0 || x[i] > x[high]) high = i
  }
  return low < 0 ? [] : [low, high]
}

/** Last row of each period that is touched. `time` ascending [n]. */
export function lastRowOfEach(time: Float64Array, periodMs: number): number[] {
  const rows: number[] = []
  for (let i = 0; i < time.length; i++) {
    const last = i + 1 === time.length
    if (last || Math.floor(time[i + 1] / periodMs) !== Math.floor(time[i] / periodMs)) rows.push(i)
  }
  return rows
}
