/**
 * Trend strength: Wilder's directional movement (1978) and Chande's Aroon (1995), with TA-Lib's starting values.
 */
import { barsSinceMax, barsSinceMin } from './rolling-extremes.js'
import { ROUNDING } from './ties.js'
import { type RangeBars, reach } from './true-range.js'

export type DirectionalLines = {
  readonly plusDi: Float64Array // 0 … 100, NaN for the first `period` bars of every run [n]
  readonly minusDi: Float64Array // the same
  readonly adx: Float64Array // 0 … 100, NaN for the first 2 · period - 1 bars of every run [n]
}

/**
 * +DI, -DI and ADX in one pass. Sums begin with period - 1 moves and shrink by 1 / period a bar; ADX begins with the
 * mean of `period` DX. A run whose true range is 0 throughout gives DI 0 and leaves ADX as it was. Begins anew after a NaN.
 *
 * A bar that reaches as many ticks further up as down moved neither way (Wilder). TA-Lib compares the two differences as they
 * were rounded, and so takes some of these bars for a move: ours differ by a few tenths of a point after each of them.
 */
export function directionalMovement({ high, low, close }: RangeBars, period: number): DirectionalLines {
  const n = close.length
  const plusDi = new Float64Array(n).fill(Number.NaN, 0, 1)
  const minusDi = new Float64Array(n).fill(Number.NaN, 0, 1)
  const adx = new Float64Array(n).fill(Number.NaN, 0, 1)
  const weight = 1 / period // products take a quarter of a quotient's time, and each bar waits for the one before
  const kept = (period - 1) / period
  let moves = 0
  let plus = 0
  let minus = 0
  let range = 0
  let strength = 0
  for (let i = 1; i < n; i++) {
    const up = high[i] - high[i - 1]
    const down = low[i - 1] - low[i]
    const before = close[i - 1]
    const span = reach(high[i], low[i], before)
    // A close that is not known ends the run at its own bar, not one bar later.
    const known = up + down + span + before + close[i]
    if (Number.isNaN(known)) {
      moves = plus = minus = range = strength = 0
      plusDi[i] = minusDi[i] = adx[i] = Number.NaN
      continue
    }
    moves++
    if (moves >= period) {
      plus *= kept
      minus *= kept
      range *= kept
    }
    // The positive part of each, times 1 or 0: without rounding and without a branch that no processor can foresee.
    const upwards = (up + Math.abs(up)) / 2
    const downwards = (down + Math.abs(down)) / 2
    const tie = ROUNDING * high[i]
    minus += downwards * +(downwards - upwards > tie)
    plus += upwards * +(upwards - downwards > tie)
    range += span
    if (moves < period) {
      plusDi[i] = minusDi[i] = adx[i] = Number.NaN
      continue
    }
    const plusShare = range === 0 ? 0 : 100 * (plus / range)
    const minusShare = range === 0 ? 0 : 100 * (minus / range)
    plusDi[i] = plusShare
    minusDi[i] = minusShare
    const both = plusShare + minusShare
    const dx = both === 0 ? Number.NaN : 100 * (Math.abs(plusShare - minusShare) / both)
    if (moves < 2 * period) {
      if (both !== 0) strength += dx * weight
    } else if (both !== 0) {
      strength = strength * kept + dx * weight
    }
    adx[i] = moves >= 2 * period - 1 ? strength : Number.NaN
  }
  return { plusDi, minusDi, adx }
}

/** 100 · (window - bars since the highest high of window + 1 bars) / window (TA-Lib AROON). NaN for `window` bars [n]. */
export function aroonUp(high: Float64Array, window: number): Float64Array {
  return aroon(barsSinceMax(high, window + 1), window)
}

/** 100 · (window - bars since the lowest low of window + 1 bars) / window. NaN for the first `window` bars [n]. */
export function aroonDown(low: Float64Array, window: number): Float64Array {
  return aroon(barsSinceMin(low, window + 1), window)
}

function aroon(age: Float64Array, window: number): Float64Array {
  // Few ages, many bars: each is divided once.
  const levels = Float64Array.from({ length: window + 1 }, (_, bars) => (100 * (window - bars)) / window)
  for (let i = 0; i < age.length; i++) age[i] = Number.isNaN(age[i]) ? Number.NaN : levels[age[i]]
  return age
}
