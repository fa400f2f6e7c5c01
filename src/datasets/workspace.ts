/**
 * Where things lie under one root: data/, artifacts/, reports/ and the runner's own `.sluice/`. Paths in manifests are relative to
 * the root and use `/`, so that a workspace can be moved and compared with another.
 */
import { mkdirSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { withoutAccess } from '../core/access.js'
import { UserError } from '../core/errors.js'
import { inUsersWords } from './files.js'

export type Workspace = { readonly root: string }

export function openWorkspace(root: string): Workspace {
  return { root: resolve(root) }
}

/**
 * A path of the workspace as the file system wants it.
 *
 * @throws UserError for a path out of the workspace: manifests and the registry hold paths, and may have been changed by hand
 */
export function absolute(workspace: Workspace, path: string): string {
  if (isAbsolute(path) || path.split(/[\\/]/).includes('..')) {
    throw new UserError(`${path} leads out of the workspace ${workspace.root}`, {
      hint: 'a manifest or the registry was changed by hand: sluice verify hashes and sluice verify models find damage',
    })
  }
  return join(workspace.root, path)
}

/** The same, its folder made. */
export function placeFor(workspace: Workspace, path: string): string {
  const place = absolute(workspace, path)
  try {
    mkdirSync(dirname(place), { recursive: true })
  } catch (error) {
    throw inUsersWords(error, dirname(place))
  }
  return place
}

/**
 * `root:archive` for a folder inside the root, else the address as written, without user and password: manifests hold no machine's paths
 * of our own making, and nobody's secrets.
 */
export function addressIn(workspace: Workspace, address: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return withoutAccess(address)
  const path = relative(workspace.root, resolve(address))
  return path.startsWith('..') || isAbsolute(path) ? address : `root:${path.split(sep).join('/')}`
}

export const PLACES = {
  lock: '.sluice/lock',
  hashes: '.sluice/hashes.json',
  failures: '.sluice/failures.json',
  spans: '.sluice/spans.json',
  runs: '.sluice/runs',
  scratch: '.sluice/scratch',
  checkpoints: '.sluice/checkpoints',
  limits: '.sluice/limits.sqlite',
  downloads: '.sluice/downloads',
  registry: 'artifacts/registry.sqlite',
} as const
