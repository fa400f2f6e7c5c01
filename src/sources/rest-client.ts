/**
 * The exchange's REST interface: JSON answers within the limits, the exchange's clock, and its refusals in the user's words.
 */
import { withoutAccess } from '../core/access.js'
import { UserError } from '../core/errors.js'
import { LONGEST, readText } from './bounded-text.js'
import { type Http, notAnAnswer } from './http.js'
import { hostOf } from './http-refusals.js'
import type { Venue } from './keys.js'
import type { Bucket, Cost, HostStates } from './limits.js'

/** What the exchange counts together, as published; binance.md of 2026-11 and exchangeInfo agree on the weights. */
export const BUCKETS = {
  futures: { name: 'weight', limit: 2400, windowMs: 60_000, header: 'x-mbx-used-weight-1m' },
  spot: { name: 'weight', limit: 6000, windowMs: 60_000, header: 'x-mbx-used-weight-1m' },
  /** Funding rates and intervals: not in the weight, and without a header. */
  funding: { name: 'funding', limit: 500, windowMs: 300_000, header: null },
  /** The statistics under /futures/data: the same. */
  statistics: { name: 'statistics', limit: 1000, windowMs: 300_000, header: null },
} as const satisfies Readonly<Record<string, Bucket>>

export const WEIGHT_BUCKET: Readonly<Record<Venue, Bucket>> = {
  'binance-um': BUCKETS.futures,
  'binance-spot': BUCKETS.spot,
}
const TIME_PATHS: Readonly<Record<Venue, string>> = { 'binance-um': '/fapi/v1/time', 'binance-spot': '/api/v3/time' }

export type Parameters = Readonly<Record<string, string | number>>

export interface RestClient {
  readonly venue: Venue
  /** The address, for messages. */
  readonly host: string
  /** Without user and password, slashes at its end left out. */
  readonly url: string
  /**
   * @throws UserError when the exchange refuses (unknown symbol, window too old, …) or cannot be reached
   */
  get(path: string, parameters: Parameters, cost: Cost, signal?: AbortSignal): Promise<unknown>
  /** The exchange's clock, UTC ms: asked when the last answer is ten minutes old, else ours with the difference of then. */
  serverTime(signal?: AbortSignal): Promise<number>
}

export type RestOptions = {
  readonly venue: Venue
  readonly url: string
  readonly http: Http
  readonly states: HostStates
  readonly now: () => number
}

const CLOCK_HOLDS_MS = 600_000

export function openRest({ venue, url, http, states, now }: RestOptions): RestClient {
  const host = new URL(url).host
  const client: RestClient = {
    venue,
    host,
    url: withoutAccess(url).replace(/\/+$/, ''),
    get: (path, parameters, cost, signal) => {
      const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      const address = `${url.replace(/\/+$/, '')}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`
      return http.get(
        address,
        async ({ status, body }) => {
          const answer = parsed(await readText(body, LONGEST.json, () => tooLong(path)))
          if (status !== 200) throw refused(address, status, answer)
          return answer
        },
        { signal, cost, accept: [400, 401, 404], gzip: true },
      )
    },
    async serverTime(signal) {
      const known = states.change(host, (state) => state.skew)
      if (known !== null && Math.abs(now() - known.at) < CLOCK_HOLDS_MS) return now() + known.ms
      const asked = now()
      const answer = await client.get(TIME_PATHS[venue], {}, { bucket: WEIGHT_BUCKET[venue], weight: 1 }, signal)
      const time = (answer as { readonly serverTime?: unknown } | null)?.serverTime
      if (typeof time !== 'number') throw strange(`${host}${TIME_PATHS[venue]}`, answer)
      // It was that time when half of the way was done.
      const ms = time - Math.round((asked + now()) / 2)
      states.change(host, (state) => {
        state.skew = { ms, at: now() }
      })
      return now() + ms
    },
  }
  return client
}

/** An answer that is JSON, but of another shape than any known one. */
export function strange(what: string, answer: unknown): UserError {
  return new UserError(`${what} answered with ${JSON.stringify(answer)?.slice(0, 120)}, which is not understood`, {
    hint: 'the exchange may have changed its interface; update Sluice, or set download.rest=never',
  })
}

function tooLong(path: string): UserError {
  return new UserError(`the answer of ${path} is longer than ${LONGEST.json.toLocaleString('en')} bytes`, {
    hint: 'check exchange.futuresUrl and exchange.spotUrl, or set download.rest=never',
  })
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw notAnAnswer(`an answer that is not JSON: ${JSON.stringify(body.slice(0, 60))}`)
  }
}

/** Hints by the exchange's own code, for what asking again does not change. */
const HINTS: Readonly<Record<number, string>> = {
  [-1023]: 'this is a fault in Sluice: the window ends before it begins',
  [-1120]: 'the exchange does not have bars of this length; change bars.base or download.timeframes',
  [-1121]: 'check the name of the pair and data.venue; a delisted pair may be in the archive only',
  [-1122]: 'the pair is not traded now; the archive may have its past',
  [-4144]: 'check the name of the pair and data.venue',
}

function refused(url: string, status: number, answer: unknown): UserError {
  const { code, msg } = (answer ?? {}) as { readonly code?: unknown; readonly msg?: unknown }
  const number = typeof code === 'number' ? code : 0
  const said = typeof msg === 'string' ? `${msg} (${number})` : JSON.stringify(answer)?.slice(0, 120)
  return new UserError(`${hostOf(url)} refuses ${new URL(url).pathname} with status ${status}: ${said}`, {
    hint: HINTS[number] ?? 'check the pair, data.venue and the dates; download.rest=never uses the archive alone',
  })
}
