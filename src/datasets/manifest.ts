/**
 * What an output was made from: one manifest per unit of work, written last, so that what it names is complete. It holds nothing that
 * differs between two equal runs; times, hosts and durations stand in the run record beside it.
 */
import { existsSync } from 'node:fs'
import { type Json, prettyJson } from '../core/canonical.js'
import { readJson, writeFileWhole } from './files.js'
import { absolute, placeFor, type Workspace } from './workspace.js'

export type FileEntry = {
  readonly name: string // what it is to a reader: `bars_5m`, `predictions`
  readonly path: string // relative to the root
  readonly sha256: string
  readonly bytes: number
}

/** An archive that was simulated: seed and planted edge. It travels from download to the report. */
export type Simulated = { readonly seed: number; readonly edge: number }

export type Manifest = {
  readonly format: 1
  readonly stage: string
  readonly step: string
  readonly unit: string
  readonly fingerprint: string
  readonly made: {
    readonly inputs: readonly { readonly path: string; readonly sha256: string }[]
    readonly settings: Json
    readonly code: string
    readonly libraries: { readonly [name: string]: string }
  }
  readonly simulated: Simulated | null
  readonly files: readonly FileEntry[]
  readonly facts: { readonly [key: string]: Json } // what later stages and people want to know without opening the files
  readonly warnings: readonly string[]
  readonly summary: string
}

export type RunRecord = {
  readonly startedAt: string
  readonly seconds: number
  readonly host: string
  readonly node: string
  readonly gitCommit: string | null
  readonly notes: { readonly [key: string]: Json }
}

export function readManifest(workspace: Workspace, path: string): Manifest | null {
  const value = readJson(absolute(workspace, path))
  return isManifest(value) ? value : null
}

export function writeManifest(workspace: Workspace, path: string, manifest: Manifest, record: RunRecord): void {
  writeFileWhole(placeFor(workspace, runRecordPath(path)), `${JSON.stringify(record, null, 2)}\n`)
  writeFileWhole(placeFor(workspace, path), prettyJson(manifest as unknown as Json))
}

export function readRunRecord(workspace: Workspace, manifestPath: string): RunRecord | null {
  const path = absolute(workspace, runRecordPath(manifestPath))
  return existsSync(path) ? (readJson(path) as RunRecord | null) : null
}

/** `…/manifest.json` → `…/run.json`, `…/2024-01.manifest.json` → `…/2024-01.run.json`. */
export function runRecordPath(manifestPath: string): string {
  return manifestPath.replace(/manifest\.json$/, 'run.json')
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 1 && 'files' in value
}
