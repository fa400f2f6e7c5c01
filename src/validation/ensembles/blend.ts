/** The weights of an ensemble, and what it says of a row: the pool of those members that say anything of it. */
import { assert } from '../../core/errors.js'
import { quantile } from '../../math/statistics.js'
import type { SideProbabilities } from '../calibration.js'
import { ENSEMBLES, type EnsembleName } from './registry.js'

/** Plain, as it is stored. */
export type Blend = {
  readonly weights: readonly number[] // one a member, adding up to 1
  /** Where each regime has weights of its own: below the first bound, between, above the second. */
  readonly regimes: {
    readonly bounds: readonly [number, number]
    readonly weights: readonly (readonly number[])[]
  } | null
}

export type KnownRows = {
  readonly members: readonly SideProbabilities[] // calibrated, all known [n] each
  readonly outcome: Float64Array // 1, −1, 0 [n]
  readonly weight: Float64Array // uniqueness [n]
  readonly regime: Float64Array // range of the market, NaN not known [n]
}

/** Fewer independent rows say nothing of which member is better. */
export const LEAST_INDEPENDENT = 30

export function evenBlend(members: number): Blend {
  return { weights: new Array<number>(members).fill(1 / members), regimes: null }
}

/** @param rows  of earlier folds only, in order of time; equal weights where they are too few */
export function learnBlend(name: EnsembleName, rows: KnownRows): Blend {
  const method = ENSEMBLES[name]
  const all = Int32Array.from(rows.outcome, (_, i) => i)
  const learn = (chosen: Int32Array): Float64Array | null => {
    const independent = chosen.reduce((sum, i) => sum + rows.weight[i], 0)
    if (independent < LEAST_INDEPENDENT) return null
    const likelihood = rows.members.map((p) => likelihoodOf(p, rows.outcome, chosen))
    return method.weights({
      likelihood,
      baseRate: likelihoodOf(baseRates(rows.outcome, chosen), rows.outcome, chosen),
      independent,
    })
  }
  const weights = learn(all)
  if (weights === null) return evenBlend(rows.members.length)
  const blend: Blend = { weights: [...weights], regimes: null }
  if (!method.byRegime) return blend
  const known = rows.regime.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return blend
  const bounds = [quantile(known, 1 / 3), quantile(known, 2 / 3)] as const
  const own = [0, 1, 2].map(
    (regime) => learn(all.filter((i) => regimeOf(rows.regime[i], bounds) === regime)) ?? weights,
  )
  return { ...blend, regimes: { bounds, weights: own.map((one) => [...one]) } }
}

/** What each side's probability was of what came of it. */
function likelihoodOf({ long, short }: SideProbabilities, outcome: Float64Array, chosen: Int32Array): Float64Array {
  const found = new Float64Array(2 * chosen.length)
  chosen.forEach((i, k) => {
    found[2 * k] = outcome[i] === 1 ? long[i] : 1 - long[i]
    found[2 * k + 1] = outcome[i] === -1 ? short[i] : 1 - short[i]
  })
  return found
}

function baseRates(outcome: Float64Array, chosen: Int32Array): SideProbabilities {
  const rate = (side: number) => chosen.reduce((sum, i) => sum + (outcome[i] === side ? 1 : 0), 0) / chosen.length
  const [long, short] = [1, -1].map((side) => new Float64Array(outcome.length).fill(rate(side)))
  return { long, short }
}

function regimeOf(value: number, [low, high]: readonly [number, number]): number {
  return Number.isNaN(value) ? -1 : value < low ? 0 : value <= high ? 1 : 2
}

/**
 * @param members  NaN where one says nothing of a row: the others share its weight [n] each
 * @param regime   [n]
 * @returns        NaN where none says anything
 */
export function pool(
  { weights, regimes }: Blend,
  members: readonly SideProbabilities[],
  regime: Float64Array,
): SideProbabilities {
  assert(members.length === weights.length, `${members.length} members, ${weights.length} weights`)
  const n = members[0].long.length
  const long = new Float64Array(n)
  const short = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const own = regimes === null ? weights : (regimes.weights[regimeOf(regime[i], regimes.bounds)] ?? weights)
    let sum = 0
    members.forEach((p, m) => {
      if (Number.isNaN(p.long[i] + p.short[i])) return
      sum += own[m]
      long[i] += own[m] * p.long[i]
      short[i] += own[m] * p.short[i]
    })
    // What is left may have no weight at all.
    long[i] = sum > 1e-9 ? long[i] / sum : Number.NaN
    short[i] = sum > 1e-9 ? short[i] / sum : Number.NaN
  }
  return { long, short }
}
