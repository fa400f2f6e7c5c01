/**
 * A model's bundle as it is used: read from disk once, every byte checked against the manifest, and the manifest against the registry, before
 * anything sees it. What was changed, by whatever, is refused.
 */
import { existsSync, readFileSync } from 'node:fs'
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import { EXIT, UserError } from '../core/errors.js'
import { hashOfFile } from './files.js'
import { type Manifest, readManifest } from './manifest.js'
import { absolute, type Workspace } from './workspace.js'

export type Bundle = {
  readonly manifest: Manifest
  /** By the names in the manifest: `file:model.json`, `feature_set`, `calibration` … Predictions are checked and not kept. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export type BundleAddress = {
  readonly id: string // fingerprint
  readonly bundlePath: string
  /** `contentHash` when it was registered; null in registries of versions that did not keep it. */
  readonly contentHash: string | null
}

/** Of all files of a bundle, by name: what a model is, byte for byte. */
export function contentHash({ files }: Pick<Manifest, 'files'>): string {
  const named = files.map(({ name, sha256: hash }) => [name, hash] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(canonicalJson(named))
}

/** @throws UserError when it is gone, or a byte of it is not what was registered */
export async function loadBundle(workspace: Workspace, address: BundleAddress): Promise<Bundle> {
  const { id, bundlePath } = address
  const refused = (problem: string) =>
    new UserError(`bundle ${id.slice(0, 8)} in ${bundlePath} is refused: ${problem}`, {
      hint: 'move its folder away and run `sluice train`: equal data and settings make the same bundle again',
      exitCode: EXIT.gate,
    })
  const path = `${bundlePath}/manifest.json`
  const manifest = readManifest(workspace, path)
  if (manifest === null) throw refused(existsSync(absolute(workspace, path)) ? 'its manifest is damaged' : 'it is gone')
  const problem = manifestProblem(manifest, address)
  if (problem !== null) throw refused(problem)
  const files = new Map<string, Uint8Array>()
  for (const { name, path: place, sha256: written } of manifest.files) {
    const file = absolute(workspace, place)
    if (!existsSync(file)) throw refused(`${place} is gone`)
    // Hashed is what is kept: a file that changes between two looks cannot slip in.
    const content = name === 'predictions' ? null : readFileSync(file)
    const found = content === null ? await hashOfFile(file) : sha256(content)
    if (found !== written) throw refused(`${place} has hash ${found.slice(0, 12)}, written ${written.slice(0, 12)}`)
    if (content !== null) files.set(name, content)
  }
  return { manifest, files }
}

/** Why it is refused, or null. */
export async function bundleProblem(workspace: Workspace, address: BundleAddress): Promise<string | null> {
  try {
    await loadBundle(workspace, address)
    return null
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

function manifestProblem(manifest: Manifest, { id, contentHash: registered }: BundleAddress): string | null {
  const { stage, step, unit, made, fingerprint } = manifest
  const computed = sha256(canonicalJson({ stage, step, unit, ...made } as unknown as Json))
  if (fingerprint !== id) return `its manifest is of ${fingerprint.slice(0, 12)}`
  if (computed !== id) return `its manifest was changed: what it says was made has fingerprint ${computed.slice(0, 12)}`
  const content = contentHash(manifest)
  if (registered === null || content === registered) return null
  return `its files have hash ${content.slice(0, 12)} together, registered ${registered.slice(0, 12)}`
}
