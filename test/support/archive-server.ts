/**
 * A static server over a folder in the archive's layout, on 127.0.0.1, that misbehaves on request; and a writer of such folders.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileNameOf } from '../../src/sources/keys.js'
import { zipStream } from '../../src/sources/zip.js'

export type Misbehaviour =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  | { readonly kind: 'flip'; readonly at: number } // one bit of the byte at this offset
  | { readonly kind: 'truncate'; readonly bytes: number } // announces all, sends this many, hangs up
  | { readonly kind: 'reset' } // hangs up before answering
  | { readonly kind: 'stall'; readonly bytes: number } // sends this many, then nothing more
  | { readonly kind: 'silent' } // never answers
  | { readonly kind: 'html' } // 200 with a web page

/** What to do with the nth request (from 1) for a path; undefined = serve the file. */
export type Script = (path: string, nth: number) => Misbehaviour | undefined

export type ArchiveServer = {
  readonly url: string
  /** Decoded paths in the order of arrival. */
  readonly requests: string[]
  /** The authorization that came with each of them. */
  readonly authorizations: (string | undefined)[]
  close(): Promise<void>
}

const PAGE = '<!DOCTYPE html><html><body>Please sign in to the network.</body></html>'

/** @param serverTime answered by the exchange's time routes; absent = 404 */
export async function startArchiveServer(
  folder: string,
  script: Script = () => undefined,
  serverTime?: number,
): Promise<ArchiveServer> {
  const requests: string[] = []
  const authorizations: (string | undefined)[] = []
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    requests.push(path)
    authorizations.push(request.headers.authorization)
    const nth = requests.filter((seen) => seen === path).length
    if (serverTime !== undefined && path.endsWith('/time'))
      send(response, 200, JSON.stringify({ serverTime }), { 'content-type': 'application/json' })
    else respond(response, script(path, nth), await readFile(join(folder, path)).catch(() => null))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    authorizations,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function respond(response: ServerResponse, how: Misbehaviour | undefined, body: Buffer | null): void {
  if (how?.kind === 'silent') return
  if (how?.kind === 'reset') response.destroy()
  else if (how?.kind === 'status') send(response, how.status, how.body ?? '', how.headers ?? {})
  else if (how?.kind === 'html') send(response, 200, PAGE, { 'content-type': 'text/html' })
  else if (body === null) send(response, 404, '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>')
  else if (how?.kind === 'truncate' || how?.kind === 'stall') {
    response.writeHead(200, { 'content-length': body.length })
    response.write(body.subarray(0, how.bytes), () => how.kind === 'truncate' && response.destroy())
  } else {
    send(response, 200, how?.kind === 'flip' ? withFlippedBit(body, how.at) : body, {
      'content-type': 'binary/octet-stream',
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      'last-modified': 'Fri, 02 Feb 2024 10:13:00 GMT',
    })
  }
}

function withFlippedBit(body: Buffer, at: number): Buffer {
  const flipped = Buffer.from(body)
  flipped[at] ^= 1
  return flipped
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

/** Puts a zip with one CSV and its checksum where the archive would have them. Returns the zip's bytes. */
export async function writeArchiveFile(folder: string, key: string, csv: string): Promise<Buffer> {
  const name = fileNameOf(key)
  const zip = await buffer(zipStream([{ name: name.replace(/zip$/, 'csv'), content: Buffer.from(csv) }]))
  await mkdir(dirname(join(folder, key)), { recursive: true })
  await writeFile(join(folder, key), zip)
  await writeFile(join(folder, `${key}.CHECKSUM`), `${createHash('sha256').update(zip).digest('hex')}  ${name}\n`)
  return zip
}
