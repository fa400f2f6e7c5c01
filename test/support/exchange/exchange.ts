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
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { createArchive } from './archive.js'
import type { Publish } from './archive-keys.js'
import { archiveReply } from './archive-reply.js'
import { createFaults, insteadOf, send } from './faults.js'
import { FUTURES_ROUTES } from './futures.js'
import { createLimits, type Standing } from './limits.js'
import { listingReply } from './listing.js'
import { banned, html, json, type Query, type Reply, tooMany } from './replies.js'
import type { Route } from './rest.js'
import { type Charge, createRest } from './rest-server.js'
import { SPOT_ROUTES } from './spot.js'
import { DEFAULT_SWITCHES, type Fault, type Switches } from './switches.js'
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

export type Host = 'archive' | 'listing' | 'futures' | 'spot'

export type RequestRecord = {
  readonly time: number // server clock
  readonly host: Host
  readonly method: string
  readonly path: string // decoded
  readonly query: Query
  readonly headers: IncomingMessage['headers']
  /** Until when this host had told the client to be silent as the request came; null = it had not. */
  readonly retryAfterUntil: number | null
  status: number // 0 = no answer
  fault: Fault['how'] | null
} & Charge // calls of header-less buckets count 1; `used` is after charging

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
  close(): Promise<void>
}

type Answer = (request: IncomingMessage, record: RequestRecord) => Promise<Reply>

export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { truth } = options
  const switches: Switches = { ...DEFAULT_SWITCHES, ...options.switches }
  const given = options.clock
  const clock = given === undefined ? runningClock(options.now ?? truth.options.to) : () => Math.floor(given())
  const archive = createArchive({ truth, switches, clock, publish: options.publish ?? {} })
  const standings = { futures: { ban: null, bans: 0 }, spot: { ban: null, bans: 0 } } as Record<
    'futures' | 'spot',
    Standing
  >
  const limits = {
    futures: createLimits({ venue: 'futures', clock, switches, standing: standings.futures }),
    spot: createLimits({
      venue: 'spot',
      clock,
      switches,
      standing: switches.banSpansVenues ? standings.futures : standings.spot,
    }),
  }
  const rest = (venue: 'futures' | 'spot', routes: Readonly<Record<string, Route>>): Answer => {
    const answer = createRest({ venue, routes, truth, switches, clock, limits: limits[venue] })
    return async (request, record) => answer(request, record)
  }
  const answers: Record<Host, Answer> = {
    archive: async (request, { path }) => archiveReply(await archive.read(path.slice(1), 'count'), request, switches),
    listing: (_, { path, query }) =>
      path === '/data.binance.vision' || path === '/data.binance.vision/'
        ? listingReply(archive, query, switches)
        : Promise.resolve(html(404, 'Not Found')),
    futures: rest('futures', FUTURES_ROUTES),
    spot: rest('spot', SPOT_ROUTES),
  }
  const requests: RequestRecord[] = []
  const faults = createFaults(switches)
  const silences: Record<'archive' | 'listing', number> = { archive: 0, listing: 0 }

  const handle = async (host: Host, request: IncomingMessage, response: ServerResponse) => {
    const { path, query } = targetOf(request)
    const limited = host === 'futures' || host === 'spot' ? limits[host] : null
    const silent = limited === null ? silences[host as 'archive'] : (limited.silentUntil() ?? 0)
    const record: RequestRecord = {
      time: clock(),
      host,
      method: request.method ?? 'GET',
      path,
      query,
      headers: request.headers,
      retryAfterUntil: silent > clock() ? silent : null,
      status: 0,
      weight: 0,
      bucket: 'none',
      used: 0,
      fault: null,
    }
    requests.push(record)
    response.sendDate = false
    response.setHeader('date', new Date(clock()).toUTCString())
    const fault = faults.next(decodeURIComponent(request.url ?? '/'))
    record.fault = fault?.how ?? null
    if (fault?.how === 'silent') return
    if (fault?.how === 'reset') {
      request.socket.destroy()
      return
    }
    const reply = imposed(fault) ?? (fault && insteadOf(fault)) ?? (await answers[host](request, record))
    record.status = reply.status
    const packed = host === 'archive' || host === 'listing' ? reply : zipped(reply, request, switches)
    const headless = request.method === 'HEAD' || reply.status === 304
    if (headless) response.writeHead(reply.status, { ...packed.headers, 'content-length': packed.body.length }).end()
    else await send(response, packed, fault)

    function imposed(wanted: Fault | undefined): Reply | undefined {
      if (wanted?.how !== '429' && wanted?.how !== '418') return undefined
      const seconds = wanted.seconds ?? 1
      if (limited === null) silences[host as 'archive'] = clock() + seconds * 1000
      else limited.impose(wanted.how === '418' ? 'ban' : 'wait', seconds)
      const facts = {
        venue: host === 'spot' ? 'spot' : 'futures',
        limit: switches.weightLimit,
        until: clock() + seconds * 1000,
      } as const
      const header: Record<string, string> = seconds > 0 ? { 'retry-after': String(Math.ceil(seconds)) } : {}
      return json(wanted.how === '418' ? banned(facts) : tooMany(facts), Number(wanted.how), header)
    }
  }

  const servers = {} as Record<Host, Server>
  const origins = {} as Record<Host, string>
  for (const host of ['archive', 'listing', 'futures', 'spot'] as const) {
    const server = createServer((request, response) => {
      handle(host, request, response).catch((error: unknown) => {
        // A fault of this server must fail the test loudly, not look like one of the exchange's.
        console.error(error)
        response.destroy()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers[host] = server
    origins[host] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return {
    url: origins.archive,
    futuresUrl: origins.futures,
    spotUrl: origins.spot,
    listingUrl: `${origins.listing}/data.binance.vision`,
    requests,
    switches,
    now: clock,
    csv: archive.csv,
    rewrite: archive.rewrite,
    async close() {
      await Promise.all(
        Object.values(servers).map((server) => {
          server.closeAllConnections()
          return new Promise((resolve) => server.close(resolve))
        }),
      )
    },
  }
}

function runningClock(now: number): () => number {
  const started = performance.now()
  return () => Math.floor(now + performance.now() - started)
}

function targetOf(request: IncomingMessage): { path: string; query: Query } {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  return { path: decodeURIComponent(url.pathname), query: Object.fromEntries(url.searchParams) }
}

function zipped(reply: Reply, request: IncomingMessage, { gzip }: Switches): Reply {
  if (!gzip || reply.status === 451 || reply.status === 403) return reply
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply
  return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body: gzipSync(reply.body) }
}
