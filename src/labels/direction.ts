/**
 * Where the price is after some bars: above a threshold, below it, or between, whatever it does on the way.
 */
import { profitPrice } from '../market/entry.js'
import type { LabelType } from './label-type.js'

export const direction: LabelType = {
  name: 'direction',
  meaning:
    '1: the return from the entry over labels.directionBars decision bars is above +labels.directionThreshold. -1: below it on the other side. 0: between, or on it.',
  task: 'classification',
  classes: [-1, 0, 1],
  side: 'class',
  trades: 'both',
  window: 'bars',
  minimumRatio: 1,
  reference:
    'fixed-time horizon, López de Prado 2018, Advances in Financial Machine Learning, ch. 3.2; labels.costAware moves the threshold out by the costs',
  measure({ base: { close } }, { threshold, costs }) {
    const far = threshold + costs
    return ({ entryPrice, windowBar }) => {
      // Prices are compared, as barriers are: a return would round the two sides apart.
      const price = close[windowBar]
      return price > profitPrice(entryPrice, 1, far) ? 1 : price < profitPrice(entryPrice, -1, far) ? -1 : 0
    }
  },
}
