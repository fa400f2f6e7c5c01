/**
 * The compiled program as its user meets it: a process in a folder, with what it said and how it ended; small markets to run it on;
 * and ways to end it at a bad moment.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export const project = join(import.meta.dirname, '../..')
const entry = join(project, 'dist/main.js')

export type Outcome = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** `node`: another one than that of the tests. */
export type RunOptions = {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly node?: string
}

/** A program at work, in a process group of its own. */
export type Running = {
  readonly child: ChildProcess
  readonly pid: number
  readonly done: Promise<Outcome>
  /** When stderr first holds the text; rejects when the program ends without it. */
  said(text: string): Promise<void>
  /** `kill -9` for the program and all of its workers. */
  killGroup(): void
}

/** Where the program keeps what hosts allow: each folder of tests has its own, for ports come back. */
const states = new Map<string, string>()
afterAll(() => {
  for (const folder of states.values()) rmSync(folder, { recursive: true, force: true })
})

export function stateFolder(cwd: string): string {
  const folder = states.get(cwd) ?? mkdtempSync(join(tmpdir(), 'sluice-state-'))
  states.set(cwd, folder)
  return folder
}

export function startSluice(args: readonly string[], { cwd, env = {}, node = process.execPath }: RunOptions): Running {
  if (!existsSync(entry)) throw new Error('dist/main.js is missing: run make setup, or npx tsc -p tsconfig.json')
  const child = spawn(node, [entry, ...args], {
    cwd,
    env: { ...cleanEnvironment(), XDG_STATE_HOME: stateFolder(cwd), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) throw new Error('node could not be started')
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const listener of listeners) listener()
  })
  const done = new Promise<Outcome>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    pid,
    done,
    said(text) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!stderr.includes(text)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
        void done.then(() => reject(new Error(`it ended without saying "${text}":\n${stderr}`)))
      })
    },
    killGroup() {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
    },
  }
}

/** Runs the program to its end. */
export function sluice(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return startSluice(args, options).done
}

/** Without the test runner's variables, and without settings of whoever runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const keep = Object.entries(process.env).filter(
    ([name]) => !/^(SLUICE_|VITEST|NODE_ENV$|NODE_OPTIONS$|CI$)/.test(name) || name.endsWith('_LIB'),
  )
  return Object.fromEntries(keep)
}

/** What `sluice status --json` and `sluice run --json` say of one unit. */
export type Unit = {
  readonly stage: string
  readonly step: string
  readonly unit: string
  readonly pair: string | null
  readonly state: string
  readonly outcome: string
  readonly reason: string
  readonly hint: string | null
  readonly summary: string
  readonly warnings: readonly string[]
  readonly manifest: string | null
  readonly files: readonly { readonly name: string; readonly path: string; readonly sha256: string }[]
}

export async function unitsOf(args: readonly string[], options: RunOptions): Promise<Unit[]> {
  const { stdout, stderr } = await sluice([...args, '--json'], options)
  if (stdout === '') throw new Error(`no JSON on stdout:\n${stderr}`)
  return JSON.parse(stdout).units
}

/** `stage state` of every unit that is not fresh, as status shows them. */
export async function notFresh(options: RunOptions, args: readonly string[] = []): Promise<string[]> {
  const units = await unitsOf(['status', ...args], options)
  return units.filter(({ state }) => state !== 'fresh').map(({ stage, state }) => `${stage} ${state}`)
}

export async function hashesOf(root: string, options: RunOptions): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await sluice(['verify', 'hashes', '--root', root, '--json'], options)
  if (code !== 0) throw new Error(`verify hashes ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/** A folder for all tests of a file, removed after the last. */
export function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-suite-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** So little that a whole run takes seconds: ten days of bars and funding, one simple model, two folds. */
export const SMALL = `exchange: {archiveUrl: archive}
download: {kinds: [klines, fundingRate]}
data: {from: 2024-01-01, to: 2024-01-11}
labels: {horizon: 1h}
train: {folds: 2, models: [logistic]}
run: {jobs: 2}
`

/** Writes a simulated archive and a `sluice.yaml` for it into the folder. */
export async function writeMarket(
  folder: string,
  settings = SMALL,
  pairs = ['BTCUSDT'],
  months = 1,
  kinds = 'klines,fundingRate',
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'sluice.yaml'), settings)
  const names = pairs.flatMap((pair) => ['--pair', pair])
  const { code, stderr } = await sluice(
    [
      'simulate',
      '--out',
      'archive',
      '--kinds',
      kinds,
      '--seed',
      '7',
      '--start',
      '2024-01',
      '--months',
      String(months),
      ...names,
    ],
    { cwd: folder },
  )
  if (code !== 0) throw new Error(`the market could not be simulated: ${stderr}`)
}

/** Every file under a folder, relative to it, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** Files that a run left unfinished. */
export function unfinishedFiles(root: string): string[] {
  return filesUnder(root).filter((name) => /\.(tmp|part)$|\/scratch\/|\.sluice\/lock/.test(name))
}

/** Modification time of each file, so that a write is seen even when it writes the same. */
export function timesUnder(folder: string): Record<string, number> {
  return Object.fromEntries(filesUnder(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]))
}

export function readJsonFile<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

/** Ids of the processes that a process has started. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'utf8'))
      } catch {
        return false
      }
    })
    .map(Number)
}
