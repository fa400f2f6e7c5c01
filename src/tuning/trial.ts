/**
 * One trial of a tuner: parameters, and what came of them on the inner folds.
 */
import type { Point } from './space.js'

export type Trial = {
  /** From 1, in the order proposed. */
  readonly number: number
  readonly parameters: Point
  /** `pruned`: stopped because it was worse than the others by then; `failed`: it has no loss, `reason` says why. */
  readonly state: 'complete' | 'pruned' | 'failed'
  /** Of each inner fold that was tried, in order; lower is better. */
  readonly losses: readonly number[]
  readonly reason?: string
}

/** Mean loss of the folds that were tried; NaN without one. */
export function meanLoss({ losses }: Pick<Trial, 'losses'>): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

/** The complete trial with the lowest mean loss, the earliest of equals; null when none is complete. */
export function bestTrial(trials: readonly Trial[]): Trial | null {
  return rankTrials(trials).find(({ state }) => state === 'complete') ?? null
}

/**
 * From best to worst, whatever order they came in: the complete by mean loss, then the pruned, of which those that lasted longer and
 * then those with less loss come first. Failed ones say nothing and are left out.
 */
export function rankTrials(trials: readonly Trial[]): Trial[] {
  const rank = ({ state }: Trial) => (state === 'complete' ? 0 : 1)
  return trials
    .filter(({ state }) => state !== 'failed')
    .sort(
      (a, b) =>
        rank(a) - rank(b) || b.losses.length - a.losses.length || meanLoss(a) - meanLoss(b) || a.number - b.number,
    )
}

/** Why a model has no parameters: in the words that fitting and selection share. `count` of its trials failed, the first by `reason`. */
export function noneComplete(count: number, reason: string | undefined): string {
  return `none of its ${count} trials came to an end: ${reason}`
}
