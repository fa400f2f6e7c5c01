/**
 * The contract of an archive: a tree of zip files with checksums, addressed by the exchange's own keys. Where the tree is — behind
 * HTTP or in a folder — is nobody else's business.
 */
import type { Timeframe } from '../core/time.js'
import type { Venue } from './keys.js'
import type { SimulationMarker } from './simulation-marker.js'

/** A file that an archive does not have is a fact (`found: false`), not an error. */
export type Fetched =
  | { readonly found: false }
  | {
      readonly found: true
      readonly sha256: string // of the zip, 64 lower-case hex digits
      readonly bytes: number
      /** False when the archive has no `.CHECKSUM` beside the file. A checksum that differs is an error, never a flag. */
      readonly verified: boolean
      readonly etag: string | null
      readonly lastModified: string | null // as the server wrote it; null for a folder
    }

export type NowQuestion = { readonly venue: Venue; readonly pairs: readonly string[]; readonly base: Timeframe }

export type FetchOptions = {
  readonly signal?: AbortSignal | undefined
  /** Called as bytes arrive: how many so far, and of how many, if that is known. */
  readonly onBytes?: (received: number, total: number | null) => void
}

export interface Archive {
  /** What manifests record: the URL, or the folder as the user wrote it; without `file://` and trailing slashes. */
  readonly address: string

  /** The marker of a simulated archive, null for any other. Read once, on the first call. */
  simulation(signal?: AbortSignal): Promise<SimulationMarker | null>

  /**
   * The present as this archive knows it, UTC ms: the exchange's clock over HTTP; in a folder the end of the newest month that all
   * pairs have. Null when it cannot be known; the caller then reads its own clock.
   */
  now(question: NowQuestion, signal?: AbortSignal): Promise<number | null>

  /**
   * Copies the file under `key` to `path`. The path appears whole and checked, or not at all; its folder must exist.
   *
   * @throws UserError when the archive cannot be reached or refuses, or when the file and its checksum disagree
   * @throws the signal's reason when it is aborted
   */
  fetch(key: string, path: string, options?: FetchOptions): Promise<Fetched>

  /**
   * The SHA-256 that the archive vouches for now, without fetching the file; null when there is no checksum, or the file cannot be
   * told to be there.
   */
  checksum(key: string, signal?: AbortSignal): Promise<string | null>

  /** The pairs with monthly klines, sorted, to suggest one for a misspelt name; null when the archive cannot say. */
  pairs(venue: Venue): Promise<readonly string[] | null>
}
