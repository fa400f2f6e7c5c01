/**
 * REST of the spot exchange, as far as market data goes. Absent: 1s bars, `timeZone`, `X-MBX-TIME-UNIT`.
 */
import { bookAt } from './book.js'
import { decimal } from './numbers.js'
import { json, limitWithin, pricedLimit, Refusal, whole } from './replies.js'
import {
  aggTradeJson,
  klines,
  type RestContext,
  type Route,
  symbolOf,
  tradesBetween,
  tradesFrom,
  tradesJson,
} from './rest.js'
import { tickersJson } from './tickers.js'

const flat = (weight: number, answer: Route['answer']): Route => ({ bucket: 'weight', weight: () => weight, answer })

export const SPOT_ROUTES: Readonly<Record<string, Route>> = {
  '/api/v3/ping': flat(1, () => json('{}')),
  '/api/v3/time': flat(1, ({ now, switches }) => json(`{"serverTime":${Math.floor(now + switches.timeSkewMs)}}`)),
  '/api/v3/exchangeInfo': flat(20, spotInfo),
  '/api/v3/ticker/24hr': flat(80, (context) => json(tickersJson(context, 'spot'))),
  '/api/v3/klines': flat(2, (context) =>
    klines(context, { kind: 'klines', venue: 'spot', parameter: 'symbol', most: 1000 }),
  ),
  '/api/v3/aggTrades': flat(4, aggTrades),
  '/api/v3/trades': flat(25, (context) => trades(context, false)),
  '/api/v3/historicalTrades': flat(25, (context) => trades(context, true)),
  '/api/v3/depth': {
    bucket: 'weight',
    weight(query) {
      const limit = pricedLimit(query, 100)
      return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250
    },
    answer(context) {
      const limit = limitWithin(context.query, 100, 5000)
      const { bids, asks } = bookAt(symbolOf(context).markets.spot, context.now, limit)
      return json(
        `{"lastUpdateId":${Math.floor(context.now)},"bids":${JSON.stringify(bids)},"asks":${JSON.stringify(asks)}}`,
      )
    },
  },
}

/** All of history is there, unlike on futures. */
function aggTrades(context: RestContext) {
  const { query, now } = context
  const { spot } = symbolOf(context).markets
  const limit = limitWithin(query, 500, 1000)
  const [fromId, from, to] = ['fromId', 'startTime', 'endTime'].map((name) => whole(query, name))
  if (fromId !== undefined && (from ?? to) !== undefined) {
    throw new Refusal(-1128, 'Combination of optional parameters invalid.')
  }
  const found =
    fromId !== undefined
      ? tradesFrom(spot, fromId, { limit, now })
      : tradesBetween(spot, { from: from ?? 0, to: Math.min(to ?? now, now), limit, newest: from === undefined })
  return json(`[${found.map((trade) => aggTradeJson(spot, trade, { venue: 'spot', nq: false })).join(',')}]`)
}

function trades(context: RestContext, historical: boolean) {
  const limit = limitWithin(context.query, 500, 1000)
  const fromId = historical ? whole(context.query, 'fromId') : undefined
  return json(tradesJson(symbolOf(context).markets.spot, { now: context.now, limit, fromId, venue: 'spot' }))
}

function spotInfo({ truth, switches, now }: RestContext) {
  const symbols = [...truth.pairs.values()].map(({ name, markets: { spot }, delisting }) => {
    const tick = decimal(spot.contract.tick, spot.contract.priceDecimals).padEnd(10, '0')
    const step = decimal(1, spot.contract.lotDecimals)
    return {
      symbol: name,
      status: delisting !== undefined && now >= delisting ? 'BREAK' : 'TRADING',
      baseAsset: name.replace(/USDT$/, ''),
      baseAssetPrecision: 8,
      quoteAsset: 'USDT',
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: false,
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000.00000000', tickSize: tick },
        { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000.00000000', stepSize: step },
        { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000' },
      ],
      permissions: [],
      permissionSets: [['SPOT']],
    }
  })
  const rateLimits = [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: switches.spotWeightLimit },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
  ]
  return json(
    JSON.stringify({ timezone: 'UTC', serverTime: Math.floor(now), rateLimits, exchangeFilters: [], symbols }),
  )
}
