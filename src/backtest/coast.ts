/**
 * Bars in which nothing happens to an instrument but that it is marked. They are found ahead in one tight loop for each instrument, and marked
 * in another for all: it changes the speed and nothing else, for each step ends before the first bar in which `walkBar` would do more.
 */
import { EXIT } from '../portfolio/exits.js'
import type { Leg } from './leg.js'
import { surplusAtWorst } from './liquidation.js'
import type { Purse } from './purse.js'

/**
 * The first bar of the clock, `end` at most, in which something may happen to any instrument. Where it is before `end`, `quiet` of each
 * instrument to which nothing happens in it is later.
 *
 * @param from  bar of the clock; all before it have been
 */
export function nextEvent(purse: Purse, from: number, end: number): number {
  if (purse.soon >= end) return end
  const { legs } = purse
  let first = Number.POSITIVE_INFINITY
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.quiet <= from) leg.quiet = quietUntil(purse, leg, purse.whole ? Number.POSITIVE_INFINITY : end)
    if (leg.quiet < first) first = leg.quiet
  }
  purse.soon = purse.backing === 'cross' && purse.open > 0 ? crossedUntil(purse, from, first) : first
  return Math.min(purse.soon, end)
}

/** The first bar before `to` that may be the last of a crossed account, and then an event of every position; else `to`. */
function crossedUntil(purse: Purse, from: number, to: number): number {
  const { legs } = purse
  let clock = from
  while (clock < to && surplusAtWorst(purse, clock) > 0) clock++
  if (clock >= to) return to
  for (let i = 0; i < legs.length; i++) {
    if (legs[i].position.quantity === 0) continue
    disturb(purse, legs[i])
    legs[i].quiet = quietUntil(purse, legs[i], clock)
  }
  return clock
}

/** In the place of `quiet`: to be found from `quietFrom` on. */
const UNKNOWN = -1

/** The instrument was walked through the bar before `from`. */
export function beginQuiet(leg: Leg, from: number): void {
  leg.quiet = UNKNOWN
  leg.quietFrom = from
  leg.quietLow = leg.position.low
  leg.quietHigh = leg.position.high
}

/** Something new may happen to the instrument: what was found ahead of it is forgotten. */
export function disturb(purse: Purse, leg: Leg): void {
  purse.soon = 0
  leg.quiet = UNKNOWN
  leg.position.low = leg.quietLow
  leg.position.high = leg.quietHigh
}

function quietUntil(purse: Purse, leg: Leg, end: number): number {
  const { position, order, offset } = leg
  const from = leg.quiet === UNKNOWN ? leg.quietFrom : leg.quiet
  const ordered = order.waiting ? Math.max(from, order.bar + offset) : Number.POSITIVE_INFINITY
  if (position.quantity === 0) return ordered
  if (position.closing !== EXIT.none || position.afterHole) return from
  return ordered <= from ? from : scan(purse, leg, from, Math.min(end, ordered))
}

/** Goes on as long as a bar is known and touches nothing; sees the lowest and highest price of each. */
function scan({ settings }: Purse, leg: Leg, from: number, end: number): number {
  const { base, position, offset, targetPrices, funding, mark, stepMs, lastKnown } = leg
  const { openTime, open, high, low, close } = base
  const { side, stopPrice, liquidation, horizonBar, reverseBar } = position
  const target = targetPrices[position.nextTarget]
  const marks = mark ?? base
  const last = Math.min(end - offset, horizonBar, reverseBar, lastKnown)
  const print = (funding.time[position.print] ?? Number.POSITIVE_INFINITY) - stepMs
  const trails = settings.trailing > 0
  const lowest = side > 0 ? Math.max(stopPrice, liquidation) : target
  const highest = side > 0 ? target : Math.min(stopPrice, liquidation)
  let { low: seenLow, high: seenHigh } = position
  let bar = from - offset
  for (; bar < last; bar++) {
    if (print < openTime[bar]) break
    const l = low[bar]
    const h = high[bar]
    // A hole is NaN and passes none of these.
    if (!(l > lowest && h < highest)) break
    const worst = side > 0 ? marks.low[bar] - liquidation : liquidation - marks.high[bar]
    // NaN where any price is not known.
    if (!(worst > 0 && marks.close[bar] + open[bar] + close[bar] > 0)) break
    // A stop that trails moves with a better price than any before.
    if (trails && (side > 0 ? h > seenHigh : l < seenLow)) break
    if (l < seenLow) seenLow = l
    if (h > seenHigh) seenHigh = h
  }
  position.low = seenLow
  position.high = seenHigh
  return bar + offset
}

/** Marks the account at the close of bars in which nothing happens to any instrument. */
export function markQuiet(purse: Purse, from: number, to: number, equity: Float64Array): void {
  const { legs, cash } = purse
  for (let bar = from; bar < to; bar++) equity[bar] = cash
  if (purse.open === 0 || from === to) return
  for (let i = 0; i < legs.length; i++) {
    const { position, base, offset } = legs[i]
    const { side, quantity, entryPrice } = position
    if (quantity === 0) continue
    const { close } = base
    for (let bar = from; bar < to; bar++) equity[bar] += side * quantity * (close[bar - offset] - entryPrice)
    position.lastClose = close[to - 1 - offset]
  }
  let { peak } = purse
  for (let bar = from; bar < to; bar++) if (equity[bar] > peak) peak = equity[bar]
  purse.peak = peak
}
