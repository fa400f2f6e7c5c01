/**
 * SHA-256 of the files of a workspace, remembered by size and modification time, so that nothing to do costs a `stat` per file. The
 * same bargain as git's index; losing the memory costs time, never correctness.
 */
import { type Stats, statSync } from 'node:fs'
import { UserError } from '../core/errors.js'
import { hashOfFile, readJson, writeFileWhole } from './files.js'
import { absolute, PLACES, placeFor, type Workspace } from './workspace.js'

type Known = { readonly size: number; readonly mtime: number; readonly sha256: string }

export interface FileHashes {
  /** The hash of the file's content, null when it is not there. */
  of(path: string): Promise<string | null>
  /** Remembers what was just written. */
  learn(path: string, sha256: string): void
  save(): void
}

/** A file changed within this time of being seen could change again without another modification time. */
const SETTLED_MS = 2000

export function loadFileHashes(workspace: Workspace, now: () => number): FileHashes {
  const stored = readJson(absolute(workspace, PLACES.hashes))
  const known = new Map<string, Known>(Object.entries((stored ?? {}) as Record<string, Known>))
  let changed = false
  const remember = (path: string, stats: Stats, sha256: string) => {
    known.set(path, { size: stats.size, mtime: stats.mtimeMs, sha256 })
    changed = true
  }
  return {
    async of(path) {
      const stats = statSync(absolute(workspace, path), { throwIfNoEntry: false })
      if (stats === undefined || !stats.isFile()) return null
      const before = known.get(path)
      if (before !== undefined && before.size === stats.size && before.mtime === stats.mtimeMs) return before.sha256
      const sha256 = await hashOfFile(absolute(workspace, path))
      if (now() - stats.mtimeMs > SETTLED_MS) remember(path, stats, sha256)
      return sha256
    },
    learn(path, sha256) {
      const stats = statSync(absolute(workspace, path), { throwIfNoEntry: false })
      if (stats !== undefined) remember(path, stats, sha256)
    },
    save() {
      if (!changed) return
      changed = false
      try {
        writeFileWhole(placeFor(workspace, PLACES.hashes), JSON.stringify(Object.fromEntries(known)))
      } catch (error) {
        // No room for it: the next run reads the files anew.
        if (!(error instanceof UserError)) throw error
      }
    },
  }
}
