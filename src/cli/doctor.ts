/**
 * `sluice doctor`: what this machine has, one check per line, and what to type for what it has not. Nothing is changed and
 * nothing is thrown: a check that fails is the answer. The machine's own
 * checks are in doctor-machine.ts, those that ask somebody else in doctor-network.ts.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { messageOf, UserError } from '../core/errors.js'
import { openDatabase } from '../datasets/sqlite.js'
import type { Environment } from '../models/model.js'
import { type ModelName, modelKind } from '../models/registry.js'
import { examineCores, examineDisk, examineMemory, examineNode } from './doctor-machine.js'
import { examineArchive, examineClock } from './doctor-network.js'

export type Check = {
  readonly name: string
  /** `warning` = there, but worth a look. */
  readonly state: 'ok' | 'missing' | 'warning'
  readonly value: string
  /** What to do about it. */
  readonly hint?: string
  /** Nothing runs while this check is not ok. */
  readonly needed?: true
}

export type ConfigError = { readonly message: string; readonly hint?: string }

export type DoctorOptions = {
  /** Workspace that data/, artifacts/ and reports/ are in; need not exist yet. */
  readonly root: string
  readonly environment: Environment
  /** What to say of the configuration, such as `Config`: `config/default.yaml`. */
  readonly config: readonly { readonly name: string; readonly value: string }[]
  /** What is wrong with the configuration, null when nothing is. */
  readonly configError?: ConfigError | null
  /** An http(s) address or a folder, as `exchange.archiveUrl`. */
  readonly archiveUrl: string
  readonly futuresUrl: string
  /** `neural.backend` */
  readonly backend?: string
  /** Asks nobody on the network. */
  readonly offline?: boolean
}

/** Looks at everything at once; a host that does not answer costs 2 seconds. */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const { root, environment, archiveUrl, futuresUrl, backend = 'auto', offline = false } = options
  const checks = await Promise.all([
    examineNode(process.version),
    examinePackages(),
    examineDuckdb(),
    examineSqlite(),
    examineModel('XGBoost', 'xgboost', environment),
    examineModel('LightGBM', 'lightgbm', environment),
    examineNeural(backend),
    examineCores(),
    examineMemory(),
    examineDisk(root),
    examineClock(futuresUrl, offline),
    examineArchive(archiveUrl, offline),
  ])
  return [...checks, ...examineConfig(options)]
}

/** Whether anything can run at all on this machine. */
export function isUsable(checks: readonly Check[]): boolean {
  return checks.every(({ needed, state }) => needed !== true || state === 'ok')
}

/** One aligned line per check; hints stand below the line they belong to. */
export function renderDoctor(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const indent = ' '.repeat('missing  '.length + width + 2)
  return checks
    .map(({ name, state, value, hint }) => {
      const lines = [...value.split('\n'), ...(hint === undefined ? [] : [`hint: ${hint}`])]
      return `${state.padEnd(9)}${name.padEnd(width)}  ${lines.join(`\n${indent}`)}`
    })
    .join('\n')
}

/** Two levels above this file, in src/ as in dist/. */
const packageFile = join(import.meta.dirname, '../../package.json')

async function examinePackages(): Promise<Check> {
  const wanted: Record<string, string> = JSON.parse(await readFile(packageFile, 'utf8')).dependencies
  const require = createRequire(packageFile)
  const faults: string[] = []
  for (const [name, version] of Object.entries(wanted)) {
    const found = await installedVersion(require.resolve.paths(name) ?? [], name)
    if (found !== version) faults.push(`${name} ${found ?? 'is absent'} (needed ${version})`)
  }
  const count = Object.keys(wanted).length
  const value = faults.length === 0 ? `${count} packages` : faults.join('\n')
  return needed('npm packages', faults.length === 0 ? null : 'type: make setup', value)
}

async function installedVersion(folders: readonly string[], name: string): Promise<string | null> {
  for (const folder of folders) {
    const text = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => null)
    if (text !== null) return String(JSON.parse(text).version)
  }
  return null
}

async function examineDuckdb(): Promise<Check> {
  try {
    const { DuckDBInstance, version } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:')
    instance.closeSync()
    return needed('DuckDB', null, version())
  } catch (thrown) {
    return needed('DuckDB', 'type: make setup', firstLine(thrown))
  }
}

async function examineSqlite(): Promise<Check> {
  try {
    const database = await openDatabase(':memory:', 0)
    const row = database.prepare<{ version: string }>('SELECT sqlite_version() AS version').get()
    database.close()
    return needed('SQLite', null, row?.version ?? '')
  } catch (thrown) {
    return needed('SQLite', 'type: rm -r node_modules && make setup', firstLine(thrown))
  }
}

async function examineModel(title: string, model: ModelName, environment: Environment): Promise<Check> {
  const found = await (await modelKind(model)).available(environment)
  return found.ok
    ? { name: title, state: 'ok', value: [found.version, found.path].filter((part) => part !== null).join('  ') }
    : { name: title, state: 'missing', value: found.reason, hint: found.hint }
}

async function examineNeural(backend: string): Promise<Check> {
  const name = 'Neural networks'
  try {
    const { backendOf, openEngine, predictingBackend } = await import('../models/neural/engine.js')
    const { BACKENDS, lookFor } = await import('../models/neural/backends.js')
    const predicting = await openEngine(predictingBackend(backend))
    const training = await backendOf(backend)
    if (training === predicting.backend)
      return { name, state: 'ok', value: [predicting.version, ...(await passedByAuto(backend))].join('\n') }
    const found = await lookFor(training)
    const device = found.ok && found.device !== null ? ` on ${found.device}` : ''
    const value = `trained with ${training} (${BACKENDS[training].title})${device}\npredict with ${predicting.version}`
    if (!found.ok || !found.isSoftware) return { name, state: 'ok', value }
    const hint = 'set neural.backend to auto: WebAssembly computes on the processor much faster'
    return { name, state: 'warning', value: `${value}\nit is no graphics card: it computes on the processor`, hint }
  } catch (thrown) {
    const hint = (thrown instanceof UserError ? thrown.hint : undefined) ?? 'type: make setup'
    return { name, state: 'missing', value: firstLine(thrown), hint }
  }
}

/** Of the backends that are faster than the one that auto took, why it did not take them. */
async function passedByAuto(backend: string): Promise<string[]> {
  if (backend !== 'auto') return []
  const { BACKEND_NAMES, passedBy } = await import('../models/neural/backends.js')
  const lines: string[] = []
  for (const name of BACKEND_NAMES) {
    const why = await passedBy(name)
    if (why === null) break
    lines.push(`not ${name}: ${why.reason}${why.hint === undefined ? '' : ` (${why.hint})`}`)
  }
  return lines
}

function examineConfig({ config, configError = null }: DoctorOptions): Check[] {
  const lines: Check[] = config.map(({ name, value }) => ({ name, state: 'ok', value }))
  if (configError === null) return lines
  const { message, hint = 'sluice config --all lists every setting with its meaning' } = configError
  return [...lines, { name: 'Config', state: 'warning', value: message, hint, needed: true }]
}

/** A check without which nothing runs: there when there is no hint. */
function needed(name: string, hint: string | null, value: string): Check {
  return hint === null
    ? { name, state: 'ok', value, needed: true }
    : { name, state: 'missing', value, hint, needed: true }
}

function firstLine(thrown: unknown): string {
  return messageOf(thrown).split('\n', 1)[0]
}
