/**
 * The average price of trades and how far the prices paid lie around it, weighted by volume: over a window, and since
 * the start of a calendar period. The price of a bar is its quote volume / volume, so that of its own trades; a bar
 * without trades weighs nothing. The spread is that between bars: the prices within one are not known.
 */
import { firstBoundary, silence } from './blocks.js'

export type TradedBars = { readonly quoteVolume: Float64Array; readonly volume: Float64Array }
export type WeightedPrice = {
  readonly mean: Float64Array // Σ quote volume / Σ volume; NaN while nothing was traded [n]
  readonly deviation: Float64Array // root of the volume-weighted variance, 0 while all paid one price [n]
}

/**
 * Over the last `window` bars, O(1) a bar (see blocks.ts). Prices are taken from the close at the block's boundary, so
 * that little is lost in subtracting the mean. NaN while a NaN lies in the window.
 */
export function rollingWeightedPrice(
  { quoteVolume, volume, close }: TradedBars & { readonly close: Float64Array },
  window: number,
  origin: number,
): WeightedPrice {
  const n = volume.length
  const mean = new Float64Array(n)
  const deviation = new Float64Array(n)
  const tail = new Float64Array(3 * window)
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const centre = close[b]
    const depth = Math.min(window - 1, b)
    const size = Math.min(window, n - b)
    let bought = 0
    let paid = 0
    let squares = 0
    for (let j = 1; j <= depth; j++) {
      const v = volume[b - j]
      const d = quoteVolume[b - j] - centre * v
      tail[3 * j] = bought += v
      tail[3 * j + 1] = paid += d
      tail[3 * j + 2] = squares += v === 0 ? 0 : (d * d) / v
    }
    bought = paid = squares = 0
    for (let k = 0; k < size; k++) {
      const v = volume[b + k]
      const d = quoteVolume[b + k] - centre * v
      bought += v
      paid += d
      squares += v === 0 ? 0 : (d * d) / v
      const j = 3 * (window - 1 - k)
      const all = bought + tail[j]
      const above = all === 0 ? Number.NaN : (paid + tail[j + 1]) / all
      mean[b + k] = centre + above
      deviation[b + k] = Math.sqrt(Math.max(0, (squares + tail[j + 2]) / all - above * above))
    }
  }
  return { mean: silence(mean, window - 1), deviation: silence(deviation, window - 1) }
}

/**
 * Since the first bar of the period that the bar lies in, or since the data or its last hole, if later. The variance is
 * carried along as its distance from the mean so far (West 1979, Comm. ACM 22(9)), which loses no digits.
 *
 * @param period  number of the period of each bar: a change of it begins anew [n]
 * @returns       NaN in a hole and until something was traded [n]
 */
export function anchoredWeightedPrice({ quoteVolume, volume }: TradedBars, period: Float64Array): WeightedPrice {
  const n = volume.length
  const mean = new Float64Array(n)
  const deviation = new Float64Array(n)
  let bought = 0
  let paid = 0
  let centre = 0
  let squares = 0
  for (let i = 0; i < n; i++) {
    const v = volume[i]
    const unknown = Number.isNaN(v + quoteVolume[i])
    if (unknown || i === 0 || period[i] !== period[i - 1]) bought = paid = centre = squares = 0
    if (v > 0 && !unknown) {
      bought += v
      paid += quoteVolume[i]
      const price = quoteVolume[i] / v
      const above = price - centre
      centre += (above * v) / bought
      squares += v * above * (price - centre)
    }
    mean[i] = bought === 0 ? Number.NaN : paid / bought
    deviation[i] = bought === 0 ? Number.NaN : Math.sqrt(squares / bought)
  }
  return { mean, deviation }
}
