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

/** `count` steps of `size` as the decimal that an exchange would write: 1003 × 0.1 is 100.30000000000001, 1003 ÷ 10 is 100.3. */
function multiple(count: number, size: number): number {
  const parts = Math.round(1 / size)
  return Math.abs(parts * size - 1) < 1e-12 ? count / parts : count * size
}

/** The largest quantity in whole steps that is not above `quantity`. */
export function wholeSteps(quantity: number, { stepSize }: ExchangeRules): number {
  if (stepSize === 0) return quantity
  return multiple(Math.floor(quantity / stepSize + ROUNDING), stepSize)
}

/** To the tick that is worse for whoever trades in `direction`: +1 buys, higher; −1 sells, lower. */
export function worseTick(price: number, direction: Side, { tickSize }: ExchangeRules): number {
  if (tickSize === 0) return price
  const ticks = price / tickSize
  return multiple(direction > 0 ? Math.ceil(ticks - ROUNDING) : Math.floor(ticks + ROUNDING), tickSize)
}

/**
 * A barrier of a position on a tick, moved towards its side: the stop comes no later than its price, the profit no earlier. So who is stopped
 * at the price itself is stopped here, and who takes the profit here has had all of it. A stop whose tick is the entry's own stays beyond it.
 */
export function barrierTick(price: number, side: Side, reference: number, rules: ExchangeRules): number {
  const tick = worseTick(price, side, rules)
  return side * (reference - price) > 0 && side * (reference - tick) <= 0
    ? worseTick(price, side > 0 ? -1 : 1, rules)
    : tick
}

export function isLargeEnough(quantity: number, price: number, { minNotional }: ExchangeRules): boolean {
  return quantity > 0 && quantity * price >= minNotional
}
