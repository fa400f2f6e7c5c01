/**
 * The S3 listing of the archive's bucket, version 1 and 2.
 */
import type { Archive } from './archive.js'
import type { Query, Reply } from './replies.js'
import type { Switches } from './switches.js'

type Page = {
  readonly keys: readonly string[]
  readonly folders: readonly string[]
  readonly truncated: boolean
  readonly last: string
}

export async function listingReply(archive: Archive, query: Query, switches: Switches): Promise<Reply> {
  const prefix = query.prefix ?? ''
  const delimiter = query.delimiter ?? ''
  const second = query['list-type'] === '2' && switches.listType2 === 'honour'
  const after = second ? (fromToken(query['continuation-token']) ?? query['start-after'] ?? '') : (query.marker ?? '')
  const size = Math.min(Number(query['max-keys'] ?? 1000), switches.listingPageSize)
  const page = pageOf(archive.list(prefix), { prefix, delimiter, after, size })
  const contents: string[] = []
  for (const key of page.keys) {
    const stored = await archive.entry(key)
    if (stored === null) continue // hidden for the moment: a listing would not know
    const modified = new Date(stored.modified).toISOString()
    contents.push(
      `<Contents><Key>${xml(key)}</Key><LastModified>${modified}</LastModified><ETag>${xml(stored.etag)}</ETag><Size>${stored.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    )
  }
  const marks = second ? tokens(page, query) : markers(page, query, switches)
  const body = [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>data.binance.vision</Name>',
    `<Prefix>${xml(prefix)}</Prefix>`,
    marks,
    `<MaxKeys>${size}</MaxKeys>`,
    delimiter === '' ? '' : `<Delimiter>${xml(delimiter)}</Delimiter>`,
    `<IsTruncated>${page.truncated}</IsTruncated>`,
    ...contents,
    ...page.folders.map((folder) => `<CommonPrefixes><Prefix>${xml(folder)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('')
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) }
}

/** Keys and folders share one order and one count. */
function pageOf(
  keys: readonly string[],
  { prefix, delimiter, after, size }: { prefix: string; delimiter: string; after: string; size: number },
): Page {
  const found: { name: string; folder: boolean }[] = []
  for (const key of keys) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const name = end < 0 ? key : key.slice(0, end + delimiter.length)
    if (name <= after || found.at(-1)?.name === name) continue
    // A marker inside a folder has passed the folder.
    if (end >= 0 && after.startsWith(name)) continue
    found.push({ name, folder: end >= 0 })
    if (found.length > size) break
  }
  const page = found.slice(0, size)
  return {
    keys: page.flatMap(({ name, folder }) => (folder ? [] : [name])),
    folders: page.flatMap(({ name, folder }) => (folder ? [name] : [])),
    truncated: found.length > size,
    last: page.at(-1)?.name ?? '',
  }
}

function markers({ truncated, last }: Page, query: Query, { nextMarker }: Switches): string {
  const sent = truncated && (nextMarker === 'always' || (nextMarker === 'delimiter' && query.delimiter !== undefined))
  return `<Marker>${xml(query.marker ?? '')}</Marker>${sent ? `<NextMarker>${xml(last)}</NextMarker>` : ''}`
}

function tokens({ keys, folders, truncated, last }: Page, query: Query): string {
  const given = query['continuation-token']
  const count = `<KeyCount>${keys.length + folders.length}</KeyCount>`
  const now = given === undefined ? '' : `<ContinuationToken>${xml(given)}</ContinuationToken>`
  const next = truncated ? `<NextContinuationToken>${Buffer.from(last).toString('base64')}</NextContinuationToken>` : ''
  return now + count + next
}

function fromToken(token: string | undefined): string | undefined {
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString()
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
