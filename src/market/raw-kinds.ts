/**
 * What the exchange publishes: one entry a kind, with its columns under the exchange's own names and in its own order. Archive keys,
 * CSV checks, Parquet schemas, `download.kinds` and the reference page are derived from this table.
 */
import type { Venue } from '../sources/keys.js'

/**
 * `epoch`: since 1970 in seconds or parts of them, the unit told by the size of each value; `date`: text `2026-06-25 00:05:00`, UTC. Both are
 * TIMESTAMP in milliseconds on disk.
 */
export type RawColumn = 'epoch' | 'date' | 'double' | 'integer' | 'boolean' | 'text'
export type RawColumns = { readonly [name: string]: RawColumn }

export type RawKindSpec = {
  readonly meaning: string
  /** On disk: `data/raw/<venue>/<PAIR>/<folder>`. */
  readonly folder: string
  /** One series for each timeframe, or one for the pair. */
  readonly byTimeframe: boolean
  readonly venues: readonly Venue[]
  /** How the archive cuts its files; neither: the kind exists in REST only. */
  readonly monthly: boolean
  readonly daily: boolean
  /** Of the archive's CSV; of the REST answer where there is no archive. The time that orders the rows is named by `time`. */
  readonly columns: RawColumns
  readonly spotColumns?: RawColumns // that spot has beside the others, at the end
  readonly time: string
  /** Where REST gives other columns than the archive. Absent: the same, or no REST at all (`restReach` null). */
  readonly restColumns?: RawColumns
  /** Columns that futures REST has beside the archive's, at the end. */
  readonly restExtra?: RawColumns
  readonly restTime?: string
  /** How far back REST goes: everything, so many ms before now, or not at all. */
  readonly restReach: 'all' | number | null
}

const UM: readonly Venue[] = ['binance-um']
const BOTH: readonly Venue[] = ['binance-um', 'binance-spot']
const DAY = 86_400_000

const KLINE: RawColumns = {
  open_time: 'epoch',
  open: 'double',
  high: 'double',
  low: 'double',
  close: 'double',
  volume: 'double',
  close_time: 'epoch',
  quote_volume: 'double',
  count: 'integer',
  taker_buy_volume: 'double',
  taker_buy_quote_volume: 'double',
  ignore: 'double',
}
const klineKind = (folder: string, meaning: string, venues: readonly Venue[]): RawKindSpec => ({
  meaning,
  folder,
  byTimeframe: true,
  venues,
  monthly: true,
  daily: true,
  columns: KLINE,
  time: 'open_time',
  restReach: 'all',
})

/** The exchange lets go of these after 30 days; a day is kept back, for it counts from its own clock. */
const THIRTY_DAYS = 29 * DAY
const statistic = (folder: string, meaning: string, columns: RawColumns): RawKindSpec => ({
  meaning,
  folder,
  byTimeframe: false,
  venues: UM,
  monthly: false,
  daily: false,
  columns,
  time: 'timestamp',
  restReach: THIRTY_DAYS,
})
const RATIO: RawColumns = {
  symbol: 'text',
  long_account: 'double',
  long_short_ratio: 'double',
  short_account: 'double',
  timestamp: 'epoch',
}

export const RAW_KINDS = {
  klines: klineKind('klines', 'Bars of the trades', BOTH),
  markPriceKlines: klineKind('mark_price_klines', 'Bars of the mark price, by which positions are liquidated', UM),
  indexPriceKlines: klineKind('index_price_klines', 'Bars of the index price: spot on several exchanges', UM),
  premiumIndexKlines: klineKind('premium_index_klines', 'Bars of the premium index, from which funding is made', UM),
  fundingRate: {
    meaning: 'Funding rates as they were printed',
    folder: 'funding_rate',
    byTimeframe: false,
    venues: UM,
    monthly: true,
    daily: false,
    columns: { calc_time: 'epoch', funding_interval_hours: 'double', last_funding_rate: 'double' },
    time: 'calc_time',
    restColumns: {
      symbol: 'text',
      funding_time: 'epoch',
      funding_rate: 'double',
      mark_price: 'double',
      rate_type: 'text',
    },
    restTime: 'funding_time',
    restReach: 'all',
  },
  metrics: {
    meaning: 'Open interest, long/short and taker ratios every five minutes',
    folder: 'metrics',
    byTimeframe: false,
    venues: UM,
    monthly: false,
    daily: true,
    columns: {
      create_time: 'date',
      symbol: 'text',
      sum_open_interest: 'double',
      sum_open_interest_value: 'double',
      count_toptrader_long_short_ratio: 'double',
      sum_toptrader_long_short_ratio: 'double',
      count_long_short_ratio: 'double',
      sum_taker_long_short_vol_ratio: 'double',
    },
    time: 'create_time',
    restReach: null, // in five series of their own, below
  },
  aggTrades: {
    meaning: 'Trades, those of one taker order at one price as one',
    folder: 'agg_trades',
    byTimeframe: false,
    venues: BOTH,
    monthly: true,
    daily: true,
    columns: {
      agg_trade_id: 'integer',
      price: 'double',
      quantity: 'double',
      first_trade_id: 'integer',
      last_trade_id: 'integer',
      transact_time: 'epoch',
      is_buyer_maker: 'boolean',
    },
    spotColumns: { is_best_match: 'boolean' },
    restExtra: { normal_quantity: 'double' },
    time: 'transact_time',
    restReach: 2 * DAY - 3_600_000,
  },
  trades: {
    meaning: 'Trades, each one',
    folder: 'trades',
    byTimeframe: false,
    venues: BOTH,
    monthly: true,
    daily: true,
    columns: {
      id: 'integer',
      price: 'double',
      qty: 'double',
      quote_qty: 'double',
      time: 'epoch',
      is_buyer_maker: 'boolean',
    },
    spotColumns: { is_best_match: 'boolean' },
    time: 'time',
    restReach: null, // the newest 1,000 only, or with a key
  },
  bookDepth: {
    meaning: 'Depth of the book within bands around the price, about every 30 seconds',
    folder: 'book_depth',
    byTimeframe: false,
    venues: UM,
    monthly: false,
    daily: true,
    columns: { timestamp: 'date', percentage: 'double', depth: 'double', notional: 'double' },
    time: 'timestamp',
    restReach: null,
  },
  bookTicker: {
    meaning: 'Best bid and ask at every change; the archive ends on 2024-03-30',
    folder: 'book_ticker',
    byTimeframe: false,
    venues: UM,
    monthly: true,
    daily: true,
    columns: {
      update_id: 'integer',
      best_bid_price: 'double',
      best_bid_qty: 'double',
      best_ask_price: 'double',
      best_ask_qty: 'double',
      transaction_time: 'epoch',
      event_time: 'epoch',
    },
    time: 'transaction_time',
    restReach: null,
  },
  liquidationSnapshot: {
    meaning:
      'Orders that closed positions by force, at most one a second; the archive ended on 2024-03-31 and was taken down, so only copies of it have any',
    folder: 'liquidation_snapshot',
    byTimeframe: false,
    venues: UM,
    monthly: false,
    daily: true,
    columns: {
      time: 'epoch',
      side: 'text',
      order_type: 'text',
      time_in_force: 'text',
      original_quantity: 'double',
      price: 'double',
      average_price: 'double',
      order_status: 'text',
      last_fill_quantity: 'double',
      accumulated_fill_quantity: 'double',
    },
    time: 'time',
    restReach: null,
  },
  openInterestHist: statistic('open_interest_hist', 'Open interest, from REST', {
    symbol: 'text',
    sum_open_interest: 'double',
    sum_open_interest_value: 'double',
    cmc_circulating_supply: 'double',
    timestamp: 'epoch',
  }),
  topLongShortAccountRatio: statistic('top_long_short_account_ratio', 'Top traders by accounts, from REST', RATIO),
  topLongShortPositionRatio: statistic('top_long_short_position_ratio', 'Top traders by positions, from REST', RATIO),
  globalLongShortAccountRatio: statistic(
    'global_long_short_account_ratio',
    'All traders by accounts, from REST',
    RATIO,
  ),
  takerlongshortRatio: statistic('taker_long_short_ratio', 'Taker buy and sell volume, from REST', {
    buy_sell_ratio: 'double',
    sell_vol: 'double',
    buy_vol: 'double',
    timestamp: 'epoch',
  }),
  depth: {
    meaning: 'The order book at one moment, from REST; one snapshot a day of running',
    folder: 'depth',
    byTimeframe: false,
    venues: BOTH,
    monthly: false,
    daily: false,
    columns: {
      last_update_id: 'integer',
      event_time: 'epoch',
      transaction_time: 'epoch',
      side: 'text',
      level: 'integer',
      price: 'double',
      quantity: 'double',
    },
    time: 'transaction_time',
    restReach: 0,
  },
} as const satisfies Readonly<Record<string, RawKindSpec>>

export type RawKind = keyof typeof RAW_KINDS
export const RAW_KIND_NAMES = Object.keys(RAW_KINDS) as readonly RawKind[]

/** The series that REST gives in place of the archive's `metrics`. */
export const METRICS_REST_KINDS = [
  'openInterestHist',
  'topLongShortAccountRatio',
  'topLongShortPositionRatio',
  'globalLongShortAccountRatio',
  'takerlongshortRatio',
] as const satisfies readonly RawKind[]

export function rawKind(kind: RawKind): RawKindSpec {
  return RAW_KINDS[kind]
}

/** Columns of an archive file, in order. */
export function archiveColumns(kind: RawKind, venue: Venue): RawColumns {
  const { columns, spotColumns } = rawKind(kind)
  return venue === 'binance-spot' ? { ...columns, ...spotColumns } : columns
}

/** Columns of what REST gives, and the one that orders the rows. */
export function restColumns(kind: RawKind, venue: Venue): { readonly columns: RawColumns; readonly time: string } {
  const { time, restColumns: own, restTime, restExtra } = rawKind(kind)
  const extra = venue === 'binance-um' ? restExtra : {}
  return { columns: own ?? { ...archiveColumns(kind, venue), ...extra }, time: restTime ?? time }
}
