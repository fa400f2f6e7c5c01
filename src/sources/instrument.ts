/**
 * What the exchange says of a pair: when it was listed, whether it trades, its price and lot steps; and what it says of its limits.
 */
import { suggestion } from '../core/suggest.js'
import type { Venue } from './keys.js'
import type { HostStates } from './limits.js'
import { type RestClient, strange, WEIGHT_BUCKET } from './rest-client.js'

type Fields = Readonly<Record<string, unknown>>

export type Instrument = {
  /** The exchange's own entry, whole. */
  readonly entry: Fields
  readonly status: string
  readonly onboardDate: number | null // UTC ms; spot does not say
  readonly deliveryDate: number | null // UTC ms; null for what has no end
  readonly tickSize: number | null // smallest step of the price; not `pricePrecision`, which only prints
  readonly stepSize: number | null // smallest step of the quantity, base asset
  readonly minNotional: number | null // quote asset
}

export type Listing = {
  /** Null: the exchange does not list the pair, now. */
  readonly instrument: Instrument | null
  /** `, did you mean …?` */
  readonly suggestion: string
}

const PATHS: Readonly<Record<Venue, string>> = {
  'binance-um': '/fapi/v1/exchangeInfo',
  'binance-spot': '/api/v3/exchangeInfo',
}
const WEIGHTS: Readonly<Record<Venue, number>> = { 'binance-um': 1, 'binance-spot': 20 }

/** The exchange gives perpetuals a delivery date in the year 2100. */
const NO_END = Date.UTC(2090, 0, 1)

/** Asks the exchange for all of its instruments, takes over the limits it names, and finds the pair. */
export async function findInstrument(
  client: RestClient,
  pair: string,
  states: HostStates,
  signal?: AbortSignal,
): Promise<Listing> {
  const bucket = WEIGHT_BUCKET[client.venue]
  const path = PATHS[client.venue]
  const answer = await client.get(path, {}, { bucket, weight: WEIGHTS[client.venue] }, signal)
  const { symbols, rateLimits } = (answer ?? {}) as Fields
  if (!Array.isArray(symbols)) throw strange(`${client.host}${path}`, answer)
  const limit = weightLimit(rateLimits)
  if (limit !== null) {
    states.change(client.host, (state) => {
      state.limits[bucket.name] = limit
    })
  }
  const entries = symbols as readonly Fields[]
  const entry = entries.find(({ symbol }) => symbol === pair)
  const names = entries.map(({ symbol }) => String(symbol))
  return { instrument: entry === undefined ? null : instrumentOf(entry), suggestion: suggestion(pair, names) }
}

function weightLimit(rateLimits: unknown): number | null {
  if (!Array.isArray(rateLimits)) return null
  const own = (rateLimits as readonly Fields[]).find(
    ({ rateLimitType, interval, intervalNum }) =>
      rateLimitType === 'REQUEST_WEIGHT' && interval === 'MINUTE' && intervalNum === 1,
  )
  return typeof own?.limit === 'number' && own.limit > 0 ? own.limit : null
}

function instrumentOf(entry: Fields): Instrument {
  const filters = (Array.isArray(entry.filters) ? entry.filters : []) as readonly Fields[]
  const filter = (...types: string[]) => filters.find(({ filterType }) => types.includes(String(filterType)))
  const notional = filter('MIN_NOTIONAL', 'NOTIONAL')
  const deliveryDate = numberOf(entry.deliveryDate)
  return {
    entry,
    status: String(entry.status ?? entry.contractStatus ?? ''),
    onboardDate: numberOf(entry.onboardDate),
    deliveryDate: deliveryDate !== null && deliveryDate < NO_END ? deliveryDate : null,
    tickSize: numberOf(filter('PRICE_FILTER')?.tickSize),
    stepSize: numberOf(filter('LOT_SIZE')?.stepSize),
    minNotional: numberOf(notional?.notional ?? notional?.minNotional),
  }
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : null
}
