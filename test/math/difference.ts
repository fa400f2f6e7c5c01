/** How far ours are from TA-Lib's and pandas' numbers on the same 2,000 real bars. */

export type Difference = { readonly worst: number; readonly compared: number; readonly silenceDiffers: number }

/**
 * Largest difference relative to max(|expected|, scale), over the rows where the reference has a value, and the number
 * of rows on which only one of the two is silent.
 */
export function compare(actual: Float64Array, expected: Float64Array, scale = 0): Difference {
  let worst = 0
  let compared = 0
  let silenceDiffers = 0
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(actual[i]) !== Number.isNaN(expected[i])) silenceDiffers++
    if (Number.isNaN(expected[i])) continue
    compared++
    const size = Math.max(Math.abs(expected[i]), scale)
    const difference = Math.abs(actual[i] - expected[i])
    if (!(difference === 0)) worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference / size)
  }
  return { worst, compared, silenceDiffers }
}
