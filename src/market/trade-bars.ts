/**
 * Bars made of single trades. The rows of a month are added up elsewhere, bar by bar; here they are put on the complete grid, and ids say
 * whether a bar without trades had none or is not known: trades are numbered without a break.
 */
import { type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import { ROUNDING, relativeDifference } from './listed.js'
import { gridFindings, type SeriesFindings } from './series-quality.js'

/** In quote per base, base or quote asset; `prints` are rows of the source, `trade_count` single trades. */
export const TRADE_COLUMNS = [
  'trade_count',
  'prints',
  'buy_prints',
  'volume',
  'quote_volume',
  'vwap',
  'buy_volume',
  'sell_volume',
  'max_quantity',
  'price_squares',
  'first_id',
  'last_id',
  'missing_ids',
] as const
export type TradeColumn = (typeof TRADE_COLUMNS)[number]

/** One bar in which something was traded, oldest first; ids of its first and last print. */
export type TradeSums = Readonly<Record<Exclude<TradeColumn, 'vwap' | 'missing_ids'>, number>> & {
  readonly open_time: number
}

/** What was found row by row. */
export type TradeCounts = {
  readonly rows: number // read from the archive
  readonly restRows: number
  readonly restUsed: number
  readonly dropped: number // outside of the span
  readonly foreign: number // outside of the period of the files
  readonly impossible: number // price or quantity missing or not above 0
  readonly duplicates: number // the id is there already, with the same values
  readonly conflicts: number // the same with others: the first published is kept
  readonly outOfOrder: number // a larger id came before
}

export type TradeBars = {
  readonly rows: number
  readonly openTime: Float64Array
  readonly values: Readonly<Record<TradeColumn, Float64Array>> // NaN where not known
}

export type TradeBarsOptions = {
  readonly span: Span
  readonly timeframe: Timeframe
  readonly source: string
  /** Published bars of the same span, whose volume is compared. */
  readonly klines?: Bars | null
}

/**
 * A bar without prints is one of no trades (counts and volumes 0, vwap NaN) when the ids before and after it follow on each other; else,
 * and where one of them is outside of the span, it is a hole. `missing_ids` are those that lack inside a bar, or just before it.
 * The vwap of a bar that lacks ids is that of the prints that are there.
 */
export function tradeBars(
  sums: readonly TradeSums[],
  counts: TradeCounts,
  { span, timeframe, source, klines = null }: TradeBarsOptions,
): { bars: TradeBars; findings: SeriesFindings } {
  const step = timeframeMs(timeframe)
  const rows = Math.round((span.to - span.from) / step)
  const columns = TRADE_COLUMNS.map((name) => [name, new Float64Array(rows).fill(Number.NaN)] as const)
  const values = Object.fromEntries(columns) as Record<TradeColumn, Float64Array>
  let missing = 0
  let silent = 0
  let lastId = Number.NaN
  let lastBar = -1
  for (const sum of sums) {
    const bar = (sum.open_time - span.from) / step
    const before = Number.isNaN(lastId) ? 0 : Math.max(0, sum.first_id - lastId - 1)
    if (before === 0 && !Number.isNaN(lastId)) {
      for (let i = lastBar + 1; i < bar; i++) fillSilent(values, i)
      silent += Math.max(0, bar - lastBar - 1)
    }
    const lacking = before + Math.max(0, sum.last_id - sum.first_id + 1 - sum.prints)
    missing += lacking
    for (const name of TRADE_COLUMNS) if (name !== 'vwap' && name !== 'missing_ids') values[name][bar] = sum[name]
    values.vwap[bar] = sum.quote_volume / sum.volume
    values.missing_ids[bar] = lacking
    lastId = Math.max(Number.isNaN(lastId) ? sum.last_id : lastId, sum.last_id)
    lastBar = bar
  }
  const openTime = Float64Array.from({ length: rows }, (_, i) => span.from + i * step)
  const { rows: read, dropped, foreign, impossible, duplicates, conflicts, outOfOrder } = counts
  const findings: SeriesFindings = {
    ...{ name: 'trade_bars', timeframe, span, rows: read, dropped, outOfOrder, duplicates, impossible },
    ...gridFindings(span, timeframe, (bar) => !Number.isNaN(values.prints[bar])),
    conflicts: { count: conflicts, first: [] },
    lost: { foreign, offGrid: 0, impossible, replaced: conflicts },
    ...{ rest: null, reference: null },
    counts: {
      [`rows of ${source}`]: read,
      'missing ids': missing,
      'bars without trades': silent,
      'rows that REST gave': counts.restRows,
      'rows taken from REST': counts.restUsed,
      ...(klines === null ? {} : againstKlines(values, klines, span.from)),
    },
    largest: {},
  }
  return { bars: { rows, openTime, values }, findings }
}

/** Whole bars only: one that lacks ids cannot have the volume. */
function againstKlines({ volume, missing_ids: missing }: TradeBars['values'], klines: Bars, from: number) {
  const step = timeframeMs(klines.timeframe)
  let compared = 0
  let differing = 0
  for (let i = 0; i < klines.rows; i++) {
    const bar = (klines.openTime[i] - from) / step
    const difference = missing[bar] === 0 ? relativeDifference(volume[bar], klines.volume[i]) : Number.NaN
    if (Number.isNaN(difference)) continue
    compared++
    if (difference > ROUNDING) differing++
  }
  return { 'bars compared with the klines': compared, 'bars whose volume differs from the klines': differing }
}

const ZERO = [
  'trade_count',
  'prints',
  'buy_prints',
  'volume',
  'quote_volume',
  'buy_volume',
  'sell_volume',
  'price_squares',
  'missing_ids',
] as const satisfies readonly TradeColumn[]

function fillSilent(values: Readonly<Record<TradeColumn, Float64Array>>, bar: number): void {
  for (const name of ZERO) values[name][bar] = 0
}
