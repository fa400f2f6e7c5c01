/**
 * The archive's own listing, as S3 gives it. It can be behind what is published, so it serves as a hint only: whether a pair was ever there.
 */
import { text } from 'node:stream/consumers'
import { OFFICIAL_ARCHIVE } from './addresses.js'
import type { Http } from './http.js'
import { klinesFolder, type Venue } from './keys.js'

const OFFICIAL_LISTING = 'https://s3-ap-northeast-1.amazonaws.com/data.binance.vision'

/** @param setting `exchange.listingUrl`: an address, or `auto` */
export function listingUrlOf(setting: string, archiveUrl: string): string | null {
  if (setting !== 'auto') return setting
  return OFFICIAL_ARCHIVE.test(archiveUrl) ? OFFICIAL_LISTING : null
}

/** Whether the archive has any klines of the pair, monthly or daily. One request each. */
export async function isListed(
  http: Http,
  listingUrl: string,
  { venue, pair }: { readonly venue: Venue; readonly pair: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const monthly = `${klinesFolder(venue)}/${pair}/`
  for (const prefix of [monthly, monthly.replace('/monthly/', '/daily/')]) {
    const address = `${listingUrl}?delimiter=/&max-keys=1&prefix=${encodeURIComponent(prefix)}`
    const xml = await http.get(address, ({ body }) => text(body), { signal, accept: [] })
    // The root's own <Prefix> repeats the question: what counts is a file or a folder below it.
    if (/<Contents>|<CommonPrefixes>/.test(xml)) return true
  }
  return false
}
