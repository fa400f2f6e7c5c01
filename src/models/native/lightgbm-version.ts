/** Which LightGBM a file is. The library itself tells no version; those who put it there do. */

import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** From the note of scripts/lightgbm.sh, or from the folder that pip names by version; null when nothing tells. */
export async function lightgbmVersion(library: string): Promise<string | null> {
  const folder = dirname(library)
  const note = await readFile(join(folder, '../source.txt'), 'utf8').catch(() => '')
  const compiled = /^LightGBM (\S+) /.exec(note)?.[1]
  if (compiled !== undefined) return compiled
  const packages = await readdir(join(folder, '../..')).catch(() => [])
  return (
    packages.map((entry) => /^lightgbm-(.+)\.dist-info$/.exec(entry)?.[1]).find((found) => found !== undefined) ?? null
  )
}
