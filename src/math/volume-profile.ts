/**
 * Volume by price over the last `window` bars: where most was traded, and the range around it that holds most of the
 * volume (Steidlmayer's market profile, with volume in the place of time).
 *
 * Price is cut into bins of equal width of its logarithm, counted from 1, not from the window's own low, so that a bin
 * does not move with the window. A bar's volume goes to the bin of its average price, quote volume / volume.
 */
import { firstBoundary } from './blocks.js'
import { rollingMax, rollingMin } from './rolling-extremes.js'
import type { TradedBars } from './volume-weighted-price.js'

export type ProfileSettings = {
  readonly window: number
  readonly origin: number
  readonly binWidth: number // of the logarithm of the price
  readonly share: number // of the volume that the value area holds at least
}

export type VolumeProfile = {
  readonly control: Float64Array // middle of the bin with the most volume, the lowest of equals [n]
  readonly areaLow: Float64Array // lower edge of the value area [n]
  readonly areaHigh: Float64Array // upper edge [n]
}

/** What the description of a bar's window reads; `profile` and `lowest` change from block to block. */
type Window = Pick<ProfileSettings, 'binWidth' | 'share'> & {
  readonly first: Float64Array // lowest bin with trades in each window; NaN = not known, infinite = none [n]
  readonly last: Float64Array // highest [n]
  profile: Float64Array // volume of the bins from `lowest` on
  lowest: number
}

/**
 * The value area grows from the point of control by the neighbouring bin with more volume, the upper of equals, until it
 * holds `share` of the volume.
 *
 * The bins' sums are those of blocks.ts: the tail's are taken back, one bar at a time, to what they were before that bar
 * was added, so that nothing is subtracted. A bar costs a step or two for each bin between the window's prices.
 *
 * @returns NaN for the first window - 1 bars, while a NaN lies in the window and where nothing was traded [n]
 */
export function volumeProfile(bars: TradedBars, settings: ProfileSettings): VolumeProfile {
  const { window, origin } = settings
  const { volume } = bars
  const n = volume.length
  const unknown = () => new Float64Array(n).fill(Number.NaN)
  const out = { control: unknown(), areaLow: unknown(), areaHigh: unknown() }
  const bin = priceBins(bars, settings.binWidth)
  const view: Window = { ...settings, ...binBounds(bin, bars, window), profile: new Float64Array(0), lowest: 0 }
  const before = new Float64Array(window) // before[j] = the tail's sum in the bin of bar b - j, without that bar
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const depth = Math.min(window - 1, b)
    const size = Math.min(window, n - b)
    const { lowest, count } = binRange(bin, b - depth, b + size)
    const head = new Float64Array(count)
    const tail = new Float64Array(count)
    for (let j = 1; j <= depth; j++) {
      const at = bin[b - j] - lowest
      if (at >= 0) before[j] = tail[at]
      if (at >= 0) tail[at] += volume[b - j]
    }
    const profile = tail.slice()
    view.profile = profile
    view.lowest = lowest
    for (let k = 0; k < size; k++) {
      const leaving = k > 0 && window - k <= depth ? bin[b + k - window] - lowest : -1
      if (leaving >= 0) tail[leaving] = before[window - k]
      if (leaving >= 0) profile[leaving] = head[leaving] + tail[leaving]
      const at = bin[b + k] - lowest
      if (at >= 0) head[at] += volume[b + k]
      if (at >= 0) profile[at] = head[at] + tail[at]
      describe(out, b + k, view)
    }
  }
  return out
}

/** Writes the point of control and the value area of the window that ends at bar i. */
function describe(out: VolumeProfile, i: number, { profile, lowest, first, last, binWidth, share }: Window): void {
  if (!(first[i] <= last[i]) || first[i] === Number.POSITIVE_INFINITY) return
  const bottom = (first[i] - lowest) | 0
  const top = (last[i] - lowest) | 0
  let control = bottom
  let total = 0
  for (let bin = bottom; bin <= top; bin++) {
    total += profile[bin]
    if (profile[bin] > profile[control]) control = bin
  }
  let low = control
  let high = control
  let held = profile[control]
  while (held < share * total && (low > bottom || high < top)) {
    const below = low > bottom ? profile[low - 1] : -1
    const above = high < top ? profile[high + 1] : -1
    held += Math.max(below, above)
    if (above >= below) high++
    else low--
  }
  out.control[i] = Math.exp((lowest + control + 0.5) * binWidth)
  out.areaLow[i] = Math.exp((lowest + low) * binWidth)
  out.areaHigh[i] = Math.exp((lowest + high + 1) * binWidth)
}

const NONE = -(2 ** 30) // no bin: far below that of any price, and still an integer to the engine, which counts faster

/** Number of the bin of each bar's average price; NONE where it is not known or nothing was traded [n]. */
function priceBins({ quoteVolume, volume }: TradedBars, binWidth: number): Int32Array {
  const out = new Int32Array(volume.length)
  for (let i = 0; i < out.length; i++) {
    const traded = volume[i] > 0 && quoteVolume[i] > 0
    out[i] = traded ? Math.floor(Math.log(quoteVolume[i] / volume[i]) / binWidth) : NONE
  }
  return out
}

/** Lowest and highest bin with trades in the window that ends at each bar; NaN = not known, infinite = none [n]. */
function binBounds(bin: Int32Array, { quoteVolume, volume }: TradedBars, window: number) {
  const low = new Float64Array(bin)
  const high = new Float64Array(bin)
  for (let i = 0; i < bin.length; i++) {
    if (bin[i] !== NONE) continue
    const hole = 0 * (volume[i] + quoteVolume[i])
    low[i] = Number.POSITIVE_INFINITY + hole
    high[i] = Number.NEGATIVE_INFINITY + hole
  }
  return { first: rollingMin(low, window), last: rollingMax(high, window) }
}

function binRange(bin: Int32Array, from: number, to: number): { readonly lowest: number; readonly count: number } {
  let lowest = -NONE
  let highest = NONE
  for (let i = from; i < to; i++) {
    if (bin[i] === NONE) continue
    lowest = Math.min(lowest, bin[i])
    highest = Math.max(highest, bin[i])
  }
  return { lowest, count: Math.max(0, highest - lowest + 1) }
}
