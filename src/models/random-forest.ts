/**
 * A random forest by XGBoost's own mode: all trees in one round, each on its own draw of rows, each split among its own draw of features,
 * their sum divided by their number. XGBoost's and not LightGBM's, because it is there on every machine that `make setup` has made ready.
 * Each leaf holds one Newton step from equal shares of the classes, not the share of its rows: probabilities are drawn towards the middle
 * until they are calibrated. The one round is one call into the library: until it returns, the process does nothing else.
 */

import type { ModelKind } from './model.js'
import { checkTraining, resolveParameters } from './parameters.js'
import { fitXgboost, loadXgboost, xgboostAvailable } from './xgboost-fit.js'

const parameters = {
  trees: {
    default: 200,
    range: [1, 5000],
    integer: true,
    meaning: 'Trees for each class; more are never worse, only slower.',
  },
  maxDepth: {
    default: 8,
    range: [1, 16],
    integer: true,
    search: { low: 3, high: 12 },
    meaning: 'Most splits between root and leaf.',
  },
  minChildWeight: {
    default: 20,
    range: [0, 1e6],
    search: { low: 2, high: 500, log: true },
    meaning: 'Least sum of second derivatives in a leaf; a row of average weight gives at most 0.5, in a regression 1.',
  },
  subsample: {
    default: 0.632,
    range: [0.05, 1],
    search: { low: 0.2, high: 0.9 },
    meaning: 'Share of rows drawn for each tree; the default is that of the different rows in a bootstrap sample.',
  },
  colsampleByNode: {
    default: 0.25,
    range: [0.01, 1],
    search: { low: 0.05, high: 0.8, log: true },
    meaning: 'Share of features drawn for each split.',
  },
  lambda: {
    default: 1,
    range: [0, 1e4],
    search: { low: 0.01, high: 100, log: true },
    meaning: 'L2 penalty on leaf values.',
  },
  maxBin: { default: 256, range: [2, 4096], integer: true, meaning: 'Most histogram bins per feature.' },
} as const

export const randomForest: ModelKind = {
  name: 'random-forest',
  title: 'Random forest',
  meaning: 'Trees on draws of rows and features, averaged, by XGBoost; nothing stops early and no round is chosen.',
  reference: 'Breiman 2001, Random Forests, Machine Learning 45',
  parameters,
  tasks: ['classification', 'regression'],
  constraints: ['monotone', 'categorical'],

  available: xgboostAvailable,

  async fit(train, validation, options) {
    const settings = resolveParameters('random-forest', parameters, options.parameters)
    checkTraining(randomForest, train, validation, options)
    const recipe = {
      kind: 'random-forest',
      rounds: 1,
      patience: 1,
      parameters: [
        ['num_parallel_tree', settings.trees],
        ['eta', 1],
        ['max_depth', settings.maxDepth],
        ['min_child_weight', settings.minChildWeight],
        ['subsample', settings.subsample],
        ['colsample_bynode', settings.colsampleByNode],
        ['lambda', settings.lambda],
        ['max_bin', settings.maxBin],
      ],
    } as const
    return fitXgboost(recipe, train, validation, options)
  },

  load: (files, options) => loadXgboost('random-forest', files, options),
}
