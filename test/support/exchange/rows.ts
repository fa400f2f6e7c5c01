/**
 * The truth printed as rows of decimal strings, in the columns of the archive (or of REST for what only REST has).
 */
import { HOUR, MINUTE, SECOND, type Span, type Timeframe } from '../../../src/core/time.js'
import { type Bar, bucketEnd, bucketStart, lengthOf } from './bars.js'
import { bookAt } from './book.js'
import { listed } from './contracts.js'
import { type FundingPrint, metricsLabel, PERIOD, type Statistics, statistics, takerRatio } from './funding.js'
import { FINE_DECIMALS, type Market, type PriceKind, within } from './market.js'
import { decimal } from './numbers.js'
import type { Pair, VenueName } from './truth.js'

const BARS =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const RATIO = 'symbol,longAccount,longShortRatio,shortAccount,timestamp'

/** Column names of every kind; archive kinds as their header lines have them. */
export const COLUMNS = {
  klines: BARS,
  markPriceKlines: BARS,
  indexPriceKlines: BARS,
  premiumIndexKlines: BARS,
  aggTrades: 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker',
  trades: 'id,price,qty,quote_qty,time,is_buyer_maker',
  fundingRate: 'calc_time,funding_interval_hours,last_funding_rate',
  metrics:
    'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio',
  bookDepth: 'timestamp,percentage,depth,notional',
  bookTicker: 'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time',
  liquidationSnapshot:
    'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity',
  openInterestHist: 'symbol,sumOpenInterest,sumOpenInterestValue,CMCCirculatingSupply,timestamp',
  topLongShortAccountRatio: RATIO,
  topLongShortPositionRatio: RATIO,
  globalLongShortAccountRatio: RATIO,
  takerlongshortRatio: 'buySellRatio,sellVol,buyVol,timestamp',
  /** The book as it stands at `from`: bids then asks, best first. */
  depth: 'side,price,qty',
  /** As at `from`. */
  exchangeInfo: 'symbol,contractType,status,onboardDate,deliveryDate,tickSize,stepSize',
} as const satisfies Record<string, string>
export type Kind = keyof typeof COLUMNS

export type RowQuery = {
  readonly from: number
  readonly to: number
  /** Bars and /futures/data kinds; default 1m and 5m. */
  readonly timeframe?: Timeframe | '3d' | '1w' | '1M'
  readonly venue?: VenueName
  /** Bars: show them as they stand at this time, the last one unfinished. Default: whole bars, and none that ends after the truth. */
  readonly asOf?: number
  /** Labels of /futures/data kinds; default start. */
  readonly label?: 'start' | 'end'
}

export type RowSource = { pair(name: string): Pair; funding(name: string, span: Span): FundingPrint[] }

export function createRows(source: RowSource): (kind: Kind, name: string, query: RowQuery) => string[][] {
  return (kind, name, query) => {
    const pair = source.pair(name)
    const market = pair.markets[query.venue ?? 'um']
    switch (kind) {
      case 'klines':
      case 'markPriceKlines':
      case 'indexPriceKlines':
      case 'premiumIndexKlines':
        return barRows(kind, pair, query)
      case 'aggTrades':
        return aggTradeRows(market, query)
      case 'trades':
        return market
          .trades(query.from, query.to)
          .flatMap((trade) => tradeRows(market, trade, query.venue === 'spot' ? 8 : 0))
      case 'fundingRate':
        return source
          .funding(name, query)
          .flatMap(({ time, hours, rate, special }) => (special ? [] : [[String(time), String(hours), rate]]))
      case 'metrics':
        return statistics(pair, query).map((row) => metricsRow(pair, row))
      case 'bookDepth':
        return bookDepthRows(pair, query)
      case 'bookTicker':
        return bookTickerRows(pair, query)
      case 'liquidationSnapshot':
        return liquidationRows(pair, query)
      case 'depth': {
        const { bids, asks } = bookAt(market, query.from, 1000)
        return [...bids.map((level) => ['bid', ...level]), ...asks.map((level) => ['ask', ...level])]
      }
      case 'exchangeInfo': {
        const { symbol, contractType, status, onboardDate, deliveryDate, tick, step } = listed(pair, query.from)
        return [[symbol, contractType, status, String(onboardDate), String(deliveryDate), tick, step]]
      }
      default:
        return ratioRows(kind, pair, query)
    }
  }
}

/** Bars of one kind and interval as rows, columns as in `COLUMNS`. */
export function barRows(kind: 'klines' | PriceKind, pair: Pair, query: RowQuery): string[][] {
  const { from, to, timeframe = '1m', venue = 'um', asOf } = query
  const market = pair.markets[venue]
  const series = kind === 'klines' ? market.klines : market.prices[kind]
  const bars = series.between(timeframe, from, to, asOf ?? Number.MAX_SAFE_INTEGER)
  return bars.map((bar) => barRow(kind, market, bar, { interval: timeframe, venue }))
}

export function barRow(
  kind: 'klines' | PriceKind,
  market: Market,
  bar: Bar,
  { interval, venue }: { interval: string; venue: VenueName },
): string[] {
  const { priceDecimals, lotDecimals } = market.contract
  const traded = kind === 'klines'
  // Spot prints everything with eight decimals.
  const wide = venue === 'spot' ? 8 : 0
  const price = (units: number) => (traded ? padded(units, priceDecimals, wide) : decimal(units, FINE_DECIMALS))
  const volume = (units: number) => (traded ? padded(units, lotDecimals, wide) : '0')
  const quote = (units: number) => (traded ? padded(units, priceDecimals + lotDecimals, wide) : '0')
  return [
    String(bar.time),
    ...[bar.open, bar.high, bar.low, bar.close].map(price),
    volume(bar.volume),
    String(bucketEnd(interval, bar.time) - 1),
    quote(bar.quote),
    String(bar.count),
    volume(bar.buyVolume),
    quote(bar.buyQuote),
    '0',
  ]
}

/** `units` with at least `least` decimals. */
export function padded(units: number, decimals: number, least: number): string {
  const text = decimal(units, decimals)
  if (least <= decimals) return text
  return `${text}${decimals === 0 ? '.' : ''}${'0'.repeat(least - decimals)}`
}

function aggTradeRows(market: Market, { from, to, venue }: RowQuery): string[][] {
  const { priceDecimals, lotDecimals } = market.contract
  const wide = venue === 'spot' ? 8 : 0
  return market
    .trades(from, to)
    .map((trade) => [
      String(trade.id),
      padded(trade.price, priceDecimals, wide),
      padded(lotsOf(trade.lots), lotDecimals, wide),
      String(trade.firstId),
      String(trade.firstId + trade.lots.length - 1),
      String(trade.time),
      String(trade.buyerMaker),
    ])
}

export const lotsOf = (lots: readonly number[]) => lots.reduce((sum, lot) => sum + lot, 0)

export function tradeRows(market: Market, trade: ReturnType<Market['trades']>[number], least = 0): string[][] {
  const { priceDecimals, lotDecimals } = market.contract
  return trade.lots.map((lot, k) => [
    String(trade.firstId + k),
    padded(trade.price, priceDecimals, least),
    padded(lot, lotDecimals, least),
    padded(lot * trade.price, priceDecimals + lotDecimals, least),
    String(trade.time),
    String(trade.buyerMaker),
  ])
}

/** `2024-01-31 23:55:00`. */
export function textTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

function metricsRow(pair: Pair, row: Statistics): string[] {
  const { priceDecimals, lotDecimals } = pair.markets.um.contract
  return [
    textTime(metricsLabel(row.time)),
    pair.name,
    padded(row.openInterest, lotDecimals, 8),
    padded(row.openInterestValue, priceDecimals + lotDecimals, 8),
    decimal(row.topAccounts, 8),
    decimal(row.topPositions, 8),
    decimal(row.accounts, 8),
    takerRatio(row, 8),
  ]
}

type RatioKind = Exclude<
  Kind,
  | 'klines'
  | PriceKind
  | 'aggTrades'
  | 'trades'
  | 'fundingRate'
  | 'metrics'
  | 'bookDepth'
  | 'bookTicker'
  | 'liquidationSnapshot'
  | 'depth'
  | 'exchangeInfo'
>

/** One row per period: state at its end, taker volumes summed over it. */
export function ratioRows(kind: RatioKind, pair: Pair, query: RowQuery): string[][] {
  const { from, to, timeframe = '5m', label = 'start' } = query
  const length = lengthOf(timeframe)
  const first = Math.ceil(from / length) * length
  const end = Math.ceil(to / length) * length
  const rows: string[][] = []
  const periods = new Map<number, Statistics>()
  for (const row of statistics(pair, { from: first, to: end })) {
    const period = bucketStart(timeframe, row.time)
    const before = periods.get(period)
    const buyVolume = row.buyVolume + (before?.buyVolume ?? 0)
    periods.set(period, { ...row, buyVolume, sellVolume: row.sellVolume + (before?.sellVolume ?? 0) })
  }
  for (const [period, row] of periods) {
    rows.push(ratioRow(kind, pair, row, String(label === 'start' ? period : period + length)))
  }
  return rows
}

function ratioRow(kind: RatioKind, pair: Pair, row: Statistics, timestamp: string): string[] {
  const { priceDecimals, lotDecimals } = pair.markets.um.contract
  if (kind === 'openInterestHist') {
    const interest = padded(row.openInterest, lotDecimals, 8)
    const value = padded(row.openInterestValue, priceDecimals + lotDecimals, 8)
    return [pair.name, interest, value, '19900000.00000000', timestamp]
  }
  if (kind === 'takerlongshortRatio') {
    const [sell, buy] = [row.sellVolume, row.buyVolume].map((lots) => decimal(lots, lotDecimals))
    return [takerRatio(row, 4), sell, buy, timestamp]
  }
  const units = {
    topLongShortAccountRatio: row.topAccounts,
    topLongShortPositionRatio: row.topPositions,
    globalLongShortAccountRatio: row.accounts,
  }[kind]
  const long = Math.round((units / (units + 1e8)) * 1e4)
  return [pair.name, decimal(long, 4), decimal(Math.round(units / 1e4), 4), decimal(10_000 - long, 4), timestamp]
}

const BANDS = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]

/** Twice a minute, ten bands; the percentages without decimals (the archive has both spellings). */
function bookDepthRows(pair: Pair, { from, to }: RowQuery): string[][] {
  const { contract, level } = pair.markets.um
  const rows: string[][] = []
  const missing = pair.missing('bookDepth')
  for (
    let slot = Math.ceil(Math.max(from, contract.life.from) / 30_000) * 30_000;
    slot < Math.min(to, contract.life.to);
    slot += 30_000
  ) {
    if (within(missing, slot)) continue
    const time = slot + 1000 * Math.floor(pair.dice(slot / 30_000, 31) * 4)
    for (const band of BANDS) {
      const lots = Math.abs(band) * 100_000 + Math.floor(pair.dice(slot / 30_000, 40 + band) * 50_000)
      const price = Math.round(level(slot) * (1 + band / 200))
      const { lotDecimals, priceDecimals } = contract
      rows.push([
        textTime(time),
        String(band),
        padded(lots, lotDecimals, 8),
        padded(lots * price, lotDecimals + priceDecimals, 8),
      ])
    }
  }
  return rows
}

/** Every 15 seconds; the real one is a thousand times as dense. */
function bookTickerRows(pair: Pair, { from, to }: RowQuery): string[][] {
  const { contract, level } = pair.markets.um
  const { tick, priceDecimals, lotDecimals } = contract
  const rows: string[][] = []
  const step = 15 * SECOND
  for (
    let slot = Math.ceil(Math.max(from, contract.life.from) / step) * step;
    slot < Math.min(to, contract.life.to);
    slot += step
  ) {
    const key = slot / step
    const time = slot + Math.floor(pair.dice(key, 51) * 5000)
    const bid = Math.round(level(slot) / tick) * tick
    const lots = (k: number) => decimal(1 + Math.floor(pair.dice(key, k) * 9000), lotDecimals)
    rows.push([
      String(key * 1000 + Math.floor(pair.dice(key, 52) * 1000)),
      decimal(bid, priceDecimals),
      lots(53),
      decimal(bid + tick, priceDecimals),
      lots(54),
      String(time),
      String(time + 3),
    ])
  }
  return rows
}

/** An order about every ten minutes, each once. */
function liquidationRows(pair: Pair, { from, to }: RowQuery): string[][] {
  const { contract, level } = pair.markets.um
  const { tick, priceDecimals, lotDecimals } = contract
  const rows: string[][] = []
  const step = 10 * MINUTE
  for (
    let slot = Math.ceil(Math.max(from, contract.life.from) / step) * step;
    slot < Math.min(to, contract.life.to);
    slot += step
  ) {
    const key = slot / step
    const isSell = pair.dice(key, 61) < 0.6
    const price = Math.round(level(slot) / tick) * tick
    const bankrupt = Math.round((price * (isSell ? 0.995 : 1.005)) / tick) * tick
    const lots = 2 + Math.floor(pair.dice(key, 62) * 900)
    const [original, last, filled] = [lots, 1 + (lots >> 1), lots].map((size) => decimal(size, lotDecimals))
    rows.push([
      ...[String(slot + Math.floor(pair.dice(key, 63) * step)), isSell ? 'SELL' : 'BUY', 'LIMIT', 'IOC', original],
      ...[decimal(bankrupt, priceDecimals), decimal(price, priceDecimals), 'FILLED', last, filled],
    ])
  }
  return rows
}

/** What a row is known by: open time, trade number, funding time, the label of a five-minute row. */
export function rowTime(kind: Kind, row: readonly string[]): number {
  const cell = COLUMNS[kind].endsWith(',timestamp') ? row[row.length - 1] : row[0]
  return /^\d+$/.test(cell) ? Number(cell) : Date.parse(`${cell.replace(' ', 'T')}Z`)
}

/** The periods of /futures/data. */
export const PERIODS: Readonly<Record<string, number>> = {
  '5m': PERIOD,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '12h': 12 * HOUR,
  '1d': 24 * HOUR,
}
