/**
 * One host of the exchange: it records every request, lets the faults have their way, and sends what its routes answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type Faults, insteadOf, send } from './faults.js'
import type { Limits } from './limits.js'
import { banned, json, type Query, type Reply, tooMany } from './replies.js'
import type { Charge } from './rest-server.js'
import type { Fault, Switches } from './switches.js'

export type HostName = 'archive' | 'listing' | 'futures' | 'spot'

export type RequestRecord = {
  readonly time: number // server clock
  readonly host: HostName
  readonly method: string
  readonly path: string // decoded
  readonly query: Query
  readonly headers: IncomingMessage['headers']
  /** Until when this host had told the client to be silent as the request came; null = it had not. */
  readonly retryAfterUntil: number | null
  status: number // 0 = no answer
  fault: Fault['how'] | null
} & Charge // calls of header-less buckets count 1; `used` is after charging

export type Answer = (request: IncomingMessage, record: RequestRecord) => Reply | Promise<Reply>

export type HostOptions = {
  readonly host: HostName
  readonly answer: Answer
  readonly limits: Limits
  readonly faults: Faults
  readonly requests: RequestRecord[]
  readonly switches: Switches
  readonly clock: () => number
}

export function createHost({ host, answer, limits, faults, requests, switches, clock }: HostOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const record = recordOf(request, { host, time: clock(), retryAfterUntil: limits.silentUntil() })
    requests.push(record)
    response.sendDate = false
    response.setHeader('date', new Date(record.time).toUTCString())
    const fault = faults.next(decodeURIComponent(request.url ?? '/'))
    record.fault = fault?.how ?? null
    if (fault?.how === 'silent') return
    if (fault?.how === 'reset') {
      request.socket.destroy()
      return
    }
    const reply = (fault && (imposed(fault) ?? insteadOf(fault))) ?? (await answer(request, record))
    record.status = reply.status
    const packed = host === 'archive' || host === 'listing' ? reply : zipped(reply, request, switches)
    const { status, headers, body } = packed
    if (request.method !== 'HEAD' && status !== 304) await send(response, packed, fault)
    else response.writeHead(status, { ...headers, ...(status === 304 ? {} : { 'content-length': body.length }) }).end()
  }

  /** A 429 or 418 that is not earned. It is in force from then on. */
  function imposed({ how, seconds = 1 }: Fault): Reply | undefined {
    if (how !== '429' && how !== '418') return undefined
    limits.impose(how === '418' ? 'ban' : 'wait', seconds)
    const venue = host === 'spot' ? 'spot' : 'futures'
    const facts = { venue, limit: switches.weightLimit, until: clock() + seconds * 1000 } as const
    const header: Record<string, string> = seconds > 0 ? { 'retry-after': String(Math.ceil(seconds)) } : {}
    return json(how === '418' ? banned(facts) : tooMany(facts), Number(how), header)
  }
}

function recordOf(
  request: IncomingMessage,
  known: Pick<RequestRecord, 'host' | 'time' | 'retryAfterUntil'>,
): RequestRecord {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  return {
    ...known,
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    status: 0,
    weight: 0,
    bucket: 'none',
    used: 0,
    fault: null,
  }
}

function zipped(reply: Reply, request: IncomingMessage, { gzip }: Switches): Reply {
  if (!gzip || reply.status === 451 || reply.status === 403) return reply
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply
  return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body: gzipSync(reply.body) }
}
