/**
 * What trading costs: fees and slippage of one fill. Shared by backtest and signals.
 */
import type { Side } from '../market/entry.js'

/** Basis points of the notional (1 bp = 0.0001). */
export type Costs = {
  readonly makerBps: number // fee of a resting order
  readonly takerBps: number // fee of a market order
  readonly slippageBps: number // how much worse than the reference a market order fills
}

const BASIS_POINT = 1e-4

/** Price of a market order: `direction` +1 buys above the reference, -1 sells below it. */
export function marketFill(reference: number, direction: Side, slippageBps: number): number {
  return reference * (1 + direction * slippageBps * BASIS_POINT)
}

/** Fee in quote currency for a fill of this notional (price × quantity, not negative). */
export function feeOf(notional: number, bps: number): number {
  return notional * bps * BASIS_POINT
}

/** Fees and slippage of two market orders, as a fraction of the notional: what a trade pays that does not end at
 * its profit order, whose exit is cheaper. */
export function roundTripCost(costs: Costs): number {
  return 2 * (costs.takerBps + costs.slippageBps) * BASIS_POINT
}

/**
 * How far from the entry reference a profit order must rest so that `net` is left after the costs of both fills, all fractions of
 * the reference: a market order in, the resting order out.
 *
 * Of the two sides the larger distance, which is the long's: its fees are taken of higher prices. So a short that reaches it is left
 * with a little more, by less than net × makerBps × 2.
 */
export function profitOrderFor(net: number, { makerBps, takerBps, slippageBps }: Costs): number {
  const paid = marketFill(1, 1, slippageBps)
  return (net + paid + feeOf(paid, takerBps)) / (1 - feeOf(1, makerBps)) - 1
}
