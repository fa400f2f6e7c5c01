/**
 * Meta-labels: a primary model says which side, and this one whether to follow it.
 */
import type { LabelType } from './label-type.js'
import { outcomeOf } from './race.js'

export const meta: LabelType = {
  name: 'meta',
  meaning:
    '1: the trade of the side that labels.primary names (the sign of that feature column) would win. 0: it would not. No side: no class.',
  task: 'classification',
  classes: [0, 1],
  side: 'primary',
  trades: 'both',
  window: 'race',
  minimumRatio: 1,
  reference: 'López de Prado 2018, Advances in Financial Machine Learning, ch. 3.6',
  measure:
    () =>
    ({ side }, race) =>
      side === 1 || side === -1 ? (outcomeOf(race) === side ? 1 : 0) : Number.NaN,
}
