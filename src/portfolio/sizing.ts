/**
 * How much to trade. Shared by backtest and signals.
 */

export type FixedRisk = {
  readonly equity: number // quote currency
  readonly riskFraction: number // share of equity lost when the stop fills at its price, costs apart
  readonly stop: number // distance of the stop, fraction of the entry reference
  readonly leverage: number // largest notional ÷ equity
  readonly reference: number // price from which the stop is measured
  readonly fillPrice: number // price paid, after slippage
}

/**
 * Quantity of the base asset for a fixed risk: riskFraction × equity ÷ stop distance, but never a notional above
 * leverage × equity.
 *
 * @returns 0 where there is no equity left
 */
export function fixedRiskQuantity(sizing: FixedRisk): number {
  const { equity, riskFraction, stop, leverage, reference, fillPrice } = sizing
  if (!(equity > 0)) return 0
  return Math.min((riskFraction * equity) / (stop * reference), (leverage * equity) / fillPrice)
}
