/**
 * What an exchange accepts: prices in ticks, quantities in steps, orders from a smallest notional. 0 = the rule is not applied.
 */
import type { Side } from '../market/entry.js'

export type ExchangeRules = {
  readonly tickSize: number // quote currency
  readonly stepSize: number // base asset
  readonly minNotional: number // quote currency
}

/** Of a tick or step: 0.3 ÷ 0.1 is 2.9999999999999996, and still three steps. */
const ROUNDING = 1e-9

/** The largest quantity in whole steps that is not above `quantity`. */
export function wholeSteps(quantity: number, { stepSize }: ExchangeRules): number {
  return stepSize === 0 ? quantity : Math.floor(quantity / stepSize + ROUNDING) * stepSize
}

/** To the tick that is worse for whoever trades in `direction`: +1 buys, higher; −1 sells, lower. */
export function worseTick(price: number, direction: Side, { tickSize }: ExchangeRules): number {
  if (tickSize === 0) return price
  const ticks = price / tickSize
  return (direction > 0 ? Math.ceil(ticks - ROUNDING) : Math.floor(ticks + ROUNDING)) * tickSize
}

export function isLargeEnough(quantity: number, price: number, { minNotional }: ExchangeRules): boolean {
  return quantity > 0 && quantity * price >= minNotional
}
