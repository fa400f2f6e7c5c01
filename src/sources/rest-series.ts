/**
 * How each kind is asked for over REST, as a table: path, page size, cost, and the way from an answer's row to the columns of
 * `market/raw-kinds.ts`. Numbers that the exchange sends as text stay text, so that they are parsed once, like the archive's.
 */
import { type Timeframe, timeframeMs } from '../core/time.js'
import { METRICS_REST_KINDS, type RawKind } from '../market/raw-kinds.js'
import type { Venue } from './keys.js'
import type { Bucket } from './limits.js'
import { BUCKETS } from './rest-client.js'

export type Cell = string | number | boolean | null
export type RestRow = { readonly time: number; readonly cells: readonly Cell[]; readonly id?: number }

export type RestSeries = {
  readonly path: string
  /** `pair` where the exchange calls it so. */
  readonly symbolName: 'symbol' | 'pair'
  readonly bucket: Bucket
  readonly weight: number
  readonly limit: number // rows a page
  readonly fixed: Readonly<Record<string, string>>
  /**
   * - `grid`: a row every `stepMs`; a page is a window of `limit` steps
   * - `times`: rows when something happens; pages go on from the last row
   * - `ids`: rows by number; the first page by time, the others from the last number
   */
  readonly paging: 'grid' | 'times' | 'ids'
  readonly stepMs: (timeframe: Timeframe | undefined) => number
  /** Until then a row may still change: its close, UTC ms. */
  readonly closes: (row: RestRow, stepMs: number) => number
  readonly row: (answer: unknown) => RestRow
}

/** [up to this limit, weight], as published for futures klines; measured edges are one lower (`limit=100`, `500`). */
const KLINE_WEIGHTS: readonly (readonly [number, number])[] = [
  [99, 1],
  [499, 2],
  [1000, 5],
  [1500, 10],
]

/** The page size that brings the most rows for the weight. */
export function bestPage(weights: readonly (readonly [number, number])[]): {
  readonly limit: number
  readonly weight: number
} {
  const best = weights.reduce((a, b) => (b[0] / b[1] > a[0] / a[1] ? b : a))
  return { limit: best[0], weight: best[1] }
}

type Fields = Readonly<Record<string, unknown>>

/** Text that would be empty means that it is not known. */
function cell(value: unknown): Cell {
  if (value === '' || value === undefined || value === null) return null
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}

const kline = (path: string, symbolName: 'symbol' | 'pair'): RestSeries => ({
  path,
  symbolName,
  bucket: BUCKETS.futures,
  ...bestPage(KLINE_WEIGHTS),
  fixed: {},
  paging: 'grid',
  stepMs: (timeframe) => timeframeMs(timeframe ?? '1m'),
  closes: ({ time }, stepMs) => time + stepMs,
  row: (answer) => {
    const cells = (answer as readonly unknown[]).slice(0, 12).map(cell)
    // The documentation shows index bars of eleven elements: what is absent at the end is not known.
    while (cells.length < 12) cells.push(null)
    return { time: Number(cells[0]), cells }
  },
})

const STATISTICS_STEP: Timeframe = '5m'

const statistic = (name: string, columns: readonly string[]): RestSeries => ({
  path: `/futures/data/${name}`,
  symbolName: 'symbol',
  bucket: BUCKETS.statistics,
  weight: 1,
  limit: 500,
  fixed: { period: STATISTICS_STEP },
  paging: 'grid',
  stepMs: () => timeframeMs(STATISTICS_STEP),
  // Whether the time is the period's begin or its end is contested: it is over in both cases only a period later.
  closes: ({ time }, stepMs) => time + stepMs,
  row: (answer) => {
    const fields = answer as Fields
    return { time: Number(fields.timestamp), cells: columns.map((column) => cell(fields[column])) }
  },
})

const RATIO = ['symbol', 'longAccount', 'longShortRatio', 'shortAccount', 'timestamp']
const STATISTICS: Readonly<Record<(typeof METRICS_REST_KINDS)[number], readonly string[]>> = {
  openInterestHist: ['symbol', 'sumOpenInterest', 'sumOpenInterestValue', 'CMCCirculatingSupply', 'timestamp'],
  topLongShortAccountRatio: RATIO,
  topLongShortPositionRatio: RATIO,
  globalLongShortAccountRatio: RATIO,
  takerlongshortRatio: ['buySellRatio', 'sellVol', 'buyVol', 'timestamp'],
}

/** `{"a":id,"p":price,"q":quantity,"f":first,"l":last,"T":time,"m":buyer is maker}`; spot adds `M`, futures `nq`. */
const aggTrades = (path: string, bucket: Bucket, weight: number, fields: readonly string[]): RestSeries => ({
  path,
  symbolName: 'symbol',
  bucket,
  weight,
  limit: 1000,
  fixed: {},
  paging: 'ids',
  stepMs: () => 1,
  closes: ({ time }) => time,
  row: (answer) => {
    const row = answer as Fields
    return { time: Number(row.T), id: Number(row.a), cells: fields.map((field) => cell(row[field])) }
  },
})

const AGG_TRADE = ['a', 'p', 'q', 'f', 'l', 'T', 'm']

const FUTURES: Partial<Record<RawKind, RestSeries>> = {
  klines: kline('/fapi/v1/klines', 'symbol'),
  markPriceKlines: kline('/fapi/v1/markPriceKlines', 'symbol'),
  indexPriceKlines: kline('/fapi/v1/indexPriceKlines', 'pair'),
  premiumIndexKlines: kline('/fapi/v1/premiumIndexKlines', 'symbol'),
  fundingRate: {
    path: '/fapi/v1/fundingRate',
    symbolName: 'symbol',
    bucket: BUCKETS.funding,
    weight: 1,
    limit: 1000,
    fixed: {},
    paging: 'times',
    stepMs: () => 1,
    closes: ({ time }) => time,
    row: (answer) => {
      const { symbol, fundingTime, fundingRate, markPrice, rateType } = answer as Fields
      return { time: Number(fundingTime), cells: [symbol, fundingTime, fundingRate, markPrice, rateType].map(cell) }
    },
  },
  aggTrades: aggTrades('/fapi/v1/aggTrades', BUCKETS.futures, 20, [...AGG_TRADE, 'nq']),
  ...Object.fromEntries(METRICS_REST_KINDS.map((kind) => [kind, statistic(kind, STATISTICS[kind])])),
}

const SPOT: Partial<Record<RawKind, RestSeries>> = {
  klines: { ...kline('/api/v3/klines', 'symbol'), bucket: BUCKETS.spot, limit: 1000, weight: 2 },
  aggTrades: aggTrades('/api/v3/aggTrades', BUCKETS.spot, 4, [...AGG_TRADE, 'M']),
}

/** Null where REST does not have the kind. */
export function restSeries(venue: Venue, kind: RawKind): RestSeries | null {
  return (venue === 'binance-um' ? FUTURES : SPOT)[kind] ?? null
}
