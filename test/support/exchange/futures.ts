/**
 * REST of USDT-margined futures: /fapi and /futures/data.
 */
import { HOUR } from '../../../src/core/time.js'
import { bookAt } from './book.js'
import { exchangeInfo } from './exchange-info.js'
import { type FundingPrint, fine } from './funding.js'
import { dataRoutes } from './futures-data.js'
import { json, limitWithin, pricedLimit, type Query, Refusal, required, whole } from './replies.js'
import {
  aggTradeJson,
  disputed,
  type KlineRules,
  klines,
  type RestContext,
  type Route,
  symbolOf,
  tradesBetween,
  tradesFrom,
  tradesJson,
} from './rest.js'
import { padded } from './rows.js'
import type { Switches } from './switches.js'
import { tickersJson } from './tickers.js'

const AGG_TRADES_REACH = 48 * HOUR
const DEPTHS = [5, 10, 20, 50, 100, 500, 1000]

/** The price of a kline request by its limit, as documented or as measured at the edges. */
export function klineWeight(query: Query, { weights }: Switches): number {
  if (query.limit === undefined) return 5
  const limit = pricedLimit(query, 500)
  const [low, middle] = weights === 'doc' ? [99, 499] : [100, 500]
  if (limit <= low) return 1
  if (limit <= middle) return 2
  return limit <= 1000 ? 5 : 10
}

function depthWeight(query: Query, { weights }: Switches): number {
  if (query.limit === undefined) return weights === 'doc' ? 10 : 1
  const limit = pricedLimit(query, 500)
  if (limit <= 50) return 2
  return limit <= 100 ? 5 : limit <= 500 ? 10 : 20
}

const flat = (weight: number, answer: Route['answer']): Route => ({ bucket: 'weight', weight: () => weight, answer })
const funding = (answer: Route['answer']): Route => ({ bucket: 'funding', weight: () => 1, answer })
const bars = (rules: Omit<KlineRules, 'venue' | 'most'>): Route => ({
  bucket: 'weight',
  weight: klineWeight,
  answer: (context) => klines(context, { ...rules, venue: 'um', most: 1500 }),
})

export const FUTURES_ROUTES: Readonly<Record<string, Route>> = {
  '/fapi/v1/ping': flat(1, () => json('{}')),
  '/fapi/v1/time': flat(1, ({ now, switches }) => json(`{"serverTime":${Math.floor(now + switches.timeSkewMs)}}`)),
  '/fapi/v1/exchangeInfo': flat(1, (context) => json(exchangeInfo(context))),
  '/fapi/v1/ticker/24hr': flat(40, (context) => json(tickersJson(context, 'um'))),
  '/fapi/v1/klines': bars({ kind: 'klines', parameter: 'symbol' }),
  '/fapi/v1/continuousKlines': {
    bucket: 'weight',
    weight: klineWeight,
    answer(context) {
      if (required(context.query, 'contractType') !== 'PERPETUAL') return json('[]')
      return klines(context, { kind: 'klines', parameter: 'pair', venue: 'um', most: 1500 })
    },
  },
  '/fapi/v1/markPriceKlines': bars({ kind: 'markPriceKlines', parameter: 'symbol' }),
  '/fapi/v1/indexPriceKlines': bars({ kind: 'indexPriceKlines', parameter: 'pair' }),
  '/fapi/v1/premiumIndexKlines': bars({ kind: 'premiumIndexKlines', parameter: 'symbol' }),
  '/fapi/v1/aggTrades': flat(20, aggTrades),
  '/fapi/v1/trades': {
    ...flat(5, (context) => {
      const limit = limitWithin(context.query, 500, 1000)
      return json(tradesJson(symbolOf(context).markets.um, { now: context.now, limit, venue: 'um' }))
    }),
    header: '-1',
  },
  '/fapi/v1/historicalTrades': flat(200, (context) => {
    if (context.headers['x-mbx-apikey'] === undefined) {
      throw new Refusal(-2014, 'API-key format invalid.', { status: 401 })
    }
    const limit = limitWithin(context.query, 100, 500)
    const fromId = whole(context.query, 'fromId')
    return json(tradesJson(symbolOf(context).markets.um, { now: context.now, limit, fromId, venue: 'um' }))
  }),
  '/fapi/v1/fundingRate': funding(fundingRate),
  '/fapi/v1/fundingInfo': funding(fundingInfo),
  '/fapi/v1/depth': { bucket: 'weight', weight: depthWeight, answer: depth },
  '/fapi/v1/openInterest': flat(1, (context) => {
    const pair = symbolOf(context)
    const interest = 1_000_000 + Math.floor(100_000 * pair.dice(Math.floor(context.now / HOUR), 21))
    const text = padded(interest, pair.markets.um.contract.lotDecimals, 0)
    return json(`{"symbol":"${pair.name}","openInterest":"${text}","time":${Math.floor(context.now)}}`)
  }),
  '/fapi/v1/premiumIndex': {
    bucket: 'weight',
    weight: (query) => (query.symbol === undefined ? 10 : 1),
    answer: premiumIndex,
  },
  ...dataRoutes(),
}

function aggTrades(context: RestContext) {
  const { query, switches, now } = context
  const { um: market } = symbolOf(context).markets
  const limit = limitWithin(query, 500, 1000)
  const [fromId, from, to] = ['fromId', 'startTime', 'endTime'].map((name) => whole(query, name))
  const show = (trades: ReturnType<typeof tradesBetween>) =>
    json(`[${trades.map((trade) => aggTradeJson(market, trade, { venue: 'um', nq: switches.nq })).join(',')}]`)
  const reach = now - AGG_TRADES_REACH
  const tooOld = new Refusal(-4166, 'Search window is restricted to recent 2 days only.')
  if (fromId !== undefined) {
    if ((from ?? to) !== undefined && switches.aggTradesMixed === '408') {
      throw new Refusal(-1007, 'Timeout waiting for response from backend server.', { status: 408 })
    }
    const trades = tradesFrom(market, fromId, { limit, now })
    if (trades.length > 0 && trades[0].time < reach) throw tooOld
    return show(trades)
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new Refusal(-1023, 'Start time is greater than end time.')
  }
  if ((from ?? to ?? now) < reach) throw tooOld
  if (switches.aggTradesMaxSpan === '1h' && from !== undefined && to !== undefined && to - from >= HOUR) {
    throw new Refusal(-1127, 'More than 1 hours between startTime and endTime.')
  }
  const window = { from: Math.max(from ?? 0, reach), to: Math.min(to ?? now, now), limit, newest: from === undefined }
  return show(tradesBetween(market, window))
}

function fundingRate(context: RestContext) {
  const { query, truth, switches, now } = context
  const pairs = query.symbol === undefined ? [...truth.pairs.values()] : [symbolOf(context)]
  let from = whole(query, 'startTime')
  const to = Math.min(whole(query, 'endTime') ?? now, now)
  if (from === 0 && switches.fundingStartZero === 'latest') from = undefined
  const newest = from === undefined
  const standard = newest && query.endTime === undefined ? switches.fundingNewest : 100
  const limit = limitWithin(query, standard, 1000)
  if (from !== undefined && query.endTime !== undefined && from > Number(query.endTime)) {
    throw new Refusal(-1023, 'Start time is greater than end time.')
  }
  const rows = pairs
    .flatMap((pair) =>
      truth.funding(pair.name, { from: from ?? pair.life.from, to: to + 1 }).map((print) => ({ pair, print })),
    )
    .sort((a, b) => a.print.time - b.print.time)
  const chosen = newest ? rows.slice(-limit) : rows.slice(0, limit)
  const text = chosen.map(({ pair, print }) => {
    const [row] = disputed(context, 'fundingRate', pair, [[String(print.time), String(print.hours), print.rate]])
    return fundingJson(pair.name, { ...print, rate: row[2] }, switches)
  })
  return json(`[${text.join(',')}]`)
}

function fundingJson(symbol: string, { time, rate, markPrice, special }: FundingPrint, { rateType }: Switches): string {
  const type = rateType ? `,"rateType":"${special ? 'Special' : 'Regular'}"` : ''
  return `{"symbol":"${symbol}","fundingTime":${time},"fundingRate":"${rate}","markPrice":"${markPrice}"${type}}`
}

/** Only contracts with another interval than 8 h, and one of the coin-margined ones, as the live list has them too. */
function fundingInfo({ truth, now }: RestContext) {
  const row = (symbol: string, hours: number, updated: number | null) =>
    `{"symbol":"${symbol}","adjustedFundingRateCap":"0.02000000","adjustedFundingRateFloor":"-0.02000000","fundingIntervalHours":${hours},"disclaimer":false,"updateTime":${updated}}`
  const rows = [...truth.pairs.values()].flatMap((pair) => {
    const step = pair.funding?.findLast(({ from }) => from <= now)
    return step === undefined ? [] : [row(pair.name, step.hours, step.hours === 8 ? null : step.from)]
  })
  return json(`[${[...rows, row('BTCUSD_PERP', 8, null)].join(',')}]`)
}

function depth(context: RestContext) {
  const { um: market } = symbolOf(context).markets
  const limit = whole(context.query, 'limit') ?? 500
  if (!DEPTHS.includes(limit)) throw new Refusal(-4021, `${limit} is not valid depth limit`)
  const now = Math.floor(context.now)
  const { bids, asks } = bookAt(market, now, limit)
  return json(
    `{"lastUpdateId":${now * 10},"E":${now},"T":${now - 4},"bids":${JSON.stringify(bids)},"asks":${JSON.stringify(asks)}}`,
  )
}

function premiumIndex(context: RestContext) {
  const { truth, query, now } = context
  const pairs = query.symbol === undefined ? [...truth.pairs.values()] : [symbolOf(context)]
  const rows = pairs.map((pair) => {
    const last = truth.funding(pair.name, { from: now - 48 * HOUR, to: now }).at(-1)
    const next = now >= pair.life.to ? 0 : (Math.floor(now / (8 * HOUR)) + 1) * 8 * HOUR
    const price = fine(pair.markets.um, now)
    return `{"symbol":"${pair.name}","markPrice":"${price}","indexPrice":"${price}","estimatedSettlePrice":"${price}","lastFundingRate":"${last?.rate ?? '0.00000000'}","interestRate":"0.00010000","nextFundingTime":${next},"time":${Math.floor(now)}}`
  })
  return json(query.symbol === undefined ? `[${rows.join(',')}]` : rows[0])
}
