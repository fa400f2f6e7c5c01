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
