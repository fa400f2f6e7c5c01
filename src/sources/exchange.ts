/**
 * The archive and the REST interface of one venue behind one HTTP client, so that they share limits, retries and bans.
 */
import type { Addresses } from './addresses.js'
import { isRemote } from './addresses.js'
import { openArchive } from './archive.js'
import type { Http, HttpOptions } from './http.js'
import type { HostStates } from './limits.js'
import type { RestClient } from './rest-client.js'
import type { Archive } from './source.js'

export type Exchange = {
  readonly archive: Archive
  /** Null where it is not to be asked. */
  readonly rest: RestClient | null
  /** Null where nothing goes over the network. */
  readonly http: Http | null
}

export type ExchangeOptions = Addresses & {
  readonly states: HostStates
  readonly now: () => number
  readonly http?: HttpOptions
}

/** Opens without a request. */
export async function openExchange(options: ExchangeOptions): Promise<Exchange> {
  const { venue, archiveUrl, restUrl, clockUrl, states, now } = options
  if (restUrl === null && !isRemote(archiveUrl))
    return { archive: await openArchive(archiveUrl), rest: null, http: null }
  const [{ createHttp }, { openRest }] = await Promise.all([import('./http.js'), import('./rest-client.js')])
  const settings = { ...options.http, states, now }
  const http = createHttp(settings)
  const restOf = (url: string) => openRest({ venue, url, http, states, now })
  return {
    archive: await openArchive(archiveUrl, { http: settings, clocks: { [venue]: restOf(clockUrl) } }),
    rest: restUrl === null ? null : restOf(restUrl),
    http,
  }
}
