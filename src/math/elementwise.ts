/**
 * Bar-by-bar arithmetic on columns. A quotient whose divisor is 0 is not known: NaN, never infinite.
 */
import { ROUNDING } from './ties.js'

/**
 * x at `bars` bars ago [n]. Like the three changes below it looks at every bar in between: NaN until `bars` + 1 values in
 * a row are known, so that no change spans a hole. (Four loops and not one with a callback, which costs four times as
 * much: no engine inlines a call that goes four ways.)
 */
export function lag(x: Float64Array, bars: number): Float64Array {
  const out = new Float64Array(x.length)
  let known = 0
  for (let i = 0; i < x.length; i++) {
    known = Number.isNaN(x[i]) ? 0 : known + 1
    out[i] = known > bars ? x[i - bars] : Number.NaN
  }
  return out
}

/** x[t] - x[t - bars] [n]. */
export function difference(x: Float64Array, bars: number): Float64Array {
  const out = new Float64Array(x.length)
  let known = 0
  for (let i = 0; i < x.length; i++) {
    known = Number.isNaN(x[i]) ? 0 : known + 1
    out[i] = known > bars ? x[i] - x[i - bars] : Number.NaN
  }
  return out
}

/** ln(x[t] / x[t - bars]) where both are positive [n]. */
export function logReturn(x: Float64Array, bars: number): Float64Array {
  const out = new Float64Array(x.length)
  let known = 0
  for (let i = 0; i < x.length; i++) {
    known = Number.isNaN(x[i]) ? 0 : known + 1
    out[i] = known > bars && x[i] > 0 && x[i - bars] > 0 ? Math.log(x[i] / x[i - bars]) : Number.NaN
  }
  return out
}

/** x[t] / x[t - bars] - 1 [n]. */
export function relativeChange(x: Float64Array, bars: number): Float64Array {
  const out = new Float64Array(x.length)
  let known = 0
  for (let i = 0; i < x.length; i++) {
    known = Number.isNaN(x[i]) ? 0 : known + 1
    out[i] = known > bars && x[i - bars] !== 0 ? x[i] / x[i - bars] - 1 : Number.NaN
  }
  return out
}

/** x / y [n]. */
export function ratio(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) out[i] = y[i] === 0 ? Number.NaN : x[i] / y[i]
  return out
}

/** x / y - 1: how far x lies above y, as a fraction of y; exactly 0 where they differ by rounding alone [n]. */
export function distance(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) {
    const above = x[i] / y[i] - 1
    if (y[i] === 0) out[i] = Number.NaN
    else out[i] = Math.abs(above) <= ROUNDING ? 0 : above
  }
  return out
}

/** x - y [n]. */
export function subtract(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) out[i] = x[i] - y[i]
  return out
}

/** x · y [n]. */
export function multiply(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) out[i] = x[i] * y[i]
  return out
}

/** |x| [n]. */
export function absolute(x: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < x.length; i++) out[i] = Math.abs(x[i])
  return out
}
