/**
 * Zip files with one CSV inside: read with every check that the format allows, written with the same bytes every time.
 */
import { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import yauzl from 'yauzl'
import yazl from 'yazl'
import { assert, messageOf, UserError } from '../core/errors.js'

/** Bytes that inflate hands out at once: with zlib's own 16 KiB a month takes twice as long. */
const CHUNK = 1 << 18

/**
 * The bytes of the only CSV of a zip, as they are inflated. Size and CRC-32 are checked at the end: whoever keeps what was read must
 * wait for it.
 *
 * @param name what messages call the zip
 * @throws UserError when it is not a zip, is damaged, or does not hold exactly one CSV
 */
export async function* csvInZip(zipPath: string, name: string): AsyncGenerator<Buffer> {
  let zip: yauzl.ZipFile | null = null
  try {
    zip = await yauzl.openPromise(zipPath, { lazyEntries: true, autoClose: false })
    const entry = await onlyCsv(zip, name)
    const isStored = entry.compressionMethod === 0
    const packed = await zip.openReadStreamPromise(entry, isStored ? {} : { decompress: false })
    const bytes = isStored ? packed : packed.pipe(createInflateRaw({ chunkSize: CHUNK }))
    if (bytes !== packed) packed.once('error', (error) => bytes.destroy(error))
    let crc = 0
    let length = 0
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc)
      length += chunk.length
      yield chunk
    }
    if (length !== entry.uncompressedSize) {
      throw unreadable(name, `${entry.fileName} has ${length} bytes, the zip says ${entry.uncompressedSize}`)
    }
    if (crc !== entry.crc32) {
      throw unreadable(name, `CRC-32 of ${entry.fileName} is ${hex(crc)}, the zip says ${hex(entry.crc32)}`)
    }
  } catch (error) {
    // A full disk or a missing folder is not the zip's fault: system errors pass as they are.
    if (error instanceof UserError || isSystemError(error)) throw error
    throw unreadable(name, messageOf(error), error)
  } finally {
    zip?.close()
  }
}

/** Content that comes in pieces is never in memory as a whole. */
export type ZipEntry = { readonly name: string; readonly content: Buffer | Iterable<Buffer> }

/** Pieces are for large files: this level packs them twice as fast or more, into a sixth more. */
const LEVEL_OF_PIECES = 2

/** A stream of zip bytes that depend on the entries alone: the time inside is 2024-01-01 00:00 in every time zone. */
export function zipStream(entries: readonly ZipEntry[]): Readable {
  const zip = new yazl.ZipFile()
  // The DOS field holds local time, so the date is built in local time; the extra field that holds UTC is left out.
  const mtime = new Date(2024, 0, 1)
  const options = { mtime, mode: 0o100644, forceDosTimestamp: true, compressionLevel: 6 }
  const output = zip.outputStream
  assert(output instanceof Readable, 'yazl gives a stream of another kind')
  for (const { name, content } of entries) {
    if (Buffer.isBuffer(content)) zip.addBuffer(content, name, options)
    else {
      const pieces = Readable.from(content, { highWaterMark: 2 })
      zip.addReadStream(pieces, name, { ...options, compressionLevel: LEVEL_OF_PIECES })
      // yazl does not look at the errors of what it reads from. One may come before anybody reads the output: whoever then does is told.
      pieces.once('error', (error) => output.destroy(error))
      output.on('error', () => {})
      output.once('close', () => pieces.destroy())
    }
  }
  zip.end()
  return output
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
