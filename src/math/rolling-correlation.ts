/**
 * Covariance, correlation and regression slope of two columns over the last `window` bars, O(1) a bar; both columns are
 * taken from their value at the block's boundary, as in rolling-moments.ts. NaN while either has a NaN in the window.
 */
import { firstBoundary, silence } from './blocks.js'

export type PairWindow = { readonly window: number; readonly origin: number }

/** Sample covariance (divisor window - 1) [n]. */
export function rollingCovariance(x: Float64Array, y: Float64Array, { window, origin }: PairWindow): Float64Array {
  return pairStatistic(x, y, { window, origin }, (_xx, _yy, xy) => xy / (window - 1))
}

/** Pearson correlation, -1 … 1; NaN where one of the two does not move at all [n]. */
export function rollingCorrelation(x: Float64Array, y: Float64Array, settings: PairWindow): Float64Array {
  return pairStatistic(x, y, settings, (xx, yy, xy) =>
    xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : Number.NaN,
  )
}

/** Slope of the least-squares line of y on x; NaN where x does not move at all [n]. */
export function rollingBeta(x: Float64Array, y: Float64Array, settings: PairWindow): Float64Array {
  return pairStatistic(x, y, settings, (xx, _yy, xy) => (xx > 0 ? xy / xx : Number.NaN))
}

/** Standard error of that line's residuals (divisor window - 2); NaN where x does not move at all [n]. */
export function rollingResidualStd(x: Float64Array, y: Float64Array, settings: PairWindow): Float64Array {
  const degrees = settings.window - 2
  return pairStatistic(x, y, settings, (xx, yy, xy) =>
    xx > 0 ? Math.sqrt(Math.max(0, yy - (xy / xx) * xy) / degrees) : Number.NaN,
  )
}

function pairStatistic(
  x: Float64Array,
  y: Float64Array,
  { window, origin }: PairWindow,
  statistic: (xx: number, yy: number, xy: number) => number,
): Float64Array {
  const n = x.length
  const out = new Float64Array(n)
  const tail = new Float64Array(5 * window)
  for (let b = firstBoundary(window, origin); b < n; b += window) {
    const centreX = x[b]
    const centreY = y[b]
    const depth = Math.min(window - 1, b)
    const size = Math.min(window, n - b)
    let sx = 0
    let sy = 0
    let sxx = 0
    let syy = 0
    let sxy = 0
    for (let j = 1; j <= depth; j++) {
      const dx = x[b - j] - centreX
      const dy = y[b - j] - centreY
      tail[5 * j] = sx += dx
      tail[5 * j + 1] = sy += dy
      tail[5 * j + 2] = sxx += dx * dx
      tail[5 * j + 3] = syy += dy * dy
      tail[5 * j + 4] = sxy += dx * dy
    }
    sx = sy = sxx = syy = sxy = 0
    for (let k = 0; k < size; k++) {
      const dx = x[b + k] - centreX
      const dy = y[b + k] - centreY
      sx += dx
      sy += dy
      sxx += dx * dx
      syy += dy * dy
      sxy += dx * dy
      const j = 5 * (window - 1 - k)
      const sumX = sx + tail[j]
      const sumY = sy + tail[j + 1]
      out[b + k] = statistic(
        sxx + tail[j + 2] - (sumX * sumX) / window,
        syy + tail[j + 3] - (sumY * sumY) / window,
        sxy + tail[j + 4] - (sumX * sumY) / window,
      )
    }
  }
  return silence(out, window - 1)
}
