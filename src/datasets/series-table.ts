/**
 * The clean series beside the bars, on disk: snake_case columns ↔ the typed columns of memory; and their raw rows as cleaning wants them.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import { BAND_NAMES, type BookBars } from '../market/book-bars.js'
import type { RawKlines } from '../market/impossible.js'
import { LIQUIDATION_COLUMNS, type LiquidationBars, type RawLiquidations } from '../market/liquidations.js'
import { METRIC_COLUMNS, type MetricColumn } from '../market/metric-labels.js'
import type { Metrics, RawMetrics, RestMetric, RestMetrics } from '../market/metrics.js'
import type { RawKind } from '../market/raw-kinds.js'
import type { TickerBars } from '../market/ticker-bars.js'
import { TRADE_COLUMNS, type TradeBars } from '../market/trade-bars.js'
import { type Frame, readParquet, type Schema } from './parquet.js'

const KEYS: Schema = { open_time: 'time', available_time: 'time' }

export const PRICE_SCHEMA: Schema = { ...KEYS, ...doubles(['open', 'high', 'low', 'close']) }
export const METRICS_SCHEMA: Schema = { ...KEYS, ...doubles(METRIC_COLUMNS) }
export const TRADE_BARS_SCHEMA: Schema = { ...KEYS, ...doubles(TRADE_COLUMNS) }
export const BOOK_DEPTH_SCHEMA: Schema = {
  ...KEYS,
  snapshot_time: 'time',
  ...doubles(BAND_NAMES.map((name) => `depth_${name}`)),
  ...doubles(BAND_NAMES.map((name) => `notional_${name}`)),
}

export const BOOK_TICKER_SCHEMA: Schema = {
  ...KEYS,
  ...doubles(['bid_price', 'bid_quantity', 'ask_price', 'ask_quantity', 'mean_spread', 'updates']),
}

export const LIQUIDATION_SCHEMA: Schema = { ...KEYS, ...doubles(LIQUIDATION_COLUMNS) }

function doubles(names: readonly string[]): Schema {
  return Object.fromEntries(names.map((name) => [name, 'double' as const]))
}

export function priceFrame({ timeframe, rows, openTime, open, high, low, close }: Bars): Frame {
  return { rows, numbers: { ...keysOf(openTime, timeframeMs(timeframe)), open, high, low, close } }
}

export function metricsFrame({ rows, openTime, availableTime, values }: Metrics): Frame {
  return { rows, numbers: { open_time: openTime, available_time: availableTime, ...values } }
}

export function tradeBarsFrame({ rows, openTime, values }: TradeBars, step: number): Frame {
  return { rows, numbers: { ...keysOf(openTime, step), ...values } }
}

export function bookTickerFrame({ rows, openTime, values }: TickerBars, step: number): Frame {
  return { rows, numbers: { ...keysOf(openTime, step), ...values } }
}

export function liquidationFrame({ rows, openTime, values }: LiquidationBars, step: number): Frame {
  return { rows, numbers: { ...keysOf(openTime, step), ...values } }
}

export function bookDepthFrame({ rows, openTime, snapshotTime, depth, notional }: BookBars, step: number): Frame {
  const named = (prefix: string, columns: readonly Float64Array[]) =>
    Object.fromEntries(BAND_NAMES.map((name, band) => [`${prefix}_${name}`, columns[band]]))
  return {
    rows,
    numbers: {
      ...keysOf(openTime, step),
      snapshot_time: snapshotTime,
      ...named('depth', depth),
      ...named('notional', notional),
    },
  }
}

function keysOf(openTime: Float64Array, step: number) {
  return { open_time: openTime, available_time: openTime.map((time) => time + step) }
}

/** Bars of a price that is not traded: what stands in their volume columns means nothing and is not read. */
export async function readRawPrices(paths: readonly string[]): Promise<RawKlines> {
  const names = ['open_time', 'open', 'high', 'low', 'close']
  const { rows, column } = await columnsOf(paths, names)
  const unknown = new Float64Array(rows).fill(Number.NaN)
  return {
    rows,
    openTime: column('open_time'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: unknown,
    quoteVolume: unknown,
    count: unknown,
    takerBuyVolume: unknown,
    takerBuyQuoteVolume: unknown,
  }
}

/** A clean price that is not traded: mark, index or premium; null where there is no file. */
export async function readPrices(paths: readonly string[]) {
  if (paths.length === 0) return null
  const { rows, numbers } = await readParquet(paths, ['open_time', 'high', 'low', 'close'])
  return { rows, openTime: numbers.open_time, high: numbers.high, low: numbers.low, close: numbers.close }
}

/** What rests within 1 % of the price; null where no book was recorded. */
export async function readNearDepth(paths: readonly string[]) {
  if (paths.length === 0) return null
  const { rows, numbers } = await readParquet(paths, ['open_time', 'depth_m1', 'depth_p1'])
  return { rows, openTime: numbers.open_time, bids: numbers.depth_m1, asks: numbers.depth_p1 }
}

export async function readRawMetrics(paths: readonly string[]): Promise<RawMetrics> {
  const { rows, column } = await columnsOf(paths, ['create_time', ...METRIC_COLUMNS])
  const values = Object.fromEntries(METRIC_COLUMNS.map((name) => [name, column(name)]))
  return { rows, label: column('create_time'), values: values as Record<MetricColumn, Float64Array> }
}

export async function readRawLiquidations(paths: readonly string[]): Promise<RawLiquidations> {
  const names = ['time', 'side', 'original_quantity', 'price', 'average_price', 'accumulated_fill_quantity']
  const { rows, numbers, texts } = await readParquet(paths, names)
  return {
    rows,
    time: numbers.time,
    side: texts.side,
    quantity: numbers.original_quantity,
    price: numbers.price,
    averagePrice: numbers.average_price,
    filled: numbers.accumulated_fill_quantity,
  }
}

/** No rows where there is no file. */
async function columnsOf(paths: readonly string[], names: readonly string[]) {
  const table = paths.length > 0 ? await readParquet(paths, names) : null
  return { rows: table?.rows ?? 0, column: (name: string) => table?.numbers[name] ?? new Float64Array(0) }
}

/** Which column of which series of REST is which of the archive's. */
const REST_METRICS: Readonly<Record<MetricColumn, { readonly kind: RawKind; readonly column: string }>> = {
  sum_open_interest: { kind: 'openInterestHist', column: 'sum_open_interest' },
  sum_open_interest_value: { kind: 'openInterestHist', column: 'sum_open_interest_value' },
  count_toptrader_long_short_ratio: { kind: 'topLongShortAccountRatio', column: 'long_short_ratio' },
  sum_toptrader_long_short_ratio: { kind: 'topLongShortPositionRatio', column: 'long_short_ratio' },
  count_long_short_ratio: { kind: 'globalLongShortAccountRatio', column: 'long_short_ratio' },
  sum_taker_long_short_vol_ratio: { kind: 'takerlongshortRatio', column: 'buy_sell_ratio' },
}

/**
 * @param pathsOf the files of a kind of REST, none where it was not downloaded
 * @returns       null when there is none at all
 */
export async function readRestMetrics(pathsOf: (kind: RawKind) => readonly string[]): Promise<RestMetrics | null> {
  const found: Partial<Record<MetricColumn, RestMetric>> = {}
  for (const name of METRIC_COLUMNS) {
    const { kind, column } = REST_METRICS[name]
    const paths = pathsOf(kind)
    if (paths.length === 0) continue
    const { numbers } = await readParquet(paths, ['timestamp', column])
    found[name] = { label: numbers.timestamp, value: numbers[column] }
  }
  return Object.keys(found).length === 0 ? null : found
}
