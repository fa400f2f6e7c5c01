/**
 * How much the price moves within the horizon, either way.
 */
import type { LabelType } from './label-type.js'

export const volatility: LabelType = {
  name: 'volatility',
  meaning:
    'Realised volatility from the entry to the end of the horizon: the root of the sum of squared log returns of the base bars, not scaled to a year. It names no side: such a model is scored and not traded.',
  task: 'regression',
  classes: [],
  side: null,
  trades: 'both',
  window: 'horizon',
  minimumRatio: 1,
  reference: 'Andersen & Bollerslev 1998, International Economic Review 39(4)',
  measure({ base: { close, rows } }) {
    // Sums up to each bar: a window is a difference of two, so no event walks its bars. Rising, so no difference is negative.
    const before = new Float64Array(rows + 1)
    for (let i = 0; i < rows; i++) {
      const step = i === 0 ? Number.NaN : Math.log(close[i] / close[i - 1])
      before[i + 1] = before[i] + (Number.isNaN(step) ? 0 : step * step)
    }
    return ({ entryBar, windowBar, entryPrice }) => {
      const first = Math.log(close[entryBar] / entryPrice)
      return Math.sqrt(first * first + before[windowBar + 1] - before[entryBar + 1])
    }
  },
}
