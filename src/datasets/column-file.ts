/**
 * Columns between two steps of a stage: float32 in the machine's order of bytes, one column after the other, without a
 * header. Whoever writes a month of a table wants a little of every column, and gets it here by position; Parquet would
 * have to be opened and unpacked for each.
 */
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { UserError } from '../core/errors.js'
import { inUsersWords } from './files.js'

/** Writes each column as it comes, so that no more than one need be in memory. */
export function writeColumns(path: string, columns: Iterable<Float32Array>): void {
  try {
    const file = openSync(path, 'w')
    try {
      for (const { buffer, byteOffset, byteLength } of columns) {
        const bytes = new Uint8Array(buffer, byteOffset, byteLength)
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw inUsersWords(error, path)
  }
}

/**
 * One whole column.
 *
 * @param rows  of it
 * @throws UserError when the file ends too early
 */
export function readColumn(
  path: string,
  { rows, column }: { readonly rows: number; readonly column: number },
): Float32Array {
  const file = openSync(path, 'r')
  try {
    return readPart(file, { path, from: column * rows, length: rows })
  } finally {
    closeSync(file)
  }
}

export type ColumnPart = {
  readonly rows: number // of a whole column
  readonly columns: number
  readonly start: number
  readonly end: number
}

/**
 * Rows `start` (inclusive) to `end` (exclusive) of every column.
 *
 * @throws UserError when the file is not as long as it must be
 */
export function readColumns(path: string, { rows, columns, start, end }: ColumnPart): Float32Array[] {
  const expected = rows * columns * Float32Array.BYTES_PER_ELEMENT
  const { size } = statSync(path)
  if (size !== expected) {
    throw new UserError(`${path} has ${size} bytes, not ${expected}`, {
      hint: 'run the stage that makes it again: sluice features --force',
    })
  }
  const file = openSync(path, 'r')
  try {
    return Array.from({ length: columns }, (_, column) =>
      readPart(file, { path, from: column * rows + start, length: end - start }),
    )
  } finally {
    closeSync(file)
  }
}

/** @param part  first value and number of values, counted from the start of the file */
function readPart(file: number, part: { readonly path: string; readonly from: number; readonly length: number }) {
  const values = new Float32Array(part.length)
  const bytes = new Uint8Array(values.buffer)
  const from = part.from * Float32Array.BYTES_PER_ELEMENT
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, bytes.length - at, from + at)
    if (read === 0)
      throw new UserError(`${part.path} ends too early`, { hint: 'sluice features --force makes it again' })
    at += read
  }
  return values
}
