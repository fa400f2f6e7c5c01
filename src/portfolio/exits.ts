/**
 * How a position ends: a stop, one profit order or several, a stop that trails, time, a signal for the other side. Kept apart from the
 * account, so that backtest, signals and whoever needs to know only when a trade ends use the same rules.
 */
import type { Bars } from '../market/bars.js'
import { profitPrice, type Side } from '../market/entry.js'

/** Codes are indices into EXIT_REASONS; -1 = the position lives on. */
export const EXIT = {
  none: -1,
  stop: 0,
  profit: 1,
  time: 2,
  gap: 3,
  end: 4,
  trailing: 5,
  reversal: 6,
  liquidation: 7,
} as const

/** Part of the position that is sold at a profit of so much, both fractions. */
export type TakeProfit = { readonly share: number; readonly profit: number }

/** What is done with a position beside its label's stop and horizon. */
export type ExitPlan = {
  /** Resting orders, nearest first, shares adding up to 1; empty: the whole at the label's profit. */
  readonly takeProfits: readonly TakeProfit[]
  /** Distance at which the stop follows the best price, fraction of it; 0: it stays. */
  readonly trailing: number
  /** Profit from which on it follows, fraction of the entry reference. */
  readonly trailingAfter: number
  /** A signal for the other side closes the position at its own entry. */
  readonly reversal: boolean
}

/** Writes the prices of the profit orders and what each sells; returns their number. */
export function placeTargets(
  plan: ExitPlan,
  side: Side,
  reference: number,
  profit: number,
  prices: Float64Array,
  shares: Float64Array,
): number {
  const { takeProfits } = plan
  if (takeProfits.length === 0) {
    prices[0] = profitPrice(reference, side, profit)
    shares[0] = 1
    return 1
  }
  for (let i = 0; i < takeProfits.length; i++) {
    prices[i] = profitPrice(reference, side, takeProfits[i].profit)
    shares[i] = takeProfits[i].share
  }
  return takeProfits.length
}

/** The stop after a bar whose best price was `extreme`: it never goes back. In force from the next bar, for nothing says whether the bar's best
 * price came before its worst. */
export function trailedStop(plan: ExitPlan, side: Side, reference: number, extreme: number, stop: number): number {
  if (plan.trailing === 0 || side * (extreme / reference - 1) < plan.trailingAfter) return stop
  const trailed = extreme * (1 - side * plan.trailing)
  return side > 0 ? Math.max(stop, trailed) : Math.min(stop, trailed)
}

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
  if (code === EXIT.stop || code === EXIT.trailing) return side > 0 ? Math.min(open, stop) : Math.max(open, stop)
  if (code === EXIT.profit) return profit
  return code === EXIT.gap || code === EXIT.reversal ? open : base.close[bar]
}
