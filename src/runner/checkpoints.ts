/**
 * Where a unit that takes long keeps how far it is, under its whole fingerprint: other inputs, settings or code have another. The hash before
 * the content tells one that was damaged.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../core/canonical.js'
import { DAY } from '../core/time.js'
import { writeFileWhole } from '../datasets/files.js'
import { absolute, PLACES, placeFor, type Workspace } from '../datasets/workspace.js'
import type { Checkpoint } from '../models/model.js'
import type { Order } from './protocol.js'

/** Hexadecimal digits of a SHA-256. */
const HASH = 64
/** One that nobody went on from for so long is of settings that were given up. */
const KEPT = 30 * DAY

export function checkpointOf(workspace: Workspace, { fingerprint, task }: Order): Checkpoint {
  const place = `${PLACES.checkpoints}/${fingerprint}`
  return {
    read() {
      const path = absolute(workspace, place)
      if (!existsSync(path)) return null
      const stored = readFileSync(path)
      const content = stored.subarray(HASH)
      if (stored.subarray(0, HASH).toString('latin1') === sha256(content)) return new Uint8Array(content)
      process.stderr.write(`warning   ${task.unit}: its checkpoint is damaged, it begins anew\n`)
      return null
    },
    write(state) {
      writeFileWhole(placeFor(workspace, place), Buffer.concat([Buffer.from(sha256(state), 'latin1'), state]))
    },
  }
}

export function removeCheckpoint(workspace: Workspace, fingerprint: string): void {
  rmSync(absolute(workspace, `${PLACES.checkpoints}/${fingerprint}`), { force: true })
}

export function removeOldCheckpoints(workspace: Workspace, now: number): void {
  const folder = absolute(workspace, PLACES.checkpoints)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (now - statSync(join(folder, name)).mtimeMs > KEPT) rmSync(join(folder, name), { force: true })
  }
}
