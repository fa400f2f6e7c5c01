/**
 * The same decisions through the same engine under other conditions, in the few numbers that a stress test compares.
 */
import { UserError } from '../../core/errors.js'
import { timeframeMs } from '../../core/time.js'
import { runBacktest } from '../engine.js'
import { computeMetrics, metricContext } from '../metrics.js'
import type { BacktestInputs } from '../types.js'

export type Outcome = {
  readonly trades: number
  readonly totalReturn: number | null
  readonly sharpe: number | null
  readonly maxDrawdown: number | null
  /** Why there is no result at all; a missing Sharpe ratio alone has none. */
  readonly reason?: string
}

/** What cannot be run under these conditions, such as a latency beyond the horizon, says why. */
export function rerun(inputs: BacktestInputs): Outcome {
  try {
    const result = runBacktest({ ...inputs, events: false })
    const context = metricContext(result, inputs.base.openTime, timeframeMs(inputs.base.timeframe))
    const metrics = computeMetrics(context, 0, ['total_return', 'sharpe', 'max_drawdown'])
    return {
      trades: result.trades.rows,
      totalReturn: metrics.total_return.value,
      sharpe: metrics.sharpe.value,
      maxDrawdown: metrics.max_drawdown.value,
    }
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown
    return { trades: 0, totalReturn: null, sharpe: null, maxDrawdown: null, reason: thrown.message }
  }
}
