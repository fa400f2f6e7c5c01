/**
 * Momentum oscillators of the close alone. Definitions and starting values are TA-Lib's; after a NaN each begins anew.
 */
import { subtract } from './elementwise.js'
import { exponentialMovingAverage } from './moving-average.js'

/**
 * Relative strength index, 0 … 100 (Wilder 1978; TA-Lib RSI). 0 where nothing has moved yet, as in TA-Lib.
 *
 * @returns NaN for the first `period` bars of every run [n]
 */
export function relativeStrength(close: Float64Array, period: number): Float64Array {
  const n = close.length
  const out = new Float64Array(n)
  const weight = 1 / period // products take a quarter of a quotient's time, and each bar waits for the one before
  const kept = (period - 1) / period
  let changes = 0
  let gain = 0
  let loss = 0
  let previous = Number.NaN
  for (let i = 0; i < n; i++) {
    const change = close[i] - previous
    previous = close[i]
    if (Number.isNaN(change)) {
      changes = gain = loss = 0
      out[i] = Number.NaN
      continue
    }
    // The positive part of both signs: doubling and halving do not round, and nothing branches.
    const up = (Math.abs(change) + change) / 2
    const down = (Math.abs(change) - change) / 2
    changes++
    if (changes > period) {
      gain = gain * kept + up * weight
      loss = loss * kept + down * weight
    } else {
      gain += up * weight
      loss += down * weight
    }
    const moved = gain + loss
    out[i] = changes < period ? Number.NaN : moved === 0 ? 0 : (100 * gain) / moved
  }
  return out
}

export type MacdPeriods = { readonly fast: number; readonly slow: number; readonly signal: number }
export type MacdLines = {
  readonly macd: Float64Array // NaN for the first slow - 1 bars of every run [n]
  readonly signal: Float64Array // NaN for the first slow + signal - 2 [n]
  readonly histogram: Float64Array // macd - signal [n]
}

/**
 * Fast less slow exponential average (TA-Lib MACD; Appel 1979): both start from the bar on which the slow one can. In one
 * pass, for each average waits for its own last value only. Sums are of the distance from the run's first value: of a price that
 * stands still the line is exactly 0.
 */
export function macdLine(close: Float64Array, { fast, slow }: Omit<MacdPeriods, 'signal'>): Float64Array {
  const out = new Float64Array(close.length)
  const fastWeight = 2 / (fast + 1)
  const slowWeight = 2 / (slow + 1)
  let known = 0
  let first = 0
  let quick = 0
  let calm = 0
  for (let i = 0; i < out.length; i++) {
    const value = close[i]
    if (Number.isNaN(value)) {
      known = quick = calm = 0
      out[i] = Number.NaN
      continue
    }
    known++
    if (known > slow) {
      quick += fastWeight * (value - quick)
      calm += slowWeight * (value - calm)
      out[i] = quick - calm
      continue
    }
    if (known === 1) first = value
    if (known > slow - fast) quick += value - first
    calm += value - first
    if (known === slow) {
      quick = first + quick / fast
      calm = first + calm / slow
    }
    out[i] = known === slow ? quick - calm : Number.NaN
  }
  return out
}

/** All three MACD lines, in the units of the price. TA-Lib holds back `macd` until `signal` is known; we do not. */
export function macdLines(close: Float64Array, periods: MacdPeriods): MacdLines {
  const macd = macdLine(close, periods)
  const signal = exponentialMovingAverage(macd, periods.signal)
  return { macd, signal, histogram: subtract(macd, signal) }
}
