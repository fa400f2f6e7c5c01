/**
 * A snapshot of the order book over REST, as lines of CSV: one a level.
 */
import { type RestClient, strange, WEIGHT_BUCKET } from './rest-client.js'

/** 1,000 levels a side: the deepest that futures give, and their weight. */
const DEPTH = {
  'binance-um': { path: '/fapi/v1/depth', weight: 20 },
  'binance-spot': { path: '/api/v3/depth', weight: 50 },
} as const
const LEVELS = 1000

type Book = {
  readonly lastUpdateId?: unknown
  readonly E?: number // event time, futures only
  readonly T?: number // transaction time, futures only
  readonly bids?: unknown
  readonly asks?: unknown
}

export async function* depthLines(client: RestClient, pair: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { path, weight } = DEPTH[client.venue]
  const cost = { bucket: WEIGHT_BUCKET[client.venue], weight }
  const book = (await client.get(path, { symbol: pair, limit: LEVELS }, cost, signal)) as Book | null
  if (!Array.isArray(book?.bids) || !Array.isArray(book.asks)) throw strange(`${client.host}${path}`, book)
  // Spot tells no time: the exchange's clock just after the answer stands in.
  const time = book.T ?? (await client.serverTime(signal))
  const head = `${book.lastUpdateId},${book.E ?? ''},${time}`
  const side = (name: string, levels: readonly (readonly string[])[]) =>
    levels.map(([price, quantity], level) => `${head},${name},${level + 1},${price},${quantity}\n`).join('')
  yield Buffer.from(side('bid', book.bids) + side('ask', book.asks))
}
