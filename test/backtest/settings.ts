/** Settings and decisions shared by the tests of the engine. */

import { backtestSettings } from '../../src/backtest/settings.js'
import type { BacktestSettings, MarkPrice, TradeDecisions } from '../../src/backtest/types.js'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import { createRandom } from '../../src/core/random.js'
import { HOUR, MINUTE } from '../../src/core/time.js'
import type { Bars, Funding } from '../../src/market/bars.js'

export const DEFAULTS: BacktestSettings = backtestSettings(resolveConfig([]).config as unknown as Record<string, Json>)

export const FREE: BacktestSettings = { ...DEFAULTS, makerBps: 0, takerBps: 0, slippageBps: 0 }

/** TradeDecisions at given [minute, side] with profit 2 %, stop 1 %. */
export function decide(
  start: number,
  list: readonly (readonly [number, number])[],
  horizonMinutes = 5,
): TradeDecisions {
  return {
    time: Float64Array.from(list, ([minute]) => start + minute * MINUTE),
    side: Int8Array.from(list, ([, side]) => side),
    stop: new Float64Array(list.length).fill(0.01),
    profit: new Float64Array(list.length).fill(0.02),
    horizonMs: horizonMinutes * MINUTE,
  }
}

/** A decision row at every bar; each has a side with this probability. */
export function randomDecisions(base: Bars, seed: number, probability: number, horizonMinutes = 30): TradeDecisions {
  const random = createRandom(seed, 'test decisions')
  const side = Int8Array.from({ length: base.rows }, () =>
    random.next() < probability ? (random.next() < 0.5 ? 1 : -1) : 0,
  )
  const rows = decide(
    base.openTime[0],
    Array.from(side, (s, i) => [i, s]),
    horizonMinutes,
  )
  return { ...rows, time: base.openTime }
}

/** Prints every hour of the span of the bars, so that short walks meet many. */
export function hourlyFunding(base: Bars, seed: number): Funding {
  const random = createRandom(seed, 'test funding')
  const count = Math.ceil((base.openTime[base.rows - 1] - base.openTime[0]) / HOUR) + 1
  return {
    time: Float64Array.from({ length: count }, (_, i) => base.openTime[0] + i * HOUR),
    rate: Float64Array.from({ length: count }, () => 0.001 * random.normal()),
    intervalHours: new Float64Array(count).fill(1),
  }
}

/** A mark price that is this at every moment of a bar. */
export function flatMark(price: Float64Array): MarkPrice {
  return { high: price, low: price, close: price, whole: true }
}
