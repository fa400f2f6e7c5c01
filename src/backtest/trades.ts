/**
 * Collects trades into columns that grow by doubling.
 */
import { TRADE_COLUMNS, type Trade, type TradeColumn, type Trades } from './types.js'

export type TradeRecorder = {
  readonly add: (trade: Trade) => void
  readonly finish: () => Trades
}

export function createTradeRecorder(): TradeRecorder {
  let columns = TRADE_COLUMNS.map(() => new Float64Array(256))
  let rows = 0
  return {
    add(trade) {
      if (rows === columns[0].length) {
        columns = columns.map((old) => {
          const grown = new Float64Array(old.length * 2)
          grown.set(old)
          return grown
        })
      }
      for (let c = 0; c < TRADE_COLUMNS.length; c++) columns[c][rows] = trade[TRADE_COLUMNS[c]]
      rows++
    },
    finish() {
      const entries = TRADE_COLUMNS.map((name, c) => [name, columns[c].slice(0, rows)] as const)
      return { rows, ...(Object.fromEntries(entries) as Record<TradeColumn, Float64Array>) }
    },
  }
}

/** A trade with every field zero, to be filled. */
export function blankTrade(): Trade {
  return Object.fromEntries(TRADE_COLUMNS.map((name) => [name, 0])) as Trade
}
