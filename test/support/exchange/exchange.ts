/**
 * The exchange as its clients see it, on 127.0.0.1: archive, S3 listing, futures REST and spot REST, each on a port of its own, all printed
 * from one truth. What is contested or goes wrong is a switch (switches.ts), which a test may change while the server runs. Absent: WebSocket,
 * signed routes, coin-margined futures.
 *
 *     const truth = createTruth({ seed: 1, pairs: ['BTCUSDT'], from, to })        // or eventfulPairs({ from, to })
 *     const exchange = await startExchange({ truth, now, switches: { weightLimit: 50, retryAfter: 1 } })
 *     … run the client against exchange.url, .futuresUrl, .spotUrl, .listingUrl …
 *     exchange.switches.faults = [{ match: /klines/, how: 'reset', times: 2 }]    // at any time
 *     expect(table).toEqual(truth.rows('klines', 'BTCUSDT', { timeframe: '1h', from, to }))
 *     expect(exchange.requests.filter(({ retryAfterUntil }) => retryAfterUntil !== null)).toEqual([])
 *     await exchange.close()
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createArchive } from './archive.js'
import type { Publish } from './archive-keys.js'
import { archiveReply } from './archive-reply.js'
import { createFaults } from './faults.js'
import { FUTURES_ROUTES } from './futures.js'
import { type Answer, createHost, type HostName, type RequestRecord } from './host.js'
import { createLimits, type Limits, type Standing } from './limits.js'
import { listingReply } from './listing.js'
import { html } from './replies.js'
import { createRest } from './rest-server.js'
import { SPOT_ROUTES } from './spot.js'
import { DEFAULT_SWITCHES, type Switches } from './switches.js'
import type { Truth } from './truth.js'

export type ExchangeOptions = {
  readonly truth: Truth
  /** Server time in UTC ms. Default: begins at `now` and goes on with real time. */
  readonly clock?: () => number
  /** Default: the end of the truth. */
  readonly now?: number
  readonly switches?: Partial<Switches>
  /** What the archive holds; default everything. */
  readonly publish?: Publish
}

export interface Exchange {
  /** Root of the archive: `${url}/data/futures/um/…`. */
  readonly url: string
  readonly futuresUrl: string
  readonly spotUrl: string
  /** S3 ListObjects: `${listingUrl}?prefix=…&delimiter=/&marker=…`. */
  readonly listingUrl: string
  readonly requests: readonly RequestRecord[]
  readonly switches: Switches
  now(): number
  /** The CSV inside a zip as it is served now. */
  csv(key: string): string
  /** The file is published anew: other bytes, etag, checksum and time; without its defects, or as `edit` makes it. */
  rewrite(key: string, edit?: (csv: string) => string): void
  /** @throws when something went wrong in this server itself: that is no fault of the exchange, and the test is void. */
  close(): Promise<void>
}

export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { truth } = options
  const switches: Switches = { ...DEFAULT_SWITCHES, ...options.switches }
  const given = options.clock
  const clock = given === undefined ? runningClock(options.now ?? truth.options.to) : () => Math.floor(given())
  const archive = createArchive({ truth, switches, clock, publish: options.publish ?? {} })
  const futuresStanding = newStanding()
  const limitsOf = (venue: 'futures' | 'spot', standing: Standing) => createLimits({ venue, clock, switches, standing })
  const limits: Record<HostName, Limits> = {
    archive: limitsOf('futures', newStanding()),
    listing: limitsOf('futures', newStanding()),
    futures: limitsOf('futures', futuresStanding),
    spot: limitsOf('spot', switches.banSpansVenues ? futuresStanding : newStanding()),
  }
  const rest = { truth, switches, clock }
  const answers: Record<HostName, Answer> = {
    archive: async (request, { path }) => archiveReply(await archive.read(path.slice(1), 'count'), request, switches),
    listing: (_, { path, query }) =>
      /^\/data\.binance\.vision\/?$/.test(path) ? listingReply(archive, query, switches) : html(404, 'Not Found'),
    futures: createRest({ ...rest, venue: 'futures', routes: FUTURES_ROUTES, limits: limits.futures }),
    spot: createRest({ ...rest, venue: 'spot', routes: SPOT_ROUTES, limits: limits.spot }),
  }
  const requests: RequestRecord[] = []
  const faults = createFaults(switches)
  const serve = (host: HostName) =>
    listen(createHost({ host, answer: answers[host], limits: limits[host], faults, requests, switches, clock }))
  const hosts = {
    archive: await serve('archive'),
    listing: await serve('listing'),
    futures: await serve('futures'),
    spot: await serve('spot'),
  }
  return {
    url: hosts.archive.origin,
    futuresUrl: hosts.futures.origin,
    spotUrl: hosts.spot.origin,
    listingUrl: `${hosts.listing.origin}/data.binance.vision`,
    requests,
    switches,
    now: clock,
    csv: archive.csv,
    rewrite: archive.rewrite,
    async close() {
      await Promise.all(Object.values(hosts).map((host) => host.close()))
    },
  }
}

function newStanding(): Standing {
  return { ban: null, bans: 0 }
}

async function listen(handle: ReturnType<typeof createHost>): Promise<{ origin: string; close(): Promise<void> }> {
  const failures: unknown[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      failures.push(error)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (failures.length > 0) throw failures[0]
    },
  }
}

function runningClock(now: number): () => number {
  const started = performance.now()
  return () => Math.floor(now + performance.now() - started)
}
