/**
 * The archive's own listing, as S3 gives it. It can be behind what is published, so it serves as a hint only: whether a pair was ever there.
 */
import { LONGEST, readText } from './bounded-text.js'
import { type Http, type HttpResponse, notAnAnswer } from './http.js'
import { klinesFolder, type Venue } from './keys.js'

/** Whether the archive has any klines of the pair, monthly or daily. One request each. */
export async function isListed(
  http: Http,
  listingUrl: string,
  { venue, pair }: { readonly venue: Venue; readonly pair: string },
  signal?: AbortSignal,
): Promise<boolean> {
  for (const folder of prefixesOf(venue)) {
    const page = await pageOf(http, listingUrl, { 'max-keys': '1', prefix: `${folder}${pair}/` }, signal)
    // The root's own <Prefix> repeats the question: what counts is a file or a folder below it.
    if (/<Contents>|<CommonPrefixes>/.test(page)) return true
  }
  return false
}

/** Pages of 1,000 folders: many times the pairs that there are. */
const MOST_PAGES = 50

/** The pairs that the listing has any klines of, monthly or daily, sorted. */
export async function listedPairs(
  http: Http,
  listingUrl: string,
  venue: Venue,
  signal?: AbortSignal,
): Promise<string[]> {
  const pairs = new Set<string>()
  for (const prefix of prefixesOf(venue)) {
    let marker = ''
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await pageOf(http, listingUrl, { prefix, ...(marker === '' ? {} : { marker }) }, signal)
      const folders = [...page.matchAll(/<CommonPrefixes><Prefix>([^<]+)<\/Prefix>/g)].map(([, folder]) => folder)
      for (const folder of folders) pairs.add(folder.slice(prefix.length, -1))
      const last = folders.at(-1)
      if (last === undefined || !page.includes('<IsTruncated>true')) break
      marker = last
    }
  }
  return [...pairs].sort()
}

/** The folders of klines, monthly and daily. */
function prefixesOf(venue: Venue): string[] {
  const monthly = `${klinesFolder(venue)}/`
  return [monthly, monthly.replace('/monthly/', '/daily/')]
}

async function pageOf(
  http: Http,
  listingUrl: string,
  query: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string> {
  const asked = Object.entries({ delimiter: '/', ...query }).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  )
  const receive = async ({ body }: HttpResponse) => {
    const tooLong = () =>
      notAnAnswer(`a page of the listing is longer than ${LONGEST.listing.toLocaleString('en')} bytes`)
    const page = await readText(body, LONGEST.listing, tooLong)
    if (!page.includes('<ListBucketResult')) throw notAnAnswer(`no listing: ${JSON.stringify(page.slice(0, 60))}`)
    return page
  }
  return http.get(`${listingUrl}?${asked.join('&')}`, receive, { signal, accept: [] })
}
