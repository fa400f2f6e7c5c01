/**
 * After a run was killed: removes the temporary files it left. Called only by whoever holds the lock, so nobody is writing them.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { absolute, PLACES, type Workspace } from '../datasets/workspace.js'
import { removeOldCheckpoints } from './checkpoints.js'

export function sweep(workspace: Workspace): number {
  rmSync(absolute(workspace, PLACES.scratch), { recursive: true, force: true })
  removeOldCheckpoints(workspace, Date.now())
  return ['data', 'artifacts', 'reports', '.sluice'].reduce(
    (sum, area) => sum + sweepFolder(absolute(workspace, area)),
    0,
  )
}

/** Files that are written under another name first, pipes to DuckDB, and what was arriving over the network. */
const UNFINISHED = /\.\d+\.tmp(\.pipe|\.joined)?$|\.[0-9a-f]{8}\.part$/

function sweepFolder(folder: string): number {
  let removed = 0
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) removed += sweepFolder(path)
    else if (UNFINISHED.test(entry.name)) {
      rmSync(path, { force: true })
      removed++
    }
  }
  return removed
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
