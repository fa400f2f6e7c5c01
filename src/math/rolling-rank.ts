/**
 * Where the newest value stands among the last `window`.
 */

/**
 * Rank of the newest of the last `window` values divided by `window`, 1 / window … 1; equal values share their mean
 * rank (pandas `rolling(window).rank(pct=True)`).
 *
 * Equal neighbours are kept as one run, so a bar costs as many steps as the window holds runs: meant for series that
 * stand still most of the time, such as a funding rate, where the window may be thousands of bars.
 *
 * @param x  values, NaN = not known [n]
 * @returns  NaN for the first window - 1 bars and while a NaN lies in the window [n]
 */
export function rollingRank(x: Float64Array, window: number): Float64Array {
  const n = x.length
  const out = new Float64Array(n).fill(Number.NaN)
  const starts = new Int32Array(n + 1) // run r holds bars starts[r] … starts[r + 1] - 1
  let first = 0
  let count = 0
  let known = 0
  for (let t = 0; t < n; t++) {
    if (Number.isNaN(x[t])) {
      first = count
      known = 0
      continue
    }
    if (known === 0 || x[t] !== x[t - 1]) starts[count++] = t
    known++
    if (known < window) continue
    const oldest = t - window + 1
    while (first + 1 < count && starts[first + 1] <= oldest) first++
    let below = 0
    let equal = 0
    for (let r = first; r < count; r++) {
      const length = (r + 1 < count ? starts[r + 1] : t + 1) - Math.max(starts[r], oldest)
      const value = x[starts[r]]
      if (value < x[t]) below += length
      else if (value === x[t]) equal += length
    }
    out[t] = (below + (equal + 1) / 2) / window
  }
  return out
}
