/**
 * The return from the entry to the end of the horizon, no further than the profit barriers of both sides.
 */
import type { LabelType } from './label-type.js'

export const regression: LabelType = {
  name: 'regression',
  meaning:
    'Return from the entry to the close of the horizon, clipped to ±profit, the outer barriers of both sides: a clip at -stop would make the mean of noise positive.',
  task: 'regression',
  classes: [],
  side: 'sign',
  trades: 'both',
  window: 'horizon',
  minimumRatio: 1,
  reference: 'ours; labels.costAware takes the costs off towards zero',
  measure({ base: { close } }, { costs }) {
    return ({ entryPrice, windowBar, profit }) => {
      const gross = Math.max(-profit, Math.min(profit, close[windowBar] / entryPrice - 1))
      // What is left to the side that would have been right; nothing where the costs eat it.
      return gross > costs ? gross - costs : gross < -costs ? gross + costs : 0
    }
  },
}
