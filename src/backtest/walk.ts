/**
 * One bar of an account. On every instrument, in the order of the list, things happen in this order; each line is over for all
 * instruments before the next begins:
 *
 * 1. funding prints of the bar, at the mark price known before it (a print at the very entry is not paid)
 * 2. at the open: a crossed account that it takes below what it must keep is closed; exits after a hole, by a signal for the other side, or
 *    for which the last bar had no volume; then entries
 * 3. inside the bar: what rests is entered; then liquidation by the worst mark price, then the stop, then profit orders, nearest first;
 *    on the last bar of the horizon or of the data, the exit at its close
 * 4. the account is marked at the close; stops that trail follow
 *
 * Nothing says in which order a bar's prices came, so of two things that it may have done the worse one happened. Instruments that are quiet
 * in the bar (coast.ts) are only marked.
 */
import { UserError } from '../core/errors.js'
import { isoMinute } from '../core/time.js'
import { isHole } from '../market/entry.js'
import { barrierTick } from '../portfolio/exchange-rules.js'
import { barrierExit, EXIT, exitReference, trailedStop } from '../portfolio/exits.js'
import { beginQuiet } from './coast.js'
import { fillOrder } from './entries.js'
import { liquidate, sell, sellAtMarket } from './fills.js'
import { dueFunding } from './funding.js'
import type { Leg } from './leg.js'
import { isJumpedOver, isLiquidated, markOnTheWay, placeMarks, wayToLiquidation } from './liquidation.js'
import { drop, type Purse, volumeFor } from './purse.js'

/** @param clock  bar of the account's clock */
export function walkBar(purse: Purse, clock: number): void {
  const { legs } = purse
  const crossed = purse.backing === 'cross'
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.quiet <= clock && leg.position.quantity > 0) dueFunding(purse, leg, clock - leg.offset)
  }
  if (crossed && purse.open > 0) liquidateAccount(purse, clock, 0)
  for (let i = 0; i < legs.length; i++) {
    if (legs[i].quiet <= clock) atOpen(purse, legs[i], clock - legs[i].offset)
  }
  if (crossed && purse.open > 0) liquidateAccount(purse, clock, 1)
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.quiet > clock) {
      if (leg.position.quantity > 0) leg.position.lastClose = leg.base.close[clock - leg.offset]
      continue
    }
    if (leg.position.quantity > 0) insideBar(purse, leg, clock - leg.offset)
    beginQuiet(leg, clock + 1)
  }
}

function atOpen(purse: Purse, leg: Leg, bar: number): void {
  const { position, order, base } = leg
  if (position.quantity > 0) {
    if (isHole(base, bar)) position.afterHole = true
    else {
      const code = position.afterHole ? EXIT.gap : bar >= position.reverseBar ? EXIT.reversal : position.closing
      if (code !== EXIT.none && purse.backing === 'isolated' && isJumpedOver(leg, bar)) liquidate(purse, leg, bar)
      else if (code !== EXIT.none) sellAtMarket(purse, leg, bar, base.openTime[bar], code, base.open[bar])
    }
  }
  if (!order.waiting || bar < order.bar) return
  // A signal for the other side waits until the position that it closed is gone.
  if (position.quantity === 0 || order.row === leg.trade.decision_row) fillOrder(purse, leg, bar)
  else if (bar >= order.lastBar) drop(purse, leg, base.openTime[bar], 'notFilled')
}

function insideBar(purse: Purse, leg: Leg, bar: number): void {
  const { base, position, targetPrices } = leg
  const hole = isHole(base, bar)
  if (!hole && leg.mark !== null) checkMark(leg, bar)
  // A mark price may be known where no bar is.
  if (purse.backing === 'isolated' && isLiquidated(leg, bar)) {
    liquidate(purse, leg, bar)
    return
  }
  if (hole) return
  const { side } = position
  const close = base.openTime[bar] + leg.stepMs
  const low = base.low[bar]
  const high = base.high[bar]
  if (position.closing === EXIT.none) {
    let code = barrierExit(side, low, high, position.stopPrice, targetPrices[position.nextTarget])
    if (code === EXIT.stop) {
      if (position.stopPrice !== leg.trade.stop_price) code = EXIT.trailing
      sellAtMarket(purse, leg, bar, close, code, exitReference(code, side, bar, base, position.stopPrice, 0))
    } else if (code === EXIT.profit && position.restedBar !== bar) takeProfits(purse, leg, bar, low, high)
    if (position.quantity === 0) return
  }
  if (low < position.low) position.low = low
  if (high > position.high) position.high = high
  position.lastClose = base.close[bar]
  if (bar >= position.horizonBar && position.closing === EXIT.none)
    sellAtMarket(purse, leg, bar, close, EXIT.time, position.lastClose)
  if (position.quantity > 0 && bar >= leg.lastKnown) sellAtMarket(purse, leg, bar, close, EXIT.end, position.lastClose)
  if (position.quantity > 0) trail(purse, leg)
}

function trail({ settings }: Purse, { position, terms }: Leg): void {
  const { side, entryReference, stopPrice } = position
  const best = side > 0 ? position.high : position.low
  const trailed = trailedStop(settings, side, entryReference, best, stopPrice)
  if (trailed === stopPrice) return
  const tick = barrierTick(trailed, side, best, terms)
  if (side * (tick - stopPrice) > 0) position.stopPrice = tick
}

/** Every profit order that the bar reached; the last of them sells all that is left. */
function takeProfits(purse: Purse, leg: Leg, bar: number, low: number, high: number): void {
  const { position, targetPrices, targetQuantities, base } = leg
  const volume = volumeFor(purse, leg, bar)
  while (position.quantity > 0 && position.nextTarget < position.targets) {
    const target = position.nextTarget
    const price = targetPrices[target]
    if (position.side > 0 ? high < price : low > price) return
    const last = target === position.targets - 1
    const wanted = last ? position.quantity : Math.min(targetQuantities[target], position.quantity)
    const quantity = Math.min(wanted, volume)
    if (quantity > 0) sell(purse, leg, bar, base.openTime[bar] + leg.stepMs, EXIT.profit, price, quantity, true)
    if (quantity < wanted) {
      targetQuantities[target] -= quantity
      return
    }
    if (position.quantity > 0) position.nextTarget++
  }
}

/** Where the series is there and the bar's mark price is not, nothing can be said of it. */
function checkMark({ mark, base }: Leg, bar: number): void {
  if (mark === null || !Number.isNaN(mark.close[bar] + mark.high[bar] + mark.low[bar])) return
  throw new UserError(`the mark price of ${isoMinute(base.openTime[bar])} is missing, and a position was open then`, {
    hint: 'download the mark price again, or run without it: the last price then stands in for it',
  })
}

/**
 * Crossed positions stand behind each other: where the equity meets what they must keep, every one is closed, at the marks of that point or at
 * the open that jumped over it.
 *
 * @param reach  how far the bar has come: 0 at its open, 1 at its worst
 */
function liquidateAccount(purse: Purse, clock: number, reach: number): void {
  const { legs } = purse
  placeMarks(purse, clock)
  const way = wayToLiquidation(purse)
  if (way > reach) return
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    const { side, quantity } = leg.position
    if (quantity === 0) continue
    const bar = clock - leg.offset
    const mark = markOnTheWay(leg, way)
    const open = leg.base.open[bar]
    const price = Number.isNaN(open) ? mark : side * Math.min(side * mark, side * open)
    sell(purse, leg, bar, leg.base.openTime[bar] + leg.stepMs, EXIT.liquidation, price, quantity, false)
  }
}
