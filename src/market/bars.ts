/**
 * Bars of one instrument on one timeframe, as columns on a complete grid: bar i opens at `openTime[0] + i * stepMs`.
 * A bar that the exchange did not publish is a row of NaN, never a copy of its neighbour, so that an index is a time
 * and nothing can look across a hole without seeing it.
 */
import { assert } from '../core/errors.js'
import { type Timeframe, timeframeMs } from '../core/time.js'

export type Bars = {
  readonly timeframe: Timeframe
  readonly rows: number
  readonly openTime: Float64Array // UTC ms, strictly rising by the timeframe
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array // base asset
  readonly quoteVolume: Float64Array // quote asset
  readonly count: Float64Array // trades
  readonly takerBuyVolume: Float64Array // base asset
  readonly takerBuyQuoteVolume: Float64Array // quote asset
  readonly baseBars: Float64Array // base bars this one is made of; 0 where nothing was published
}

export const BAR_VALUES = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'count',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
  'baseBars',
] as const satisfies readonly (keyof Bars)[]
export type BarValue = (typeof BAR_VALUES)[number]

/** An empty grid: every value NaN, `baseBars` 0. */
export function emptyBars(timeframe: Timeframe, from: number, rows: number): Bars {
  const step = timeframeMs(timeframe)
  assert(from % step === 0, `a ${timeframe} grid cannot start at ${from}`)
  const unknown = () => new Float64Array(rows).fill(Number.NaN)
  return {
    timeframe,
    rows,
    openTime: Float64Array.from({ length: rows }, (_, i) => from + i * step),
    open: unknown(),
    high: unknown(),
    low: unknown(),
    close: unknown(),
    volume: unknown(),
    quoteVolume: unknown(),
    count: unknown(),
    takerBuyVolume: unknown(),
    takerBuyQuoteVolume: unknown(),
    baseBars: new Float64Array(rows),
  }
}

/** Rows `start` (inclusive) to `end` (exclusive), sharing memory with the whole. */
export function sliceBars(bars: Bars, start: number, end: number): Bars {
  const cut = (x: Float64Array) => x.subarray(start, end)
  return {
    timeframe: bars.timeframe,
    rows: Math.max(0, end - start),
    openTime: cut(bars.openTime),
    open: cut(bars.open),
    high: cut(bars.high),
    low: cut(bars.low),
    close: cut(bars.close),
    volume: cut(bars.volume),
    quoteVolume: cut(bars.quoteVolume),
    count: cut(bars.count),
    takerBuyVolume: cut(bars.takerBuyVolume),
    takerBuyQuoteVolume: cut(bars.takerBuyQuoteVolume),
    baseBars: cut(bars.baseBars),
  }
}

/** Funding prints of one instrument, oldest first. */
export type Funding = {
  readonly time: Float64Array // UTC ms, rounded to the minute
  readonly rate: Float64Array // fraction of the position's value, paid by longs when positive
  readonly intervalHours: Float64Array
}
