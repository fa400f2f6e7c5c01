/**
 * An archive behind HTTP(S): the exchange's own, or any static server over the same tree.
 */
import { text } from 'node:stream/consumers'
import axios from 'axios'
import { UserError } from '../core/errors.js'
import { checksumMismatch, parseChecksum } from './checksum.js'
import type { Http, HttpResponse } from './http.js'
import { fileNameOf, urlPath, type Venue } from './keys.js'
import { saveStream } from './save.js'
import { MARKER_NAME, parseMarker, type SimulationMarker } from './simulation-marker.js'
import type { Archive, Fetched } from './source.js'

export type HttpArchiveOptions = {
  /** The exchange's REST addresses, asked for its clock. */
  readonly clockUrls?: Readonly<Record<Venue, string>>
  /** Called when a zip did not match its checksum and is fetched once more. */
  readonly onMismatch?: (key: string) => void
  readonly clockTimeoutMs?: number // default 5 s
}

const TIME_PATHS: Readonly<Record<Venue, string>> = { 'binance-um': '/fapi/v1/time', 'binance-spot': '/api/v3/time' }

export function openHttpArchive(root: string, http: Http, options: HttpArchiveOptions = {}): Archive {
  const { clockUrls, onMismatch = () => {}, clockTimeoutMs = 5000 } = options
  let marker: SimulationMarker | null | undefined
  return {
    address: root,
    async simulation(signal) {
      if (marker === undefined) marker = await fetchMarker(http, `${root}/${MARKER_NAME}`, signal)
      return marker
    },
    async now({ venue }, signal) {
      const clockUrl = clockUrls?.[venue]
      const server =
        clockUrl === undefined ? null : await serverTime(`${clockUrl}${TIME_PATHS[venue]}`, clockTimeoutMs, signal)
      return server ?? (await dateHeader(`${root}/`, clockTimeoutMs, signal))
    },
    async fetch(key, path, signal) {
      const first = await fetchOnce(http, root, key, path, signal)
      if (!('expected' in first)) return first
      // The exchange replaces a zip and its checksum one after the other: the second look sees both anew.
      onMismatch(key)
      const second = await fetchOnce(http, root, key, path, signal)
      if (!('expected' in second)) return second
      throw checksumMismatch(
        key,
        second.expected,
        second.actual,
        'the archive may be replacing this file: run again later. If it stays, leave the month out with data.from and data.to',
      )
    },
    pairs: async () => null,
  }
}

type Mismatch = { readonly expected: string; readonly actual: string }

async function fetchOnce(
  http: Http,
  root: string,
  key: string,
  path: string,
  signal?: AbortSignal,
): Promise<Fetched | Mismatch> {
  const url = `${root}/${urlPath(key)}`
  return http.get(
    url,
    async (response) => {
      if (response.status === 404) return { found: false }
      let expected: string | null = null
      const { sha256, bytes } = await saveStream(
        response.body,
        path,
        async (saved) => {
          const sidecar = await fetchText(http, `${url}.CHECKSUM`, signal)
          expected = sidecar === null ? null : parseChecksum(sidecar, key)
          return expected === null || expected === saved.sha256
        },
        (head) => refuseWebPage(head, key, response),
      )
      if (expected !== null && expected !== sha256) return { expected, actual: sha256 }
      const etag = response.header('etag')?.replace(/^W\//, '').replaceAll('"', '') ?? null
      return {
        found: true,
        sha256,
        bytes,
        verified: expected !== null,
        etag,
        lastModified: response.header('last-modified'),
      }
    },
    signal,
  )
}

/** A portal or a wrong address answers 200 with HTML where a zip should be. */
function refuseWebPage(head: Buffer, key: string, response: HttpResponse): void {
  const type = response.header('content-type') ?? 'no content type'
  const start = head.toString('latin1', 0, 60)
  if (!type.includes('html') && !/^\s*<(!doctype|html|\?xml)/i.test(start)) return
  throw new UserError(
    `the answer for ${fileNameOf(key)} is a web page, not a zip (${type}, begins with ${JSON.stringify(start)})`,
    {
      hint: 'check that exchange.archiveUrl points at the root of an archive, and that no login page stands in between',
    },
  )
}

async function fetchText(http: Http, url: string, signal?: AbortSignal): Promise<string | null> {
  return http.get(url, ({ status, body }) => (status === 404 ? Promise.resolve(null) : text(body)), signal)
}

async function fetchMarker(http: Http, url: string, signal?: AbortSignal): Promise<SimulationMarker | null> {
  const found = await fetchText(http, url, signal)
  // A server that answers every address with its front page has no marker.
  return found === null || !found.trimStart().startsWith('{') ? null : parseMarker(found, url)
}

/** The exchange's clock, or null when it does not say: an archive can be reachable where the exchange is not. */
async function serverTime(url: string, timeout: number, signal?: AbortSignal): Promise<number | null> {
  const response = await ask('get', url, timeout, signal)
  const time: unknown = response?.status === 200 && typeof response.data === 'object' ? response.data?.serverTime : null
  return typeof time === 'number' && Number.isFinite(time) ? time : null
}

async function dateHeader(url: string, timeout: number, signal?: AbortSignal): Promise<number | null> {
  const response = await ask('head', url, timeout, signal)
  const time = Date.parse(String(response?.headers.date ?? ''))
  return Number.isNaN(time) ? null : time
}

/** One try, and no error: a clock that does not answer is not worth waiting for. */
async function ask(method: 'get' | 'head', url: string, timeout: number, signal?: AbortSignal) {
  try {
    return await axios.request<{ serverTime?: unknown } | null>({
      method,
      url,
      timeout,
      validateStatus: () => true,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch {
    signal?.throwIfAborted()
    return null
  }
}
