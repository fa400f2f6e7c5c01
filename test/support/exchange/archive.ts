/**
 * The bulk archive: zips, their checksums, and what becomes of both.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import yazl from 'yazl'
import { csvOf } from './archive-csv.js'
import { type ArchiveFile, type Catalogue, createCatalogue, type Publish } from './archive-keys.js'
import type { Switches } from './switches.js'
import type { Truth } from './truth.js'

export type Stored = { readonly body: Buffer; readonly etag: string; readonly modified: number }

export interface Archive {
  /** What a request for the key gets now; null = 404. `count` = it is a request, which rules with `times` remember. */
  read(key: string, how: 'count' | 'peek'): Promise<Stored | null>
  /** What a listing says of a key. */
  entry(key: string): Promise<{ size: number; etag: string; modified: number } | null>
  /** Keys of zips and checksums that begin with the prefix, ascending, as a listing gives them. */
  list(prefix: string): string[]
  /** The CSV inside a zip as it is served now. */
  csv(key: string): string
  rewrite(key: string, edit?: (csv: string) => string): void
}

type Version = { readonly number: number; readonly at: number; readonly csv: string }

export function createArchive(options: {
  truth: Truth
  switches: Switches
  clock: () => number
  publish: Publish
}): Archive {
  const { truth, switches, clock } = options
  const catalogue: Catalogue = createCatalogue(options)
  const versions = new Map<string, Version>()
  const zips = new Map<string, { how: string; disagreements: unknown; zip: Buffer }>()
  const seen = new WeakMap<object, Map<string, number>>()

  /** Whether the rule is in force, for the nth time it is asked. */
  const inForce = (rule: { match: RegExp; times?: number }, key: string, how: 'count' | 'peek') => {
    if (!rule.match.test(zipKeyOf(key))) return false
    const counts = seen.get(rule) ?? new Map<string, number>()
    seen.set(rule, counts)
    const count = counts.get(key) ?? 0
    if (how === 'count') counts.set(key, count + 1)
    return count < (rule.times ?? Number.POSITIVE_INFINITY)
  }
  const defectsOf = (key: string) => switches.defects.filter(({ match }) => match.test(key))
  const csvNow = (file: ArchiveFile) =>
    versions.get(file.key)?.csv ?? csvOf(file, { truth, switches, defects: defectsOf(file.key) })

  /** Everything that the bytes depend on beside the truth. */
  const signature = (key: string) => {
    const version = versions.get(key)?.number ?? 0
    const { header, spotTimeUnit, bookDepthPercent, metricsLabel, archiveSpecialFunding, liquidations } = switches
    const facts =
      version > 0
        ? []
        : [defectsOf(key), header, spotTimeUnit, bookDepthPercent, metricsLabel, archiveSpecialFunding, liquidations]
    return JSON.stringify([version, ...facts])
  }
  const isMade = (key: string) => {
    const known = zips.get(key)
    return known?.how === signature(key) && known.disagreements === switches.disagreements ? known.zip : null
  }
  const zipOf = async (file: ArchiveFile): Promise<Buffer> => {
    const { key } = file
    const made = isMade(key)
    if (made !== null) return made
    const csv = csvNow(file)
    const version = versions.get(key)?.number ?? 0
    const defects = version > 0 ? [] : defectsOf(key).map(({ how }) => how)
    const members = defects.includes('twoMembers') ? 2 : 1
    const zip = defects.includes('notAZip') ? Buffer.from(csv) : await zipped(key, csv, { version, members })
    zips.set(key, { how: signature(key), disagreements: switches.disagreements, zip })
    return zip
  }
  const find = (key: string) => {
    const file = catalogue.find(key)
    if (file === null) throw new Error(`the archive has no ${key} at ${new Date(clock()).toISOString()}`)
    return file
  }
  const read: Archive['read'] = async (key, how) => {
    const zipKey = zipKeyOf(key)
    const ofChecksum = key !== zipKey
    const file = catalogue.find(zipKey)
    if (file === null) return null
    const wanted = ofChecksum ? 'checksum' : 'zip'
    const hides = switches.missing.filter(({ what }) => what === 'both' || what === wanted)
    // Every rule counts, also when an earlier one has hidden the file.
    if (hides.filter((rule) => inForce(rule, key, how)).length > 0) return null
    const zip = await zipOf(file)
    const modified = versions.get(zipKey)?.at ?? file.published
    if (!ofChecksum) return { body: zip, etag: `"${md5(zip)}"`, modified }
    const variant = switches.checksums.find((rule) => inForce(rule, key, how))
    const body = Buffer.from(checksumText(fileNameOf(zipKey), zip, variant?.how))
    return { body, etag: `"${md5(body)}"`, modified }
  }
  return {
    read,
    async entry(key) {
      const zipKey = zipKeyOf(key)
      if (switches.listingEtags === 'placeholder' && isMade(zipKey) === null && !versions.has(zipKey)) {
        const modified = catalogue.find(zipKey)?.published ?? 0
        return { size: key === zipKey ? 4096 : 64 + 3 + fileNameOf(zipKey).length, etag: `"${md5(key)}"`, modified }
      }
      const stored = await read(key, 'peek')
      return stored === null ? null : { size: stored.body.length, etag: stored.etag, modified: stored.modified }
    },
    list(prefix) {
      const keys = catalogue
        .under(prefix)
        .filter((key) => !switches.listingStale.some(({ match, after }) => match.test(key) && periodOf(key) > after))
        .flatMap((key) => {
          const hidden = switches.missing.filter(({ match, times }) => times === undefined && match.test(key))
          const gone = (what: string) => hidden.some((rule) => rule.what === 'both' || rule.what === what)
          return [...(gone('zip') ? [] : [key]), ...(gone('checksum') ? [] : [`${key}.CHECKSUM`])]
        })
      return keys.filter((key) => key.startsWith(prefix)).sort()
    },
    csv: (key) => csvNow(find(key)),
    rewrite(key, edit) {
      const file = find(key)
      const csv = edit === undefined ? csvOf(file, { truth, switches, defects: [] }) : edit(csvNow(file))
      versions.set(key, { number: (versions.get(key)?.number ?? 0) + 1, at: clock(), csv })
    },
  }
}

const md5 = (content: Buffer | string) => createHash('md5').update(content).digest('hex')
const zipKeyOf = (key: string) => key.replace(/\.CHECKSUM$/, '')
const fileNameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1)

function periodOf(key: string): string {
  return /-(\d{4}-\d\d(?:-\d\d)?)\.zip/.exec(key)?.[1] ?? ''
}

async function zipped(
  key: string,
  csv: string,
  { version, members }: { version: number; members: number },
): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  const stem = key.slice(key.lastIndexOf('/') + 1, -'.zip'.length)
  // The time inside makes a new version differ even where its text does not.
  const mtime = new Date(2024, 0, 1, 0, version)
  for (let i = 0; i < members; i++) {
    const name = i === 0 ? `${stem}.csv` : `${stem}-${i}.csv`
    zip.addBuffer(Buffer.from(csv), name, { mtime, mode: 0o100644, forceDosTimestamp: true, compressionLevel: 6 })
  }
  zip.end()
  return buffer(zip.outputStream as Readable)
}

/** `<64 hex><two spaces><name>\n`, or one of the ways in which it can differ. */
export function checksumText(name: string, zip: Buffer, how?: Switches['checksums'][number]['how']): string {
  const hash = createHash('sha256').update(zip).digest('hex')
  switch (how) {
    case 'noNewline':
      return `${hash}  ${name}`
    case 'crlf':
      return `${hash}  ${name}\r\n`
    case 'star':
      return `${hash} *${name}\n`
    case 'upperCase':
      return `${hash.toUpperCase()}  ${name}\n`
    case 'mismatch':
      return `${createHash('sha256').update(hash).digest('hex')}  ${name}\n`
    case 'otherName':
      return `${hash}  ${name.replace(/^[^-]+/, 'OTHERUSDT')}\n`
    case 'empty':
      return ''
    default:
      return `${hash}  ${name}\n`
  }
}
