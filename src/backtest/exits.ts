/**
 * How a position ends inside a bar. Kept apart from the account, so that whoever needs to know only when a trade ends
 * uses the same rule.
 */
import type { Bars } from '../market/bars.js'
import { isHole, type Side } from '../market/entry.js'

/** Codes are indices into EXIT_REASONS; -1 = the position lives on. */
export const EXIT = { none: -1, stop: 0, profit: 1, time: 2, gap: 3, end: 4 } as const

/** What the bar does to a position with these two barriers. Both touched: the stop came first. */
export function barrierExit(side: Side, low: number, high: number, stopPrice: number, profitPrice: number): number {
  if (side > 0) return low <= stopPrice ? EXIT.stop : high >= profitPrice ? EXIT.profit : EXIT.none
  return high >= stopPrice ? EXIT.stop : low <= profitPrice ? EXIT.profit : EXIT.none
}

/**
 * Price at which a position ends, before slippage.
 *
 * A stop that the bar opens beyond fills at that open. A profit order rests at its price and fills there even if the
 * bar opens beyond it, since nothing says how much of the queue was ahead.
 */
export function exitReference(code: number, side: Side, bar: number, base: Bars, stop: number, profit: number): number {
  const open = base.open[bar]
  if (code === EXIT.stop) return side > 0 ? Math.min(open, stop) : Math.max(open, stop)
  if (code === EXIT.profit) return profit
  return code === EXIT.gap ? open : base.close[bar]
}

/** Last bar whose prices are known, -1 if there is none. */
export function lastKnownBar(base: Bars): number {
  for (let bar = base.rows - 1; bar >= 0; bar--) {
    if (!isHole(base, bar)) return bar
  }
  return -1
}
