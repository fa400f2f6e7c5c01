/**
 * The lines of an archive's CSV as bytes that can be joined with those of the next file: no header, line feeds only, the last one there.
 */
import { countRows } from '../core/lines.js'
import { type CsvOf, type CsvShape, csvShape } from './csv-shape.js'
import { csvInZip } from './zip.js'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const HEAD = 4096

export type CsvFacts = CsvShape & {
  /** Lines that are not the header and hold anything; null where they were not counted. */
  readonly rows: number | null
}

/**
 * @param of `isCounted`: how many rows a file has is known anyway where it is the only one
 * @param onEnd told once, after the last line
 * @throws UserError when the zip or its CSV is not what `of` says
 */
export async function* csvLines(
  zipPath: string,
  of: CsvOf & { readonly isCounted: boolean },
  onEnd: (facts: CsvFacts) => void,
): AsyncGenerator<Uint8Array> {
  const reader = createReader(of, of.isCounted)
  let head = Buffer.alloc(0)
  for await (const chunk of csvInZip(zipPath, of.name)) {
    if (reader.hasBegun()) yield reader.go(chunk)
    else {
      head = Buffer.concat([head, chunk])
      if (head.length >= HEAD) yield reader.begin(head)
    }
  }
  if (!reader.hasBegun()) yield reader.begin(head)
  if (!reader.endsLine()) yield reader.go(Buffer.from('\n'))
  onEnd(reader.facts())
}

function createReader(of: CsvOf, isCounted: boolean) {
  let shape: CsvShape | null = null
  let hasReturns = false
  let last = LINE_FEED
  const counted = isCounted ? countRows() : null
  const go = (bytes: Buffer): Buffer => {
    const lines = hasReturns ? Buffer.from(bytes.filter((byte) => byte !== CARRIAGE_RETURN)) : bytes
    counted?.add(lines)
    if (lines.length > 0) last = lines[lines.length - 1]
    return lines
  }
  return {
    hasBegun: () => shape !== null,
    endsLine: () => last === LINE_FEED,
    go,
    begin(bytes: Buffer): Buffer {
      shape = csvShape(bytes.toString('utf8', 0, HEAD), of)
      const end = bytes.indexOf(LINE_FEED)
      hasReturns = end > 0 && bytes[end - 1] === CARRIAGE_RETURN
      return go(shape.header ? (end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1)) : bytes)
    },
    facts: (): CsvFacts => ({ ...(shape ?? { header: false, timeUnit: null }), rows: counted?.rows() ?? null }),
  }
}
