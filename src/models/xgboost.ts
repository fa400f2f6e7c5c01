/**
 * Gradient boosted trees by XGBoost itself, one tree per class and round (of a regression one a round), histogram method. The defaults are for few,
 * noisy rows whose labels overlap: shallow trees, slow learning, rows and columns sampled, wide leaves.
 */

import { DRAW_PARAMETERS, PENALTY_PARAMETERS, ROUND_PARAMETERS } from './boosting.js'
import type { ModelKind } from './model.js'
import { checkTraining, resolveParameters } from './parameters.js'
import { fitXgboost, loadXgboost, xgboostAvailable } from './xgboost-fit.js'

const parameters = {
  ...ROUND_PARAMETERS,
  maxDepth: {
    default: 4,
    range: [1, 16],
    integer: true,
    search: { low: 2, high: 8 },
    meaning: 'Most splits between root and leaf.',
  },
  minChildWeight: {
    default: 20,
    range: [0, 1e6],
    search: { low: 1, high: 500, log: true },
    meaning: 'Least sum of second derivatives in a leaf; a row of average weight gives at most 0.5, in a regression 1.',
  },
  ...DRAW_PARAMETERS,
  ...PENALTY_PARAMETERS,
  maxBin: { default: 256, range: [2, 4096], integer: true, meaning: 'Most histogram bins per feature.' },
} as const

export const xgboost: ModelKind = {
  name: 'xgboost',
  title: 'XGBoost',
  meaning: 'Gradient boosted trees, softmax over the classes or squared error, early stopping on the validation loss.',
  reference: 'Chen & Guestrin 2016, XGBoost: A Scalable Tree Boosting System, KDD',
  parameters,
  tasks: ['classification', 'regression'],
  constraints: ['monotone', 'categorical'],

  available: xgboostAvailable,

  async fit(train, validation, options) {
    const settings = resolveParameters('xgboost', parameters, options.parameters)
    checkTraining(xgboost, train, validation, options)
    const recipe = {
      kind: 'xgboost',
      rounds: settings.rounds,
      patience: settings.earlyStoppingRounds,
      parameters: [
        ['eta', settings.eta],
        ['max_depth', settings.maxDepth],
        ['min_child_weight', settings.minChildWeight],
        ['subsample', settings.subsample],
        ['colsample_bytree', settings.colsampleByTree],
        ['lambda', settings.lambda],
        ['alpha', settings.alpha],
        ['gamma', settings.gamma],
        ['max_bin', settings.maxBin],
      ],
    } as const
    return fitXgboost(recipe, train, validation, options)
  },

  load: (files, options) => loadXgboost('xgboost', files, options),
}
