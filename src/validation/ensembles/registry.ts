/**
 * Ways to join several models' probabilities. All are linear pools (Stone 1961): weights that are not negative and add up to one, learnt from
 * predictions that were made out of fold, and from no others.
 */
import { assert } from '../../core/errors.js'
import type { Scheme } from '../schemes.js'
import type { SideSource } from '../sides.js'

/** What the members said of rows whose outcome is known, in order of time. */
export type EnsembleRows = {
  /** Probability that each member gave to what came, a side at a time: both sides of a row stand next to each other. [members][2 · n] */
  readonly likelihood: readonly Float64Array[]
  /** The same of one who only knows how often each side wins in these rows. [2 · n] */
  readonly baseRate: Float64Array
  /** Rows that do not overlap would say as much as all of them together. */
  readonly independent: number
}

export type EnsembleMethod = {
  readonly title: string
  readonly meaning: string
  readonly reference: string
  /** Learns other weights for calm, middling and restless markets. */
  readonly byRegime: boolean
  /** @returns one weight a member, adding up to 1 */
  readonly weights: (rows: EnsembleRows) => Float64Array
}

/** Of the newest rows, so many are recent. */
const RECENT = 1 / 3
/** Steps of the maximisation; it is concave, and far from its end none of them falls back. */
const STEPS = 500

export const ENSEMBLES = {
  mean: {
    title: 'Mean',
    meaning: 'The mean of all members.',
    reference: 'Stone 1961; hard to beat: Genre, Kenny, Meyler & Timmermann 2013',
    byRegime: false,
    weights: ({ likelihood }) => new Float64Array(likelihood.length).fill(1 / likelihood.length),
  },
  performance: {
    title: 'Performance-weighted',
    meaning:
      'Members weighted by how much their newest predictions beat the base rates, in log loss; equal where none does.',
    reference: 'Bates & Granger 1969, with log loss in place of the squared error',
    byRegime: false,
    weights({ likelihood, baseRate }) {
      const first = Math.floor(baseRate.length * (1 - RECENT))
      const known = logLoss(baseRate.subarray(first))
      const skill = likelihood.map((p) => Math.max(0, known - logLoss(p.subarray(first))))
      const sum = skill.reduce((a, b) => a + b, 0)
      return Float64Array.from(skill, (one) => (sum > 0 ? one / sum : 1 / skill.length))
    },
  },
  stack: {
    title: 'Stacked',
    meaning: 'The weights with which the pool would have had the lowest log loss.',
    reference: 'Wolpert 1992; of distributions: Yao, Vehtari, Simpson & Gelman 2018',
    byRegime: false,
    weights: ({ likelihood }) => stacked(likelihood),
  },
  bma: {
    title: 'Bayesian model averaging',
    meaning:
      'Members weighted by the probability that they are the true one, all equally likely before; rows that overlap count as the few that they are.',
    reference: 'Geisser & Eddy 1979; Hoeting, Madigan, Raftery & Volinsky 1999',
    byRegime: false,
    weights({ likelihood, independent }) {
      const losses = likelihood.map(logLoss)
      const best = Math.min(...losses)
      // Both sides of a row are one observation: their mean log loss counts twice.
      const posterior = losses.map((loss) => Math.exp(-2 * independent * (loss - best)))
      const sum = posterior.reduce((a, b) => a + b, 0)
      return Float64Array.from(posterior, (one) => one / sum)
    },
  },
  regime: {
    title: 'Regime-switched',
    meaning: 'Stacked apart for calm, middling and restless markets, by the average true range.',
    reference: 'Elliott & Timmermann 2005: combination weights that follow the state of the market',
    byRegime: true,
    weights: ({ likelihood }) => stacked(likelihood),
  },
} as const satisfies Record<string, EnsembleMethod>

export type EnsembleName = keyof typeof ENSEMBLES
export const ENSEMBLE_NAMES = Object.keys(ENSEMBLES) as readonly EnsembleName[]

export function isEnsemble(name: string): name is EnsembleName {
  return Object.hasOwn(ENSEMBLES, name)
}

/**
 * Why none can be made of labels of this type, whose side comes from there, on folds of this scheme, with so many
 * members; null when it can. Out of fold an ensemble learns from what its members said before; of models that were
 * trained on later rows, nothing was said before.
 */
export function ensembleProblem(
  { type, side, split }: { readonly type: string; readonly side: SideSource; readonly split: Scheme },
  members: number,
): string | null {
  if (side === null || side === 'primary') return `${type} labels do not choose between long and short`
  if (split.foresight)
    return `the folds of train.split are scored by models trained on later rows (${split.title.toLowerCase()}), so no weights can be learnt from what came before; take train.split walk-forward or rolling`
  return members < 2 ? `it takes two members, and ${members === 1 ? 'one has' : 'none has'} a bundle` : null
}

/** Mean, in nats. */
export function logLoss(likelihood: Float64Array): number {
  let sum = 0
  for (const p of likelihood) sum -= Math.log(Math.max(p, 1e-12))
  return sum / likelihood.length
}

/** Maximum likelihood of a mixture's weights by expectation-maximisation (Dempster, Laird & Rubin 1977); the problem is concave. */
function stacked(likelihood: readonly Float64Array[]): Float64Array {
  const members = likelihood.length
  const n = likelihood[0].length
  assert(
    likelihood.every((p) => p.length === n) && n > 0,
    `${n} predictions of the first member, others have other numbers`,
  )
  let weights = new Float64Array(members).fill(1 / members)
  for (let step = 0; step < STEPS; step++) {
    const next = new Float64Array(members)
    for (let i = 0; i < n; i++) {
      let pool = 1e-300
      for (let m = 0; m < members; m++) pool += weights[m] * likelihood[m][i]
      for (let m = 0; m < members; m++) next[m] += (weights[m] * likelihood[m][i]) / (pool * n)
    }
    const moved = next.reduce((most, weight, m) => Math.max(most, Math.abs(weight - weights[m])), 0)
    weights = next
    if (moved < 1e-9) break
  }
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}
