/**
 * What it brings to sell a position or part of it, and the trade that is booked then. Money moves here, where a position is opened
 * (entries.ts) and for funding (funding.ts), nowhere else.
 */
import type { Side } from '../market/entry.js'
import { feeOf } from '../portfolio/costs.js'
import { worseTick } from '../portfolio/exchange-rules.js'
import { EXIT } from '../portfolio/exits.js'
import type { Leg } from './leg.js'
import { liquidationReference, placeLiquidation, worstPrice } from './liquidation.js'
import { countCut, type Purse, remainder, slippageOf, takenAtMost } from './purse.js'
import { EXIT_REASONS } from './types.js'

/**
 * Sells `quantity` of the position; what of its entry was not filled yet is not wanted any more.
 *
 * Of an isolated position the price is never beyond the one at which its margin is gone, and what is left of the margin pays the fees: all that
 * it loses after its entry is its margin.
 *
 * @param time   UTC ms: the bar's open, or its close for what happens inside it
 * @param asked  price before slippage
 * @param rests  at that price, for the fee of a resting order
 */
export function sell(
  purse: Purse,
  leg: Leg,
  bar: number,
  time: number,
  code: number,
  asked: number,
  quantity: number,
  rests: boolean,
): void {
  const { settings } = purse
  const { position, trade, order, terms } = leg
  const { side, entryPrice, entryReference } = position
  if (order.waiting && order.row === trade.decision_row) order.waiting = false
  const direction: Side = side > 0 ? -1 : 1
  if (!rests) countCut(purse, leg, bar, quantity)
  const filled = rests
    ? asked
    : worseTick(asked * (1 + direction * slippageOf(purse, leg, bar, quantity)), direction, terms)
  const isolated = purse.backing === 'isolated'
  const worst = isolated ? side * worstPrice(leg) : Number.NEGATIVE_INFINITY
  const reference = side * Math.max(side * asked, worst)
  const price = side * Math.max(side * filled, worst)
  const share = quantity / position.quantity
  const left = isolated
    ? Math.max(0, share * position.margin + side * quantity * (price - entryPrice))
    : Number.POSITIVE_INFINITY
  const fee = Math.min(left, feeOf(price * quantity, purse.fees.bps(time, rests)))
  const taken = code === EXIT.liquidation
  const liquidationFee = taken ? Math.min(left - fee, feeOf(price * quantity, settings.liquidationFeeBps)) : 0
  purse.cash = purse.cash + side * quantity * (price - entryPrice) - fee - liquidationFee
  purse.fees.trade(time, price * quantity)
  const sold = position.entered - position.quantity
  trade.exit_reference =
    sold === 0 ? reference : (trade.exit_reference * sold + reference * quantity) / (sold + quantity)
  trade.exit_price = sold === 0 ? price : (trade.exit_price * sold + price * quantity) / (sold + quantity)
  trade.gross_pnl += side * quantity * (reference - entryReference)
  trade.fees += fee
  trade.slippage_cost += quantity * (Math.abs(entryPrice - entryReference) + Math.abs(price - reference))
  trade.liquidation_fee += liquidationFee
  position.quantity = remainder(position.quantity, quantity)
  position.margin -= share * position.margin
  if (purse.log !== null) {
    const reason = EXIT_REASONS[code]
    const event = { side, price, quantity, fee, reason, liquidationFee, cash: purse.cash }
    purse.log.push({ type: 'exit', time, instrument: leg.index, ...event })
  }
  if (position.quantity === 0) closeTrade(purse, leg, bar, code, time)
  else placeLiquidation(purse, leg)
}

/** A market exit of all that is left, as far as the bar has the volume; the rest waits for the next bar's open. */
export function sellAtMarket(purse: Purse, leg: Leg, bar: number, time: number, code: number, reference: number): void {
  const { position } = leg
  const quantity =
    code === EXIT.end
      ? position.quantity
      : Math.min(position.quantity, takenAtMost(purse, leg, bar, position.side > 0 ? -1 : 1))
  if (quantity > 0) sell(purse, leg, bar, time, code, reference, quantity, false)
  if (position.quantity > 0) position.closing = code
}

/** The exchange takes an isolated position away in the bar, all of it. */
export function liquidate(purse: Purse, leg: Leg, bar: number): void {
  const reference = liquidationReference(leg, bar)
  const close = leg.base.openTime[bar] + leg.stepMs
  sell(purse, leg, bar, close, EXIT.liquidation, reference, leg.position.quantity, false)
}

function closeTrade(purse: Purse, leg: Leg, bar: number, code: number, time: number): void {
  const { trade, position, recorder } = leg
  const { side, entryReference } = position
  trade.exit_time = time
  trade.quantity = position.entered
  trade.entry_reference = entryReference
  trade.entry_price = position.entryPrice
  trade.exit_reason = code
  trade.net_pnl = trade.gross_pnl - trade.fees - trade.slippage_cost - trade.funding - trade.liquidation_fee
  seeExtremesOfExit(leg, bar, code)
  trade.mae = side * ((side > 0 ? position.low : position.high) / entryReference - 1)
  trade.mfe = side * ((side > 0 ? position.high : position.low) / entryReference - 1)
  trade.bars_held = bar - position.entryBar + 1
  trade.return_on_equity = trade.net_pnl / trade.equity_before
  recorder.add(trade)
  purse.open--
}

/** Of the exit bar, a touched profit may have been preceded by the bar's worst price, a stop by no better price. */
function seeExtremesOfExit({ position, base, trade }: Leg, bar: number, code: number): void {
  const { side } = position
  if (code === EXIT.profit && side > 0) position.low = Math.min(position.low, base.low[bar])
  if (code === EXIT.profit && side < 0) position.high = Math.max(position.high, base.high[bar])
  position.low = Math.min(position.low, trade.exit_reference)
  position.high = Math.max(position.high, trade.exit_reference)
}
