/**
 * Largest and smallest of the last `window` bars, and how long ago they were, O(1) a bar. Comparisons do not round, so no
 * absolute bar number is needed. NaN while one is in the window.
 */

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
