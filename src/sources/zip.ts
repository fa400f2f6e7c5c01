/**
 * Zip files with one CSV inside: read with every check that the format allows, written with the same bytes every time.
 */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import yazl from 'yazl'
import { assert, messageOf, UserError } from '../core/errors.js'
import { partName } from './save.js'

export type Extracted = { readonly member: string; readonly bytes: number }

/**
 * Extracts the only CSV of a zip to `csvPath`, which appears whole or not at all. Size and CRC-32 are checked.
 *
 * @param name what messages call the zip
 * @throws UserError when it is not a zip, is damaged, or does not hold exactly one CSV
 */
export async function extractCsv(zipPath: string, csvPath: string, name: string): Promise<Extracted> {
  const part = partName(csvPath)
  let zip: yauzl.ZipFile | null = null
  try {
    zip = await yauzl.openPromise(zipPath, { lazyEntries: true, autoClose: false })
    const entry = await onlyCsv(zip, name)
    const seen = await writeChecked(await zip.openReadStreamPromise(entry), part)
    if (seen.crc !== entry.crc32) {
      throw unreadable(name, `CRC-32 of ${entry.fileName} is ${hex(seen.crc)}, the zip says ${hex(entry.crc32)}`)
    }
    await rename(part, csvPath)
    return { member: entry.fileName, bytes: seen.bytes }
  } catch (error) {
    // A full disk or a missing folder is not the zip's fault: system errors pass as they are.
    if (error instanceof UserError || isSystemError(error)) throw error
    throw unreadable(name, messageOf(error), error)
  } finally {
    zip?.close()
    await rm(part, { force: true })
  }
}

export type ZipEntry = { readonly name: string; readonly content: Buffer }

/** A stream of zip bytes that depend on the entries alone: the time inside is 2024-01-01 00:00 in every time zone. */
export function zipStream(entries: readonly ZipEntry[]): Readable {
  const zip = new yazl.ZipFile()
  // The DOS field holds local time, so the date is built in local time; the extra field that holds UTC is left out.
  const mtime = new Date(2024, 0, 1)
  for (const { name, content } of entries) {
    zip.addBuffer(content, name, { mtime, mode: 0o100644, forceDosTimestamp: true, compressionLevel: 6 })
  }
  zip.end()
  assert(zip.outputStream instanceof Readable, 'yazl gives a stream of another kind')
  return zip.outputStream
}

async function onlyCsv(zip: yauzl.ZipFile, name: string): Promise<yauzl.Entry> {
  const entries: yauzl.Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  const files = entries.filter((entry) => !entry.fileName.endsWith('/'))
  if (files.length !== 1 || !files[0].fileName.endsWith('.csv')) {
    const list = files
      .map((file) => file.fileName)
      .slice(0, 3)
      .join(', ')
    throw new UserError(`${name} holds ${files.length} files (${list}), expected one .csv`, {
      hint: 'the file is not what its name says; remove it from the archive, or take another mirror',
    })
  }
  return files[0]
}

async function writeChecked(body: Readable, path: string): Promise<{ crc: number; bytes: number }> {
  let crc = 0
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(body, count, createWriteStream(path, { flags: 'wx' }))
  return { crc, bytes }
}

function unreadable(name: string, why: string, cause?: unknown): UserError {
  return new UserError(`${name} is not a readable zip: ${why}`, {
    hint: 'remove the file and download it again; if it stays, the archive holds a damaged file',
    cause,
  })
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
