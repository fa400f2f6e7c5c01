/**
 * Margin of perpetual futures: how much a position must keep, and the mark price at which it is taken away.
 *
 * Source: Binance, "How to calculate liquidation price of USDⓈ-M futures contracts", for one-way mode. A tier's maintenance holds for the
 * part of the notional above the tier before it, which the exchange writes as rate × notional − amount.
 */
import type { Side } from '../market/entry.js'

export type MarginTier = {
  readonly upTo: number // notional, quote currency; the last one is without end whatever it says
  readonly maintenance: number // fraction of the notional
  readonly leverage: number // the most that the exchange allows in it
}

/** Prepared once: typed arrays, for the loop. */
export type MarginTable = {
  readonly upTo: Float64Array
  readonly rate: Float64Array
  readonly amount: Float64Array // subtracted, so that the maintenance has no jumps
  readonly leverage: Float64Array
}

/** @param tiers  at least one, rising in `upTo`; their maintenance does not fall */
export function marginTable(tiers: readonly MarginTier[]): MarginTable {
  const amount = new Float64Array(tiers.length)
  for (let i = 1; i < tiers.length; i++) {
    amount[i] = amount[i - 1] + tiers[i - 1].upTo * (tiers[i].maintenance - tiers[i - 1].maintenance)
  }
  return {
    upTo: Float64Array.from(tiers, (tier, i) => (i === tiers.length - 1 ? Number.POSITIVE_INFINITY : tier.upTo)),
    rate: Float64Array.from(tiers, (tier) => tier.maintenance),
    amount,
    leverage: Float64Array.from(tiers, (tier) => tier.leverage),
  }
}

/** Index of the tier of a notional. */
export function tierOf({ upTo }: MarginTable, notional: number): number {
  let tier = 0
  while (notional > upTo[tier]) tier++
  return tier
}

/** What a position of this notional must keep, quote currency. */
export function maintenanceMargin(table: MarginTable, notional: number): number {
  const tier = tierOf(table, notional)
  return table.rate[tier] * notional - table.amount[tier]
}

/** Maintenance margin of one more of the notional, fraction. */
export function maintenanceRate(table: MarginTable, notional: number): number {
  return table.rate[tierOf(table, notional)]
}

/** The largest notional that may be opened with this leverage: tiers that allow less of it are out of reach. */
export function largestNotional(table: MarginTable, leverage: number): number {
  let most = 0
  for (let tier = 0; tier < table.upTo.length && table.leverage[tier] >= leverage; tier++) most = table.upTo[tier]
  return most
}

/**
 * The mark price at which margin + side × quantity × (price − entry) = the maintenance margin of quantity × price.
 *
 * @param margin  what stands behind the position, quote currency: margin of its own when isolated, the account when crossed
 * @returns       0 for a long that cannot be liquidated
 */
export function liquidationPrice(
  table: MarginTable,
  side: Side,
  quantity: number,
  entryPrice: number,
  margin: number,
): number {
  // The tier depends on the price and the price on the tier: each tier's price is the right one if it lies in that tier.
  for (let tier = 0; ; tier++) {
    const top = (margin + table.amount[tier] - side * quantity * entryPrice) / (quantity * (table.rate[tier] - side))
    if (tier === table.upTo.length - 1 || top * quantity <= table.upTo[tier]) return Math.max(0, top)
  }
}

/** The mark price at which nothing of the margin is left: an isolated position cannot lose more. */
export function bankruptcyPrice(side: Side, quantity: number, entryPrice: number, margin: number): number {
  return Math.max(0, entryPrice - (side * margin) / quantity)
}
