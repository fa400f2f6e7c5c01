/**
 * What a fill does to an account: price, fee, and what is booked of the trade. Money moves here and for funding (funding.ts), nowhere else.
 */
import { DAY } from '../core/time.js'
import { isHole, type Side, stopPrice } from '../market/entry.js'
import { feeOf } from '../portfolio/costs.js'
import { isLargeEnough, wholeSteps, worseTick } from '../portfolio/exchange-rules.js'
import { EXIT, placeTargets } from '../portfolio/exits.js'
import type { FeeLadder } from '../portfolio/fee-tiers.js'
import { bankruptcyPrice, largestNotional, liquidationPrice, type MarginTable } from '../portfolio/margin.js'
import { SIZINGS } from '../portfolio/sizing.js'
import { SLIPPAGE_MODELS } from '../portfolio/slippage.js'
import { enterFunding } from './funding.js'
import type { Leg } from './leg.js'
import { DAYS_PER_YEAR } from './periods.js'
import { type BacktestEvent, type BacktestSettings, EXIT_REASONS, type Skipped } from './types.js'

/** What all instruments share. */
export type Purse = {
  readonly settings: BacktestSettings
  readonly leverage: number // 1 on a spot market
  readonly margins: MarginTable
  readonly fees: FeeLadder
  readonly log: BacktestEvent[] | null
  readonly legs: readonly Leg[]
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

/** Carries out what the order can get in this bar. A market order at its open; a limit order where the price comes to it. */
export function fillOrder(purse: Purse, leg: Leg, bar: number): void {
  const { order, base } = leg
  const time = base.openTime[0] + bar * leg.stepMs
  const hole = isHole(base, bar)
  if (hole && Number.isNaN(order.limit) && bar === order.bar) {
    drop(purse, leg, time, 'noBar')
    return
  }
  if (!hole) {
    const reference = priceOf(leg, bar)
    if (!Number.isNaN(reference)) buy(purse, leg, bar, reference)
  }
  if (order.waiting && bar >= order.lastBar) expire(purse, leg, time + leg.stepMs)
}

/** Where the order would be filled in this bar, before slippage; NaN: not at all. */
function priceOf({ order, base }: Leg, bar: number): number {
  const { limit, side } = order
  const open = base.open[bar]
  if (Number.isNaN(limit) || side * (open - limit) <= 0) return open
  // Through it, not at it: nothing says how much of the queue was ahead.
  const reached = side > 0 ? base.low[bar] < limit : base.high[bar] > limit
  return reached ? limit : Number.NaN
}

function buy(purse: Purse, leg: Leg, bar: number, reference: number): void {
  const { order, position, base } = leg
  const { settings } = purse
  const { side } = order
  const time = base.openTime[bar]
  const resting = reference === order.limit && base.open[bar] !== reference
  const wanted = Number.isNaN(order.left) ? sized(purse, leg, bar, reference) : order.left
  if (typeof wanted === 'string') {
    drop(purse, leg, time, wanted)
    return
  }
  const fraction = resting ? 0 : slippageFraction(purse, leg, bar, wanted)
  if (Number.isNaN(fraction)) {
    drop(purse, leg, time, 'notKnown')
    return
  }
  const price = resting ? reference : worseTick(reference * (1 + side * fraction), side, settings)
  let whole = wanted
  if (Number.isNaN(order.left)) {
    whole = wholeSteps(Math.min(wanted, room(purse) / price), settings)
    if (!isLargeEnough(whole, price, settings)) {
      drop(purse, leg, time, 'tooSmall')
      return
    }
  }
  const quantity = Math.min(whole, resting ? volumeFor(purse, leg, bar) : takenAtMost(purse, leg, bar, side))
  order.left = remainder(whole, quantity)
  if (quantity === 0) return
  const fee = feeOf(price * quantity, purse.fees.bps(time, resting))
  if (position.quantity === 0) openPosition(purse, leg, bar, reference, price)
  const before = position.quantity
  const after = before + quantity
  if (before > 0) {
    position.entryReference = (position.entryReference * before + reference * quantity) / after
    position.entryPrice = (position.entryPrice * before + price * quantity) / after
  }
  position.quantity = after
  position.entered = after
  placeExits(purse, leg)
  purse.cash -= fee
  purse.fees.trade(time, price * quantity)
  leg.trade.fees += fee
  purse.log?.push({ type: 'entry', time, instrument: leg.index, side, price, quantity, fee, cash: purse.cash })
  if (before === 0) enterFunding(purse, leg, bar)
  if (resting) position.restedBar = bar
  if (order.left === 0) order.waiting = false
}

/** Quantity by the sizing rule and the limits, or why there is none. */
function sized(purse: Purse, leg: Leg, bar: number, reference: number): number | keyof Skipped {
  const { settings } = purse
  const { order } = leg
  const equity = equityOf(purse)
  if (!(equity > 0 && room(purse) > 0)) return 'noEquity'
  if (purse.open >= settings.maxPositions || equity < purse.peak * (1 - settings.maxDrawdown)) return 'limits'
  const barsOfYear = (DAYS_PER_YEAR * DAY) / leg.stepMs
  const quantity = SIZINGS[settings.sizing].quantity({
    equity,
    riskFraction: settings.riskFraction,
    stop: order.stop,
    profit: order.profit,
    confidence: order.confidence,
    kellyFraction: settings.kellyFraction,
    targetVolatility: settings.targetVolatility,
    volatility: (leg.conditions?.volatility[bar] ?? Number.NaN) * Math.sqrt(barsOfYear),
    reference,
  })
  return Number.isNaN(quantity) ? 'notKnown' : quantity
}

/** Notional that may still be opened: the leverage of the account, and of what the exchange allows at it. */
function room(purse: Purse): number {
  const { legs, leverage, margins, settings, open } = purse
  let used = 0
  if (open > 0) {
    for (let i = 0; i < legs.length; i++) used += legs[i].position.quantity * legs[i].position.lastClose
  }
  const whole = leverage * equityOf(purse) - used
  return settings.market === 'spot' ? whole : Math.min(whole, largestNotional(margins, leverage))
}

function slippageFraction({ settings }: Purse, { conditions, position }: Leg, bar: number, quantity: number): number {
  const volatility = conditions === null ? Number.NaN : conditions.volatility[bar]
  const volume = conditions === null ? Number.NaN : conditions.volume[bar]
  const fraction = SLIPPAGE_MODELS[settings.slippage].fraction(settings, volatility, quantity / volume)
  // After a day of holes a position must still be closed: at what it cost to open.
  return Number.isNaN(fraction) && position.quantity > 0
    ? Math.abs(position.entryPrice / position.entryReference - 1)
    : fraction
}

/** Quantity that the bar's volume has for one fill. */
export function volumeFor({ settings }: Purse, { base }: Leg, bar: number): number {
  if (settings.volumeShare === Number.POSITIVE_INFINITY) return settings.volumeShare
  return wholeSteps(settings.volumeShare * base.volume[bar], settings)
}

/** Quantity that a market order finds: the bar's volume, and the book that was there when it opened, where one was recorded. */
function takenAtMost(purse: Purse, leg: Leg, bar: number, direction: Side): number {
  const { settings } = purse
  const volume = volumeFor(purse, leg, bar)
  if (leg.depth === null || settings.depthShare === Number.POSITIVE_INFINITY) return volume
  const resting = (direction > 0 ? leg.depth.asks : leg.depth.bids)[bar]
  return Number.isNaN(resting) ? volume : Math.min(volume, wholeSteps(settings.depthShare * resting, settings))
}

function openPosition(purse: Purse, leg: Leg, bar: number, reference: number, price: number): void {
  const { order, position, base, trade } = leg
  position.side = order.side
  position.entryBar = bar
  position.entryReference = reference
  position.entryPrice = price
  position.lastClose = reference
  position.low = position.high = reference
  position.afterHole = false
  position.reverseBar = Number.POSITIVE_INFINITY
  position.closing = EXIT.none
  position.restedBar = -1
  position.horizonBar = order.horizonBar
  position.nextTarget = 0
  position.stopPrice = stopPrice(reference, order.side, order.stop)
  position.targets = placeTargets(
    purse.settings,
    order.side,
    reference,
    order.profit,
    leg.targetPrices,
    leg.targetShares,
  )
  trade.decision_row = order.row
  trade.decision_time = order.decisionTime
  trade.entry_time = base.openTime[bar]
  trade.side = order.side
  trade.stop_price = position.stopPrice
  trade.profit_price = leg.targetPrices[0]
  trade.equity_before = equityOf(purse)
  trade.exit_reference = trade.exit_price = trade.gross_pnl = trade.fees = 0
  trade.slippage_cost = trade.funding = trade.liquidation_fee = 0
  purse.open++
}

/** What each profit order sells, and the liquidation price, of what is held now. */
function placeExits(purse: Purse, leg: Leg): void {
  const { settings, margins, leverage } = purse
  const { position, targetShares, targetQuantities } = leg
  const { side, quantity } = position
  for (let i = 0; i < position.targets; i++) targetQuantities[i] = wholeSteps(targetShares[i] * quantity, settings)
  position.margin = (quantity * position.entryPrice) / leverage
  position.liquidation =
    settings.market === 'spot'
      ? side > 0
        ? 0
        : Number.POSITIVE_INFINITY
      : liquidationPrice(margins, side, quantity, position.entryPrice, position.margin)
}

/**
 * Sells `quantity` of the position; what of its entry was not filled yet is not wanted any more.
 *
 * @param time       UTC ms: the bar's open, or its close for what happens inside it
 * @param reference  price before slippage
 * @param resting    at the reference, for the fee of a resting order
 */
export function sell(
  purse: Purse,
  leg: Leg,
  bar: number,
  time: number,
  code: number,
  reference: number,
  quantity: number,
  resting: boolean,
): void {
  const { settings } = purse
  const { position, trade, order } = leg
  const { side, entryPrice, entryReference } = position
  if (order.waiting && order.row === trade.decision_row) order.waiting = false
  const direction: Side = side > 0 ? -1 : 1
  const filled = resting
    ? reference
    : worseTick(reference * (1 + direction * slippageFraction(purse, leg, bar, quantity)), direction, settings)
  const taken = code === EXIT.liquidation
  // What is left of an isolated position's margin bounds all that its liquidation costs, slippage and fees too.
  const bounded = taken && settings.margin === 'isolated'
  const price = bounded ? side * Math.max(side * filled, side * bankruptcyOf(leg)) : filled
  const left = bounded
    ? Math.max(0, position.margin + side * quantity * (price - entryPrice))
    : Number.POSITIVE_INFINITY
  const fee = Math.min(left, feeOf(price * quantity, purse.fees.bps(time, resting)))
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
  if (purse.log !== null) {
    const reason = EXIT_REASONS[code]
    const event = { side, price, quantity, fee, reason, liquidationFee, cash: purse.cash }
    purse.log.push({ type: 'exit', time, instrument: leg.index, ...event })
  }
  if (position.quantity === 0) closeTrade(purse, leg, bar, code, time)
}

/** What rounding leaves of whole steps is nothing: it would be an order of its own in the next bar. */
function remainder(all: number, part: number): number {
  const left = all - part
  return left > 1e-12 * all ? left : 0
}

/** A market exit of all that is left, as far as the bar has the volume; the rest waits for the next bar's open. */
export function sellAtMarket(purse: Purse, leg: Leg, bar: number, time: number, code: number, reference: number): void {
  const { position } = leg
  const unlimited = code === EXIT.liquidation || code === EXIT.end
  const quantity = unlimited
    ? position.quantity
    : Math.min(position.quantity, takenAtMost(purse, leg, bar, position.side > 0 ? -1 : 1))
  if (quantity > 0) sell(purse, leg, bar, time, code, reference, quantity, false)
  if (position.quantity > 0) position.closing = code
}

/** Where an isolated position is taken away: at its liquidation price, or at the open that jumped over it, but not beyond its margin. */
export function liquidationReference(leg: Leg, bar: number): number {
  const { position, base } = leg
  const { side, liquidation } = position
  const limit = bankruptcyOf(leg)
  const open = base.open[bar]
  return side > 0 ? Math.max(limit, Math.min(open, liquidation)) : Math.min(limit, Math.max(open, liquidation))
}

function bankruptcyOf({ position }: Leg): number {
  return bankruptcyPrice(position.side, position.quantity, position.entryPrice, position.margin)
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

/** Counts why a decision became no trade. */
export function drop(purse: Purse, leg: Leg, time: number, reason: keyof Skipped): void {
  const { order } = leg
  order.waiting = false
  leg.skipped[reason]++
  purse.log?.push({ type: 'skip', time, instrument: leg.index, row: order.row, reason })
}

/** What was not filled in time is withdrawn; a part that was filled is a position like any other. */
function expire(purse: Purse, leg: Leg, time: number): void {
  const { order, position } = leg
  if (position.quantity > 0 && leg.trade.decision_row === order.row) order.waiting = false
  else drop(purse, leg, time, 'notFilled')
}
