/**
 * GET over HTTP the way a good guest does it: time limits, retries with growing and jittered waits, `Retry-After` obeyed by every
 * request of the client, and answers that no retry can mend explained at once. Clock, chance and waiting are passed in.
 */
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import axios, { AxiosHeaders } from 'axios'
import { type Access, splitAccess } from '../core/access.js'
import { messageOf, UserError } from '../core/errors.js'
import { LONGEST, readText } from './bounded-text.js'
import { givenUp, refusal, unreachable } from './http-refusals.js'
import { banned, type Cost, createGate, type Gate, type HostStates, statesInMemory, waitTooLong } from './limits.js'

export type Retry = {
  readonly url: string
  readonly attempt: number
  readonly attempts: number
  readonly waitMs: number
  readonly reason: string
}

export type HttpOptions = {
  readonly attempts?: number // tries in all, default 5
  readonly connectTimeoutMs?: number // until the status line, default 20 s
  readonly idleTimeoutMs?: number // without a byte of the body, default 30 s
  readonly backoffMs?: number // first wait; doubled each time, default 500
  readonly maxWaitMs?: number // the longest `Retry-After` that is waited out, default 5 min
  readonly now?: () => number
  readonly random?: () => number
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly onRetry?: (retry: Retry) => void
  /** Shared by every process that asks the same hosts; alone when not given. */
  readonly states?: HostStates
}

/** Status is 200 or one that the caller accepts. The body's end is the whole body: a shorter one than announced is an error of the stream. */
export type HttpResponse = {
  readonly status: number
  readonly body: Readable
  readonly header: (name: string) => string | null
}

export interface Http {
  /**
   * GETs `url`, whose user and password go nowhere but to its host, and hands the answer to `receive`, which is called again from the start when the body breaks off or `receive` finds
   * it to be no answer (`notAnAnswer`).
   *
   * @throws UserError when the host cannot be reached, refuses, or fails on every attempt
   * @throws the signal's reason when it is aborted, and whatever `receive` throws that is no fault of the connection
   */
  get<T>(url: string, receive: (response: HttpResponse) => Promise<T>, options?: GetOptions): Promise<T>
}

export type GetOptions = {
  readonly signal?: AbortSignal | undefined
  /** What the host counts; null for one that counts nothing. */
  readonly cost?: Cost | null
  /** Statuses beside 200 that `receive` wants to see. Default 404: what is absent is a fact. */
  readonly accept?: readonly number[]
  readonly gzip?: boolean
}

/** What came is not what was asked for, and another attempt may bring it. */
class NotAnAnswer extends Error {
  readonly code = 'EBODY'
  readonly hint: string | undefined

  constructor(what: string, hint: string | undefined) {
    super(what)
    this.hint = hint
  }
}

/**
 * Thrown by a receiver to be called again with another answer.
 *
 * @param hint what to do when no attempt brings one
 */
export function notAnAnswer(what: string, hint?: string): Error {
  return new NotAnAnswer(what, hint)
}

/** A fault that another attempt may mend. Never leaves this file. */
type Fault = {
  readonly fault: string
  readonly waitMs: number | null
  readonly hint?: string | undefined
  /** Nothing of the host was heard: false or absent where it answered. */
  readonly isSilence?: boolean
  /** Another request found the host silent a moment ago: one attempt is enough. */
  readonly isKnown?: boolean
}
type Attempt<T> = { readonly value: T } | Fault

const MENDABLE = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_CONSTANT',
  'ETRUNCATED',
  'EIDLE',
  'EBODY',
  'Z_BUF_ERROR',
  'Z_DATA_ERROR',
])
/** How long a host is waited for that was silent a moment ago. */
const KNOWN_PATIENCE_MS = 5000
const NO_ROUTE = new Set(['ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

export function createHttp(options: HttpOptions = {}): Http {
  const settings = {
    attempts: 5,
    connectTimeoutMs: 20_000,
    idleTimeoutMs: 30_000,
    backoffMs: 500,
    maxWaitMs: 300_000,
    now: Date.now,
    random: Math.random,
    onRetry: () => {},
    sleep: async (ms: number, signal?: AbortSignal) => {
      await wait(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
        signal?.throwIfAborted()
        throw error
      })
    },
    ...options,
  }
  const { now, sleep, maxWaitMs, states = statesInMemory() } = settings
  const gate = createGate({ states, now, sleep, maxWaitMs })
  return {
    async get(address, receive, { signal, cost = null, accept = [404], gzip = false } = {}) {
      // From here on nobody holds a password who could tell it.
      const { url, access } = splitAccess(address)
      for (let attempt = 1; ; attempt++) {
        signal?.throwIfAborted()
        const request = { url, access, receive, signal, cost, accept, gzip, attempt }
        const result = await tryOnce(request, settings, gate)
        if ('value' in result) return result.value
        signal?.throwIfAborted()
        const { fault, waitMs: asked, hint, isSilence = false, isKnown = false } = result
        if (attempt >= settings.attempts || isKnown) {
          throw isSilence ? unreachable(url, gate.silent(url, fault)) : givenUp(url, { fault, attempts: attempt, hint })
        }
        if (asked !== null && asked > maxWaitMs) throw waitTooLong(url, asked, maxWaitMs)
        const backoff = settings.backoffMs * 2 ** (attempt - 1) * (0.5 + settings.random())
        const waitMs = Math.round(asked ?? backoff)
        settings.onRetry({ url, attempt, attempts: settings.attempts, waitMs, reason: fault })
        await sleep(waitMs, signal)
      }
    },
  }
}

type Settings = Required<Omit<HttpOptions, 'states'>>

type Request<T> = Required<Omit<GetOptions, 'signal'>> & {
  readonly url: string
  readonly access: Access | null
  readonly receive: (response: HttpResponse) => Promise<T>
  readonly signal: AbortSignal | undefined
  readonly attempt: number
}

async function tryOnce<T>(request: Request<T>, settings: Settings, gate: Gate): Promise<Attempt<T>> {
  const { url, access, receive, signal, cost, accept, gzip, attempt } = request
  const pass = await gate.enter(url, cost, signal)
  const stop = new AbortController()
  const forward = () => stop.abort(signal?.reason)
  signal?.addEventListener('abort', forward, { once: true })
  let overdue: string | null = null
  const isKnown = pass.isSilent
  const patienceMs = Math.min(settings.connectTimeoutMs, isKnown ? KNOWN_PATIENCE_MS : Number.POSITIVE_INFINITY)
  const timer = setTimeout(() => {
    overdue = `no answer within ${patienceMs / 1000} s`
    stop.abort()
  }, patienceMs)
  let source: Readable | null = null
  try {
    const response = await axios.get<Readable>(url, {
      responseType: 'stream',
      validateStatus: () => true,
      maxRedirects: 5,
      decompress: false,
      signal: stop.signal,
      ...(access === null ? {} : { auth: access }),
      headers: { 'accept-encoding': gzip ? 'gzip' : 'identity', 'user-agent': 'sluice' },
    })
    clearTimeout(timer)
    source = response.data
    const header = (name: string) => headerOf(response.headers, name)
    const { status } = response
    const body = watch(source, Number(header('content-length') ?? Number.NaN), settings.idleTimeoutMs)
    if (status !== 200 && !accept.includes(status)) {
      const waitMs = retryAfterMs(header('retry-after'), settings.now()) ?? (await banEnd(status, body, settings.now()))
      pass.answered({ status, waitMs, header })
      return judge({ url, status, waitMs, attempt, now: settings.now() })
    }
    pass.answered({ status, waitMs: null, header })
    const plain = header('content-encoding') === 'gzip' ? unzipped(body) : body
    return { value: await receive({ status, body: plain, header }) }
  } catch (error) {
    signal?.throwIfAborted()
    if (overdue !== null) return { fault: overdue, waitMs: null, isSilence: true, isKnown }
    const code = codeOf(error)
    if (NO_ROUTE.has(code) || code.startsWith('CERT_') || code.includes('CERTIFICATE')) {
      throw unreachable(url, gate.silent(url, messageOf(error)))
    }
    if (code === 'EAI_AGAIN') return { fault: messageOf(error), waitMs: null, isSilence: true, isKnown }
    if (MENDABLE.has(code)) {
      return { fault: messageOf(error), waitMs: null, hint: error instanceof NotAnAnswer ? error.hint : undefined }
    }
    // Whatever else the HTTP client stumbles over (TLS, redirects in a circle) is the connection's fault, not ours.
    throw axios.isAxiosError(error) ? unreachable(url, messageOf(error)) : error
  } finally {
    clearTimeout(timer)
    source?.destroy()
    pass.done()
    signal?.removeEventListener('abort', forward)
  }
}

/** The body, which ends with an error when it falls silent or is shorter than announced. */
function watch(source: Readable, announced: number, idleMs: number): Readable {
  let timer: NodeJS.Timeout | undefined
  let received = 0
  const rest = () => {
    clearTimeout(timer)
    timer = setTimeout(() => source.destroy(withCode('EIDLE', `no data for ${idleMs / 1000} s`)), idleMs)
  }
  const brokenOff = () => withCode('ETRUNCATED', `the answer broke off after ${received} of ${announced} bytes`)
  async function* counted() {
    rest()
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        received += chunk.length
        rest()
        yield chunk
      }
    } catch (error) {
      throw codeOf(error) === 'ECONNRESET' && received < announced ? brokenOff() : error
    } finally {
      clearTimeout(timer)
    }
    if (received < announced) throw brokenOff()
  }
  return Readable.from(counted(), { objectMode: false })
}

type Refused = {
  readonly url: string
  readonly status: number
  readonly waitMs: number | null
  readonly attempt: number
  readonly now: number
}

/** A firewall's no may be a passing one: it is asked once more, slowly, and then believed. */
const FORBIDDEN_WAIT_MS = 3000

/** What a status that nobody wants means: worth another attempt, or an error that says why not. */
function judge({ url, status, waitMs, attempt, now }: Refused): Fault {
  if (status === 429) return { fault: 'status 429, too many requests', waitMs: waitMs ?? 60_000 }
  if (status === 408 || status >= 500) return { fault: `status ${status}`, waitMs }
  if (status === 403 && attempt === 1) return { fault: 'status 403', waitMs: waitMs ?? FORBIDDEN_WAIT_MS }
  if (status === 418) throw banned(url, now + (waitMs ?? 120_000), now)
  throw refusal(url, status)
}

/** `banned until 1644800000000` in the message of a ban without `Retry-After`. */
async function banEnd(status: number, body: Readable, now: number): Promise<number | null> {
  if (status !== 418) return null
  const message = await readText(body, LONGEST.message, () => new UserError('a ban of many words')).catch(() => '')
  const until = /until (\d{13})/.exec(message)
  return until === null ? null : Math.max(0, Number(until[1]) - now)
}

function unzipped(body: Readable): Readable {
  const plain = createGunzip()
  body.once('error', (error) => plain.destroy(error))
  return body.pipe(plain)
}

/** `Retry-After` is a number of seconds or an HTTP date. */
function retryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

function headerOf(headers: unknown, name: string): string | null {
  const value: unknown = headers instanceof AxiosHeaders ? headers.get(name) : null
  return typeof value === 'string' ? value : null
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
