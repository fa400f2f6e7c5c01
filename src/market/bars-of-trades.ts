/**
 * Candles made of single trades, as the exchange makes its own: what a table of trades has no candles beside it for.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { KLINE_NUMBERS } from './recognise/roles.js'

/** What was traded in one bar, in which there was a trade. */
export type TradedBar = {
  readonly time: number // UTC ms, its begin
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly quote_volume: number
  readonly count: number
  readonly taker_buy_volume: number // NaN where the takers' sides are not known, as below
  readonly taker_buy_quote_volume: number
  readonly first_id: number // NaN where trades have no numbers, as below
  readonly last_id: number
}

export type MadeBars = Readonly<Record<'time' | (typeof KLINE_NUMBERS)[number], Float64Array>>

/**
 * The first and the last bar are left out, for the trades may begin and end within them. Where trades are numbered, so is a bar that lacks
 * some, or beside which some lack; and a bar between two that follow on each other had no trade: it is flat and without volume, as the
 * exchange prints it. Without numbers a bar without trades is not known, and is not made.
 *
 * @param traded oldest first
 */
export function barsOfTrades(traded: readonly TradedBar[], timeframe: Timeframe): MadeBars {
  const step = timeframeMs(timeframe)
  const rows: Omit<TradedBar, 'first_id' | 'last_id'>[] = []
  // What lacks between two bars may belong to either. Not a number is greater than nothing: without numbers nothing is known to lack.
  const lacksBefore = (i: number) => traded[i].first_id > traded[i - 1].last_id + 1
  for (let i = 1; i < traded.length; i++) {
    const bar = traded[i]
    const before = traded[i - 1]
    if (bar.first_id <= before.last_id + 1) {
      for (let time = before.time + step; time < bar.time; time += step) rows.push(flatBar(time, before))
    }
    const isLast = i === traded.length - 1
    const lacks = bar.last_id - bar.first_id + 1 > bar.count
    if (!isLast && !lacks && !lacksBefore(i) && !lacksBefore(i + 1)) rows.push(bar)
  }
  const column = (name: 'time' | (typeof KLINE_NUMBERS)[number]) => Float64Array.from(rows, (row) => row[name])
  const columns = KLINE_NUMBERS.map((name) => [name, column(name)] as const)
  return { time: column('time'), ...Object.fromEntries(columns) } as MadeBars
}

function flatBar(time: number, { close, taker_buy_volume: bought }: TradedBar) {
  const none = { volume: 0, quote_volume: 0, count: 0 }
  const taken = Number.isNaN(bought) ? Number.NaN : 0
  return {
    time,
    open: close,
    high: close,
    low: close,
    close,
    ...none,
    taker_buy_volume: taken,
    taker_buy_quote_volume: taken,
  }
}
