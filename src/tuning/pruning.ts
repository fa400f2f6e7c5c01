/**
 * When to give a trial up: the median stopping rule (Golovin et al. 2017, Google Vizier, KDD; Optuna's MedianPruner) over the inner folds.
 */
import { quantile } from '../math/statistics.js'
import { meanLoss, type Trial } from './trial.js'

/**
 * The mean loss that a trial may have at most after each inner fold to go on: the median of what the complete trials had by then. None after the
 * last fold, and none before `warmup` trials are complete.
 *
 * @param history  trials of all earlier batches, in any order
 * @returns        [folds − 1]; empty where nothing is pruned yet
 */
export function pruningLimits(
  history: readonly Trial[],
  { folds, warmup }: { readonly folds: number; readonly warmup: number },
): number[] {
  const complete = history.filter(({ state }) => state === 'complete')
  if (complete.length < warmup) return []
  return Array.from({ length: folds - 1 }, (_, fold) =>
    quantile(
      Float64Array.from(complete, ({ losses }) => meanLoss({ losses: losses.slice(0, fold + 1) })),
      0.5,
    ),
  )
}

/** Whether a trial with these losses stops here. */
export function isPruned(losses: readonly number[], limits: readonly number[]): boolean {
  const limit = limits[losses.length - 1]
  return limit !== undefined && meanLoss({ losses }) > limit
}
