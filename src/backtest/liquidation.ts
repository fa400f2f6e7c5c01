/**
 * Positions that the exchange takes away. An isolated one loses its own margin at most, whatever ends it; crossed ones stand behind each
 * other, and what a jump takes beyond them is a debt of the account.
 */
import { isHole } from '../market/entry.js'
import { worseTick } from '../portfolio/exchange-rules.js'
import { bankruptcyPrice, liquidationPrice, maintenanceMargin, maintenanceRate } from '../portfolio/margin.js'
import type { Leg } from './leg.js'
import type { Purse } from './purse.js'

/** Mark price at which an isolated position is taken away, of what is held now and of its margin. */
export function placeLiquidation({ backing }: Purse, { position, margins }: Leg): void {
  const { side, quantity, entryPrice, margin } = position
  const never = side > 0 ? 0 : Number.POSITIVE_INFINITY
  position.liquidation = backing === 'isolated' ? liquidationPrice(margins, side, quantity, entryPrice, margin) : never
}

/** Has the mark price of the bar been at the liquidation price? */
export function isLiquidated({ position, mark, base }: Leg, bar: number): boolean {
  const { side, liquidation } = position
  return side > 0 ? (mark ?? base).low[bar] <= liquidation : (mark ?? base).high[bar] >= liquidation
}

/** Was it beyond the liquidation price when the bar opened? */
export function isJumpedOver(leg: Leg, bar: number): boolean {
  const { side, liquidation } = leg.position
  return side * (markAtOpen(leg, bar) - liquidation) <= 0
}

/** Price of a liquidation before slippage: its own, or the open that jumped over it. */
export function liquidationReference({ position, base }: Leg, bar: number): number {
  const { side, liquidation } = position
  const open = base.open[bar]
  if (Number.isNaN(open)) return liquidation
  return side > 0 ? Math.min(open, liquidation) : Math.max(open, liquidation)
}

/** The worst price that an isolated position may be left at, on a tick: nothing of its margin is left there. */
export function worstPrice({ position, terms }: Leg): number {
  const { side, quantity, entryPrice, margin } = position
  return worseTick(bankruptcyPrice(side, quantity, entryPrice, margin), side, terms)
}

/** The mark known before the bar; of a position that the bar opened, its entry. */
function markBefore({ mark, position, base }: Leg, bar: number): number {
  if (mark === null || position.entryBar === bar || isHole(base, bar - 1)) return position.lastClose
  return mark.close[bar - 1]
}

/** The mark when the bar opens. Of a mark price only its range in the bar is known: what lies in it nearest to the mark before. */
function markAtOpen(leg: Leg, bar: number): number {
  const { mark, position, base } = leg
  const before = markBefore(leg, bar)
  if (isHole(base, bar) || position.entryBar === bar) return before
  if (mark === null) return base.open[bar]
  const nearest = Math.min(Math.max(before, mark.low[bar]), mark.high[bar])
  return Number.isNaN(nearest) ? before : nearest
}

function worstMark({ mark, position, base }: Leg, bar: number, from: number): number {
  if (isHole(base, bar)) return from
  const { side } = position
  const worst = side > 0 ? Math.min(from, (mark ?? base).low[bar]) : Math.max(from, (mark ?? base).high[bar])
  return Number.isNaN(worst) ? from : worst
}

/** Where the marks of a crossed account go in a bar: writes where each position's begins and where it is worst. */
export function placeMarks({ legs }: Purse, clock: number): void {
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.position.quantity === 0) continue
    leg.markStart = markAtOpen(leg, clock - leg.offset)
    leg.markWorst = worstMark(leg, clock - leg.offset, leg.markStart)
  }
}

/** Mark of a position when all of them have gone this part of their way. */
export function markOnTheWay({ markStart, markWorst }: Leg, way: number): number {
  return markStart + way * (markWorst - markStart)
}

/**
 * How far the marks of a crossed account get, all of them together, until its equity is no more than what its positions must keep at these
 * same marks: 0 when the bar opens, 1 at the worst of all; Infinity: it stays above.
 *
 * The surplus falls all the way, and bends downwards, since rates rise with the notional: Newton's steps from its end come to its root, after as
 * many of them as there are tiers.
 */
export function wayToLiquidation(purse: Purse): number {
  let way = 1
  let surplus = surplusAt(purse, way)
  if (surplus > 0) return Number.POSITIVE_INFINITY
  if (surplusAt(purse, 0) <= 0) return 0
  for (let step = 0; surplus < 0 && step < MOST_STEPS; step++) {
    const next = way - surplus / slopeAt(purse, way)
    if (!(next < way)) break
    way = next
    surplus = surplusAt(purse, way)
  }
  return Math.max(0, way)
}

/** More than tiers times instruments, each of which may bend the line once. */
const MOST_STEPS = 1000

/** Equity above the maintenance margin of all positions. */
function surplusAt({ cash, legs }: Purse, way: number): number {
  let surplus = cash
  for (let i = 0; i < legs.length; i++) {
    const { position, margins } = legs[i]
    const { side, quantity, entryPrice } = position
    if (quantity === 0) continue
    const mark = markOnTheWay(legs[i], way)
    surplus += side * quantity * (mark - entryPrice) - maintenanceMargin(margins, quantity * mark)
  }
  return surplus
}

/** The same at the worst marks of a bar; NaN where one is not known. */
export function surplusAtWorst({ cash, legs }: Purse, clock: number): number {
  let surplus = cash
  for (let i = 0; i < legs.length; i++) {
    const { position, margins, mark, base, offset } = legs[i]
    const { side, quantity, entryPrice } = position
    if (quantity === 0) continue
    const worst = (side > 0 ? (mark ?? base).low : (mark ?? base).high)[clock - offset]
    surplus += side * quantity * (worst - entryPrice) - maintenanceMargin(margins, quantity * worst)
  }
  return surplus
}

/** Change of the surplus with the way. */
function slopeAt({ legs }: Purse, way: number): number {
  let slope = 0
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    const { side, quantity } = leg.position
    if (quantity === 0) continue
    const rate = maintenanceRate(leg.margins, quantity * markOnTheWay(leg, way))
    slope += quantity * (leg.markWorst - leg.markStart) * (side - rate)
  }
  return slope
}
