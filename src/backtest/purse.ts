/**
 * What the instruments of an account share: its money, what it is worth, and what may still be opened with it.
 */
import type { Side } from '../market/entry.js'
import { wholeSteps } from '../portfolio/exchange-rules.js'
import type { FeeLadder } from '../portfolio/fee-tiers.js'
import { largestNotional } from '../portfolio/margin.js'
import { slippageFraction } from '../portfolio/slippage.js'
import type { Leg } from './leg.js'
import type { BacktestEvent, BacktestSettings, Skipped } from './types.js'

export type Purse = {
  readonly settings: BacktestSettings
  /** What stands behind a position: its own margin, the account, or on a spot market its whole price. */
  readonly backing: 'isolated' | 'cross' | 'price'
  readonly fees: FeeLadder
  readonly log: BacktestEvent[] | null
  readonly legs: readonly Leg[]
  /** All bars are at hand and will not change. */
  readonly whole: boolean
  soon: number // bar of the clock before which all legs are quiet, as far as it is known
  cash: number // without what open positions would bring
  peak: number // highest equity at a close
  open: number // positions
}

/** Cash and what open positions would bring at the last known closes. */
export function equityOf({ cash, legs, open }: Purse): number {
  let equity = cash
  if (open === 0) return equity
  for (let i = 0; i < legs.length; i++) {
    const { side, quantity, lastClose, entryPrice } = legs[i].position
    if (quantity > 0) equity += side * quantity * (lastClose - entryPrice)
  }
  return equity
}

/** Cash that is nobody's margin. */
export function freeCash({ cash, legs }: Purse): number {
  let free = cash
  for (let i = 0; i < legs.length; i++) if (legs[i].position.quantity > 0) free -= legs[i].position.margin
  return free
}

/** So that what is lost to the last cent does not end a rounding below 0. */
const HAIR = 1 - 1e-13

/**
 * Notional that may still be opened on an instrument, so that its margin and the fee of its entry are there: of the equity what positions do
 * not use at the last closes, and, but for a crossed account, of cash alone, for what another position has not realised backs nothing. Never
 * more than the exchange allows at that leverage.
 *
 * @param feeRate  of the entry, fraction of the notional
 */
export function roomFor(purse: Purse, { terms, margins }: Leg, feeRate: number): number {
  const { legs, settings, open, backing } = purse
  let used = 0
  if (open > 0) {
    for (let i = 0; i < legs.length; i++) {
      const { position, terms: own } = legs[i]
      if (position.quantity > 0) used += (position.quantity * position.lastClose) / own.leverage
    }
  }
  const unused = equityOf(purse) - used
  const backed = backing === 'cross' || open === 0 ? unused : Math.min(unused, freeCash(purse))
  const whole = ((terms.leverage * backed) / (1 + terms.leverage * feeRate)) * HAIR
  return settings.market === 'spot' ? whole : Math.min(whole, largestNotional(margins, terms.leverage))
}

/** What a market order of this quantity loses in the bar, fraction of the price. NaN: not known. */
export function slippageOf(purse: Purse, leg: Leg, bar: number, quantity: number): number {
  const { settings } = purse
  const { conditions, position } = leg
  const volatility = conditions === null ? Number.NaN : conditions.volatility[bar]
  const volume = conditions === null ? Number.NaN : conditions.volume[bar]
  const fraction = slippageFraction(settings.slippage, settings, volatility, quantity / volume)
  // After a day of holes a position must still be closed: at what it cost to open.
  return Number.isNaN(fraction) && position.quantity > 0
    ? Math.abs(position.entryPrice / position.entryReference - 1)
    : fraction
}

/** Notes a fill whose slippage is the most there may be. */
export function countCut(purse: Purse, leg: Leg, bar: number, quantity: number): void {
  if (slippageOf(purse, leg, bar, quantity) >= purse.settings.maxSlippageBps * 1e-4) leg.cutSlippage++
}

/** Quantity that the bar's volume has for one fill. */
export function volumeFor({ settings }: Purse, { base, terms }: Leg, bar: number): number {
  if (settings.volumeShare === Number.POSITIVE_INFINITY) return settings.volumeShare
  return wholeSteps(settings.volumeShare * base.volume[bar], terms)
}

/** Quantity that a market order finds: the bar's volume, and the book that was there when it opened, where one was recorded. */
export function takenAtMost(purse: Purse, leg: Leg, bar: number, direction: Side): number {
  const { settings } = purse
  const volume = volumeFor(purse, leg, bar)
  if (leg.depth === null || settings.depthShare === Number.POSITIVE_INFINITY) return volume
  const resting = (direction > 0 ? leg.depth.asks : leg.depth.bids)[bar]
  return Number.isNaN(resting) ? volume : Math.min(volume, wholeSteps(settings.depthShare * resting, leg.terms))
}

/** What rounding leaves of whole steps is nothing: it would be an order of its own in the next bar. */
export function remainder(all: number, part: number): number {
  const left = all - part
  return left > 1e-12 * all ? left : 0
}

/** Counts why a decision became no trade; the order that waits, or the position that is open, stays. */
export function skip(purse: Purse, leg: Leg, time: number, row: number, reason: keyof Skipped): void {
  leg.skipped[reason]++
  purse.log?.push({ type: 'skip', time, instrument: leg.index, row, reason })
}

/** The same of the order that waits: it is withdrawn. */
export function drop(purse: Purse, leg: Leg, time: number, reason: keyof Skipped): void {
  const { order } = leg
  order.waiting = false
  skip(purse, leg, time, order.row, reason)
}
