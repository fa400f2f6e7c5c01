import { describe, expect, it } from 'vitest'
import { parseChecksum } from '../../src/sources/checksum.js'

// The line of a real file, as published: 64 hex digits, two spaces, name, line feed; 92 bytes.
const HASH = '41e554b2a312bfadb74e4865c5cbef8dd401586c7d973c623d0915869eb81ebc'
const NAME = 'BTCUSDT-1m-2026-08-29.zip'
const KEY = `data/futures/um/daily/klines/BTCUSDT/1m/${NAME}`

describe('a checksum file', () => {
  it.each([
    ['as published', `${HASH}  ${NAME}\n`],
    ['without the last line feed', `${HASH}  ${NAME}`],
    ['with CRLF', `${HASH}  ${NAME}\r\n`],
    ['in binary mode', `${HASH} *${NAME}\n`],
    ['in upper case', `${HASH.toUpperCase()}  ${NAME}\n`],
  ])('is read %s', (_, text) => {
    expect(parseChecksum(text, KEY)).toBe(HASH)
  })

  it('is refused when it names another file', () => {
    expect(() => parseChecksum(`${HASH}  ETHUSDT-1m-2026-08-29.zip\n`, KEY)).toThrow(
      /for another file, ETHUSDT-1m-2026-08-29\.zip/,
    )
  })

  it.each(['', '<html></html>', HASH, `${HASH.slice(1)}  ${NAME}\n`])('is refused when it is %j', (text) => {
    expect(() => parseChecksum(text, KEY)).toThrow(/is not a checksum/)
  })
})
