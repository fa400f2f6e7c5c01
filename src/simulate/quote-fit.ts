/**
 * Puts the orders of a minute on the tick grid, so that each side's sum of price times lots is what the bar says: first by moving the
 * free prices together, then by single ticks, last by handing lots from one trade to another one tick away. Counts, lots of a side and
 * fixed prices stay as they are.
 */

import type { TickBar } from './order-path.js'
import { type Orders, orderLots } from './orders.js'

/** Ticks times lots. */
export type SideTargets = { readonly bought: number; readonly sold: number }

export function fitQuotes(orders: Orders, bar: TickBar, { bought, sold }: SideTargets): void {
  fitSide(orders, bar, 0, sold)
  fitSide(orders, bar, 1, bought)
}

function fitSide(orders: Orders, bar: TickBar, side: number, target: number): void {
  const rest = target - roundSide(orders, bar, side, sharedShift(orders, bar, side, target))
  if (rest !== 0) settle(orders, bar, side, rest)
}

/** Single ticks, then lots. Where few orders leave no two prices a tick apart, one after another is moved until it comes out. */
function settle(orders: Orders, bar: TickBar, side: number, rest: number): void {
  const { high, low } = bar
  const { count, isBuy, isFixed, price } = orders
  let left = handLots(orders, bar, side, nudge(orders, bar, side, rest))
  for (let order = 0; order < count && left !== 0; order++) {
    if (isBuy[order] !== side || isFixed[order] === 1) continue
    for (const step of [1, -1]) {
      if (left === 0 || price[order] + step > high || price[order] + step < low) continue
      price[order] += step
      // Not nudged: that would take the step back.
      left = handLots(orders, bar, side, left - step * orderLots(orders, order))
    }
  }
}

type Shift = { readonly limit: number; readonly share: number }

/** How far towards which extreme the free prices of the side must go. */
function sharedShift(orders: Orders, { high, low }: TickBar, side: number, target: number): Shift {
  const { count, isBuy, path, freedom } = orders
  let sum = 0
  let up = 0
  let down = 0
  for (let order = 0; order < count; order++) {
    if (isBuy[order] !== side) continue
    const lots = orderLots(orders, order)
    sum += lots * path[order]
    up += lots * freedom[order] * (high - path[order])
    down += lots * freedom[order] * (low - path[order])
  }
  const gap = target - sum
  const room = gap > 0 ? up : down
  return { limit: gap > 0 ? high : low, share: room === 0 ? 0 : Math.min(1, gap / room) }
}

/** Rounds the prices, each taking up what those before it have left over, and gives their sum. */
function roundSide(orders: Orders, { high, low }: TickBar, side: number, { limit, share }: Shift): number {
  const { count, isBuy, isFixed, path, price, freedom } = orders
  let carry = 0
  let sum = 0
  for (let order = 0; order < count; order++) {
    if (isBuy[order] !== side) continue
    const lots = orderLots(orders, order)
    const wanted = path[order] + share * freedom[order] * (limit - path[order])
    if (isFixed[order] === 1) price[order] = path[order]
    else {
      const taken = Math.max(-0.5, Math.min(0.5, carry / lots))
      price[order] = Math.max(low, Math.min(high, Math.round(wanted + taken)))
    }
    carry += lots * (wanted - price[order])
    sum += lots * price[order]
  }
  return sum
}

/** Moves single orders by one tick as long as that brings the sum closer; gives what is left. */
function nudge(orders: Orders, { high, low }: TickBar, side: number, rest: number): number {
  const { count, isBuy, isFixed, price } = orders
  const step = Math.sign(rest)
  let left = Math.abs(rest)
  // One round moves every order by a tick at most; what the shared shift could not reach stays.
  for (let round = 0; round < ROUNDS && left > 0; round++) {
    const before = left
    for (let order = 0; order < count && left > 0; order++) {
      if (isBuy[order] !== side || isFixed[order] === 1) continue
      if (price[order] + step > high || price[order] + step < low) continue
      const lots = orderLots(orders, order)
      if (lots > left) continue
      price[order] += step
      left -= lots
    }
    if (left === before) break
  }
  return step * left
}

const ROUNDS = 50

/** Hands lots to trades at other prices, again and again while that brings the sum closer; gives what is left. */
function handLots(orders: Orders, bar: TickBar, side: number, rest: number): number {
  let left = rest
  for (let before = Number.NaN; left !== 0 && left !== before; ) {
    before = left
    left = handOnce(orders.lots, lendersByTick(orders, bar, side), left)
  }
  return left
}

/** From each price to the next: first between those a tick apart, then between all. */
function handOnce(lots: Float64Array, lenders: Int32Array, rest: number): number {
  let left = rest
  for (const widest of [1, Number.POSITIVE_INFINITY]) {
    let below = -1
    for (let tick = 0; tick < lenders.length && left !== 0; tick++) {
      if (lenders[tick] < 0) continue
      const distance = tick - below
      if (below >= 0 && distance <= widest) left = hand(lots, lenders[below], lenders[tick], { distance, left })
      below = tick
    }
  }
  return left
}

/** The trade with the most lots at each tick from the low on, -1 where the side has none. */
function lendersByTick(
  { count, isBuy, firstTrade, price, lots }: Orders,
  { high, low }: TickBar,
  side: number,
): Int32Array {
  const lenders = new Int32Array(high - low + 1).fill(-1)
  for (let order = 0; order < count; order++) {
    if (isBuy[order] !== side) continue
    const tick = price[order] - low
    for (let trade = firstTrade[order]; trade < firstTrade[order + 1]; trade++) {
      if (lenders[tick] < 0 || lots[trade] > lots[lenders[tick]]) lenders[tick] = trade
    }
  }
  return lenders
}

type Hand = { readonly distance: number; readonly left: number }

/** Upwards when the sum is short, downwards when it is too large; every trade keeps a lot. Gives what is still left. */
function hand(lots: Float64Array, lower: number, upper: number, { distance, left }: Hand): number {
  const [giver, taker] = left > 0 ? [lower, upper] : [upper, lower]
  const handed = Math.min(lots[giver] - 1, Math.floor(Math.abs(left) / distance))
  lots[giver] -= handed
  lots[taker] += handed
  return left - Math.sign(left) * handed * distance
}
