/**
 * Largest and smallest of the last `window` bars, and how long ago they were, O(1) a bar. Comparisons do not round, so no
 * absolute bar number is needed. NaN while one is in the window.
 */
import type { RangeBars } from './true-range.js'

/** Largest of the last `window` values [n]; NaN for the first window - 1 bars. */
export function rollingMax(x: Float64Array, window: number): Float64Array {
  return followExtreme(x, window, { sign: 1, wanted: 'value' })
}

/** Smallest of the last `window` values [n]; NaN for the first window - 1 bars. */
export function rollingMin(x: Float64Array, window: number): Float64Array {
  return followExtreme(x, window, { sign: -1, wanted: 'value' })
}

/** Bars since the largest of the last `window` values, 0 … window - 1; of equal ones the latest counts, as in TA-Lib. */
export function barsSinceMax(x: Float64Array, window: number): Float64Array {
  return followExtreme(x, window, { sign: 1, wanted: 'age' })
}

/** Bars since the smallest of the last `window` values, 0 … window - 1; of equal ones the latest counts. */
export function barsSinceMin(x: Float64Array, window: number): Float64Array {
  return followExtreme(x, window, { sign: -1, wanted: 'age' })
}

type Wanted = { readonly sign: 1 | -1; readonly wanted: 'value' | 'age' }

/**
 * In blocks of `window` bars each window is one tail of a block and one head of the next (van Herk 1992, Gil & Werman
 * 1993). What is followed is the bar of the best, and it is chosen by arithmetic on a comparison's 1 or 0: whether a bar
 * is the best so far is what no processor can foresee, and a branch on it costs more than all the rest. `!(a < b)` holds
 * where one of them is not known, so that a best bar is known wherever the whole window is.
 */
function followExtreme(x: Float64Array, window: number, { sign, wanted }: Wanted): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const aged = wanted === 'age'
  let tail = new Int32Array(window + 1) // tail[j] = best of the j bars before the block
  let next = new Int32Array(window + 1) // the same for the block after it
  let full = window - 1 // first bar whose window is known
  for (let b = 0; b < n; b += window) {
    const last = Math.min(b + window, n) - 1
    // A window that lies in the block has no tail: the head itself stands for it.
    tail[0] = b
    let head = b
    let top = sign * x[b]
    let later = last
    let laterTop = sign * x[last]
    for (let i = b; i <= last; i++) {
      const value = sign * x[i]
      head += (i - head) & -+!(value < top)
      top = sign * x[head]
      const before = tail[window - 1 - (i - b)]
      const best = before + ((head - before) & -+!(top < sign * x[before]))
      if (Number.isNaN(value)) full = i + window
      out[i] = i < full ? Number.NaN : aged ? i - best : x[best]
      const j = last - (i - b)
      later += (j - later) & -+!(sign * x[j] <= laterTop)
      laterTop = sign * x[later]
      next[i - b + 1] = later
    }
    ;[tail, next] = [next, tail]
  }
  return out
}

export type RangeWindow = { readonly window: number; readonly from: 'lowest' | 'highest' }

/**
 * Place of the close in the range of the last `window` bars, in percent of that range: above the lowest low, 0 … 100, or below the
 * highest high, -100 … 0. 0 where the range is flat; NaN for the first window - 1 bars and while a NaN lies in the window [n].
 * In one pass: heads and tails of highs and of lows, followed as in `followExtreme`, fill each other's pauses.
 */
export function placeInRange({ high, low, close }: RangeBars, { window, from }: RangeWindow): Float64Array {
  const n = close.length
  const out = new Float64Array(n)
  const above = from === 'lowest'
  let tail = new Float64Array(2 * window + 2) // [2j] = largest high of the j bars before the block, [2j + 1] = smallest low
  let next = new Float64Array(2 * window + 2)
  tail[0] = next[0] = Number.NEGATIVE_INFINITY
  tail[1] = next[1] = Number.POSITIVE_INFINITY
  let full = window - 1 // first bar whose window is known
  for (let b = 0; b < n; b += window) {
    const last = Math.min(b + window, n) - 1
    let [headHigh, headLow, laterHigh, laterLow] = [b, b, last, last]
    let [top, bottom, laterTop, laterBottom] = [high[b], low[b], high[last], low[last]]
    let j = last
    let to = 2
    let at = 2 * (window - 1)
    for (let i = b; i <= last; i++, j--, to += 2, at -= 2) {
      if (Number.isNaN(high[i] + low[i])) full = i + window
      headHigh += (i - headHigh) & -+(high[i] > top)
      headLow += (i - headLow) & -+(low[i] < bottom)
      top = high[headHigh]
      bottom = low[headLow]
      // Heads only grow and tails only shrink: these two branch one way and then the other, once a block.
      const highest = Math.max(tail[at], top)
      const lowest = Math.min(tail[at + 1], bottom)
      const range = highest - lowest
      const share = above ? ((close[i] - lowest) / range) * 100 : ((highest - close[i]) / range) * -100
      out[i] = i < full ? Number.NaN : range === 0 ? 0 : share
      laterHigh += (j - laterHigh) & -+(high[j] > laterTop)
      laterLow += (j - laterLow) & -+(low[j] < laterBottom)
      next[to] = laterTop = high[laterHigh]
      next[to + 1] = laterBottom = low[laterLow]
    }
    ;[tail, next] = [next, tail]
  }
  return out
}
