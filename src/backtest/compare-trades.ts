/** Whether two runs made the same trades, and where they part if they did not. */
import { TRADE_COLUMNS, type TradeColumn, type Trades } from './types.js'

export type TradeDifference = {
  readonly trade: number // from 1
  readonly decisionTime: number // UTC ms
  readonly column: TradeColumn | 'rows'
  readonly first: number
  readonly second: number
}

/** The first difference in any column, to the last bit; null when there is none. */
export function firstDifference(first: Trades, second: Trades): TradeDifference | null {
  for (let row = 0; row < Math.min(first.rows, second.rows); row++) {
    for (const column of TRADE_COLUMNS) {
      const [a, b] = [first[column][row], second[column][row]]
      if (!Object.is(a, b) && a !== b)
        return { trade: row + 1, decisionTime: first.decision_time[row], column, first: a, second: b }
    }
  }
  if (first.rows === second.rows) return null
  const row = Math.min(first.rows, second.rows)
  const { decision_time: time } = first.rows > row ? first : second
  return { trade: row + 1, decisionTime: time[row], column: 'rows', first: first.rows, second: second.rows }
}
