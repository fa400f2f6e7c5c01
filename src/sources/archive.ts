/**
 * Finds the archive that `exchange.archiveUrl` names: an address is HTTP(S), anything else is a folder.
 */
import { fileURLToPath } from 'node:url'
import { withoutAccess } from '../core/access.js'
import { UserError } from '../core/errors.js'
import { openFolderArchive } from './folder-archive.js'
import type { HttpOptions } from './http.js'
import type { HttpArchiveOptions } from './http-archive.js'
import type { Archive } from './source.js'

export type ArchiveOptions = HttpArchiveOptions & { readonly http?: HttpOptions }

/**
 * Opens without a request: an unreachable host is noticed by the first `fetch`.
 *
 * @param archiveUrl `https://data.binance.vision`, `http://…`, `file:///…` or a folder, relative to the working directory
 * @throws UserError when the folder does not exist or holds no `data/`, or the address is of another kind
 */
export async function openArchive(archiveUrl: string, options: ArchiveOptions = {}): Promise<Archive> {
  const address = archiveUrl.replace(/(?<=.)\/+$/, '')
  if (/^https?:\/\//i.test(address)) {
    checkUrl(address)
    // Loaded only here: a folder needs no HTTP client, and start-up counts.
    const [{ createHttp }, { openHttpArchive }] = await Promise.all([import('./http.js'), import('./http-archive.js')])
    const { http, ...rest } = options
    return openHttpArchive(address, createHttp(http), rest)
  }
  if (/^file:\/\//i.test(address)) return openFolderArchive(fileURLToPath(address))
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) throw notAnAddress(address)
  return openFolderArchive(address)
}

function checkUrl(address: string): void {
  if (!URL.canParse(address)) throw notAnAddress(address)
}

function notAnAddress(address: string): UserError {
  return new UserError(
    `exchange.archiveUrl ${JSON.stringify(withoutAccess(address))} is neither an http(s) address nor a folder`,
    {
      hint: 'such as https://data.binance.vision, or ../mirror',
      exitCode: 2,
    },
  )
}
