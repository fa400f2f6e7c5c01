/**
 * The lines of an archive's CSV as bytes that can be joined with those of the next file: no header, line feeds only, the last one there.
 */
import { type CsvOf, type CsvShape, csvShape } from './csv-shape.js'
import { csvInZip } from './zip.js'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const HEAD = 4096

/**
 * @param onShape told once, before the first line
 * @throws UserError when the zip or its CSV is not what `of` says
 */
export async function* csvLines(
  zipPath: string,
  of: CsvOf,
  onShape: (shape: CsvShape) => void,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0)
  let hasReturns = false
  let last = LINE_FEED
  const begin = (bytes: Buffer): Buffer => {
    const shape = csvShape(bytes.toString('utf8', 0, HEAD), of)
    onShape(shape)
    const end = bytes.indexOf(LINE_FEED)
    hasReturns = end > 0 && bytes[end - 1] === CARRIAGE_RETURN
    return shape.header ? (end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1)) : bytes
  }
  const clean = (bytes: Buffer): Buffer => {
    const lines = hasReturns ? bytes.filter((byte) => byte !== CARRIAGE_RETURN) : bytes
    if (lines.length > 0) last = lines[lines.length - 1]
    return Buffer.from(lines.buffer, lines.byteOffset, lines.length)
  }
  for await (const chunk of csvInZip(zipPath, of.name)) {
    if (head === null) yield clean(chunk)
    else {
      head = Buffer.concat([head, chunk])
      if (head.length < HEAD) continue
      yield clean(begin(head))
      head = null
    }
  }
  if (head !== null) yield clean(begin(head))
  if (last !== LINE_FEED) yield Buffer.from('\n')
}
