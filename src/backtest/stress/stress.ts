/**
 * Everything that could have been worse, for one traded part: costs, delays, markets, and luck. Same inputs and seed, same numbers.
 */
import type { Bars } from '../../market/bars.js'
import type { IntervalSettings } from '../bootstrap.js'
import type { RandomEntries } from '../random-entries.js'
import type { Backtest, BacktestInputs } from '../types.js'
import { dayPaths, signalTest, tradeOrder } from './chance.js'
import { regimes } from './regimes.js'
import { shocks } from './shocks.js'
import { costSurface } from './surface.js'
import { worstWindows } from './windows.js'

export type Stress = ReturnType<typeof stressTest>

/** What takes the engine many times, and may be done apart. */
export type CostReruns = ReturnType<typeof costReruns>

export function costReruns(inputs: BacktestInputs, result: Backtest) {
  return { surface: costSurface(inputs), shocks: shocks(inputs, result.trades) }
}

/**
 * @param inputs  what the backtest ran on
 * @param result  what came of it
 * @param hold    buying and holding on the same bars; null where there is none
 * @param random  entries drawn by lot, as they were compared with it; null without a trade
 * @param costs   of the same inputs
 * @param history of the same market, from before the first bar on
 * @returns       plain numbers that fit into JSON; null is not known
 */
export function stressTest(
  inputs: BacktestInputs,
  result: Backtest,
  hold: Backtest | null,
  random: RandomEntries | null,
  costs: CostReruns,
  history: Bars,
  settings: IntervalSettings,
) {
  const { openTime } = inputs.base
  return {
    surface: costs.surface,
    windows: worstWindows(result, hold, openTime),
    shocks: costs.shocks,
    regimes: regimes(result, inputs.base, history, settings),
    tradeOrder: tradeOrder(result, settings.seed),
    days: dayPaths(result, openTime, settings.seed),
    signal: signalTest(random),
  }
}
