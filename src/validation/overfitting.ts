/**
 * How good a Sharpe ratio looks after the length of the record, its tails and the number of trials behind it are
 * taken into account. All Sharpe ratios here are per observation, not annualised; kurtosis is 3 for a normal.
 */

import { assert } from '../core/errors.js'
import { power } from '../core/power.js'
import { mean, standardDeviation } from '../math/statistics.js'
import { normalCdf, normalQuantile } from './normal.js'

/** A record of returns, seen through its moments. */
export type ReturnRecord = {
  readonly sharpe: number // mean / standard deviation, per observation
  readonly observations: number
  readonly skewness: number
  readonly kurtosis: number // not excess: 3 for a normal
}

/**
 * Moments of a record of returns (skewness and kurtosis of the population, standard deviation of the sample).
 * All but the count are NaN when fewer than 3 returns are known or all are equal; unknown returns (NaN) are left out.
 */
export function returnRecord(returns: Float64Array): ReturnRecord {
  const known = returns.filter((r) => !Number.isNaN(r))
  const n = known.length
  const centre = mean(known)
  let m2 = 0
  let m3 = 0
  let m4 = 0
  for (const r of known) {
    const d = r - centre
    m2 += (d * d) / n
    m3 += (d * d * d) / n
    m4 += (d * d * d * d) / n
  }
  // Compared as values: the mean of equal returns is rounded, so their variance need not come out as 0.
  const moves = known.some((r) => r !== known[0])
  if (n < 3 || !moves) return { sharpe: Number.NaN, observations: n, skewness: Number.NaN, kurtosis: Number.NaN }
  return {
    sharpe: centre / standardDeviation(known),
    observations: n,
    skewness: m3 / power(m2, 1.5),
    kurtosis: m4 / (m2 * m2),
  }
}

/**
 * Probability that the true Sharpe ratio exceeds `benchmark`, given the record (Bailey & López de Prado 2012, "The
 * Sharpe ratio efficient frontier"). NaN when the record's moments are not known or contradict each other.
 */
export function probabilisticSharpe(record: ReturnRecord, benchmark: number): number {
  return normalCdf(
    ((record.sharpe - benchmark) * Math.sqrt(record.observations - 1)) / Math.sqrt(varianceFactor(record)),
  )
}

/**
 * Sharpe ratio to be expected from the best of `trials` independent trials without any skill, when their ratios vary by
 * `trialsVariance` (Bailey & López de Prado 2014, "The deflated Sharpe ratio", eq. 1). 0 for a single trial.
 */
export function expectedMaxSharpe(trials: number, trialsVariance: number): number {
  assert(trials >= 1 && trialsVariance >= 0, `${trials} trials of variance ${trialsVariance}`)
  if (trials === 1) return 0
  const EULER_MASCHERONI = 0.5772156649015329
  return (
    Math.sqrt(trialsVariance) *
    ((1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
      EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E)))
  )
}

/**
 * Variance of the Sharpe ratios of the trials: as observed, but at least that of the ratio of a record without skill, 1 / (observations − 1) (Lo
 * 2002). Departure from the paper, which takes the observed one as it is: of two or three trials it is nearly unknown, and trials that resemble
 * each other would leave the best of many as if there had been one.
 *
 * @param sharpes  per observation; NaN = not known
 */
export function trialsVariance(sharpes: readonly number[], observations: number): number {
  const known = Float64Array.from(sharpes.filter((sharpe) => !Number.isNaN(sharpe)))
  const least = 1 / Math.max(1, observations - 1)
  return known.length > 1 ? Math.max(least, standardDeviation(known) ** 2) : least
}

/** Deflated Sharpe ratio: the probability that the record beats the best of that many skill-less trials. */
export function deflatedSharpe(
  record: ReturnRecord,
  { trials, trialsVariance }: { readonly trials: number; readonly trialsVariance: number },
): number {
  return probabilisticSharpe(record, expectedMaxSharpe(trials, trialsVariance))
}

/**
 * Minimum track record length: observations needed before the Sharpe ratio exceeds `benchmark` at `confidence` (Bailey &
 * López de Prado 2012). Infinite when the record's ratio does not exceed it.
 */
export function minimumTrackRecord(record: ReturnRecord, benchmark: number, confidence = 0.95): number {
  if (record.sharpe <= benchmark) return Number.POSITIVE_INFINITY
  return 1 + varianceFactor(record) * (normalQuantile(confidence) / (record.sharpe - benchmark)) ** 2
}

/** Variance of the estimated ratio times (n − 1), after Mertens 2002: 1 − skewness·SR + (kurtosis − 1)/4·SR². */
function varianceFactor({ sharpe, skewness, kurtosis }: ReturnRecord): number {
  const factor = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
  return factor > 0 ? factor : Number.NaN
}
