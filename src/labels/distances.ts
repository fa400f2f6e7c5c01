/**
 * How far away the barriers are, row by row: fixed fractions of the price, or scaled by how much it has moved of late. What scales them
 * is known at the close of the row's own bar.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { exponentialDeviation } from '../math/exponential-deviation.js'
import { rollingStd } from '../math/rolling-moments.js'
import { averageTrueRange } from '../math/true-range.js'

export const BARRIER_KINDS = ['fixed', 'atr', 'volatility'] as const
export type BarrierKind = (typeof BARRIER_KINDS)[number]

export const VOLATILITY_METHODS = ['ewma', 'rolling'] as const
export type VolatilityMethod = (typeof VOLATILITY_METHODS)[number]

export type BarrierSettings = {
  readonly barrier: BarrierKind
  readonly profit: number // fraction of the entry price
  readonly stop: number // fraction of the entry price
  readonly atrMultiple: number
  readonly volatilityMethod: VolatilityMethod
  readonly volatilityBars: number // decision bars
  readonly volatilityMultiple: number
  /** The profit order that leaves so much after costs; the identity unless labels are cost-aware. */
  readonly profitAfter: (profit: number) => number
}

/** Wilder's usual period. */
const ATR_BARS = 14

/**
 * Distances of profit and stop as fractions of the price.
 *
 * - `fixed`: the settings themselves.
 * - `atr`: stop = atrMultiple × ATR 14 ÷ close.
 * - `volatility`: stop = volatilityMultiple × deviation of log returns over one bar × √(horizon ÷ bar). López de Prado 2018, Advances in
 *   Financial Machine Learning, ch. 3.1, has the exponentially weighted deviation of daily returns for one day; here it is of decision
 *   bars, scaled to the horizon as a random walk spreads.
 *
 * In the last two profit keeps the ratio profit ÷ stop of the settings, so that one break-even precision holds for all kinds. Costs
 * move the profit out after that and leave the stop where it is.
 *
 * @param bars  decision bars on a complete grid [n]
 * @returns     both [n]; NaN where the range is not known
 */
export function barrierDistances(
  settings: BarrierSettings,
  bars: Bars,
  horizonMs: number,
): { readonly profit: Float64Array; readonly stop: Float64Array } {
  const stop = stopDistances(settings, bars, horizonMs)
  const ratio = settings.profit / settings.stop
  const fixed = settings.profitAfter(settings.profit)
  const profit = settings.barrier === 'fixed' ? stop.map(() => fixed) : stop.map((x) => settings.profitAfter(ratio * x))
  return { profit, stop }
}

function stopDistances(settings: BarrierSettings, bars: Bars, horizonMs: number): Float64Array {
  const { barrier, atrMultiple, volatilityMethod, volatilityBars, volatilityMultiple } = settings
  const { close, rows } = bars
  if (barrier === 'fixed') return new Float64Array(rows).fill(settings.stop)
  if (barrier === 'atr') return averageTrueRange(bars, ATR_BARS).map((range, i) => (atrMultiple * range) / close[i])
  const stepMs = timeframeMs(bars.timeframe)
  const returns = close.map((price, i) => (i === 0 ? Number.NaN : Math.log(price / close[i - 1])))
  const deviation =
    volatilityMethod === 'ewma'
      ? exponentialDeviation(returns, volatilityBars)
      : rollingStd(returns, volatilityBars, rows === 0 ? 0 : bars.openTime[0] / stepMs)
  const scale = volatilityMultiple * Math.sqrt(horizonMs / stepMs)
  return deviation.map((x) => scale * x)
}
