/**
 * The quiet bars of a single position, in one tight loop: those in which `walkBar` would do nothing but mark the account. It ends before the
 * first bar in which anything else may happen, so it changes the speed and nothing else.
 */
import { EXIT } from '../portfolio/exits.js'
import type { Purse } from './fills.js'
import type { Leg } from './leg.js'

/** The position that may coast: the only one, with nothing on order; null where a rule looks at every bar. */
export function coasting({ legs, settings, open }: Purse): Leg | null {
  if (open !== 1 || settings.trailing > 0) return null
  if (settings.margin === 'cross' && settings.market === 'perpetual') return null
  let found: Leg | null = null
  for (let i = 0; i < legs.length; i++) {
    const leg = legs[i]
    if (leg.order.waiting) return null
    if (leg.position.quantity > 0) found = leg
  }
  return found !== null && found.position.closing === EXIT.none && !found.position.afterHole ? found : null
}

/**
 * @param clock  first bar of the clock
 * @param end    bar of the clock before which it stops in any case
 * @param equity written at every bar that was quiet
 * @returns      the bar at which it stopped
 */
export function coast(purse: Purse, leg: Leg, clock: number, end: number, equity: Float64Array): number {
  const { base, position, offset, targetPrices, funding, mark } = leg
  const { openTime, open, high, low, close } = base
  const { side, quantity, entryPrice, stopPrice, liquidation, horizonBar, reverseBar } = position
  const target = targetPrices[position.nextTarget]
  const marks = mark ?? base
  const last = Math.min(end - offset, horizonBar, reverseBar, leg.lastKnown)
  const print = funding.time[position.print] ?? Number.POSITIVE_INFINITY
  const lowest = side > 0 ? Math.max(stopPrice, liquidation) : target
  const highest = side > 0 ? target : Math.min(stopPrice, liquidation)
  const cash = purse.cash
  let { low: seenLow, high: seenHigh, lastClose } = position
  let peak = purse.peak
  let bar = clock - offset
  for (; bar < last; bar++) {
    if (print < openTime[bar] + leg.stepMs) break
    const l = low[bar]
    const h = high[bar]
    // A hole is NaN and passes none of these.
    if (!(l > lowest && h < highest)) break
    const worst = side > 0 ? marks.low[bar] - liquidation : liquidation - marks.high[bar]
    // NaN where any price is not known.
    if (!(worst > 0 && marks.close[bar] + open[bar] + close[bar] > 0)) break
    if (l < seenLow) seenLow = l
    if (h > seenHigh) seenHigh = h
    lastClose = close[bar]
    const marked = cash + side * quantity * (lastClose - entryPrice)
    equity[bar + offset] = marked
    if (marked > peak) peak = marked
  }
  position.low = seenLow
  position.high = seenHigh
  position.lastClose = lastClose
  purse.peak = peak
  return bar + offset
}
