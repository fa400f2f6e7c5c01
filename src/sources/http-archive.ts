/**
 * An archive behind HTTP(S): the exchange's own, or any static server over the same tree.
 */
import { text } from 'node:stream/consumers'
import { UserError } from '../core/errors.js'
import { checksumMismatch, parseChecksum } from './checksum.js'
import type { Http, HttpResponse } from './http.js'
import { fileNameOf, urlPath, type Venue } from './keys.js'
import type { RestClient } from './rest-client.js'
import { saveStream } from './save.js'
import { MARKER_NAME, parseMarker, type SimulationMarker } from './simulation-marker.js'
import type { Archive, Fetched, FetchOptions } from './source.js'

export type HttpArchiveOptions = {
  /** The exchanges whose clock is asked. */
  readonly clocks?: Readonly<Partial<Record<Venue, Pick<RestClient, 'serverTime'>>>>
  /** Called when a zip did not match its checksum and is fetched once more. */
  readonly onMismatch?: (key: string) => void
}

export function openHttpArchive(root: string, http: Http, options: HttpArchiveOptions = {}): Archive {
  const { clocks, onMismatch = () => {} } = options
  let marker: SimulationMarker | null | undefined
  return {
    address: root,
    async simulation(signal) {
      if (marker === undefined) marker = await fetchMarker(http, `${root}/${MARKER_NAME}`, signal)
      return marker
    },
    async now({ venue }, signal) {
      const exchange = await clocks?.[venue]?.serverTime(signal).catch(notKnown)
      return exchange ?? (await dateHeader(http, `${root}/`, signal).catch(notKnown))
    },
    async fetch(key, path, options = {}) {
      const first = await fetchOnce(http, `${root}/${urlPath(key)}`, { key, path, ...options })
      if (!('expected' in first)) return first
      // The exchange replaces a zip and its checksum one after the other: the second look sees both anew.
      onMismatch(key)
      const second = await fetchOnce(http, `${root}/${urlPath(key)}`, { key, path, ...options })
      if (!('expected' in second)) return second
      throw checksumMismatch(
        key,
        second.expected,
        second.actual,
        'the archive may be replacing this file: run again later. If it stays, leave the month out with data.from and data.to',
      )
    },
    async checksum(key, signal) {
      const sidecar = await fetchText(http, `${root}/${urlPath(key)}.CHECKSUM`, signal)
      return sidecar === null ? null : parseChecksum(sidecar, key)
    },
    pairs: async () => null,
  }
}

type Mismatch = { readonly expected: string; readonly actual: string }

type FetchRequest = FetchOptions & { readonly key: string; readonly path: string }

async function fetchOnce(
  http: Http,
  url: string,
  { key, path, signal, onBytes = () => {} }: FetchRequest,
): Promise<Fetched | Mismatch> {
  return http.get(
    url,
    async (response) => {
      if (response.status === 404) return { found: false }
      let expected: string | null = null
      const total = Number(response.header('content-length') ?? Number.NaN)
      const { sha256, bytes } = await saveStream(
        response.body,
        path,
        async (saved) => {
          const sidecar = await fetchText(http, `${url}.CHECKSUM`, signal)
          expected = sidecar === null ? null : parseChecksum(sidecar, key)
          return expected === null || expected === saved.sha256
        },
        {
          inspect: (head) => refuseWebPage(head, key, response),
          onBytes: (received) => onBytes(received, total > 0 ? total : null),
        },
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
    { signal },
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
  return http.get(url, ({ status, body }) => (status === 404 ? Promise.resolve(null) : text(body)), { signal })
}

async function fetchMarker(http: Http, url: string, signal?: AbortSignal): Promise<SimulationMarker | null> {
  const found = await fetchText(http, url, signal)
  // A server that answers every address with its front page has no marker.
  return found === null || !found.trimStart().startsWith('{') ? null : parseMarker(found, url)
}

async function dateHeader(http: Http, url: string, signal?: AbortSignal): Promise<number | null> {
  const accept = [400, 403, 404]
  const date = await http.get(url, async ({ header }) => header('date'), { signal, accept })
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? null : time
}

/** An archive can be reachable where the exchange is not: a clock that does not answer is not worth an error. */
function notKnown(error: unknown): null {
  if (error instanceof UserError) return null
  throw error
}
