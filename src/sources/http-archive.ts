/**
 * An archive behind HTTP(S): the exchange's own, or any static server over the same tree.
 */
import { withoutAccess } from '../core/access.js'
import { UserError } from '../core/errors.js'
import { LONGEST, readText } from './bounded-text.js'
import { checksumMismatch, parseChecksum } from './checksum.js'
import { type Http, type HttpResponse, notAnAnswer } from './http.js'
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
    address: withoutAccess(root),
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
      const sidecar = await fetchChecksum(http, `${root}/${urlPath(key)}`, key, signal)
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
          const sidecar = await fetchChecksum(http, url, key, signal)
          expected = sidecar === null ? null : parseChecksum(sidecar, key)
          return expected === null || expected === saved.sha256
        },
        {
          inspect: (head) => refuseWebPage(head, fileNameOf(key), response),
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

const PAGE_HINT =
  'check that exchange.archiveUrl points at the root of an archive, and that no login page stands in between'

/** A portal, a firewall in a bad moment or a wrong address answers 200 with HTML where a zip or its checksum should be. */
function refuseWebPage(head: Buffer, name: string, { header }: HttpResponse): void {
  const type = header('content-type') ?? 'no content type'
  const start = head.toString('latin1', 0, 60)
  if (!type.includes('html') && !/^\s*<(!doctype|html|\?xml)/i.test(start)) return
  const expected = name.endsWith('.zip') ? 'a zip' : 'a checksum'
  throw notAnAnswer(
    `the answer for ${name} is a web page, not ${expected} (${type}, begins with ${JSON.stringify(start)})`,
    PAGE_HINT,
  )
}

/** The text beside the zip at `url`; null when there is none. */
async function fetchChecksum(http: Http, url: string, key: string, signal?: AbortSignal): Promise<string | null> {
  const name = `${fileNameOf(key)}.CHECKSUM`
  const receive = async (response: HttpResponse) => {
    if (response.status === 404) return null
    const text = await readText(response.body, LONGEST.checksum, () => tooLong(name, LONGEST.checksum))
    refuseWebPage(Buffer.from(text), name, response)
    return text
  }
  return http.get(`${url}.CHECKSUM`, receive, { signal })
}

function tooLong(name: string, longest: number): Error {
  return notAnAnswer(`${name} is longer than ${longest.toLocaleString('en')} bytes`, PAGE_HINT)
}

async function fetchMarker(http: Http, url: string, signal?: AbortSignal): Promise<SimulationMarker | null> {
  const receive = async ({ status, body }: HttpResponse) =>
    status === 404 ? null : readText(body, LONGEST.marker, () => tooLong(MARKER_NAME, LONGEST.marker))
  const found = await http.get(url, receive, { signal })
  // A server that answers every address with its front page has no marker.
  return found === null || !found.trimStart().startsWith('{') ? null : parseMarker(found, withoutAccess(url))
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
