/**
 * Zips of an archive that Sluice writes itself, each with the checksum that vouches for it.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LONGEST, readHead } from './bounded-text.js'
import { parseChecksum } from './checksum.js'
import { fileNameOf } from './keys.js'
import { partName, saveStream } from './save.js'

/**
 * Writes the only CSV of a zip and then its checksum, so that a pair that agrees is complete.
 *
 * @param kept the hash of a zip that lies there already and is left alone when the new one is the same
 * @returns the hash of the zip
 */
export async function writeZip(
  folder: string,
  key: string,
  csv: Buffer | Iterable<Buffer>,
  kept: string | null = null,
): Promise<string> {
  // Not needed where all is right already.
  const { zipStream } = await import('./zip.js')
  const path = join(folder, key)
  await mkdir(dirname(path), { recursive: true })
  const name = fileNameOf(key)
  const content = zipStream([{ name: name.replace(/zip$/, 'csv'), content: csv }])
  const { sha256 } = await saveStream(content, path, async (saved) => {
    if (saved.sha256 === kept) return false
    await rm(`${path}.CHECKSUM`, { force: true })
    return true
  })
  if (sha256 !== kept) await replaceFile(`${path}.CHECKSUM`, `${sha256}  ${name}\n`)
  return sha256
}

/** What files were when they were last looked at, by their absolute path, so that nothing to do need not read them all. */
export interface KnownHashes {
  /** The hash of the content, null when there is no such file. */
  of(path: string): Promise<string | null>
  /** Takes note of what was just written. */
  learn(path: string, sha256: string): void
}

/** Of whoever remembers nothing: every file is read. */
export const NOTHING_KNOWN: KnownHashes = {
  async of(path) {
    return (await isThere(path)) ? hashOf(path) : null
  },
  learn() {},
}

/** The hash of the zip under `key` when its checksum agrees; null when it is not there, or not whole. */
export async function hashOfZip(folder: string, key: string, known = NOTHING_KNOWN): Promise<string | null> {
  const path = join(folder, key)
  // Of hundreds of files of a line each: waiting for each would take longer than reading it.
  const sidecar = readHead(`${path}.CHECKSUM`, LONGEST.checksum)
  const digest = sidecar === null ? null : await known.of(path)
  return digest !== null && sidecar?.startsWith(digest) === true && parseChecksum(sidecar, key) === digest
    ? digest
    : null
}

/** The SHA-256 of a file, 64 lower-case hex digits. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Writes, syncs and renames. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const part = partName(path)
  const file = await open(part, 'wx')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
