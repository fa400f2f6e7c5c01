/**
 * From the settings of a unit, its bars and the primary's column to what labels are made of.
 */
import { durationMs } from '../../config/durations.js'
import type { Json } from '../../core/canonical.js'
import { timeframeMs } from '../../core/time.js'
import { type BarrierKind, barrierDistances, type VolatilityMethod } from '../../labels/distances.js'
import type { LabelInputs } from '../../labels/label.js'
import type { LabelTypeName } from '../../labels/registry.js'
import type { Bars } from '../../market/bars.js'
import { profitOrderFor, roundTripCost } from '../../portfolio/costs.js'

/** Settings that do not decide this type are not among a unit's own, and then are not read. */
export function labelInputs(
  settings: { readonly [name: string]: Json },
  bars: { readonly base: Bars; readonly decision: Bars },
  side: Float64Array | null,
): LabelInputs & { readonly profit: Float64Array; readonly stop: Float64Array } {
  const { base, decision } = bars
  const number = (name: string) => Number(settings[name])
  const stepMs = timeframeMs(decision.timeframe)
  const horizonMs = durationMs(String(settings['labels.horizon'])) ?? 0
  const costs =
    settings['labels.costAware'] === true
      ? {
          makerBps: number('backtest.makerBps'),
          takerBps: number('backtest.takerBps'),
          slippageBps: number('backtest.slippageBps'),
        }
      : null
  const distances = barrierDistances(
    {
      barrier: settings['labels.barrier'] as BarrierKind,
      profit: number('labels.profit'),
      stop: number('labels.stop'),
      atrMultiple: number('labels.atrMultiple'),
      volatilityMethod: settings['labels.volatilityMethod'] as VolatilityMethod,
      volatilityBars: number('labels.volatilityBars'),
      volatilityMultiple: number('labels.volatilityMultiple'),
      profitAfter: (profit) => (costs === null ? profit : profitOrderFor(profit, costs)),
    },
    decision,
    horizonMs,
  )
  return {
    base,
    availableTime: decision.openTime.map((time) => time + stepMs),
    type: settings['labels.type'] as LabelTypeName,
    horizonMs,
    directionMs: number('labels.directionBars') * stepMs,
    threshold: number('labels.directionThreshold'),
    costs: costs === null ? 0 : roundTripCost(costs),
    ...distances,
    side,
    latencyBars: number('backtest.latencyBars'),
  }
}

/** The side that a feature column names: the sign of its value; NaN where it is not known. */
export function sidesOf(column: Float64Array): Float64Array {
  return column.map(Math.sign)
}
