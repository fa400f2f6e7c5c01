/**
 * Volatility of one bar from open, high, low and close, averaged over a window. Per bar, not annualised: multiply by
 * √(bars a year) for that. Log prices throughout; drift is taken as 0 except by Rogers and Satchell and by Yang
 * and Zhang, who alone count the jump from the close before.
 */
import { rollingVariance } from './rolling-moments.js'
import { rollingMean } from './rolling-sum.js'

export type PriceBars = {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

/** Parkinson 1980, J. Business 53(1): √(mean ln(h/l)² / (4 ln 2)). NaN while a NaN lies in the window [n]. */
export function parkinsonVolatility(
  bars: Pick<PriceBars, 'high' | 'low'>,
  window: number,
  origin: number,
): Float64Array {
  const { high, low } = bars
  const variance = new Float64Array(high.length)
  const scale = 1 / (4 * Math.LN2)
  for (let i = 0; i < variance.length; i++) variance[i] = scale * Math.log(high[i] / low[i]) ** 2
  return rootOfMean(variance, window, origin)
}

/** Garman & Klass 1980, J. Business 53(1): √(mean of ln(h/l)²/2 - (2 ln 2 - 1) ln(c/o)²) [n]. */
export function garmanKlassVolatility(bars: PriceBars, window: number, origin: number): Float64Array {
  const { open, high, low, close } = bars
  const variance = new Float64Array(high.length)
  for (let i = 0; i < variance.length; i++) {
    variance[i] = 0.5 * Math.log(high[i] / low[i]) ** 2 - (2 * Math.LN2 - 1) * Math.log(close[i] / open[i]) ** 2
  }
  return rootOfMean(variance, window, origin)
}

/** Rogers & Satchell 1991, Ann. Appl. Probab. 1(4): √(mean of ln(h/c) ln(h/o) + ln(l/c) ln(l/o)) [n]. */
export function rogersSatchellVolatility(bars: PriceBars, window: number, origin: number): Float64Array {
  return rootOfMean(rogersSatchellVariance(bars), window, origin)
}

/**
 * Yang & Zhang 2000, J. Business 73(3): √(variance of opening jumps ln(o/previous c) + k · variance of ln(c/o) + (1 - k) ·
 * Rogers and Satchell's), sample variances, k = 0.34 / (1.34 + (window + 1) / (window - 1)). NaN for `window` bars [n].
 */
export function yangZhangVolatility(bars: PriceBars, window: number, origin: number): Float64Array {
  const { open, close } = bars
  const jumps = new Float64Array(close.length).fill(Number.NaN, 0, 1)
  for (let i = 1; i < jumps.length; i++) jumps[i] = Math.log(open[i] / close[i - 1])
  const moves = new Float64Array(close.length)
  for (let i = 0; i < moves.length; i++) moves[i] = Math.log(close[i] / open[i])
  const out = rollingVariance(jumps, window, origin)
  const within = rollingVariance(moves, window, origin)
  const ranges = rollingMean(rogersSatchellVariance(bars), window, origin)
  const k = 0.34 / (1.34 + (window + 1) / (window - 1))
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.sqrt(Math.max(0, out[i] + k * within[i] + (1 - k) * ranges[i]))
  }
  return out
}

/** Of each bar by itself [n]. */
function rogersSatchellVariance({ open, high, low, close }: PriceBars): Float64Array {
  const variance = new Float64Array(high.length)
  for (let i = 0; i < variance.length; i++) {
    variance[i] =
      Math.log(high[i] / close[i]) * Math.log(high[i] / open[i]) +
      Math.log(low[i] / close[i]) * Math.log(low[i] / open[i])
  }
  return variance
}

function rootOfMean(variance: Float64Array, window: number, origin: number): Float64Array {
  const out = rollingMean(variance, window, origin)
  for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(Math.max(0, out[i]))
  return out
}
