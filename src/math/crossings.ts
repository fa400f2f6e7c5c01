/** Where one line crosses another. */
import { apart } from './ties.js'

/**
 * 1 on a bar on which x lies above y and did not on the bar before, -1 where it lies below and did not, 0 otherwise. Lines that
 * differ by rounding alone lie on each other.
 *
 * @param size  what both lines were made of, which says how far rounding moves them: y itself for averages of prices [n]
 * @returns NaN until two bars in a row are known [n]
 */
export function crossings(x: Float64Array, y: Float64Array, size = y): Float64Array {
  const out = new Float64Array(x.length)
  let before = Number.NaN
  for (let i = 0; i < out.length; i++) {
    const above = apart(x[i], y[i], size[i])
    // 0 · (…) keeps what is not known, + 0 makes -0 of it 0.
    if (above > 0 && before <= 0) out[i] = 1
    else out[i] = above < 0 && before >= 0 ? -1 : 0 * (above + before) + 0
    before = above
  }
  return out
}

/** 1 where x lies above `highest`, -1 where below `lowest`, 0 between; NaN where one of the three is not known [n]. */
export function breakouts(x: Float64Array, highest: Float64Array, lowest: Float64Array): Float64Array {
  const out = new Float64Array(x.length)
  for (let i = 0; i < out.length; i++) {
    if (x[i] > highest[i]) out[i] = 1
    else out[i] = x[i] < lowest[i] ? -1 : 0 * (x[i] + highest[i] + lowest[i]) + 0
  }
  return out
}
