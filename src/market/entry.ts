/**
 * The one rule for entering a trade. Labels and backtest both use it, so that what a label promises is what a trade
 * would have met: same bar, same reference price, same barrier prices to the last bit.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'

/**
 * The base bar at whose open a decision of time t0 is executed: the first that opens at or after
 * t0 + latencyBars × the base timeframe.
 *
 * @param t0  UTC ms at which the decision could be known: the `available_time` of its row
 * @returns   index of the bar; -1 where that bar is a hole or lies outside the data: then there is no entry
 */
export function entryBar(base: Bars, t0: number, latencyBars: number): number {
  const bar = firstBarFrom(base, t0) + latencyBars
  return bar >= 0 && bar < base.rows && !isHole(base, bar) ? bar : -1
}

/** Index on the grid of the first bar that opens at or after `time`; may lie before or after the data. */
export function firstBarFrom(base: Bars, time: number): number {
  return base.rows === 0 ? 0 : Math.ceil((time - base.openTime[0]) / timeframeMs(base.timeframe))
}

/** Index on the grid of the last bar that has closed by `time`; may lie before or after the data. */
export function lastBarBy(base: Bars, time: number): number {
  return base.rows === 0 ? -1 : Math.floor((time - base.openTime[0]) / timeframeMs(base.timeframe)) - 1
}

/** A bar of which any price is not known. */
export function isHole(base: Bars, bar: number): boolean {
  return Number.isNaN(base.open[bar] + base.high[bar] + base.low[bar] + base.close[bar])
}

/** +1 long, -1 short. */
export type Side = 1 | -1

/** Price at which a position takes its profit; `profit` is a fraction of the entry reference. */
export function profitPrice(reference: number, side: Side, profit: number): number {
  return reference * (1 + side * profit)
}

/** Price at which a position is stopped; `stop` is a fraction of the entry reference. */
export function stopPrice(reference: number, side: Side, stop: number): number {
  return reference * (1 - side * stop)
}
