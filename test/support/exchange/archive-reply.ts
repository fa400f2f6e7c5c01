/**
 * How the archive's web server hands out an object: whole, in part, not at all.
 */
import type { IncomingMessage } from 'node:http'
import type { Stored } from './archive.js'
import { html, type Reply } from './replies.js'
import type { Switches } from './switches.js'

const NO_SUCH_KEY =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>'

export function archiveReply(
  stored: Stored | null,
  request: IncomingMessage,
  { notFoundBody, range }: Switches,
): Reply {
  if (stored === null) {
    if (notFoundBody === 'html') return html(404, 'Not Found')
    const body = Buffer.from(notFoundBody === 'xml' ? NO_SUCH_KEY : '')
    return { status: 404, headers: { 'content-type': 'application/xml' }, body }
  }
  const { body, etag, modified } = stored
  const headers = {
    'content-type': 'binary/octet-stream',
    'last-modified': new Date(modified).toUTCString(),
    etag,
    ...(range === 'honour' ? { 'accept-ranges': 'bytes' } : {}),
  }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: Buffer.alloc(0) }
  const wanted = range === 'honour' ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null
  const stale = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag
  if (wanted === null || stale) return { status: 200, headers, body }
  const [from, to] = [
    Number(wanted[1]),
    wanted[2] === '' ? body.length - 1 : Math.min(Number(wanted[2]), body.length - 1),
  ]
  if (from > to)
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${body.length}` }, body: Buffer.alloc(0) }
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${body.length}` },
    body: body.subarray(from, to + 1),
  }
}
