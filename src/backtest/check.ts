/**
 * The account once more, from the list of trades alone: what was bought and sold at which price, and what was paid. It shares no code with the
 * engine, so a fault of its bookkeeping is found here and no number of it is shown.
 */
import { assert } from '../core/errors.js'
import type { AccountResult, Trades } from './types.js'

/** Of the largest equity: rounding of thousands of trades stays far below it. */
const TOLERANCE = 1e-9

/**
 * Each trade's net result from its prices and costs; the equity at every close at which nothing was held; the final equity.
 *
 * @throws an assertion naming the first trade or time at which both do not agree
 */
export function checkAccount({ instruments, openTime, equity, initialEquity, finalEquity }: AccountResult): void {
  const rows = openTime.length
  const step = rows > 1 ? openTime[1] - openTime[0] : 1
  const change = new Float64Array(rows + 1) // what trades that ended in a bar brought
  const held = new Int32Array(rows + 1) // positions opened minus positions closed
  const largest = equity.reduce((most, value) => Math.max(most, Math.abs(value)), initialEquity)
  const agree = (found: number, own: number, what: () => string) =>
    assert(Math.abs(found - own) <= TOLERANCE * largest, `${what()}: the engine has ${found}, its trades make ${own}`)
  for (const [i, { trades }] of instruments.entries()) {
    for (let row = 0; row < trades.rows; row++) {
      const net = netOf(trades, row)
      agree(trades.net_pnl[row], net, () => `trade ${row + 1} of instrument ${i + 1}`)
      const entry = Math.round((trades.entry_time[row] - openTime[0]) / step)
      const exit = entry + trades.bars_held[row] - 1
      change[exit] += net
      held[entry]++
      held[exit]--
    }
  }
  let account = initialEquity
  let open = 0
  for (let bar = 0; bar < rows; bar++) {
    account += change[bar]
    open += held[bar]
    if (open === 0) agree(equity[bar], account, () => `the close of bar ${bar + 1} of ${rows}`)
  }
  agree(finalEquity, account, () => 'the end')
}

function netOf(trades: Trades, row: number): number {
  const move = trades.exit_price[row] - trades.entry_price[row]
  const paid = trades.fees[row] + trades.funding[row] + trades.liquidation_fee[row]
  return trades.side[row] * trades.quantity[row] * move - paid
}
