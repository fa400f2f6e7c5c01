/**
 * Units that failed, with the reason, so that `sluice status` can say so after the run has ended. Forgotten when the unit succeeds,
 * or when what it would be made from has changed.
 */
import { rmSync } from 'node:fs'
import { UserError } from '../core/errors.js'
import { readJson, writeFileWhole } from '../datasets/files.js'
import { absolute, PLACES, placeFor, type Workspace } from '../datasets/workspace.js'

type Failure = { readonly fingerprint: string; readonly reason: string; readonly lasting?: string }

export interface Failures {
  of(stage: string, unit: string, fingerprint: string): string | null
  /** The reason without what differs between equal runs, such as how much memory was taken: for what is made of it. */
  lasting(stage: string, unit: string, fingerprint: string): string | null
  add(stage: string, unit: string, fingerprint: string, reason: string, lasting?: string): void
  remove(stage: string, unit: string): void
}

export function loadFailures(workspace: Workspace): Failures {
  const known = new Map(
    Object.entries((readJson(absolute(workspace, PLACES.failures)) ?? {}) as Record<string, Failure>),
  )
  // A note for `sluice status`: on a full disk the run itself says what went wrong, and says it of the right file.
  const save = () => {
    try {
      write()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  const write = () => {
    if (known.size === 0) rmSync(absolute(workspace, PLACES.failures), { force: true })
    else writeFileWhole(placeFor(workspace, PLACES.failures), `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`)
  }
  const find = (stage: string, unit: string, fingerprint: string): Failure | null => {
    const failure = known.get(`${stage} ${unit}`)
    return failure?.fingerprint === fingerprint ? failure : null
  }
  return {
    of: (...about) => find(...about)?.reason ?? null,
    lasting(...about) {
      const failure = find(...about)
      return failure?.lasting ?? failure?.reason ?? null
    },
    add(stage, unit, fingerprint, reason, lasting) {
      known.set(`${stage} ${unit}`, { fingerprint, reason, ...(lasting === undefined ? {} : { lasting }) })
      save()
    },
    remove(stage, unit) {
      if (known.delete(`${stage} ${unit}`)) save()
    },
  }
}
