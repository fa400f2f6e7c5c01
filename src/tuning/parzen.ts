/**
 * The density of a TPE sampler in one dimension: a normal kernel on each observation, and one over the whole range for the prior, all
 * cut off at the ends of the range.
 */
import type { Random } from '../core/random.js'
import { normalCdf } from '../validation/normal.js'

export type Parzen = {
  readonly low: number
  readonly high: number
  /** Rising; the prior's among them. [k] */
  readonly centres: Float64Array
  readonly widths: Float64Array // standard deviations [k]
}

/** A kernel is never narrower than the range over this, or over the number of kernels + 1 where they are few. */
const NARROWEST = 100

/**
 * Bandwidths by the rule of Bergstra et al. 2011 (section 4.2) as hyperopt has it: the larger of the distances to the two neighbours, the one distance
 * at either end, within range / min(100, observations + 2) … range. The prior stands in the middle and is as wide as the range.
 * All kernels weigh the same: hyperopt and Optuna let old observations fade beyond 25, which a search of some dozens does not reach.
 *
 * @param observed  within low … high, in any order
 */
export function parzen(observed: readonly number[], { low, high }: { readonly low: number; readonly high: number }) {
  const range = high - low
  const middle = low + range / 2
  const centres = Float64Array.from([...observed, middle]).sort()
  const prior = centres.indexOf(middle)
  const least = range / Math.min(NARROWEST, centres.length + 1)
  const widths = Float64Array.from(centres, (centre, i) => {
    if (i === prior) return range
    const left = i > 0 ? centre - centres[i - 1] : 0
    const right = i < centres.length - 1 ? centres[i + 1] - centre : 0
    return Math.min(Math.max(left, right, least), range)
  })
  return { low, high, centres, widths } satisfies Parzen
}

/** A draw within low … high. */
export function drawFrom({ low, high, centres, widths }: Parzen, random: Random): number {
  const kernel = random.below(centres.length)
  // A centre lies within the range and no kernel is wider than it, so at least a third of the draws stay inside.
  for (;;) {
    const x = centres[kernel] + widths[kernel] * random.normal()
    if (x >= low && x <= high) return x
  }
}

/** Logarithm of the density at `x`, which lies within low … high. */
export function logDensity({ low, high, centres, widths }: Parzen, x: number): number {
  let sum = 0
  for (let i = 0; i < centres.length; i++) {
    const inside = normalCdf((high - centres[i]) / widths[i]) - normalCdf((low - centres[i]) / widths[i])
    sum += Math.exp(-(((x - centres[i]) / widths[i]) ** 2) / 2) / (widths[i] * inside)
  }
  return Math.log(sum / (centres.length * Math.sqrt(2 * Math.PI)))
}
