/**
 * What the linear kinds have in common: one round is one strength of the penalty, from strong to weak, each started from the last, and the
 * validation part picks the strength.
 */

import { assert } from '../core/errors.js'
import { power } from '../core/power.js'
import type { FitOptions, RoundReport } from './model.js'

export const pathParameters = {
  l2Max: { default: 1, range: [1e-8, 1e4], meaning: 'Strongest penalty, per row of average weight; tried first.' },
  l2Min: {
    default: 1e-4,
    range: [1e-8, 1e4],
    search: { low: 1e-5, high: 0.1, log: true },
    meaning: 'Weakest penalty, tried last.',
  },
  l1Ratio: {
    default: 0,
    range: [0, 1],
    search: { low: 0, high: 1 },
    meaning: 'Share of the penalty that is L1 (elastic net): 0 shrinks all coefficients, 1 leaves many at exactly 0.',
  },
  rounds: {
    default: 9,
    range: [1, 100],
    integer: true,
    meaning: 'Penalties tried, in equal ratios from l2Max to l2Min; 1 tries l2Min alone.',
  },
  earlyStoppingRounds: {
    default: 2,
    range: [1, 100],
    integer: true,
    meaning: 'Penalties without a better validation loss after which fitting stops.',
  },
  clip: {
    default: 10,
    range: [1, 1e6],
    search: { low: 2, high: 20, log: true },
    meaning: 'Standardised values are cut to plus or minus this.',
  },
} as const

export type PathSettings = Readonly<Record<keyof typeof pathParameters, number>>

export type PathStep<Fit> = { readonly fit: Fit; readonly trainLoss: number; readonly validationLoss: number }

/** Walks the penalties; without a validation part, whose loss is NaN then, the last one is kept. */
export async function walkPenalties<Fit>(
  settings: PathSettings,
  options: FitOptions,
  validated: boolean,
  take: (strength: number) => Promise<PathStep<Fit>>,
): Promise<{ fit: Fit; round: number; strength: number; history: RoundReport[] }> {
  const { rounds } = settings
  const history: RoundReport[] = []
  let best: { fit: Fit; round: number; strength: number } | null = null
  let bestLoss = Number.POSITIVE_INFINITY
  for (let round = 1; round <= rounds; round++) {
    const strength = strengthOf(settings, round)
    const { fit, trainLoss, validationLoss } = await take(strength)
    const report = { round, rounds, trainLoss, validationLoss }
    history.push(report)
    options.onRound?.(report)
    if (best === null || !validated || validationLoss < bestLoss) {
      bestLoss = validationLoss
      best = { fit, round, strength }
    } else if (round - best.round >= settings.earlyStoppingRounds) break
  }
  assert(best !== null, 'a path has at least one penalty')
  return { ...best, history }
}

function strengthOf({ l2Max, l2Min, rounds }: PathSettings, round: number): number {
  return rounds === 1 ? l2Min : l2Max * power(l2Min / l2Max, (round - 1) / (rounds - 1))
}
