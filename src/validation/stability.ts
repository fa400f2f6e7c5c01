/** Do the folds choose the same features? A choice that changes with every fold rests on chance. */
import { assert } from '../core/errors.js'
import type { SelectionRecord } from './columns/select.js'

export type Stability = {
  /** 1: always the same, 0: as if drawn by chance; null where it cannot be computed, with the reason. */
  readonly index: number | null
  readonly reason: string | null
  readonly folds: number
  /** Features chosen in the folds: fewest and most. */
  readonly fewest: number
  readonly most: number
  /** Share of the folds that chose it, by feature; those that no fold chose left out. In the order of `features`. */
  readonly frequency: Readonly<Record<string, number>>
}

/** How far the folds of a candidate agree: about what was chosen, and about what their models lean on most. */
export type FoldStability = {
  readonly features: number
  readonly chosen: number // for the model of the final split
  readonly steps: SelectionRecord['steps']
  readonly stability: Stability
  /** Of the `top` features by gain in each fold. */
  readonly importance: Stability & { readonly top: number }
}

/**
 * The index of Nogueira, Sechidis & Brown 2018 (J. Mach. Learn. Res. 18): 1 − mean over the features of the unbiased variance of being
 * chosen ÷ that of a choice by chance of the same size. Equals Kuncheva's (2007) where all folds choose equally many. Folds share most
 * of their training rows, so the index is higher than fresh data would make it, and an interval for independent samples would mislead.
 *
 * @param features  all that could be chosen
 * @param choices   what each fold chose
 */
export function selectionStability(features: readonly string[], choices: readonly (readonly string[])[]): Stability {
  const folds = choices.length
  const d = features.length
  const counts = new Map<string, number>(features.map((name) => [name, 0]))
  for (const choice of choices) {
    for (const name of choice) {
      const before = counts.get(name)
      assert(before !== undefined, `${name} is none of the ${d} features`)
      counts.set(name, before + 1)
    }
  }
  const sizes = choices.map((choice) => choice.length)
  const chosen = sizes.reduce((sum, size) => sum + size, 0) / folds / d // mean share of the features
  const chance = chosen * (1 - chosen)
  let spread = 0
  for (const count of counts.values()) spread += ((folds / (folds - 1)) * (count / folds) * (1 - count / folds)) / d
  const reason =
    folds < 2
      ? `${folds} folds, needed are 2`
      : chance > 0
        ? null
        : chosen > 0
          ? 'every fold keeps every feature'
          : 'no fold keeps a feature'
  return {
    index: reason === null ? 1 - spread / chance : null,
    reason,
    folds,
    fewest: Math.min(...sizes),
    most: Math.max(...sizes),
    frequency: Object.fromEntries(
      [...counts].filter(([, count]) => count > 0).map(([name, count]) => [name, count / folds]),
    ),
  }
}
