/**
 * A traded part by UTC day, in sums that add up: what two models are compared by on the days that both have.
 */
import { DAY } from '../core/time.js'
import type { DayRecord } from '../validation/paired.js'
import { dailyEquity } from './periods.js'
import type { Traded, TradedRows } from './trade-predictions.js'

/**
 * One record for each day of the account, flat days included.
 *
 * @param won  whether the row's side won; read where it is a signal [rows]
 */
export function dayRecords(
  rows: TradedRows & { readonly usable: Float64Array },
  won: Uint8Array,
  traded: Traded,
): DayRecord[] {
  const { base } = traded.inputs
  const { trades, equity, initialEquity } = traded.result
  const daily = dailyEquity(base.openTime, equity, initialEquity)
  const records = new Map<number, { -readonly [K in keyof DayRecord]: DayRecord[K] }>()
  for (const [i, day] of daily.day.entries()) {
    records.set(day, { day, return: daily.returns[i], signals: 0, won: 0, trades: 0, gains: 0, losses: 0 })
  }
  const of = (time: number) => records.get(Math.floor(time / DAY) * DAY)
  for (let row = 0; row < rows.rows; row++) {
    if (rows.usable[row] !== 1 || rows.side[row] === 0 || !(rows.confidence[row] >= rows.threshold[row])) continue
    const record = of(rows.t0[row])
    if (record === undefined) continue // decided at the end of the last day, when there was no bar left to enter
    record.signals++
    record.won += won[row]
  }
  for (let trade = 0; trade < trades.rows; trade++) {
    // The bar that closes at midnight is the last of its day.
    const record = of(trades.exit_time[trade] - 1)
    if (record === undefined) continue
    record.trades++
    const pnl = trades.net_pnl[trade]
    if (pnl > 0) record.gains += pnl
    else record.losses -= pnl
  }
  return [...records.values()]
}
