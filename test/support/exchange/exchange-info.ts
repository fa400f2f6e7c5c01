/**
 * exchangeInfo as JSON.
 */
import { ended, type Listed, listed, zoo } from './contracts.js'
import type { RestContext } from './rest.js'

export function exchangeInfo(context: RestContext): string {
  const { truth, switches, now } = context
  const real = [...truth.pairs.values()].filter((pair) => !(pair.vanishes && ended(pair, now)))
  const beside = switches.zoo ? zoo(now).filter(({ symbol }) => !truth.pairs.has(symbol)) : []
  return JSON.stringify({
    timezone: 'UTC',
    serverTime: Math.floor(now),
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: switches.weightLimit },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: [...real.map((pair) => listed(pair, now)), ...beside].map(symbolObject),
  })
}

/** Keys of a filter come in an order that differs from symbol to symbol; one filter is of a type unknown to clients. */
function symbolObject(
  { symbol, pair, contractType, deliveryDate, onboardDate, status, tick, step, extra }: Listed,
  i: number,
) {
  const filters: Record<string, unknown>[] = [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '4529764', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: step, maxQty: '1000', stepSize: step },
    { filterType: 'MARKET_LOT_SIZE', minQty: step, maxQty: '120', stepSize: step },
    { filterType: 'MAX_NUM_ORDERS', limit: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
    { filterType: 'MIN_NOTIONAL', notional: '5' },
    { filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
    { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
    ...(i % 3 === 1 ? [{ filterType: 'LUNAR_PHASE', phase: 'waxing' }] : []),
  ]
  const turned = <T>(list: T[], by: number): T[] => [
    ...list.slice(by % list.length),
    ...list.slice(0, by % list.length),
  ]
  return {
    symbol,
    pair,
    contractType,
    deliveryDate,
    onboardDate,
    status,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: pair.replace(/USDT$/, ''),
    quoteAsset: 'USDT',
    marginAsset: 'USDT',
    // Not the tick and not the step, as on the exchange.
    pricePrecision: 5,
    quantityPrecision: 4,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: ['PoW'],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10000,
    filters: turned(filters, i).map((filter) => Object.fromEntries(turned(Object.entries(filter), i))),
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
    permissionSets: ['GRID'],
    ...extra,
  }
}
