/** Several instruments on one account, as one backtest: what metrics and charts are made of. */
import { noneSkipped } from './leg.js'
import { blankTrade, createTradeRecorder } from './trades.js'
import { type AccountResult, type Backtest, type Skipped, TRADE_COLUMNS } from './types.js'

export type Together = Backtest & {
  /** Which instrument each trade was on. [trades.rows] */
  readonly instrument: Int32Array
}

/** Trades in the order in which they ended, of the same time in the order of the instruments. */
export function together({ instruments, equity, initialEquity, finalEquity, events }: AccountResult): Together {
  const order = instruments
    .flatMap(({ trades }, instrument) => Array.from({ length: trades.rows }, (_, row) => ({ instrument, row })))
    .sort((a, b) => ended(a) - ended(b) || a.instrument - b.instrument || a.row - b.row)
  function ended({ instrument, row }: { readonly instrument: number; readonly row: number }): number {
    return instruments[instrument].trades.exit_time[row]
  }
  const recorder = createTradeRecorder()
  const trade = blankTrade()
  for (const { instrument, row } of order) {
    for (const column of TRADE_COLUMNS) trade[column] = instruments[instrument].trades[column][row]
    recorder.add(trade)
  }
  const skipped = noneSkipped()
  for (const one of instruments)
    for (const reason of Object.keys(skipped) as (keyof Skipped)[]) skipped[reason] += one.skipped[reason]
  return {
    trades: recorder.finish(),
    instrument: Int32Array.from(order, ({ instrument }) => instrument),
    skipped,
    cutSlippage: instruments.reduce((sum, one) => sum + one.cutSlippage, 0),
    withoutFunding: instruments.some(({ withoutFunding }) => withoutFunding),
    withoutMarkPrice: instruments.some(({ withoutMarkPrice }) => withoutMarkPrice),
    ...{ equity, initialEquity, finalEquity, events },
  }
}
