/**
 * The `.CHECKSUM` file beside every zip: one line of `sha256sum`, in the variants that the archive has had over the years.
 */
import { UserError } from '../core/errors.js'
import { fileNameOf } from './keys.js'

/** A file and its checksum that do not agree: the archive's own fault, so that something else may stand in for the file. */
export class ChecksumQuarrel extends UserError {
  readonly key: string

  constructor(key: string, message: string, hint: string) {
    super(message, { hint })
    this.key = key
  }
}

/**
 * The SHA-256 that the sidecar of `key` states, in lower case. A missing last newline, CRLF and the `*` of binary mode are accepted.
 *
 * @throws ChecksumQuarrel when the text is not such a line, or names another file
 */
export function parseChecksum(text: string, key: string): string {
  const name = fileNameOf(key)
  const match = /^([0-9a-f]{64})[ \t]+\*?(\S.*?)\s*$/i.exec(text)
  if (match === null) {
    throw new ChecksumQuarrel(
      key,
      `${name}.CHECKSUM is not a checksum: it begins with ${JSON.stringify(text.slice(0, 40))}`,
      'check that exchange.archiveUrl points at the root of an archive',
    )
  }
  const [, hash, named] = match
  if (named !== name) {
    throw new ChecksumQuarrel(
      key,
      `${name}.CHECKSUM is for another file, ${named}`,
      'the archive has mixed up its files; try again later, or take another mirror',
    )
  }
  return hash.toLowerCase()
}

/** The error of a file whose bytes are not the ones that the archive vouches for. */
export function checksumMismatch(key: string, expected: string, actual: string, hint: string): ChecksumQuarrel {
  return new ChecksumQuarrel(
    key,
    `${fileNameOf(key)} does not match its checksum\n  SHA-256 of the file      ${actual}\n  SHA-256 in .CHECKSUM     ${expected}`,
    hint,
  )
}
