/**
 * Triple barrier for a long: profit first, stop first, or neither within the horizon.
 */
import { profitPrice, stopPrice } from '../market/entry.js'
import { firstTouch } from './barrier-path.js'
import { type LabelType, OUTCOME } from './label-type.js'

export const binary: LabelType = {
  name: 'binary',
  meaning: '1: a long reaches +profit before -stop. 0: -stop comes first. Neither within the horizon: no class.',
  classes: [0, 1],
  reference:
    'López de Prado 2018, Advances in Financial Machine Learning, ch. 3.4; neither is left out here, not signed',
  minimumRatio: 0,
  resolve(path, event, outcome) {
    const stop = stopPrice(event.entryPrice, 1, event.stop)
    const bar = firstTouch(path, event.entryBar, event.horizonBar, profitPrice(event.entryPrice, 1, event.profit), stop)
    outcome.short = OUTCOME.none
    outcome.shortBar = -1
    outcome.longBar = bar
    outcome.touched = bar >= 0
    outcome.lastBar = bar >= 0 ? bar : event.horizonBar
    // Both barriers in one bar: their order is unknown, so the stop is taken to have come first.
    outcome.long = bar < 0 ? OUTCOME.none : path.base.low[bar] <= stop ? OUTCOME.stop : OUTCOME.win
    outcome.label = bar < 0 ? Number.NaN : outcome.long === OUTCOME.win ? 1 : 0
  },
}
