/**
 * The way of the price through a minute: from its open to its close, touching high and low once, wandering between them.
 */
import type { Random } from '../core/random.js'
import type { Orders } from './orders.js'

/** A minute in whole ticks, lots, and ticks times lots. */
export type TickBar = {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly lots: number
  readonly boughtLots: number
  readonly quote: number
  readonly boughtQuote: number
}

/** Share of the minute's orders over which the path comes free of a fixed price. */
const RELEASE = 0.05

/** Fills path, fixed prices and freedom. The mean of the path is brought to the bar's mean price, as far as the range allows. */
export function drawPath(orders: Orders, bar: TickBar, random: Random): void {
  const { count, path, isFixed, freedom } = orders
  isFixed.fill(0, 0, count)
  freedom.fill(0, 0, count)
  const fixed = fixedPoints(count, bar, random)
  const wander = ((bar.high - bar.low) * 1.7) / Math.sqrt(count)
  for (const [at, price] of fixed) {
    isFixed[at] = 1
    path[at] = price
  }
  for (let k = 1; k < fixed.length; k++) bridge(orders, bar, { from: fixed[k - 1][0], to: fixed[k][0], wander }, random)
  let mean = 0
  for (let order = 0; order < count; order++) mean += path[order] / count
  shiftMean(orders, bar, bar.quote / bar.lots - mean)
}

/** Positions of the fixed prices, in order. Extremes that open or close touch already need no other. */
function fixedPoints(count: number, { open, high, low, close }: TickBar, random: Random): [number, number][] {
  const fixed: [number, number][] = [[0, open]]
  const between = [high, low].filter((price) => price !== open && price !== close)
  const places = between.map(() => 1 + random.below(Math.max(1, count - 2)))
  if (places.length === 2 && places[0] === places[1]) places[1] = places[0] === 1 ? 2 : places[0] - 1
  between.forEach((price, k) => {
    if (places[k] < count - 1) fixed.push([places[k], price])
  })
  if (count > 1) fixed.push([count - 1, close])
  return fixed.sort(([a], [b]) => a - b)
}

type Stretch = { readonly from: number; readonly to: number; readonly wander: number }

/** A random walk tied to both ends, kept within the bar. */
function bridge({ count, path, freedom }: Orders, { high, low }: TickBar, stretch: Stretch, random: Random): void {
  const { from, to, wander } = stretch
  const [start, end] = [path[from], path[to]]
  let walk = 0
  for (let order = from + 1; order < to; order++) {
    walk += wander * (random.next() - 0.5)
    path[order] = walk
  }
  const release = Math.max(1, RELEASE * count)
  for (let order = from + 1; order < to; order++) {
    const part = (order - from) / (to - from)
    const price = start + part * (end - start) + path[order] - part * walk
    path[order] = Math.max(low, Math.min(high, price))
    freedom[order] = Math.min(1, (order - from) / release, (to - order) / release)
  }
}

/** Moves the free part of the path towards an extreme, in proportion to the room there. */
function shiftMean({ count, path, freedom }: Orders, { high, low }: TickBar, gap: number): void {
  const limit = gap > 0 ? high : low
  let room = 0
  for (let order = 0; order < count; order++) room += (freedom[order] * (limit - path[order])) / count
  if (room === 0) return
  const share = Math.min(1, gap / room)
  for (let order = 0; order < count; order++) path[order] += share * freedom[order] * (limit - path[order])
}
