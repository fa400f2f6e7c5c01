/**
 * Texts of known size from whoever may send anything: never more of them in memory than they may be long.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** What an answer of each kind may hold, in bytes, many times what it ever had. */
export const LONGEST = {
  /** A `.CHECKSUM`: 64 digits and a name. */
  checksum: 4096,
  /** The marker of a simulated archive names its pairs. */
  marker: 1 << 20,
  /** A page of the archive's listing, 1,000 keys. */
  listing: 4 << 20,
  /** An answer of the REST interface: all instruments of the exchange are the longest, some 15 MB. */
  json: 64 << 20,
  /** The message of a ban. */
  message: 1 << 16,
} as const

/**
 * The text of a stream, which is ended when it is longer.
 *
 * @param onLonger what is thrown then
 */
export async function readText(body: Readable, longest: number, onLonger: () => Error): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longest) {
      body.destroy()
      throw onLonger()
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The first bytes of a file as text: one more than `longest` where it is longer. Null when it is not there. */
export function readHead(path: string, longest: number): string | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
  try {
    const bytes = Buffer.alloc(Math.min(longest, fstatSync(file).size) + 1)
    return bytes.toString('utf8', 0, readSync(file, bytes))
  } finally {
    closeSync(file)
  }
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
