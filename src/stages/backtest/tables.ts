/** Trades and equity of a part as tables. */
import type { Trades } from '../../backtest/types.js'
import type { TaskIo } from '../stage.js'

const TIMES: readonly string[] = ['decision_time', 'entry_time', 'exit_time']

/** @param pair  of each trade, where they are of several [trades.rows] */
export async function writeTrades(io: TaskIo, part: string, trades: Trades, pair?: string[]): Promise<void> {
  const { TRADE_COLUMNS } = await import('../../backtest/types.js')
  const { writeParquet } = await import('../../datasets/parquet.js')
  const numbers = TRADE_COLUMNS.map((name) => [name, TIMES.includes(name) ? ('time' as const) : ('double' as const)])
  const schema = { ...(pair === undefined ? {} : { pair: 'text' as const }), ...Object.fromEntries(numbers) }
  await io.write(`trades_${part}`, `${io.folder}/trades-${part}.parquet`, (temporary) =>
    writeParquet(temporary, schema, {
      rows: trades.rows,
      numbers: Object.fromEntries(TRADE_COLUMNS.map((name) => [name, trades[name]])),
      ...(pair === undefined ? {} : { texts: { pair } }),
    }),
  )
}

/** @param columns  beside the time of each bar, all as long as it */
export async function writeEquity(
  io: TaskIo,
  part: string,
  openTime: Float64Array,
  columns: Readonly<Record<string, Float64Array>>,
): Promise<void> {
  const { writeParquet } = await import('../../datasets/parquet.js')
  const schema = {
    open_time: 'time' as const,
    ...Object.fromEntries(Object.keys(columns).map((name) => [name, 'double' as const])),
  }
  await io.write(`equity_${part}`, `${io.folder}/equity-${part}.parquet`, (temporary) =>
    writeParquet(temporary, schema, { rows: openTime.length, numbers: { open_time: openTime, ...columns } }),
  )
}
