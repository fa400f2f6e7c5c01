/**
 * Bytes from a stream to a file, hashed on the way. The file appears under its own name only when all of it is there and synced.
 */
import { createHash, randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'

export type Saved = { readonly sha256: string; readonly bytes: number }

/** A name beside `path` that no other process uses. */
export function partName(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`
}

/** Whether a name is one that `partName` gave. */
export function isPartName(name: string): boolean {
  return /\.[0-9a-f]{8}\.part$/.test(name)
}

export type SaveOptions = {
  /** Sees the first bytes (up to 512) before anything is written; may throw. */
  readonly inspect?: (head: Buffer) => void
  /** Told how many bytes have been written so far. */
  readonly onBytes?: (bytes: number) => void
}

/**
 * Writes the stream to a temporary file and lets `accept` decide, having seen hash and size: true puts it under `path`. Whenever it is
 * not put there, by a refusal or an error, the temporary file is removed.
 *
 */
export async function saveStream(
  body: Readable,
  path: string,
  accept: (saved: Saved) => Promise<boolean>,
  { inspect = () => {}, onBytes = () => {} }: SaveOptions = {},
): Promise<Saved> {
  const part = partName(path)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    const file = await open(part, 'wx')
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        if (bytes === 0) inspect(chunk.subarray(0, 512))
        hash.update(chunk)
        bytes += chunk.length
        await file.writeFile(chunk)
        onBytes(bytes)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    const saved = { sha256: hash.digest('hex'), bytes }
    if (await accept(saved)) await rename(part, path)
    return saved
  } finally {
    body.destroy()
    await rm(part, { force: true })
  }
}
