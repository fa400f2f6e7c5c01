/**
 * Triple barrier for both sides: would a long have won, a short, or neither?
 */
import type { LabelType } from './label-type.js'
import { outcomeOf } from './race.js'

export const ternary: LabelType = {
  name: 'ternary',
  meaning: '1: a long would win (+profit before -stop). -1: a short would win (-profit before +stop). 0: neither.',
  task: 'classification',
  classes: [-1, 0, 1],
  side: 'class',
  trades: 'both',
  window: 'race',
  minimumRatio: 1,
  reference: 'López de Prado 2018, Advances in Financial Machine Learning, ch. 3.4, run once for each side',
  measure: () => (_, race) => outcomeOf(race),
}
