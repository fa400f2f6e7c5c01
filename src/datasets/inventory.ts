/**
 * Everything that was made in a workspace, found by its manifests.
 */
import { readdirSync } from 'node:fs'
import { type Manifest, readManifest } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

export type Found = { readonly path: string; readonly manifest: Manifest }

/** Every readable manifest under the areas, by path. */
export function listManifests(
  workspace: Workspace,
  areas: readonly string[] = ['data', 'artifacts', 'reports'],
): Found[] {
  const found: Found[] = []
  const visit = (folder: string) => {
    for (const entry of entriesOf(absolute(workspace, folder))) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else if (entry.name.endsWith('manifest.json')) {
        const manifest = readManifest(workspace, path)
        if (manifest !== null) found.push({ path, manifest })
      }
    }
  }
  for (const area of areas) visit(area)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
