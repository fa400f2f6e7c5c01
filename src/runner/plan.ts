/**
 * Compares what a step would make with what lies on disk: fresh, missing, stale or failed, and why.
 */
import { canonicalJson, type Json, sha256 } from '../core/canonical.js'
import type { FileHashes } from '../datasets/file-hashes.js'
import { type Manifest, readManifest, readRunRecord, type Simulated } from '../datasets/manifest.js'
import type { Workspace } from '../datasets/workspace.js'
import { stageModule } from '../stages/registry.js'
import type { Done, Environment, PlannedTask, Task } from '../stages/stage.js'
import { codeHash } from './code-hash.js'
import type { Earlier } from './earlier.js'
import type { Failures } from './failures.js'
import { versionsOf } from './libraries.js'

export type UnitState = 'fresh' | 'missing' | 'stale' | 'failed'

export type PlannedUnit = {
  readonly task: Task
  readonly fingerprint: string
  readonly made: Manifest['made']
  readonly simulated: Simulated | null
  readonly manifestPath: string
  readonly state: UnitState
  readonly reason: string
  readonly done: Done | null // when fresh
}

/** Sixteen hex digits of the fingerprint stand in paths. */
const SHORT = 16

export type Freshness = {
  readonly workspace: Workspace
  readonly hashes: FileHashes
  readonly failures: Failures
  readonly environment: Environment
  readonly force: boolean
  readonly earlier: Earlier
}

export async function planUnit(planned: PlannedTask, about: Freshness): Promise<PlannedUnit> {
  const { recheck, ...task } = planned
  const made = {
    inputs: task.inputs.map(({ path, sha256 }) => ({ path, sha256 })),
    settings: task.settings,
    code: codeHash(stageModule(task.stage)),
    libraries: await versionsOf(task.libraries, about.environment),
  }
  const fingerprint = sha256(
    canonicalJson({ stage: task.stage, step: task.step, unit: task.unit, ...made } as unknown as Json),
  )
  const manifestPath = task.manifest.replace('{fingerprint}', fingerprint.slice(0, SHORT))
  const simulated = task.inputs.find((input) => input.simulated !== null)?.simulated ?? null
  const unit = { task: { ...task, manifest: manifestPath }, fingerprint, made, simulated, manifestPath }
  const manifest = readManifest(about.workspace, manifestPath)
  const reason = about.force ? 'forced' : await whyNotFresh(manifest, unit, recheck, about)
  if (reason === null && manifest !== null) {
    const { step, unit: name, pair, settings } = task
    return { ...unit, state: 'fresh', reason: '', done: { step, unit: name, pair, settings, manifest, manifestPath } }
  }
  const failure = about.failures.of(task.stage, task.unit, fingerprint)
  if (failure !== null) return { ...unit, state: 'failed', reason: failure, done: null }
  if (manifest !== null) return { ...unit, state: 'stale', reason: reason ?? '', done: null }
  const before = about.earlier(task.manifest, task)
  if (before === null || about.force) return { ...unit, state: 'missing', reason: reason ?? '', done: null }
  return { ...unit, state: 'stale', reason: difference(before.made, made), done: null }
}

type Unit = Pick<PlannedUnit, 'fingerprint' | 'made' | 'manifestPath'>

async function whyNotFresh(
  manifest: Manifest | null,
  unit: Unit,
  recheck: PlannedTask['recheck'],
  { workspace, hashes }: Freshness,
): Promise<string | null> {
  if (manifest === null) return 'not made yet'
  if (manifest.fingerprint !== unit.fingerprint) return difference(manifest.made, unit.made)
  for (const file of manifest.files) {
    const found = await hashes.of(file.path)
    if (found === null) return `${file.path} is gone`
    if (found !== file.sha256) return `${file.path} is damaged: it is not the file that was written`
  }
  return recheck?.(manifest, readRunRecord(workspace, unit.manifestPath)) ?? null
}

/** Settings named at most. */
const NAMED = 3

/**
 * In what two makings differ, in words: the settings that both read, or else the first other thing. A setting that
 * both read goes before those that it brought along; the hash of what was made says less than the file that has
 * changed.
 */
export function difference(before: Manifest['made'], now: Manifest['made']): string {
  const [old, next] = [before.settings, now.settings] as Record<string, Json>[]
  const names = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort()
  const changed = names.filter((name) => canonicalJson(old[name] ?? null) !== canonicalJson(next[name] ?? null))
  const told = (name: string) => `${name} changed: ${brief(old[name])} → ${brief(next[name])}`
  const plain = changed.filter((name) => !namesContent(old[name]))
  const shared = plain.filter((name) => name in old && name in next)
  if (shared.length > 0) {
    const more = shared.length > NAMED ? `; and ${shared.length - NAMED} more` : ''
    return `${shared.slice(0, NAMED).map(told).join('; ')}${more}`
  }
  if (plain.length > 0) return told(plain[0])
  const hashes = new Map(before.inputs.map(({ path, sha256 }) => [path, sha256]))
  const fresh = now.inputs.find(({ path, sha256 }) => hashes.get(path) !== sha256)
  if (fresh !== undefined) return `input ${hashes.has(fresh.path) ? 'changed' : 'added'}: ${fresh.path}`
  if (before.inputs.length !== now.inputs.length) return `inputs: ${before.inputs.length} → ${now.inputs.length}`
  for (const [name, version] of Object.entries(now.libraries)) {
    if (before.libraries[name] !== version) return `${name} changed: ${before.libraries[name] ?? 'none'} → ${version}`
  }
  if (changed.length > 0) return told(changed[0])
  return before.code === now.code ? 'made by another version' : 'the code has changed'
}

/** Whether it is, or holds, the hash of something that was made. */
function namesContent(value: Json | undefined): boolean {
  return /\b[0-9a-f]{64}\b/.test(JSON.stringify(value ?? null))
}

function brief(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
