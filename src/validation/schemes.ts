/**
 * The schemes of `train.split`: one table from which the stage, the report and the reference take what they need.
 */
import { binomial } from '../core/combinations.js'
import { combinatorialFolds, purgedKFold } from './group-folds.js'
import { rollingWindow } from './rolling-folds.js'
import { type Intervals, type SplitOptions, type SplitPlan, walkForward } from './splits.js'

export type SchemeOptions = SplitOptions & { readonly windowMs: number; readonly scoredGroups: number }

export type Scheme = {
  readonly title: string
  readonly meaning: string
  /** Whether a model is trained on rows later than those that it scores: then its result is no account that could have been had. */
  readonly foresight: boolean
  /** How many fits a model takes, the final one not counted. */
  readonly count: (options: Pick<SchemeOptions, 'folds' | 'scoredGroups'>) => number
  readonly plan: (intervals: Intervals, options: SchemeOptions) => SplitPlan
}

export const SCHEMES = {
  'walk-forward': {
    title: 'Walk-forward folds',
    meaning: 'trained on all the past, which grows from fold to fold',
    foresight: false,
    count: ({ folds }) => folds,
    plan: walkForward,
  },
  rolling: {
    title: 'Rolling folds',
    meaning: 'trained on the last `train.window` before its validation',
    foresight: false,
    count: ({ folds }) => folds,
    plan: rollingWindow,
  },
  'purged-kfold': {
    title: 'Purged k-fold',
    meaning: 'trained on both sides of the group that it scores',
    foresight: true,
    count: ({ folds }) => folds,
    plan: purgedKFold,
  },
  combinatorial: {
    title: 'Combinatorial purged folds',
    meaning: 'trained on all groups but those that it scores, for every choice of them',
    foresight: true,
    count: ({ folds, scoredGroups }) => binomial(folds, scoredGroups),
    plan: combinatorialFolds,
  },
} as const satisfies Record<string, Scheme>

export type SchemeName = keyof typeof SCHEMES

export function scheme(name: string): Scheme {
  return SCHEMES[name as SchemeName]
}
