/**
 * The average price of trades and how far the prices paid lie around it, weighted by volume: over a window, and since
 * the start of a calendar period. The price of a bar is its quote volume / volume, so that of its own trades; a bar
 * without trades weighs nothing. The spread is that between bars: the prices within one are not known.
 */
import { firstBoundary, silence } from './blocks.js'
import { ROUNDING } from './ties.js'

export type TradedBars = { readonly quoteVolume: Float64Array; readonly volume: Float64Array }
export type WeightedPrice = {
  readonly mean: Float64Array // Σ quote volume / Σ volume; NaN while nothing was traded [n]
  readonly deviation: Float64Array // root of the volume-weighted variance, 0 while all paid one price [n]
}

/**
 * What was bought up to here, its mean price and Σ volume · (price - mean)², carried along as West does (1979, Comm. ACM 22(9)):
 * of one trade, and of any number at one price, nothing is left of the sum of squares but rounding of the price itself.
 */
type Lot = { bought: number; mean: number; squares: number }

function add(lot: Lot, volume: number, quoteVolume: number): void {
  if (volume === 0) return
  lot.bought += volume
  const above = quoteVolume / volume - lot.mean
  lot.mean += (above * volume) / lot.bought
  lot.squares += volume * above * (quoteVolume / volume - lot.mean)
}

/** The deviation from squares and volume, and exactly 0 where all prices are one but for rounding. */
function deviationOf(squares: number, bought: number, mean: number): number {
  const deviation = Math.sqrt(squares / bought)
  return deviation <= ROUNDING * mean ? 0 : deviation
}

/**
 * Over the last `window` bars, O(1) a bar (see blocks.ts): the part before the block's boundary and the part after it are put
 * together as in Chan, Golub & LeVeque (1983, American Statistician 37(3)). NaN while a NaN lies in the window.
 */
export function rollingWeightedPrice(
  { quoteVolume, volume }: TradedBars,
  window: number,
  origin: number,
): WeightedPrice {
  const n = volume.length
  const mean = new Float64Array(n)
  const deviation = new Float64Array(n)
  const [boughtBefore, meanBefore, squaresBefore] = [0, 1, 2].map(() => new Float64Array(window))
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const depth = Math.min(window - 1, b)
    const size = Math.min(window, n - b)
    const lot = { bought: 0, mean: 0, squares: 0 }
    for (let j = 1; j <= depth; j++) {
      add(lot, volume[b - j], quoteVolume[b - j])
      boughtBefore[j] = lot.bought
      meanBefore[j] = lot.mean
      squaresBefore[j] = lot.squares
    }
    lot.bought = lot.mean = lot.squares = 0
    for (let k = 0; k < size; k++) {
      add(lot, volume[b + k], quoteVolume[b + k])
      const j = window - 1 - k
      const all = lot.bought + boughtBefore[j]
      const share = all === 0 ? Number.NaN : boughtBefore[j] / all
      const apart = meanBefore[j] - lot.mean
      // Of a part in which nothing was traded the mean is 0 and weighs nothing.
      mean[b + k] = share === 1 ? meanBefore[j] : lot.mean + share * apart
      const squares = lot.squares + squaresBefore[j] + share * lot.bought * apart * apart
      deviation[b + k] = deviationOf(squares, all, mean[b + k])
    }
  }
  return { mean: silence(mean, window - 1), deviation: silence(deviation, window - 1) }
}

/**
 * Since the first bar of the period that the bar lies in, or since the data or its last hole, if later.
 *
 * @param period  number of the period of each bar: a change of it begins anew [n]
 * @returns       NaN in a hole and until something was traded [n]
 */
export function anchoredWeightedPrice({ quoteVolume, volume }: TradedBars, period: Float64Array): WeightedPrice {
  const n = volume.length
  const mean = new Float64Array(n)
  const deviation = new Float64Array(n)
  const lot = { bought: 0, mean: 0, squares: 0 }
  for (let i = 0; i < n; i++) {
    const unknown = Number.isNaN(volume[i] + quoteVolume[i])
    if (unknown || i === 0 || period[i] !== period[i - 1]) lot.bought = lot.mean = lot.squares = 0
    if (!unknown) add(lot, volume[i], quoteVolume[i])
    mean[i] = lot.bought === 0 ? Number.NaN : lot.mean
    deviation[i] = lot.bought === 0 ? Number.NaN : deviationOf(lot.squares, lot.bought, lot.mean)
  }
  return { mean, deviation }
}
