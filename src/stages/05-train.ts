/**
 * Every candidate on every fold, each fit a unit of its own so that a killed run loses one of them; then a bundle per candidate: the
 * model of the final split with its calibration and threshold, and all predictions out of fold; and of those, ensembles.
 */
import type { Stage } from './stage.js'
import { bundle, bundleRounds, planBundles } from './train/bundle.js'
import { counted } from './train/counted.js'
import { fit } from './train/fit.js'
import { planFits } from './train/plan-fits.js'
import { tune } from './train/tune.js'

export const train: Stage = {
  name: 'train',
  purpose: 'Fit every candidate on purged folds and on the final split',
  steps: [
    tune,
    { name: 'fit', scope: 'pair', isolated: true, plan: planFits, run: counted(fit) },
    { name: 'bundle', scope: 'pair', isolated: true, rounds: bundleRounds, plan: planBundles, run: bundle },
  ],
}
