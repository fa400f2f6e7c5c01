/** What the libraries of boosted trees have in common: the parameters of the same name and meaning, and rounds with early stopping. */

import { setImmediate } from 'node:timers/promises'
import type { FitOptions, RoundReport } from './model.js'

export const ROUND_PARAMETERS = {
  rounds: { default: 400, range: [1, 10_000], integer: true, meaning: 'Most rounds of boosting.' },
  earlyStoppingRounds: {
    default: 30,
    range: [1, 10_000],
    integer: true,
    meaning: 'Rounds without a better validation loss after which fitting stops.',
  },
  eta: {
    default: 0.05,
    range: [1e-4, 1],
    search: { low: 0.01, high: 0.3, log: true },
    meaning: 'Share of each tree that is added.',
  },
} as const

export const DRAW_PARAMETERS = {
  subsample: {
    default: 0.7,
    range: [0.05, 1],
    search: { low: 0.4, high: 1 },
    meaning: 'Share of rows drawn for each tree.',
  },
  colsampleByTree: {
    default: 0.5,
    range: [0.01, 1],
    search: { low: 0.1, high: 1 },
    meaning: 'Share of features drawn for each tree.',
  },
} as const

export const PENALTY_PARAMETERS = {
  lambda: {
    default: 1,
    range: [0, 1e4],
    search: { low: 0.01, high: 100, log: true },
    meaning: 'L2 penalty on leaf values.',
  },
  alpha: { default: 0, range: [0, 1e4], search: { low: 0, high: 10 }, meaning: 'L1 penalty on leaf values.' },
  gamma: {
    default: 0,
    range: [0, 1e4],
    search: { low: 0, high: 5 },
    meaning: 'Least gain for which a leaf is split.',
  },
} as const

type Boosting = {
  readonly rounds: number
  /** Rounds without a better validation loss after which it ends. */
  readonly patience: number
  /** Without a validation part the last round is the best. */
  readonly validated: boolean
  readonly onRound: FitOptions['onRound']
}

/**
 * Adds rounds until the validation loss has not improved for long enough. The first of equal losses counts as best.
 *
 * @param add  fits one more round, from 1, and gives its losses; null when there is nothing left to add
 */
export async function boost(
  { rounds, patience, validated, onRound }: Boosting,
  add: (round: number) => Pick<RoundReport, 'trainLoss' | 'validationLoss'> | null,
): Promise<{ history: RoundReport[]; bestRound: number }> {
  const history: RoundReport[] = []
  let best = Number.POSITIVE_INFINITY
  let bestRound = 1
  for (let round = 1; round <= rounds; round++) {
    const losses = add(round)
    if (losses === null) break
    const report = { round, rounds, ...losses }
    history.push(report)
    onRound?.(report)
    if (!validated) bestRound = round
    else if (losses.validationLoss < best) {
      best = losses.validationLoss
      bestRound = round
    } else if (round - bestRound >= patience) break
    await setImmediate()
  }
  return { history, bestRound }
}
