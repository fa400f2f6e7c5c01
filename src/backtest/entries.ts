/** From an order to a position: its size, its price, and what is booked of the trade. */
import { UserError } from '../core/errors.js'
import { DAY, isoMinute } from '../core/time.js'
import { isHole, stopPrice } from '../market/entry.js'
import { feeOf } from '../portfolio/costs.js'
import { barrierTick, isLargeEnough, wholeSteps, worseTick } from '../portfolio/exchange-rules.js'
import { EXIT, placeTargets } from '../portfolio/exits.js'
import { SIZINGS } from '../portfolio/sizing.js'
import { enterFunding } from './funding.js'
import type { Leg } from './leg.js'
import { placeLiquidation } from './liquidation.js'
import { DAYS_PER_YEAR, NOTHING_LEFT } from './periods.js'
import {
  countCut,
  drop,
  equityOf,
  type Purse,
  remainder,
  roomFor,
  slippageOf,
  takenAtMost,
  volumeFor,
} from './purse.js'
import type { Skipped } from './types.js'

/** Carries out what the order can get in this bar. A market order at its open; a limit order where the price comes to it. */
export function fillOrder(purse: Purse, leg: Leg, bar: number): void {
  const { order, base } = leg
  const time = base.openTime[0] + bar * leg.stepMs
  const hole = isHole(base, bar)
  if (hole && Number.isNaN(order.limit) && bar === order.bar) {
    drop(purse, leg, time, 'noBar')
    return
  }
  if (!hole && bar <= order.lastBar) {
    if (isMarketable(leg, bar)) buy(purse, leg, bar, base.open[bar], false)
    else if (isReached(leg, bar)) buy(purse, leg, bar, order.limit, true)
  }
  if (order.waiting && bar >= order.lastBar) expire(purse, leg, time + leg.stepMs)
}

/** A market order is; a limit order only at the open at which it arrives, if the market is at its price or beyond: from then on it rests. */
function isMarketable({ order, base }: Leg, bar: number): boolean {
  const { limit, side } = order
  return Number.isNaN(limit) || (bar === order.bar && side * (base.open[bar] - limit) <= 0)
}

/** Through the limit, not at it: nothing says how much of the queue was ahead. */
function isReached({ order, base }: Leg, bar: number): boolean {
  return order.side > 0 ? base.low[bar] < order.limit : base.high[bar] > order.limit
}

/** What an order meets in a bar. */
type Offer = {
  readonly bar: number
  readonly reference: number // price before slippage
  readonly rests: boolean // at its own price, for the fee of a resting order; else it takes what is offered
  readonly available: number // quantity
  readonly room: number // notional that the account can pay
}

function buy(purse: Purse, leg: Leg, bar: number, reference: number, rests: boolean): void {
  const { order, position, base } = leg
  const { side } = order
  const time = base.openTime[bar]
  const bps = purse.fees.bps(time, rests)
  const room = roomFor(purse, leg, Math.max(0, feeOf(1, bps)))
  const available = rests ? volumeFor(purse, leg, bar) : takenAtMost(purse, leg, bar, side)
  const offer = { bar, reference, rests, available, room }
  const quantity = quantityOf(purse, leg, offer)
  if (typeof quantity === 'string') {
    drop(purse, leg, time, quantity)
    return
  }
  if (quantity === 0) return
  const price = priceOf(purse, leg, offer, quantity)
  if (!rests) countCut(purse, leg, bar, quantity)
  order.left = remainder(order.left, quantity)
  const fee = feeOf(price * quantity, bps)
  if (position.quantity === 0) openPosition(purse, leg, bar, reference, price)
  const before = position.quantity
  const after = before + quantity
  if (before > 0) {
    position.entryReference = (position.entryReference * before + reference * quantity) / after
    position.entryPrice = (position.entryPrice * before + price * quantity) / after
  }
  position.quantity = after
  position.entered = after
  position.margin += (quantity * price) / leg.terms.leverage
  placeExits(leg)
  placeLiquidation(purse, leg)
  purse.cash -= fee
  purse.fees.trade(time, price * quantity)
  leg.trade.fees += fee
  purse.log?.push({ type: 'entry', time, instrument: leg.index, side, price, quantity, fee, cash: purse.cash })
  if (before === 0) enterFunding(purse, leg, bar)
  if (rests) position.restedBar = bar
  if (order.left === 0) order.waiting = false
}

/** What is filled in this bar of the order, which is sized when it first meets the market; or why there is none. */
function quantityOf(purse: Purse, leg: Leg, offer: Offer): number | keyof Skipped {
  const { order, position, terms } = leg
  const isFirst = Number.isNaN(order.left)
  const wanted = isFirst ? sized(purse, leg, offer) : order.left
  if (typeof wanted === 'string') return wanted
  // At the price of all that it may come to: less of it is no dearer.
  const dearest = priceOf(purse, leg, offer, Math.min(wanted, offer.room / offer.reference, offer.available))
  if (Number.isNaN(dearest)) return position.quantity > 0 ? 0 : 'notKnown'
  const whole = wholeSteps(Math.min(wanted, offer.room / dearest), terms)
  if (isFirst) {
    if (!isLargeEnough(whole, dearest, terms)) return 'tooSmall'
    order.left = whole
  }
  return Math.min(whole, offer.available)
}

/** Price of so much. A limit order that takes what is offered goes no further than its limit. */
function priceOf(purse: Purse, leg: Leg, { bar, reference, rests }: Offer, quantity: number): number {
  const { side, limit } = leg.order
  if (rests) return reference
  const price = worseTick(reference * (1 + side * slippageOf(purse, leg, bar, quantity)), side, leg.terms)
  if (Number.isNaN(limit)) return price
  return side > 0 ? Math.min(price, limit) : Math.max(price, limit)
}

/** Quantity by the sizing rule, or why there is none. */
function sized(purse: Purse, leg: Leg, { bar, reference, room }: Offer): number | keyof Skipped {
  const { settings } = purse
  const { order } = leg
  const equity = equityOf(purse)
  if (!(Math.min(equity, room) > NOTHING_LEFT * settings.equity)) return 'noEquity'
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

/** Of a tick that is no small part of the price nothing sensible comes. */
const COARSEST_TICK = 0.05

function openPosition(purse: Purse, leg: Leg, bar: number, reference: number, price: number): void {
  const { order, position, base, trade, terms, targetPrices } = leg
  if (terms.tickSize > COARSEST_TICK * reference) {
    throw new UserError(
      `a tick of ${terms.tickSize} is more than ${100 * COARSEST_TICK} % of the price ${reference} at ${isoMinute(base.openTime[bar])}`,
      { hint: 'set backtest.tickSize, or that of the pair in backtest.pairs, to what the exchange says of the pair' },
    )
  }
  position.side = order.side
  position.entryBar = bar
  position.entryReference = reference
  position.entryPrice = price
  position.margin = 0
  position.lastClose = reference
  position.low = position.high = reference
  position.afterHole = false
  position.reverseBar = order.flatBar
  position.closing = EXIT.none
  position.restedBar = -1
  position.horizonBar = order.horizonBar
  position.nextTarget = 0
  const stop = stopPrice(reference, order.side, order.stop)
  position.stopPrice = barrierTick(stop, order.side, reference, terms)
  const { settings } = purse
  position.targets = placeTargets(settings, order.side, reference, order.profit, targetPrices, leg.targetShares)
  for (let i = 0; i < position.targets; i++)
    targetPrices[i] = barrierTick(targetPrices[i], order.side, reference, terms)
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

/** What each profit order sells of what is held now. */
function placeExits({ position, targetShares, targetQuantities, terms }: Leg): void {
  for (let i = 0; i < position.targets; i++)
    targetQuantities[i] = wholeSteps(targetShares[i] * position.quantity, terms)
}

/** What was not filled in time is withdrawn; a part that was filled is a position like any other. */
function expire(purse: Purse, leg: Leg, time: number): void {
  const { order, position } = leg
  if (position.quantity > 0 && leg.trade.decision_row === order.row) order.waiting = false
  else drop(purse, leg, time, 'notFilled')
}
