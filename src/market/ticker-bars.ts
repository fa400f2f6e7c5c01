/**
 * Bars of the best bid and ask, put on the complete grid. A bar without an update is a hole: what stood before may still have stood, but
 * that is for who uses it to say.
 */
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import { gridFindings, type SeriesFindings } from './series-quality.js'

/** Last of the bar, but for the mean of the spread over its updates (each counts once, however long it stood) and their number. */
export type TickerSums = {
  readonly open_time: number
  readonly bid_price: number
  readonly bid_quantity: number
  readonly ask_price: number
  readonly ask_quantity: number
  readonly mean_spread: number
  readonly updates: number
}
export type TickerColumn = Exclude<keyof TickerSums, 'open_time'>

export type TickerCounts = {
  readonly rows: number
  readonly dropped: number // outside of the span
  readonly foreign: number // outside of the period of the files
  readonly impossible: number // a bid that is not below the ask, or a price that lacks
  readonly duplicates: number // neighbours with the same update id
  readonly outOfOrder: number
}

export type TickerBars = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly values: Readonly<Record<TickerColumn, Float64Array>> // NaN in a hole
}

export function tickerBars(
  sums: readonly TickerSums[],
  counts: TickerCounts,
  { span, timeframe }: { readonly span: Span; readonly timeframe: Timeframe },
): { bars: TickerBars; findings: SeriesFindings } {
  const step = timeframeMs(timeframe)
  const rows = Math.round((span.to - span.from) / step)
  const unknown = () => new Float64Array(rows).fill(Number.NaN)
  const values: Record<TickerColumn, Float64Array> = {
    bid_price: unknown(),
    bid_quantity: unknown(),
    ask_price: unknown(),
    ask_quantity: unknown(),
    mean_spread: unknown(),
    updates: unknown(),
  }
  for (const { open_time: time, ...sum } of sums) {
    const bar = (time - span.from) / step
    for (const name of Object.keys(values) as TickerColumn[]) values[name][bar] = sum[name]
  }
  const openTime = Float64Array.from({ length: rows }, (_, i) => span.from + i * step)
  const { rows: read, dropped, foreign, outOfOrder, duplicates, impossible } = counts
  const findings: SeriesFindings = {
    ...{ name: 'book_ticker_bars', timeframe, span, rows: read, dropped, outOfOrder, duplicates, impossible },
    ...gridFindings(span, timeframe, (bar) => !Number.isNaN(values.updates[bar])),
    lost: { foreign, offGrid: 0, impossible, replaced: 0 },
    ...{ conflicts: { count: 0, first: [] }, rest: null, reference: null, counts: {}, largest: {} },
  }
  return { bars: { rows, openTime, values }, findings }
}
