/**
 * Imported trades → what was traded in each bar, inside DuckDB.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import type { TradedBar } from '../market/bars-of-trades.js'
import { ask } from './import-table.js'

export type TradesTable = {
  readonly table: string
  readonly isReversed: boolean
  readonly numbers: readonly string[] // its columns
}

/** Tables of one pair as one; a trade that stands in several counts once. Rows that no trade can have are left out. */
export async function tradedBarsOf(tables: readonly TradesTable[], timeframe: Timeframe): Promise<TradedBar[]> {
  const parts = tables.map(({ table, isReversed, numbers }, i) => {
    const column = (name: string, as: string) => `${numbers.includes(name) ? `"${name}"` : 'NULL::DOUBLE'} AS ${as}`
    const maker = numbers.includes('is_buyer_maker') ? 'is_buyer_maker' : 'side'
    return `SELECT ms, ${column('id', 'id')}, price, quantity, ${column(maker, 'maker')}, ${i} AS part, ${isReversed ? '-' : ''}rowid AS nr FROM ${table}`
  })
  const step = timeframeMs(timeframe)
  const inOrder = 'ORDER BY ms, id, part, nr'
  const rows = await ask(`SELECT (ms // ${step} * ${step})::DOUBLE AS time,
      first(price ${inOrder}) AS open, max(price) AS high, min(price) AS low, last(price ${inOrder}) AS close,
      sum(quantity ${inOrder}) AS volume, sum(price * quantity ${inOrder}) AS quote_volume, count(*)::DOUBLE AS count,
      CASE WHEN count(maker) = count(*) THEN coalesce(sum(quantity ${inOrder}) FILTER (maker = 0), 0) END AS taker_buy_volume,
      CASE WHEN count(maker) = count(*) THEN coalesce(sum(price * quantity ${inOrder}) FILTER (maker = 0), 0) END AS taker_buy_quote_volume,
      min(id) AS first_id, max(id) AS last_id
    FROM (SELECT * FROM (${parts.join(' UNION ALL ')}) WHERE price > 0 AND quantity > 0
      QUALIFY id IS NULL OR row_number() OVER (PARTITION BY id ORDER BY part, nr) = 1)
    GROUP BY 1 ORDER BY 1`)
  const known = ([name, value]: [string, unknown]) => [name, value === null ? Number.NaN : Number(value)]
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(known)) as TradedBar)
}
