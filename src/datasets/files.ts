/**
 * Writing so that a file is there whole or not at all, and saying in the user's words what the system refused.
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { messageOf, UserError } from '../core/errors.js'

/** A name beside `path` that no reader takes for it; the process id keeps two runs apart. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`
}

/** Writes, syncs and renames. */
export function writeFileWhole(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path)
  try {
    const file = openSync(temporary, 'w')
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw inUsersWords(error, path)
  }
}

/** Takes a finished temporary file to its name, synced first. */
export function publishFile(temporary: string, path: string): void {
  const file = openSync(temporary, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** JSON from a file, or null when the file is not there or does not hold any. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const PLACE_HINT = 'check whose it is and who may write there, or give another workspace with --root'

/**
 * What the operating system, DuckDB or SQLite refused, as something the user can act on; anything else as it was.
 *
 * @param fallback  what to name where the error itself names no file
 */
export function inUsersWords(error: unknown, fallback: string): unknown {
  if (error instanceof UserError) return error
  const text = messageOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const path = pathOf(error) ?? fallback
  if (['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(code) || DISK_FULL.test(text)) {
    return new UserError(`the disk is full: ${path} could not be written`, {
      hint: 'free some space and run the same command again; all finished work is kept',
      cause: error,
    })
  }
  // Making folders all the way, Node gives a file system that cannot be written this code.
  const isMaking = code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'
  if (isMaking || code === 'EROFS' || code.startsWith('SQLITE_READONLY') || READ_ONLY.test(text)) {
    return new UserError(`${path} cannot be written: the folder is read-only`, { hint: PLACE_HINT, cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'SQLITE_CANTOPEN' || NOT_ALLOWED.test(text)) {
    return new UserError(`${path} cannot be opened or written: permission denied`, { hint: PLACE_HINT, cause: error })
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new UserError(`${path} cannot be made: a file stands where a folder should be`, {
      hint: 'move the file away, or give another workspace with --root',
      cause: error,
    })
  }
  return error
}

/** The file that the error names, without the ending of a temporary name. */
function pathOf(error: unknown): string | null {
  return error instanceof Error && 'path' in error && typeof error.path === 'string'
    ? error.path.replace(/(?:\.\d+\.tmp)+$/, '')
    : null
}

/** DuckDB has no codes: it repeats what the system said. */
const DISK_FULL = /no space left on device|disk full|could not write all bytes/i
const READ_ONLY = /read-only file system|attempt to write a readonly database/i
const NOT_ALLOWED = /\b(?:permission denied|operation not permitted)\b/i
