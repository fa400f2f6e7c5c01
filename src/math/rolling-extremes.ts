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
 * The best of the window is followed with its bar. When it leaves, the window is searched once from its newest value
 * back, and what was best on the way is kept: those are the ones to take over next, unless a bar since the search beats
 * them, and such bars are looked through once, when it matters. A search is due when the last of those has left, hence at
 * most once in `window` bars. Unlike two passes over blocks (van Herk 1992) most bars need one comparison that comes out
 * the same way as the last, which is what a processor is quick at.
 */
function followExtreme(x: Float64Array, window: number, { sign, wanted }: Wanted): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const aged = wanted === 'age'
  const heirs = new Int32Array(window) // bars that beat all later ones at the search, the newest first
  let heirCount = 0
  let best = Number.NEGATIVE_INFINITY
  let bestAt = 0
  let newest = Number.NaN // best of the bars since the search, as far as they were looked through; NaN before the first
  let newestAt = 0
  let lookedAt = 0
  let full = window - 1 // first bar whose window holds known values only
  for (let i = 0; i < n; i++) {
    const value = sign * x[i]
    if (value >= best) {
      best = value
      bestAt = i
      heirCount = 0
    } else if (Number.isNaN(value)) {
      best = Number.NEGATIVE_INFINITY
      bestAt = i
      heirCount = 0
      full = i + window
    } else if (bestAt <= i - window) {
      if (heirCount === 0) {
        heirCount = search(x, i, sign, heirs)
        newest = Number.NaN
      } else {
        for (let j = lookedAt + 1; j <= i; j++) {
          const later = sign * x[j]
          if (later < newest) continue
          newest = later
          newestAt = j
        }
      }
      lookedAt = i
      bestAt = heirs[--heirCount]
      best = sign * x[bestAt]
      if (newest >= best) {
        best = newest
        bestAt = newestAt
        heirCount = 0
      }
    }
    out[i] = i < full ? Number.NaN : aged ? i - bestAt : sign * best
  }
  return out
}

/** Bars that beat all later ones of the window that ends with bar `end`, the newest first; returns how many. */
function search(x: Float64Array, end: number, sign: 1 | -1, heirs: Int32Array): number {
  let count = 1
  let best = sign * x[end]
  heirs[0] = end
  for (let j = end - 1; j > end - heirs.length; j--) {
    const value = sign * x[j]
    if (value > best) {
      best = value
      heirs[count++] = j
    }
  }
  return count
}
