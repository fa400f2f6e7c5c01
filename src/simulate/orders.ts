/**
 * Takers' orders of one minute, as columns that are used again for the next: whole ticks and lots, so that sums are exact.
 */
export type Orders = {
  count: number
  trades: number
  readonly time: Float64Array // UTC ms, strictly rising: one order a millisecond
  readonly price: Float64Array // ticks; an order fills at one price
  readonly isBuy: Uint8Array
  readonly isFixed: Uint8Array // its price makes the bar's open, high, low or close
  readonly freedom: Float64Array // 0 at a fixed price, rising to 1 away from it
  readonly path: Float64Array // ticks: where the price stands before it is put on the grid
  readonly firstTrade: Float64Array // row of its first trade; the one beyond the last order's is `trades`
  readonly lots: Float64Array // of each trade, >= 1
  readonly weights: Float64Array // scratch, one a trade
}

/** Room for so many trades. */
export function emptyOrders(trades: number): Orders {
  const column = (rows = trades) => new Float64Array(rows)
  return {
    count: 0,
    trades: 0,
    time: column(),
    price: column(),
    isBuy: new Uint8Array(trades),
    isFixed: new Uint8Array(trades),
    freedom: column(),
    path: column(),
    firstTrade: column(trades + 1),
    lots: column(),
    weights: column(),
  }
}

/** Lots of one order. */
export function orderLots({ firstTrade, lots }: Orders, order: number): number {
  let sum = 0
  for (let trade = firstTrade[order]; trade < firstTrade[order + 1]; trade++) sum += lots[trade]
  return sum
}

/** How many takers' orders so many trades come from. It depends on nothing else, so that ids can be counted without making the trades. */
export function ordersOf(trades: number): number {
  return Math.min(trades, MOST, Math.max(FEWEST, Math.round(trades * 0.45)))
}

/** Enough to touch open, high, low and close from both sides; and fewer than the milliseconds of a minute. */
const FEWEST = 8
const MOST = 50_000
