/**
 * Positions that the exchange closed by force, from base bars to the bar of the feature.
 */
import type { JoinRows, SeriesKind, SeriesRows } from '../series.js'
import { rowsWithin, sumWithin } from './within.js'

export type LiquidationInputs = {
  readonly liquidatedLongs: Float64Array // quote asset
  readonly liquidatedShorts: Float64Array // quote asset
  readonly liquidationOrders: Float64Array // orders, of both sides
}

type LiquidationColumn = 'open_time' | 'long_orders' | 'long_value' | 'short_orders' | 'short_value'

export const LIQUIDATION_BARS = {
  meaning: 'Positions that the exchange closed by force',
  columns: ['open_time', 'long_orders', 'long_value', 'short_orders', 'short_value'],
  inputs: ['liquidatedLongs', 'liquidatedShorts', 'liquidationOrders'],
  join: liquidationInputs,
} as const satisfies SeriesKind<keyof LiquidationInputs, LiquidationColumn>

/** Sums over each bar; 0 where nothing was liquidated, NaN where a base bar within it is not known. */
export function liquidationInputs(
  rows: JoinRows,
  { available, columns }: SeriesRows<LiquidationColumn>,
): LiquidationInputs {
  const { open_time: openTime, long_orders: longs, short_orders: shorts } = columns
  const within = rowsWithin(rows, { available, openTime, isKnown: (row) => !Number.isNaN(longs[row]) })
  const shortOrders = sumWithin(shorts, within)
  return {
    liquidatedLongs: sumWithin(columns.long_value, within),
    liquidatedShorts: sumWithin(columns.short_value, within),
    liquidationOrders: sumWithin(longs, within).map((orders, i) => orders + shortOrders[i]),
  }
}
