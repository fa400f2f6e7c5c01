/** The report pages that lie in a workspace, whatever run made them. */
import { type Found, listManifests } from '../../datasets/inventory.js'
import type { Workspace } from '../../datasets/workspace.js'

export function pagesOf(workspace: Workspace): Found[] {
  return listManifests(workspace, ['reports']).filter(({ manifest }) => manifest.step === 'page')
}

/** Address of a page, relative to `reports`. */
export function hrefOf(manifestPath: string): string {
  return manifestPath.replace(/^reports\//, '').replace(/manifest\.json$/, 'index.html')
}
