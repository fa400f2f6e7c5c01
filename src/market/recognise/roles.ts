/**
 * What a column of somebody's table can be, by kind of table, and the names that people give it.
 */
import type { ImportKind } from './names.js'

/** `close_time` is the bar's end; `side` is the taker's. */
export const ROLES = [
  'time',
  'close_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'rate',
  'interval_hours',
  'id',
  'price',
  'quantity',
  'quote_quantity',
  'side',
  'is_buyer_maker',
  'open_interest',
  'open_interest_value',
  'top_account_ratio',
  'top_position_ratio',
  'account_ratio',
  'taker_ratio',
  'symbol',
] as const
export type Role = (typeof ROLES)[number]

export const KLINE_NUMBERS = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
] as const satisfies readonly Role[]

/** In the order of the archive's metrics. */
export const METRIC_NUMBERS = [
  'open_interest',
  'open_interest_value',
  'top_account_ratio',
  'top_position_ratio',
  'account_ratio',
  'taker_ratio',
] as const satisfies readonly Role[]

type KindSpec = {
  /** Columns that the archive has beside the time. */
  readonly numbers: readonly Exclude<Role, 'time' | 'close_time' | 'symbol'>[]
  readonly needed: readonly Role[]
  /** How its files are cut: by month, or by day where the archive has only those, or a month would be gigabytes. */
  readonly cut: 'month' | 'day'
}

export const IMPORT_KINDS: Readonly<Record<ImportKind, KindSpec>> = {
  klines: { numbers: KLINE_NUMBERS, needed: ['open', 'high', 'low', 'close'], cut: 'month' },
  fundingRate: { numbers: ['interval_hours', 'rate'], needed: ['rate'], cut: 'month' },
  trades: {
    numbers: ['id', 'price', 'quantity', 'quote_quantity', 'side', 'is_buyer_maker'],
    needed: ['price', 'quantity'],
    cut: 'day',
  },
  metrics: { numbers: METRIC_NUMBERS, needed: [], cut: 'day' },
}

export const IMPORT_KIND_NAMES = Object.keys(IMPORT_KINDS) as readonly ImportKind[]

/** Names without case and punctuation; the first of a role is the one that its other names cannot make ambiguous. */
export const NAMES: Readonly<Record<Exclude<Role, 'time'>, readonly string[]>> = {
  close_time: ['closetime', 'timeclose', 'klineclosetime', 'endtime', 'end', 'barend', 'timeend', 'closeat'],
  open: ['open', 'o', 'openprice', 'priceopen'],
  high: ['high', 'h', 'highprice', 'pricehigh'],
  low: ['low', 'l', 'lowprice', 'pricelow'],
  close: ['close', 'c', 'closeprice', 'priceclose'],
  volume: ['volume', 'vol', 'v', 'basevolume', 'volumebase', 'basevol'],
  quote_volume: [
    'quotevolume',
    'quoteassetvolume',
    'volumequote',
    'quotevol',
    'qav',
    'turnover',
    'volumeusdt',
    'volumeusdc',
    'volumebusd',
    'volumeusd',
    'volumeeur',
  ],
  count: ['count', 'numberoftrades', 'numtrades', 'trades', 'tradecount', 'tradescount', 'ntrades', 'n'],
  taker_buy_volume: [
    'takerbuyvolume',
    'takerbuybaseassetvolume',
    'takerbuybasevolume',
    'takerbuybasevol',
    'takerbasevol',
    'takerbuybase',
    'tbbav',
    'tbbase',
  ],
  taker_buy_quote_volume: [
    'takerbuyquotevolume',
    'takerbuyquoteassetvolume',
    'takerbuyquotevol',
    'takerquotevol',
    'takerbuyquote',
    'tbqav',
    'tbquote',
  ],
  rate: ['lastfundingrate', 'fundingrate', 'funding', 'rate'],
  interval_hours: ['fundingintervalhours', 'intervalhours', 'fundinginterval'],
  id: ['id', 'tradeid', 'tid'],
  price: ['price', 'tradeprice'],
  quantity: ['quantity', 'qty', 'amount', 'size'],
  quote_quantity: ['quoteqty', 'quotequantity', 'cost'],
  side: ['side', 'takerside'],
  is_buyer_maker: ['isbuyermaker', 'buyermaker'],
  open_interest: ['sumopeninterest', 'openinterest', 'openinterestamount'],
  open_interest_value: ['sumopeninterestvalue', 'openinterestvalue'],
  top_account_ratio: ['counttoptraderlongshortratio'],
  top_position_ratio: ['sumtoptraderlongshortratio'],
  account_ratio: ['countlongshortratio'],
  taker_ratio: ['sumtakerlongshortvolratio', 'buysellratio'],
  symbol: ['symbol', 'pair', 'ticker', 'tic', 'instrument', 'coin'],
}

/** A time that says itself that it is the bar's begin, or the moment of a print. It is taken whatever else there is. */
export const START_NAMES = [
  'opentime',
  'timeopen',
  'klineopentime',
  'starttime',
  'openat',
  'calctime',
  'fundingtime',
  'createtime',
]
export const TIME_NAMES = [
  'date',
  'datetime',
  'timestamp',
  'time',
  'unix',
  'ts',
  't',
  'dt',
  'unixtime',
  'unixtimestamp',
  'timestampms',
  'dateutc',
  'datetimeutc',
  'timeutc',
  'candlebegintime',
  'gmttime',
  'fundingtimestamp',
]
/** The index of a data frame that nobody named; a time only when nothing else is one. */
export const INDEX_NAMES = ['', 'index', 'indexlevel0', 'unnamed0']
