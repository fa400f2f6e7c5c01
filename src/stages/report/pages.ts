/** The report pages that lie in a workspace, whatever run made them. */
import { statSync } from 'node:fs'
import { type Found, listManifests } from '../../datasets/inventory.js'
import { absolute, type Workspace } from '../../datasets/workspace.js'

/** A page of which files were deleted by hand or cut short, but not the manifest, is none. */
export function pagesOf(workspace: Workspace): Found[] {
  return listManifests(workspace, ['reports']).filter(
    ({ manifest }) =>
      manifest.step === 'page' &&
      manifest.files.every(
        ({ path, bytes }) => statSync(absolute(workspace, path), { throwIfNoEntry: false })?.size === bytes,
      ),
  )
}

/** Address of a page, relative to `reports`. */
export function hrefOf(manifestPath: string): string {
  return manifestPath.replace(/^reports\//, '').replace(/manifest\.json$/, 'index.html')
}
