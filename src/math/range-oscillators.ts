/**
 * Oscillators that place the close within the range of the last bars: stochastic, Williams %R, CCI, MFI. TA-Lib's
 * definitions; a flat range gives 0 as there. NaN while a NaN lies in the window.
 */
import { placeInRange } from './rolling-extremes.js'
import { rollingMean, rollingSum } from './rolling-sum.js'
import { apart, ROUNDING } from './ties.js'
import type { RangeBars } from './true-range.js'

/** 100 · (close - lowest low) / (highest high - lowest low), the raw %K; 0 where the range is flat [n]. */
export function fastStochastic(bars: RangeBars, window: number): Float64Array {
  return placeInRange(bars, { window, from: 'lowest' })
}

export type StochasticPeriods = { readonly window: number; readonly slow: number; readonly origin: number }
export type StochasticLines = {
  readonly k: Float64Array // mean of the last `slow` raw %K, NaN for the first window + slow - 2 bars [n]
  readonly d: Float64Array // mean of the last `slow` k, NaN for the first window + 2 · slow - 3 bars [n]
}

/** Slow %K and %D, 0 … 100 (Lane; TA-Lib STOCH). */
export function stochasticLines(bars: RangeBars, { window, slow, origin }: StochasticPeriods): StochasticLines {
  const k = rollingMean(fastStochastic(bars, window), slow, origin)
  return { k, d: rollingMean(k, slow, origin) }
}

/** -100 · (highest high - close) / (highest high - lowest low), -100 … 0 (TA-Lib WILLR); 0 where the range is flat. */
export function williamsR(bars: RangeBars, window: number): Float64Array {
  return placeInRange(bars, { window, from: 'highest' })
}

/** (high + low + close) / 3 [n]. */
export function typicalPrice({ high, low, close }: RangeBars): Float64Array {
  const out = new Float64Array(close.length)
  for (let i = 0; i < out.length; i++) out[i] = (high[i] + low[i] + close[i]) / 3
  return out
}

/**
 * Commodity channel index: typical price less its mean, over 0.015 times its mean absolute deviation (Lambert 1980;
 * TA-Lib CCI); 0 where the price stands still but for rounding. The deviation is summed afresh for every bar, as no shorter way is
 * exact: keep `window` small.
 */
export function commodityChannel(bars: RangeBars, window: number, origin: number): Float64Array {
  const price = typicalPrice(bars)
  const out = rollingMean(price, window, origin)
  const still = ROUNDING * window // of the price: so much rounding may leave of a sum of deviations that are all 0
  const unit = 0.015 / window
  const index = (value: number, mean: number, deviation: number) =>
    deviation <= still * Math.abs(mean) ? 0 : (value - mean) / (deviation * unit)
  // Four bars at a time: each sum waits for its own last addition, and the four fill each other's pauses. The first three
  // and the last three values of their joint window belong to some of them only; each sum runs from its oldest value on.
  let i = window - 1
  for (; window > 2 && i + 3 < out.length; i += 4) {
    const oldest = i - window + 1
    const [a, b, c, d] = [out[i], out[i + 1], out[i + 2], out[i + 3]]
    let ofA = Math.abs(price[oldest] - a) + Math.abs(price[oldest + 1] - a)
    ofA += Math.abs(price[oldest + 2] - a)
    let ofB = Math.abs(price[oldest + 1] - b) + Math.abs(price[oldest + 2] - b)
    let ofC = Math.abs(price[oldest + 2] - c)
    let ofD = 0
    for (let j = oldest + 3; j <= i; j++) {
      const value = price[j]
      ofA += Math.abs(value - a)
      ofB += Math.abs(value - b)
      ofC += Math.abs(value - c)
      ofD += Math.abs(value - d)
    }
    ofB += Math.abs(price[i + 1] - b)
    ofC += Math.abs(price[i + 1] - c)
    ofC += Math.abs(price[i + 2] - c)
    ofD += Math.abs(price[i + 1] - d)
    ofD += Math.abs(price[i + 2] - d)
    ofD += Math.abs(price[i + 3] - d)
    out[i] = index(price[i], a, ofA)
    out[i + 1] = index(price[i + 1], b, ofB)
    out[i + 2] = index(price[i + 2], c, ofC)
    out[i + 3] = index(price[i + 3], d, ofD)
  }
  for (; i < out.length; i++) {
    const centre = out[i]
    let deviation = 0
    for (let j = i - window + 1; j <= i; j++) deviation += Math.abs(price[j] - centre)
    out[i] = index(price[i], centre, deviation)
  }
  return out
}

/**
 * Money flow index, 0 … 100: share of price times volume that came with a rising typical price (Quong & Soudack 1989;
 * TA-Lib MFI). 0 where no money flowed. Bars of one typical price tie whatever their high, low and close; TA-Lib lets the rounding
 * of (high + low + close) / 3 decide. It also says 0 for any total below 1, which depends on the currency's unit.
 *
 * @returns NaN for the first `window` bars and while a NaN lies in the window [n]
 */
export function moneyFlow(
  bars: RangeBars & { readonly volume: Float64Array },
  window: number,
  origin: number,
): Float64Array {
  const { high, low, close, volume } = bars
  const n = close.length
  const rising = new Float64Array(n)
  const moved = new Float64Array(n)
  let before = Number.NaN
  for (let i = 0; i < n; i++) {
    const price = high[i] + low[i] + close[i] // thrice the typical price: a share of sums has no unit
    const change = apart(price, before)
    before = price
    const flow = price * volume[i]
    // Times 1 or 0 and not a branch, which no processor could foresee. 0 · change keeps a NaN of either bar in both sums.
    const rose = +(change > 0)
    rising[i] = flow * rose + 0 * change
    moved[i] = flow * (rose + +(change < 0)) + 0 * change
  }
  const up = rollingSum(rising, window, origin)
  const all = rollingSum(moved, window, origin)
  for (let i = 0; i < n; i++) up[i] = all[i] === 0 ? 0 : (100 * up[i]) / all[i]
  return up
}
