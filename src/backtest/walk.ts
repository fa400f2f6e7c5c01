/**
 * One bar of an account. On every instrument, in the order of the list, things happen in this order; each line is over for all
 * instruments before the next begins:
 *
 * 1. funding prints of the bar, at the mark price known before it (a print at the very entry is not paid)
 * 2. at the open: exits after a hole, by a signal for the other side, or for which the last bar had no volume; then entries
 * 3. inside the bar: what rests is entered; then liquidation by the worst mark price, then the stop, then profit orders, nearest first;
 *    on the last bar of the horizon or of the data, the exit at its close
 * 4. the account is marked at the close; stops that trail follow
 *
 * Nothing says in which order a bar's prices came, so of two things that it may have done the worse one happened.
 */
import { UserError } from '../core/errors.js'
import { isoMinute } from '../core/time.js'
import { isHole } from '../market/entry.js'
import { barrierExit, EXIT, exitReference, trailedStop } from '../portfolio/exits.js'
import { maintenanceMargin } from '../portfolio/margin.js'
import { drop, fillOrder, liquidationReference, type Purse, sell, sellAtMarket, volumeFor } from './fills.js'
import { dueFunding } from './funding.js'
import type { Leg } from './leg.js'

/** @param clock  bar of the account's clock */
export function walkBar(purse: Purse, clock: number): void {
  const { legs, settings } = purse
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.position.quantity > 0) dueFunding(purse, leg, clock - leg.offset)
  }
  for (let i = 0; i < legs.length; i++) atOpen(purse, legs[i], clock - legs[i].offset)
  if (settings.margin === 'cross' && settings.market === 'perpetual' && purse.open > 0) liquidateAccount(purse, clock)
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.position.quantity > 0) insideBar(purse, leg, clock - leg.offset)
  }
}

function atOpen(purse: Purse, leg: Leg, bar: number): void {
  const { position, order, base } = leg
  if (position.quantity > 0) {
    if (isHole(base, bar)) position.afterHole = true
    else {
      const code = position.afterHole ? EXIT.gap : bar >= position.reverseBar ? EXIT.reversal : position.closing
      if (code !== EXIT.none) sellAtMarket(purse, leg, bar, base.openTime[bar], code, base.open[bar])
    }
  }
  if (!order.waiting || bar < order.bar) return
  // A signal for the other side waits until the position that it closed is gone.
  if (position.quantity === 0 || order.row === leg.trade.decision_row) fillOrder(purse, leg, bar)
  else if (bar >= order.lastBar) drop(purse, leg, base.openTime[bar], 'notFilled')
}

function insideBar(purse: Purse, leg: Leg, bar: number): void {
  const { base, position, targetPrices } = leg
  if (isHole(base, bar)) return
  const { side } = position
  const close = base.openTime[bar] + leg.stepMs
  const low = base.low[bar]
  const high = base.high[bar]
  if (leg.mark !== null) checkMark(leg, bar)
  if (purse.settings.margin === 'isolated' && isLiquidated(leg, bar)) {
    sell(purse, leg, bar, close, EXIT.liquidation, liquidationReference(leg, bar), position.quantity, false)
    return
  }
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
  if (position.quantity > 0) {
    const best = side > 0 ? position.high : position.low
    position.stopPrice = trailedStop(purse.settings, side, position.entryReference, best, position.stopPrice)
  }
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

function isLiquidated({ position, mark, base }: Leg, bar: number): boolean {
  const { side, liquidation } = position
  return side > 0 ? (mark ?? base).low[bar] <= liquidation : (mark ?? base).high[bar] >= liquidation
}

/**
 * Crossed positions stand behind each other. The marks go from where they were known last to the worst of the bar, all of them together; if
 * on that way the equity meets the maintenance of all positions, every one is closed at that point.
 */
function liquidateAccount(purse: Purse, clock: number): void {
  const { legs, margins } = purse
  let start = purse.cash
  let end = purse.cash
  let maintenance = 0
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    const { side, quantity, entryPrice } = leg.position
    if (quantity === 0) continue
    const bar = clock - leg.offset
    const from = markBefore(leg, bar)
    start += side * quantity * (from - entryPrice)
    end += side * quantity * (worstMark(leg, bar, from) - entryPrice)
    maintenance += maintenanceMargin(margins, quantity * from)
  }
  if (end > maintenance) return
  const way = start <= maintenance ? 0 : (start - maintenance) / (start - end)
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.position.quantity === 0) continue
    const bar = clock - leg.offset
    const from = markBefore(leg, bar)
    const price = from + way * (worstMark(leg, bar, from) - from)
    const close = leg.base.openTime[bar] + leg.stepMs
    if (price > 0) sell(purse, leg, bar, close, EXIT.liquidation, price, leg.position.quantity, false)
  }
}

/** The mark known before the bar; of a position that the bar opened, its entry. */
function markBefore({ mark, position, base }: Leg, bar: number): number {
  if (mark === null || position.entryBar === bar || isHole(base, bar - 1)) return position.lastClose
  return mark.close[bar - 1]
}

function worstMark({ mark, position, base }: Leg, bar: number, from: number): number {
  if (isHole(base, bar)) return from
  const { side } = position
  const worst = side > 0 ? (mark ?? base).low[bar] : (mark ?? base).high[bar]
  return Number.isNaN(worst) ? from : worst
}
