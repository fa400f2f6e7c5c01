/**
 * Engle's test for ARCH effects in a rolling window (Engle 1982, Econometrica 50(4)).
 */
import { firstBoundary, silence } from './blocks.js'

type ArchWindow = { readonly lags: number; readonly window: number; readonly origin: number }

/**
 * Lagrange multiplier statistic: window · R² of the regression of the squared return on its last `lags` values and a constant,
 * over `window` bars. Near `lags` without ARCH (χ² with `lags` degrees of freedom), at most `window`.
 *
 * Engle squares the residuals of a regression; here the returns themselves are squared, whose mean is small beside their
 * deviation on bars up to a day. Sums as in rolling-moments.ts, so O(lags³) a bar whatever the window.
 *
 * @param returns  NaN = not known [n]
 * @returns        NaN for the first window + lags - 1 returns, while a NaN lies in reach, and where the squares or their
 *                 past do not vary [n]
 */
export function archEffect(returns: Float64Array, { lags, window, origin }: ArchWindow): Float64Array {
  const n = returns.length
  const squares = returns.map((value) => value * value)
  const size = lags + 1
  const width = size + (size * (size + 1)) / 2 // sums of each lag, then of the products of each two
  const tail = new Float64Array(width * window)
  const sums = new Float64Array(width)
  const out = new Float64Array(n)
  const row = new Float64Array(size)
  const matrix = new Float64Array(size * size)
  const add = (t: number, centre: number) => {
    for (let k = 0; k < size; k++) row[k] = t < k ? Number.NaN : squares[t - k] - centre
    let at = size
    for (let k = 0; k < size; k++) {
      sums[k] += row[k]
      for (let l = 0; l <= k; l++) sums[at++] += row[k] * row[l]
    }
  }
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const depth = Math.min(window - 1, b)
    const count = Math.min(window, n - b)
    sums.fill(0)
    for (let j = 1; j <= depth; j++) {
      add(b - j, squares[b])
      tail.set(sums, j * width)
    }
    sums.fill(0)
    for (let i = 0; i < count; i++) {
      add(b + i, squares[b])
      const before = (window - 1 - i) * width
      let at = size
      for (let k = 0; k < size; k++) {
        const mean = (sums[k] + tail[before + k]) / window
        for (let l = 0; l <= k; l++, at++) {
          matrix[k * size + l] = sums[at] + tail[before + at] - mean * (sums[l] + tail[before + l])
        }
      }
      out[b + i] = window * explained(matrix, size)
    }
  }
  return silence(out, window - 1)
}

/** A pivot below this part of its diagonal is rounding: the lags say the same thing. */
const SINGULAR = 1e-10

/**
 * R² of row 0 on the others: of the products' lower triangle, 1 - (what is left of its diagonal after all others are
 * eliminated) / diagonal. Rows are eliminated from the last to the first; overwritten.
 */
function explained(matrix: Float64Array, size: number): number {
  const total = matrix[0]
  if (!(total > 0)) return Number.NaN
  for (let p = size - 1; p > 0; p--) {
    const pivot = matrix[p * size + p]
    if (!(pivot > 0)) return Number.NaN
    for (let k = 0; k < p; k++) {
      const factor = matrix[p * size + k] / pivot
      const before = matrix[k * size + k]
      for (let l = 0; l <= k; l++) matrix[k * size + l] -= factor * matrix[p * size + l]
      if (k > 0 && matrix[k * size + k] < SINGULAR * before) return Number.NaN
    }
  }
  return Math.min(1, Math.max(0, 1 - matrix[0] / total))
}
