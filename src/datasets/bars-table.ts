/**
 * Bars and funding on disk: snake_case columns ↔ the typed columns of memory.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars, type BarValue } from '../market/bars.js'
import type { CleanFunding, RawFunding, RestFunding, SpecialPrints } from '../market/funding.js'
import type { RawKlines } from '../market/impossible.js'
import { type Frame, readParquet, type Schema } from './parquet.js'

const BAR_COLUMNS = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  quote_volume: 'quoteVolume',
  count: 'count',
  taker_buy_volume: 'takerBuyVolume',
  taker_buy_quote_volume: 'takerBuyQuoteVolume',
  base_bars: 'baseBars',
} as const

export const BARS_SCHEMA: Schema = {
  open_time: 'time',
  available_time: 'time',
  ...Object.fromEntries(Object.keys(BAR_COLUMNS).map((name) => [name, 'double'])),
}

export const FUNDING_SCHEMA: Schema = { time: 'time', rate: 'double', interval_hours: 'double', mark_price: 'double' }
export const SPECIAL_FUNDING_SCHEMA: Schema = { time: 'time', rate: 'double', mark_price: 'double' }

export function barsFrame(bars: Bars): Frame {
  const step = timeframeMs(bars.timeframe)
  const numbers: Record<string, Float64Array> = {
    open_time: bars.openTime,
    available_time: bars.openTime.map((time) => time + step),
  }
  for (const [column, key] of Object.entries(BAR_COLUMNS)) numbers[column] = bars[key]
  return { rows: bars.rows, numbers }
}

/**
 * Bars of consecutive files as one grid.
 *
 * @param values  what to read of them; the others are then NaN throughout, as what is not known is
 */
export async function readBars(
  paths: readonly string[],
  timeframe: Timeframe,
  values: readonly BarValue[] = BAR_VALUES,
): Promise<Bars> {
  const columns = Object.entries(BAR_COLUMNS)
  const wanted = columns.filter(([, value]) => values.includes(value)).map(([column]) => column)
  const { rows, numbers } = await readParquet(paths, ['open_time', ...wanted])
  if (wanted.length < columns.length) {
    const unread = new Float64Array(rows).fill(Number.NaN)
    for (const [column] of columns) numbers[column] ??= unread
  }
  return { timeframe, rows, baseBars: numbers.base_bars, ...klineValues(numbers) }
}

/** Rows as published; none when there is no file. */
export async function readRawKlines(paths: readonly string[]): Promise<RawKlines> {
  const columns = ['open_time', ...Object.keys(BAR_COLUMNS).filter((name) => name !== 'base_bars')]
  const { rows, numbers } =
    paths.length > 0
      ? await readParquet(paths, columns)
      : { rows: 0, numbers: Object.fromEntries(columns.map((name) => [name, new Float64Array(0)])) }
  return { rows, ...klineValues(numbers) }
}

function klineValues(numbers: Readonly<Record<string, Float64Array>>) {
  return {
    openTime: numbers.open_time,
    open: numbers.open,
    high: numbers.high,
    low: numbers.low,
    close: numbers.close,
    volume: numbers.volume,
    quoteVolume: numbers.quote_volume,
    count: numbers.count,
    takerBuyVolume: numbers.taker_buy_volume,
    takerBuyQuoteVolume: numbers.taker_buy_quote_volume,
  }
}

export function fundingFrame({ time, rate, intervalHours, markPrice }: CleanFunding): Frame {
  return { rows: time.length, numbers: { time, rate, interval_hours: intervalHours, mark_price: markPrice } }
}

export function specialFundingFrame({ time, rate, markPrice }: SpecialPrints): Frame {
  return { rows: time.length, numbers: { time, rate, mark_price: markPrice } }
}

/** Prints as the archive and REST gave them; `rest` is null when there is no file of it. */
export async function readRawFunding(archive: readonly string[], rest: readonly string[]) {
  const none = new Float64Array(0)
  const table = archive.length === 0 ? null : (await readParquet(archive, null)).numbers
  const raw: RawFunding = {
    time: table?.calc_time ?? none,
    rate: table?.last_funding_rate ?? none,
    intervalHours: table?.funding_interval_hours ?? none,
  }
  return { raw, rest: rest.length === 0 ? null : await readRestFunding(rest) }
}

async function readRestFunding(paths: readonly string[]): Promise<RestFunding> {
  const { numbers, texts } = await readParquet(paths, ['funding_time', 'funding_rate', 'mark_price', 'rate_type'])
  return {
    time: numbers.funding_time,
    rate: numbers.funding_rate,
    markPrice: numbers.mark_price,
    isSpecial: texts.rate_type.map((type) => type === 'Special'),
  }
}

/** null when the instrument has none. */
export async function readFunding(paths: readonly string[]): Promise<CleanFunding | null> {
  if (paths.length === 0) return null
  const { rows, numbers } = await readParquet(paths, Object.keys(FUNDING_SCHEMA))
  const { time, rate, interval_hours: intervalHours, mark_price: markPrice } = numbers
  return rows === 0 ? null : { time, rate, intervalHours, markPrice }
}
