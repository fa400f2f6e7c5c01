/**
 * Swings: bars whose high (low) is the extreme of the bars on both sides. One is known only when the bars to its right
 * have closed: at bar t the newest that can count is t - `reach`. Everything here is as known at t and looks back over a
 * window of fixed length, so that it does not depend on where the data begins. O(1) a bar.
 */
import { barsSinceMax, barsSinceMin } from './rolling-extremes.js'
import { apart } from './ties.js'

export type SwingSettings = {
  readonly reach: number // bars to either side that must not go beyond
  readonly window: number // bars t - window + 1 … t, in which the swing and its neighbours must lie
}

/** The last two swings known at each bar, as bar numbers; -1 where the window holds none. */
export type Swings = {
  readonly last: Int32Array // [n]
  readonly previous: Int32Array // the one before `last` [n]
}

/** Swing highs: of equal highs side by side the latest counts. */
export function swingHighs(high: Float64Array, settings: SwingSettings): Swings {
  return swings(barsSinceMax(high, 2 * settings.reach + 1), settings)
}

/** Swing lows: of equal lows side by side the latest counts. */
export function swingLows(low: Float64Array, settings: SwingSettings): Swings {
  return swings(barsSinceMin(low, 2 * settings.reach + 1), settings)
}

/** `age`: bars since the extreme of 2 · reach + 1 bars; it is a swing on the bar on which it is `reach` bars old. */
function swings(age: Float64Array, { reach, window }: SwingSettings): Swings {
  const n = age.length
  const last = new Int32Array(n)
  const previous = new Int32Array(n)
  let newest = -1
  let older = -1
  for (let i = 0; i < n; i++) {
    if (age[i] === reach) {
      older = newest
      newest = i - reach
    }
    const oldest = i - window + 1 + reach
    last[i] = newest >= oldest ? newest : -1
    previous[i] = older >= oldest ? older : -1
  }
  return { last, previous }
}

/**
 * Change of x from the swing before last to the last one, as a fraction of it; 0 where the window holds fewer than two.
 *
 * @returns NaN until `window` values of x in a row are known [n]
 */
export function swingChange(x: Float64Array, { last, previous }: Swings, window: number): Float64Array {
  const out = new Float64Array(x.length)
  let known = 0
  for (let i = 0; i < out.length; i++) {
    known = Number.isNaN(x[i]) ? 0 : known + 1
    if (known < window) out[i] = Number.NaN
    else out[i] = previous[i] < 0 || x[previous[i]] === 0 ? 0 : x[last[i]] / x[previous[i]] - 1
  }
  return out
}

/** x at the last swing, `otherwise` where the window holds none; NaN where `otherwise` is [n]. */
export function atLastSwing(x: Float64Array, { last }: Swings, otherwise: Float64Array): Float64Array {
  const out = otherwise.slice()
  for (let i = 0; i < out.length; i++) if (last[i] >= 0 && !Number.isNaN(out[i])) out[i] = x[last[i]]
  return out
}

export type DivergenceInput = {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly indicator: Float64Array // NaN = not known
}

/**
 * Regular divergence between price and an indicator over the last two swings of a side: 1 (bullish) while the second of
 * two swing lows is the lower and the indicator stood higher at it, -1 (bearish) while the second of two swing highs is
 * the higher and the indicator stood lower at it, 0 otherwise, and where both hold.
 *
 * It begins on the bar on which the second swing becomes known, `reach` bars after it, and ends with the next swing of
 * that side, or when the first leaves the window.
 *
 * @returns NaN until `window` bars of price and indicator in a row are known [n]
 */
export function divergence({ high, low, indicator }: DivergenceInput, settings: SwingSettings): Float64Array {
  const { window } = settings
  const highs = swingHighs(high, settings)
  const lows = swingLows(low, settings)
  const out = new Float64Array(indicator.length)
  let known = 0
  for (let i = 0; i < out.length; i++) {
    known = Number.isNaN(indicator[i] + high[i] + low[i]) ? 0 : known + 1
    if (known < window) {
      out[i] = Number.NaN
      continue
    }
    out[i] = 0
    const firstLow = lows.previous[i]
    const secondLow = lows.last[i]
    if (firstLow >= 0 && low[secondLow] < low[firstLow] && apart(indicator[secondLow], indicator[firstLow]) > 0)
      out[i]++
    const firstHigh = highs.previous[i]
    const secondHigh = highs.last[i]
    if (firstHigh >= 0 && high[secondHigh] > high[firstHigh] && apart(indicator[secondHigh], indicator[firstHigh]) < 0)
      out[i]--
  }
  return out
}
