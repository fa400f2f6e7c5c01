/**
 * The pairs that are traded most, by quote volume of the last 24 hours.
 */
import { type RestClient, strange, WEIGHT_BUCKET } from './rest-client.js'

export type Traded = {
  readonly pair: string
  readonly quoteVolume: number // quote asset, 24 hours
  readonly lastPrice: number
  readonly changePercent: number
}

/** The whole list in one answer. */
const TICKERS = {
  'binance-um': { path: '/fapi/v1/ticker/24hr', weight: 40 },
  'binance-spot': { path: '/api/v3/ticker/24hr', weight: 80 },
} as const

type Ticker = Readonly<Record<string, unknown>>

/**
 * Largest volume first, equal ones by name. The list holds pairs that are traded now: one that was delisted since is not in it, so that a
 * choice from it knows who survived; a study of the past takes its pairs from the archive.
 *
 * @param quote asset in which all are counted, such as USDT: volumes in different ones cannot be compared
 */
export async function topPairs(client: RestClient, quote: string, signal?: AbortSignal): Promise<Traded[]> {
  const { path, weight } = TICKERS[client.venue]
  const answer = await client.get(path, {}, { bucket: WEIGHT_BUCKET[client.venue], weight }, signal)
  if (!Array.isArray(answer)) throw strange(`${client.host}${path}`, answer)
  return (answer as readonly Ticker[])
    .filter(({ symbol }) => typeof symbol === 'string' && symbol.endsWith(quote) && symbol !== quote)
    .map(({ symbol, quoteVolume, lastPrice, priceChangePercent }) => ({
      pair: String(symbol),
      quoteVolume: Number(quoteVolume),
      lastPrice: Number(lastPrice),
      changePercent: Number(priceChangePercent),
    }))
    .filter(({ quoteVolume }) => quoteVolume > 0)
    .sort((a, b) => b.quoteVolume - a.quoteVolume || (a.pair < b.pair ? -1 : 1))
}
