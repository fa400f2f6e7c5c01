/**
 * Ichimoku Kinkō Hyō (Hosoda 1969) with the usual 9, 26 and 52 bars. The cloud is drawn 26 bars to the right of the bars
 * it is made of: what stands at bar t is the cloud of bar t - 26, and that of bar t itself lies ahead. Nothing here is
 * moved to the left, so no value knows a later bar.
 */
import { lag } from './elementwise.js'
import { rollingMax, rollingMin } from './rolling-extremes.js'

const CONVERSION = 9
const BASE = 26
const SLOW = 52
const AHEAD = 26

type Range = { readonly high: Float64Array; readonly low: Float64Array }

/** Middle between the highest high and the lowest low of `window` bars; NaN while a NaN lies in the window [n]. */
export function rangeMiddle({ high, low }: Range, window: number): Float64Array {
  const out = rollingMax(high, window)
  const lowest = rollingMin(low, window)
  for (let i = 0; i < out.length; i++) out[i] = (out[i] + lowest[i]) / 2
  return out
}

/** Tenkan-sen: middle of 9 bars [n]. */
export function conversionLine(bars: Range): Float64Array {
  return rangeMiddle(bars, CONVERSION)
}

/** Kijun-sen: middle of 26 bars [n]. */
export function baseLine(bars: Range): Float64Array {
  return rangeMiddle(bars, BASE)
}

export type Cloud = { readonly a: Float64Array; readonly b: Float64Array }

/** Senkou spans made of the bars up to t, which will stand at t + 26. NaN for 25 bars (a) and 51 bars (b) [n]. */
export function cloudAhead(bars: Range): Cloud {
  const a = conversionLine(bars)
  const base = baseLine(bars)
  for (let i = 0; i < a.length; i++) a[i] = (a[i] + base[i]) / 2
  return { a, b: rangeMiddle(bars, SLOW) }
}

/** Senkou spans that stand at t, made of the bars up to t - 26. NaN for 51 bars (a) and 77 bars (b) [n]. */
export function cloudNow(bars: Range): Cloud {
  const { a, b } = cloudAhead(bars)
  return { a: lag(a, AHEAD), b: lag(b, AHEAD) }
}

/** How far the close lies above the cloud (+) or below it (-), as a fraction of the close; 0 inside it [n]. */
export function distanceFromCloud(close: Float64Array, { a, b }: Cloud): Float64Array {
  const out = new Float64Array(close.length)
  for (let i = 0; i < out.length; i++) {
    const top = Math.max(a[i], b[i])
    const bottom = Math.min(a[i], b[i])
    // The last branch is 0 inside the cloud and NaN where one of the three is not known.
    if (close[i] > top) out[i] = 1 - top / close[i]
    else out[i] = close[i] < bottom ? 1 - bottom / close[i] : 0 * (close[i] + top) + 0
  }
  return out
}
