/**
 * Every path of a scheme that scores rows several times, each traded as an account of its own. The first is the out-of-fold part that is
 * shown; how far the others lie from it says how much of it is luck of the folds.
 */
import { computeMetrics, metricContext } from '../../backtest/metrics.js'
import { type TradedRows, tradePredictions } from '../../backtest/trade-predictions.js'
import type { BacktestSettings } from '../../backtest/types.js'
import { timeframeMs } from '../../core/time.js'
import type { PathRow } from '../../report/split.js'

type Market = Parameters<typeof tradePredictions>[1]

export function tradePaths(
  paths: readonly TradedRows[],
  market: Market,
  settings: BacktestSettings,
  { horizonMs, minTrades }: { readonly horizonMs: number; readonly minTrades: number },
): PathRow[] {
  return paths.map((rows, i) => {
    const { inputs, result } = tradePredictions(rows, market, settings, horizonMs)
    const metrics = computeMetrics(
      metricContext(result, inputs.base.openTime, timeframeMs(inputs.base.timeframe)),
      minTrades,
    )
    return {
      path: i + 1,
      trades: result.trades.rows,
      totalReturn: metrics.total_return.value,
      sharpe: metrics.sharpe.value,
      maxDrawdown: metrics.max_drawdown.value,
    }
  })
}
