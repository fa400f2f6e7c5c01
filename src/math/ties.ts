/**
 * When two numbers are one value. A price has at most 15 digits, and its nearest double lies up to 1e-16 of it beside it; each sum
 * and each quotient moves it as far again. A comparison of what was computed would be decided by these last bits wherever the
 * two are equal in truth: the mean of a price that stands still beside the price, two moves of the same number of ticks.
 */

/** The largest distance of two numbers, as a fraction of their size, that is rounding. Ticks are 1e-9 of a price at least. */
export const ROUNDING = 2 ** -48

/** x - y, and exactly 0 where the two differ by rounding alone; NaN where one is not known. `size`: of what both were made of. */
export function apart(x: number, y: number, size = y): number {
  const difference = x - y
  return Math.abs(difference) <= ROUNDING * Math.abs(size) ? 0 : difference
}

/** Below this a correlation is 0 but for rounding. */
const NOTHING = 1e-13

/**
 * To the 24 bits of a float32, and to 0 next to it [n]. For what is computed and then ranked: of sums of ranks and of changes by whole
 * ticks many are equal in truth, and their last bits would decide which is the larger.
 */
export function withoutNoise(x: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let t = 0; t < out.length; t++) out[t] = Math.abs(x[t]) < NOTHING ? 0 : Math.fround(x[t])
  return out
}
