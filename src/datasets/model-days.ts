/**
 * The days on which a model was out of sample, as select wrote them beside its verdict: what models of different runs are compared by.
 */
import { existsSync } from 'node:fs'
import type { DayRecord } from '../validation/paired.js'
import { readJson } from './files.js'
import { listManifests } from './inventory.js'
import { readRunRecord } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

export type ModelDays = { readonly test: readonly DayRecord[]; readonly outOfFold: readonly DayRecord[] }

/** `days.json` of a selection. */
export type DaysFile = { readonly candidates: readonly (ModelDays & { readonly id: string })[] }

/** What a report calls the file of the champion: that of its own selection is called `days`. */
export const CHAMPION_DAYS = 'champion_days'

/** Both parts in one; a day that both touch is taken from the test part. */
export function outOfSampleDays({ test, outOfFold }: ModelDays): DayRecord[] {
  const later = new Set(test.map(({ day }) => day))
  return [...outOfFold.filter(({ day }) => !later.has(day)), ...test]
}

/** The file of the newest selection that judged the model: costs and limits may have changed between; null when none is on disk. */
export function findModelDays(workspace: Workspace, id: string) {
  const newestFirst = listManifests(workspace, ['artifacts/selections'])
    .map(({ path, manifest }) => ({
      manifest,
      madeAt: Date.parse(readRunRecord(workspace, path)?.startedAt ?? '') || 0,
    }))
    .sort((a, b) => b.madeAt - a.madeAt)
  const files = newestFirst.flatMap(({ manifest }) =>
    manifest.files
      .filter(({ name, path }) => name === 'days' && existsSync(absolute(workspace, path)))
      .map((file) => ({ ...file, unit: manifest.unit, simulated: manifest.simulated })),
  )
  return files.find(({ path }) => candidateDays(absolute(workspace, path), id) !== null) ?? null
}

/** Of a model in a `days.json`; null when it is not there. */
export function candidateDays(path: string, id: string): ModelDays | null {
  return (readJson(path) as DaysFile).candidates.find((candidate) => candidate.id === id) ?? null
}

/** As `findModelDays`, both parts in one. */
export function readModelDays(workspace: Workspace, id: string): DayRecord[] | null {
  const file = findModelDays(workspace, id)
  const days = file === null ? null : candidateDays(absolute(workspace, file.path), id)
  return days === null ? null : outOfSampleDays(days)
}
