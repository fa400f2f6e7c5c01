/**
 * The operators of "101 Formulaic Alphas" (Kakushadze 2016, Wilmott 84, appendix A) that look along time. Most are kernels under
 * another name: `delay` is `lag`, `delta` `difference`, `ts_rank` `rollingRank`, `decay_linear` `weightedMovingAverage`; the
 * rest is here. Those that look across pairs are in cross-section.ts.
 */
import { difference, lag } from './elementwise.js'
import { rollingCorrelation, rollingCovariance } from './rolling-correlation.js'
import { barsSinceMax, barsSinceMin, rollingMax, rollingMin } from './rolling-extremes.js'
import { rollingStd } from './rolling-moments.js'
import { rollingRank } from './rolling-rank.js'
import { weightedMovingAverage } from './rolling-regression.js'
import { rollingMean, rollingSum } from './rolling-sum.js'

/** Value by value from the columns' values in one bar; NaN where one of them is, and where the result is not finite [n]. */
export function combine(columns: readonly Float64Array[], of: (values: readonly number[]) => number): Float64Array {
  const out = new Float64Array(columns[0].length)
  const row = new Array<number>(columns.length).fill(0)
  for (let t = 0; t < out.length; t++) {
    let known = true
    for (let c = 0; c < row.length; c++) {
      row[c] = columns[c][t]
      if (Number.isNaN(row[c])) known = false
    }
    const value = known ? of(row) : Number.NaN
    out[t] = Number.isFinite(value) ? value : Number.NaN
  }
  return out
}

/**
 * Correlation over the last `window` values; 0 where one of the two did not move, and so says nothing of the other. Ranks
 * of five bars stand still often enough that NaN would silence what is built on them. NaN only for what is not known [n].
 */
export function correlationOrNone(
  x: Float64Array,
  y: Float64Array,
  { window, origin }: { readonly window: number; readonly origin: number },
): Float64Array {
  const out = rollingCorrelation(x, y, { window, origin })
  const known = rollingSum(x, window, origin)
  const alsoKnown = rollingSum(y, window, origin)
  for (let t = 0; t < out.length; t++) {
    if (Number.isNaN(out[t]) && !Number.isNaN(known[t] + alsoKnown[t])) out[t] = 0
  }
  return out
}

/** Place of the largest of the last `window` values, 1 = oldest … window = newest; of equal ones the latest counts [n]. */
export function placeOfMax(x: Float64Array, window: number): Float64Array {
  return barsSinceMax(x, window).map((since) => window - since)
}

/** Place of the smallest, counted as `placeOfMax` does [n]. */
export function placeOfMin(x: Float64Array, window: number): Float64Array {
  return barsSinceMin(x, window).map((since) => window - since)
}

/** Product of the last `window` values, taken afresh for each bar; NaN while a NaN lies in the window [n]. */
export function rollingProduct(x: Float64Array, window: number): Float64Array {
  const out = new Float64Array(x.length).fill(Number.NaN)
  for (let t = window - 1; t < x.length; t++) {
    let product = 1
    for (let i = t - window + 1; i <= t; i++) product *= x[i]
    out[t] = product
  }
  return out
}

/** The operators by the paper's names, with the absolute number of bar 0 filled in. */
export function formulaOperators(origin: number) {
  return {
    delay: lag,
    delta: difference,
    sum: (x: Float64Array, d: number) => rollingSum(x, d, origin),
    mean: (x: Float64Array, d: number) => rollingMean(x, d, origin),
    stddev: (x: Float64Array, d: number) => rollingStd(x, d, origin),
    correlation: (x: Float64Array, y: Float64Array, d: number) => correlationOrNone(x, y, { window: d, origin }),
    covariance: (x: Float64Array, y: Float64Array, d: number) => rollingCovariance(x, y, { window: d, origin }),
    product: rollingProduct,
    ts_min: rollingMin,
    ts_max: rollingMax,
    ts_argmax: placeOfMax,
    ts_argmin: placeOfMin,
    ts_rank: rollingRank,
    decay_linear: (x: Float64Array, d: number) => weightedMovingAverage(x, d, origin),
  }
}
export type FormulaOperators = ReturnType<typeof formulaOperators>
