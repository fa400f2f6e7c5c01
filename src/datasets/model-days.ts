/**
 * The days on which a model was out of sample, as select wrote them beside its verdict: what models of different runs are compared by.
 */
import { existsSync } from 'node:fs'
import type { DayRecord } from '../validation/paired.js'
import { readJson } from './files.js'
import { listManifests } from './inventory.js'
import { absolute, type Workspace } from './workspace.js'

export type ModelDays = { readonly test: readonly DayRecord[]; readonly outOfFold: readonly DayRecord[] }

/** `days.json` of a selection. */
export type DaysFile = { readonly candidates: readonly (ModelDays & { readonly id: string })[] }

/** Both parts in one; a day that both touch is taken from the test part. */
export function outOfSampleDays({ test, outOfFold }: ModelDays): DayRecord[] {
  const later = new Set(test.map(({ day }) => day))
  return [...outOfFold.filter(({ day }) => !later.has(day)), ...test]
}

/** Of any selection that judged the model (the last by path, where costs or limits changed between); null when none is on disk. */
export function readModelDays(workspace: Workspace, id: string): DayRecord[] | null {
  const files = listManifests(workspace, ['artifacts/selections']).flatMap(({ manifest }) =>
    manifest.files.filter(({ name }) => name === 'days').map(({ path }) => absolute(workspace, path)),
  )
  for (const path of files.sort().reverse()) {
    if (!existsSync(path)) continue
    const { candidates } = readJson(path) as DaysFile
    const found = candidates.find((candidate) => candidate.id === id)
    if (found !== undefined) return outOfSampleDays(found)
  }
  return null
}
