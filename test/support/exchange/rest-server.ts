/**
 * A REST host: what a call is charged, the headers that tell of it, and the answer of its route.
 */
import type { IncomingMessage } from 'node:http'
import type { Bucket, Limits, Verdict } from './limits.js'
import { banned, html, json, type Query, Refusal, type Reply, refusalReply, tooMany } from './replies.js'
import { NoRows, type Route } from './rest.js'
import type { Switches } from './switches.js'
import type { Truth } from './truth.js'

/** What the charge adds to the record of a request. */
export type Charge = { weight: number; bucket: Bucket; used: number }

export type RestOptions = {
  venue: 'futures' | 'spot'
  routes: Readonly<Record<string, Route>>
  truth: Truth
  switches: Switches
  clock: () => number
  limits: Limits
}

export function createRest({ venue, routes, truth, switches, clock, limits }: RestOptions) {
  return (request: IncomingMessage, record: Charge & { readonly path: string; readonly query: Query }): Reply => {
    const route = routes[record.path]
    // A ban covers every route, also those that do not exist.
    const bucket = route?.bucket ?? 'none'
    const weight = route?.weight(record.query, switches) ?? 0
    const verdict = limits.charge(bucket, weight)
    record.bucket = bucket
    record.weight = weight
    record.used = verdict.used
    const headers =
      verdict.status === 418 ? {} : weightHeaders(venue, bucket, route?.header ?? String(verdict.used), switches)
    if (verdict.status !== 200) return limitReply(venue, verdict, switches, headers)
    if (route === undefined) return html(404, 'Not Found')
    const reply = answered(route, { truth, switches, now: clock(), query: record.query, headers: request.headers })
    return { ...reply, headers: { ...reply.headers, ...headers } }
  }
}

function answered(route: Route, context: Parameters<Route['answer']>[0]): Reply {
  try {
    return route.answer(context)
  } catch (error) {
    if (error instanceof Refusal) return refusalReply(error)
    if (error instanceof NoRows) return json('[]')
    throw error
  }
}

function weightHeaders(
  venue: 'futures' | 'spot',
  bucket: Bucket,
  used: string,
  switches: Switches,
): Record<string, string> {
  if (bucket !== 'weight' || !switches.weightHeader) return {}
  return { 'x-mbx-used-weight-1m': used, ...(venue === 'spot' ? { 'x-mbx-used-weight': used } : {}) }
}

function limitReply(
  venue: 'futures' | 'spot',
  verdict: Exclude<Verdict, { status: 200 }>,
  switches: Switches,
  headers: Record<string, string>,
): Reply {
  const limit = venue === 'spot' ? switches.spotWeightLimit : switches.weightLimit
  const facts = { venue, limit, until: verdict.until }
  const wait = switches.retryAfterHeader || verdict.status === 418 ? { 'retry-after': String(verdict.retryAfter) } : {}
  const all = { ...headers, ...wait } as Record<string, string>
  if (switches.limitBody === 'json')
    return json(verdict.status === 418 ? banned(facts) : tooMany(facts), verdict.status, all)
  const page =
    switches.limitBody === 'html' ? html(verdict.status, 'Too Many Requests') : { headers: {}, body: Buffer.alloc(0) }
  return { status: verdict.status, headers: { ...page.headers, ...all }, body: page.body }
}
