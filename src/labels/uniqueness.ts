/**
 * Weights for labels that overlap: two labels that live through the same hours are hardly two observations.
 */
import { assert } from '../core/errors.js'

/**
 * Average uniqueness of each label: the mean, over the cells of time in [t0, t1), of 1 ÷ (labels alive in that cell).
 *
 * López de Prado 2018, ch. 4.4. There the indicator matrix of labels × bars is built; here the number alive is a
 * running sum of starts and ends, and each mean a difference of prefix sums, so time is O(labels + cells).
 *
 * @param t0      UTC ms [n]
 * @param t1      UTC ms, later than t0 [n]; NaN = the label is unknown: it counts for nobody and gets NaN
 * @param stepMs  length of a cell; a label lives in every cell that it touches
 * @returns       weights in (0, 1] [n]
 */
export function averageUniqueness(t0: Float64Array, t1: Float64Array, stepMs: number): Float64Array {
  assert(t0.length === t1.length, `${t0.length} starts and ${t1.length} ends`)
  const weights = new Float64Array(t0.length).fill(Number.NaN)
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (let i = 0; i < t0.length; i++) {
    if (Number.isNaN(t1[i])) continue
    from = Math.min(from, Math.floor(t0[i] / stepMs))
    to = Math.max(to, Math.ceil(t1[i] / stepMs))
  }
  if (from >= to) return weights
  const alive = new Int32Array(to - from + 1)
  for (let i = 0; i < t0.length; i++) {
    if (Number.isNaN(t1[i])) continue
    alive[Math.floor(t0[i] / stepMs) - from]++
    alive[Math.ceil(t1[i] / stepMs) - from]--
  }
  const shareBefore = new Float64Array(to - from + 1)
  let count = 0
  for (let cell = 0; cell < to - from; cell++) {
    count += alive[cell]
    shareBefore[cell + 1] = shareBefore[cell] + (count > 0 ? 1 / count : 0)
  }
  for (let i = 0; i < t0.length; i++) {
    if (Number.isNaN(t1[i])) continue
    const start = Math.floor(t0[i] / stepMs) - from
    const end = Math.ceil(t1[i] / stepMs) - from
    weights[i] = (shareBefore[end] - shareBefore[start]) / (end - start)
  }
  return weights
}
