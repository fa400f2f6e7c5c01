/**
 * An archive that lies in a folder: a local mirror, or a simulated market.
 */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../core/errors.js'
import { addMonths, monthStart } from '../core/time.js'
import { isAbsent, LONGEST, readHead } from './bounded-text.js'
import { checksumMismatch, parseChecksum } from './checksum.js'
import { archiveKey, klinesFolder, type Venue } from './keys.js'
import { type Saved, saveStream } from './save.js'
import { MARKER_NAME, parseMarker, type SimulationMarker } from './simulation-marker.js'
import type { Archive, Fetched, FetchOptions, NowQuestion } from './source.js'

/** @throws UserError when the folder is not there, or holds no `data/` */
export async function openFolderArchive(folder: string): Promise<Archive> {
  await checkFolder(folder)
  let marker: Promise<SimulationMarker | null> | null = null
  return {
    address: folder,
    simulation() {
      marker ??= readMarker(folder)
      return marker
    },
    now: (question) => newestCommonMonth(folder, question),
    fetch: (key, path, options) => copy(folder, key, path, options),
    async checksum(key) {
      const sidecar = readHead(`${join(folder, key)}.CHECKSUM`, LONGEST.checksum)
      return sidecar === null ? null : parseChecksum(sidecar, key)
    },
    pairs: (venue) => foldersIn(join(folder, klinesFolder(venue))),
  }
}

/** The marker of the archive in `folder`, null when it has none. */
export async function readMarker(folder: string): Promise<SimulationMarker | null> {
  const text = readHead(join(folder, MARKER_NAME), LONGEST.marker)
  return text === null ? null : parseMarker(text, join(folder, MARKER_NAME))
}

async function copy(
  folder: string,
  key: string,
  path: string,
  { signal, onBytes = () => {} }: FetchOptions = {},
): Promise<Fetched> {
  signal?.throwIfAborted()
  const from = join(folder, key)
  if (!(await isFile(from))) return { found: false }
  const sidecar = readHead(`${from}.CHECKSUM`, LONGEST.checksum)
  const expected = sidecar === null ? null : parseChecksum(sidecar, key)
  const body = createReadStream(from, signal === undefined ? {} : { signal })
  const accept = async (saved: Saved) => {
    if (expected !== null && saved.sha256 !== expected) {
      throw checksumMismatch(key, expected, saved.sha256, `fetch ${from} and its .CHECKSUM into the mirror again`)
    }
    return true
  }
  const { size } = await stat(from)
  const { sha256, bytes } = await saveStream(body, path, accept, { onBytes: (received) => onBytes(received, size) })
  return { found: true, sha256, bytes, verified: expected !== null, etag: null, lastModified: null }
}

async function newestCommonMonth(folder: string, { venue, pairs, base }: NowQuestion): Promise<number | null> {
  const published = await Promise.all(pairs.map((pair) => monthsOfPair(folder, { venue, pair, base })))
  const [first = new Set<string>(), ...others] = published
  const newest = [...first]
    .filter((month) => others.every((months) => months.has(month)))
    .sort()
    .at(-1)
  return newest === undefined ? null : monthStart(addMonths(newest, 1))
}

async function monthsOfPair(
  folder: string,
  of: { venue: Venue; pair: string; base: NowQuestion['base'] },
): Promise<Set<string>> {
  const sample = archiveKey({ venue: of.venue, pair: of.pair, kind: 'klines', timeframe: of.base }, '0000-00')
  const cut = sample.lastIndexOf('/')
  const prefix = sample.slice(cut + 1, -'0000-00.zip'.length)
  const names = await namesIn(join(folder, sample.slice(0, cut)))
  const months = names
    .filter((name) => name.startsWith(prefix) && /^\d{4}-\d{2}\.zip$/.test(name.slice(prefix.length)))
    .map((name) => name.slice(prefix.length, -'.zip'.length))
  return new Set(months)
}

async function checkFolder(folder: string): Promise<void> {
  const hint = 'set exchange.archiveUrl to the folder that holds data/futures or data/spot, or to an http(s) address'
  if (!(await isFolder(folder))) throw new UserError(`the archive folder ${folder} does not exist`, { hint })
  if (!(await isFolder(join(folder, 'data'))))
    throw new UserError(`the archive folder ${folder} holds no data/ folder`, { hint })
}

async function foldersIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder)
  return names.filter((name) => !name.startsWith('.')).sort()
}

/** Empty when the folder is not there. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'file'
}

async function isFolder(path: string): Promise<boolean> {
  return (await kindOf(path)) === 'folder'
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}
