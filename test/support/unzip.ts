/** The CSV inside a zip, as text. */
import { text } from 'node:stream/consumers'
import { csvInZip } from '../../src/sources/zip.js'

export function csvOfZip(path: string, name = path): Promise<string> {
  return text(csvInZip(path, name))
}
