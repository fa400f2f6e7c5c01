/**
 * What a unit was before its fingerprint changed. Where a path holds the fingerprint, the earlier one still lies
 * beside it: from it a person hears what has changed since, and nothing else is taken.
 */
import { readdirSync, statSync } from 'node:fs'
import { type Manifest, readManifest } from '../datasets/manifest.js'
import { absolute, type Workspace } from '../datasets/workspace.js'

/** @param place  path of a manifest, with `{fingerprint}` where the unit's own goes */
export type Earlier = (place: string, about: { readonly step: string; readonly unit: string }) => Manifest | null

const OWN = '/{fingerprint}/'

/** Each folder is read once, when the first of its units is asked for. */
export function earlierMakings(workspace: Workspace): Earlier {
  const known = new Map<string, ReadonlyMap<string, Manifest>>()
  return (place, { step, unit }) => {
    const [folder, file] = place.split(OWN)
    if (file === undefined) return null
    const found = known.get(place) ?? newestOf(workspace, folder, file)
    known.set(place, found)
    return found.get(keyOf(step, unit)) ?? null
  }
}

function newestOf(workspace: Workspace, folder: string, file: string): ReadonlyMap<string, Manifest> {
  const newest = new Map<string, { readonly time: number; readonly manifest: Manifest }>()
  for (const name of namesIn(absolute(workspace, folder))) {
    const path = `${folder}/${name}/${file}`
    const manifest = readManifest(workspace, path)
    if (manifest === null) continue
    const time = statSync(absolute(workspace, path)).mtimeMs
    const key = keyOf(manifest.step, manifest.unit)
    if (time > (newest.get(key)?.time ?? Number.NEGATIVE_INFINITY)) newest.set(key, { time, manifest })
  }
  return new Map([...newest].map(([key, { manifest }]) => [key, manifest]))
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function keyOf(step: string, unit: string): string {
  return `${step}/${unit}`
}
