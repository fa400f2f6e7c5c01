/**
 * SHA-256 of the files of a workspace, remembered by size and by the times of the last change of content and of inode,
 * so that nothing to do costs a `stat` per file. The same bargain as git's index: a program can set the first time
 * back, the second only the system sets. Losing the memory costs time, never correctness.
 */
import { type Stats, statSync } from 'node:fs'
import { UserError } from '../core/errors.js'
import { hashOfFile, readJson, writeFileWhole } from './files.js'
import { absolute, PLACES, placeFor, type Workspace } from './workspace.js'

type Known = { readonly size: number; readonly mtime: number; readonly ctime: number; readonly sha256: string }

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
  return fileHashes(workspace, now, (stored ?? {}) as Record<string, Known>)
}

/** A memory of one's own, in which nothing is yet: what it says was read by this process. */
export function fileHashes(
  workspace: Workspace,
  now: () => number,
  stored: Readonly<Record<string, Known>> = {},
): FileHashes {
  const known = new Map<string, Known>(Object.entries(stored))
  let changed = false
  const remember = (path: string, stats: Stats, sha256: string) => {
    known.set(path, { size: stats.size, mtime: stats.mtimeMs, ctime: stats.ctimeMs, sha256 })
    changed = true
  }
  return {
    async of(path) {
      const stats = statSync(absolute(workspace, path), { throwIfNoEntry: false })
      if (stats === undefined || !stats.isFile()) return null
      const before = known.get(path)
      if (before !== undefined && isSame(before, stats)) return before.sha256
      const sha256 = await hashOfFile(absolute(workspace, path))
      if (now() - Math.max(stats.mtimeMs, stats.ctimeMs) > SETTLED_MS) remember(path, stats, sha256)
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

function isSame({ size, mtime, ctime }: Known, stats: Stats): boolean {
  return size === stats.size && mtime === stats.mtimeMs && ctime === stats.ctimeMs
}
