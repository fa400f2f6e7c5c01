/**
 * Triple barrier for a long: profit first, stop first, or neither within the horizon.
 */
import { type LabelType, OUTCOME } from './label-type.js'

export const binary: LabelType = {
  name: 'binary',
  meaning: '1: a long reaches +profit before -stop. 0: -stop comes first. Neither within the horizon: no class.',
  task: 'classification',
  classes: [0, 1],
  side: 'class',
  trades: 'long',
  window: 'race',
  minimumRatio: 0,
  reference:
    'López de Prado 2018, Advances in Financial Machine Learning, ch. 3.4; neither is left out here, not signed',
  measure: () => (_, race) => (race.long === OUTCOME.none ? Number.NaN : race.long === OUTCOME.win ? 1 : 0),
}
