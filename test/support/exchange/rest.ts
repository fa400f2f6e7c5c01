/**
 * What futures and spot share over REST: routes and their prices, series of rows by time.
 */
import { DAY } from '../../../src/core/time.js'
import { type Bar, bucketStart, INTERVALS, lengthOf, take } from './bars.js'
import { ZOO_SYMBOLS } from './contracts.js'
import type { Bucket } from './limits.js'
import type { AggTrade, Market, PriceKind } from './market.js'
import { json, limitWithin, type Query, Refusal, type Reply, required, whole } from './replies.js'
import { barRow, type Kind, lotsOf, padded, rowTime, tradeRows } from './rows.js'
import type { Switches } from './switches.js'
import type { Pair, Truth, VenueName } from './truth.js'

export type RestContext = {
  readonly truth: Truth
  readonly switches: Switches
  readonly now: number
  readonly query: Query
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type Route = {
  readonly bucket: Bucket
  readonly weight: (query: Query, switches: Switches) => number
  /** What the weight header says instead of the truth. */
  readonly header?: string
  readonly answer: (context: RestContext) => Reply
}

/** Thrown for a contract that is listed and has no history: the answer is an empty list. */
export class NoRows extends Error {}

export function symbolOf({ truth, switches, now, query }: RestContext, parameter = 'symbol'): Pair {
  const text = required(query, parameter)
  const name = switches.lowerCaseSymbol ? text.toUpperCase() : text
  const pair = truth.pairs.get(name)
  const gone = pair?.vanishes === true && now >= pair.life.to && pair.delisting !== undefined
  if (pair === undefined && switches.zoo && ZOO_SYMBOLS.has(name)) throw new NoRows()
  if (pair === undefined || gone) {
    throw parameter === 'pair' ? new Refusal(-4144, 'Invalid pair.') : new Refusal(-1121, 'Invalid symbol.')
  }
  return pair
}

export type KlineRules = {
  readonly kind: 'klines' | PriceKind
  readonly venue: VenueName
  readonly parameter: 'symbol' | 'pair'
  readonly most: number
}

export function klines(context: RestContext, { kind, venue, parameter, most }: KlineRules): Reply {
  const { query, now, switches } = context
  required(query, parameter)
  const interval = required(query, 'interval')
  if (!INTERVALS.includes(interval)) throw new Refusal(-1120, 'Invalid interval.')
  const limit =
    venue === 'spot' && switches.spotLimitAboveMax === 'clamp'
      ? Math.min(most, limitWithin(query, 500, Number.MAX_SAFE_INTEGER))
      : limitWithin(query, 500, most)
  const from = whole(query, 'startTime')
  const to = whole(query, 'endTime')
  if (from !== undefined && to !== undefined && from > to) {
    if (venue === 'spot') return json('[]')
    throw new Refusal(-1023, 'Start time is greater than end time.')
  }
  const pair = symbolOf(context, parameter)
  const market = pair.markets[venue]
  const series = kind === 'klines' ? market.klines : market.prices[kind]
  const life = { from: bucketStart(interval, series.life.from), to: series.life.to }
  const chunk = Math.max(DAY, 40 * lengthOf(interval))
  const between = (a: number, b: number) => series.between(interval, a, b, now)
  const bars = take(
    { life, chunk, between },
    { from: from ?? 0, to: Math.min(to ?? now, now), limit, newest: from === undefined },
  )
  const closed = (bar: Bar) => Number(barRow(kind, market, bar, { interval, venue })[6]) < now
  const shown = switches.formingBar ? bars : bars.filter(closed)
  const rows = shown.map((bar) => barRow(kind, market, bar, { interval, venue }))
  return json(`[${disputed(context, kind, pair, rows).map(klineJson).join(',')}]`)
}

/** Rows of REST after the disagreements that concern them. */
export function disputed({ switches }: RestContext, kind: Kind, pair: Pair, rows: string[][]): string[][] {
  const changes = switches.disagreements.filter(
    (one) => one.side === 'rest' && one.kind === kind && one.pair === pair.name,
  )
  if (changes.length === 0) return rows
  return rows.map((row) =>
    changes.reduce((r, { times, change }) => (times.includes(rowTime(kind, r)) ? change(r) : r), row),
  )
}

const BARE = new Set([0, 6, 8])

export function klineJson(row: readonly string[]): string {
  return `[${row.map((cell, i) => (BARE.has(i) ? cell : `"${cell}"`)).join(',')}]`
}

/** Trades of the chosen window, first or newest `limit`. */
export function tradesBetween(
  market: Market,
  window: { from: number; to: number; limit: number; newest: boolean },
): AggTrade[] {
  const { life } = market.contract
  const source = { life, chunk: DAY / 4, between: (a: number, b: number) => market.trades(a, b) }
  return take(source, window)
}

/** Aggregate trades from a number on. */
export function tradesFrom(market: Market, id: number, { limit, now }: { limit: number; now: number }): AggTrade[] {
  const { life } = market.contract
  const known = market.minuteOf(id, 'agg')
  // Below the first number everything follows; beyond the last one nothing does.
  const start = Number.isNaN(known) ? (id < 1000 ? life.from : life.to) : known
  const found = tradesBetween(market, { from: start, to: now, limit: limit + 200, newest: false })
  return found.filter((trade) => trade.id >= id).slice(0, limit)
}

export function aggTradeJson(
  market: Market,
  trade: AggTrade,
  { venue, nq }: { venue: VenueName; nq: boolean },
): string {
  const { priceDecimals, lotDecimals } = market.contract
  const wide = venue === 'spot' ? 8 : 0
  const lots = lotsOf(trade.lots)
  const last = trade.firstId + trade.lots.length - 1
  const start = `{"a":${trade.id},"p":"${padded(trade.price, priceDecimals, wide)}","q":"${padded(lots, lotDecimals, wide)}",`
  const net = nq ? `"nq":"${padded(lots - trade.hidden, lotDecimals, wide)}",` : ''
  const end = `"f":${trade.firstId},"l":${last},"T":${trade.time},"m":${trade.buyerMaker}`
  return `${start}${net}${end}${venue === 'spot' ? ',"M":true' : ''}}`
}

/** Single trades as REST objects, the newest `limit` or those from a number on. */
export function tradesJson(
  market: Market,
  { now, limit, fromId, venue }: { now: number; limit: number; fromId?: number | undefined; venue: VenueName },
): string {
  const { life } = market.contract
  const known = fromId === undefined ? Number.NaN : market.minuteOf(fromId, 'trade')
  const from = Number.isNaN(known) ? life.from : known
  const window = { from, to: now, limit: limit + 200, newest: Number.isNaN(known) }
  const rows = tradesBetween(market, window).flatMap((trade) => tradeRows(market, trade, venue === 'spot' ? 8 : 0))
  const chosen = Number.isNaN(known) ? rows.slice(-limit) : rows.filter(([id]) => Number(id) >= fromId!).slice(0, limit)
  const tail = venue === 'spot' ? '"isBestMatch":true' : '"isRPITrade":false'
  return `[${chosen
    .map(
      ([id, price, qty, quote, time, maker]) =>
        `{"id":${id},"price":"${price}","qty":"${qty}","quoteQty":"${quote}","time":${time},"isBuyerMaker":${maker},${tail}}`,
    )
    .join(',')}]`
}
