/**
 * Triple barrier for both sides: would a long have won, a short, or neither?
 *
 * The two stops are the inner pair of barriers (profit >= stop), so whichever is touched first settles one side at once
 * and leaves the other; a second search from the same bar settles that one.
 */
import { profitPrice, stopPrice } from '../market/entry.js'
import { firstTouch } from './barrier-path.js'
import { type LabelType, OUTCOME } from './label-type.js'

export const ternary: LabelType = {
  name: 'ternary',
  meaning: '1: a long would win (+profit before -stop). -1: a short would win (-profit before +stop). 0: neither.',
  classes: [-1, 0, 1],
  reference: 'López de Prado 2018, Advances in Financial Machine Learning, ch. 3.4, run once for each side',
  minimumRatio: 1,
  resolve(path, event, outcome) {
    const { entryPrice, entryBar, horizonBar, profit } = event
    const longStop = stopPrice(entryPrice, 1, event.stop)
    const shortStop = stopPrice(entryPrice, -1, event.stop)
    const first = firstTouch(path, entryBar, horizonBar, shortStop, longStop)
    outcome.label = 0
    outcome.long = outcome.short = OUTCOME.none
    outcome.longBar = outcome.shortBar = -1
    outcome.touched = false
    outcome.lastBar = horizonBar
    if (first < 0) return
    const longStopped = path.base.low[first] <= longStop
    const shortStopped = path.base.high[first] >= shortStop
    if (longStopped) {
      outcome.long = OUTCOME.stop
      outcome.longBar = first
    }
    if (shortStopped) {
      outcome.short = OUTCOME.stop
      outcome.shortBar = first
    }
    if (longStopped && shortStopped) {
      outcome.touched = true
      outcome.lastBar = first
      return
    }
    const up = shortStopped ? profitPrice(entryPrice, 1, profit) : shortStop
    const down = shortStopped ? longStop : profitPrice(entryPrice, -1, profit)
    const second = firstTouch(path, first, horizonBar, up, down)
    if (second < 0) return
    outcome.touched = true
    outcome.lastBar = second
    // Both in one bar: the stop came first.
    if (shortStopped) {
      outcome.long = path.base.low[second] <= longStop ? OUTCOME.stop : OUTCOME.win
      outcome.longBar = second
      if (outcome.long === OUTCOME.win) outcome.label = 1
    } else {
      outcome.short = path.base.high[second] >= shortStop ? OUTCOME.stop : OUTCOME.win
      outcome.shortBar = second
      if (outcome.short === OUTCOME.win) outcome.label = -1
    }
  },
}
