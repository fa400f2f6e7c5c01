/**
 * A worker process: carries out units one after another and writes what they made. Killed at any moment, it leaves finished units
 * and temporary files that nobody reads.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { messageOf, UserError } from '../core/errors.js'
import { spillTo } from '../datasets/duckdb.js'
import { type FileHashes, fileHashes } from '../datasets/file-hashes.js'
import { hashOfFile, inUsersWords, publishFile, temporaryName } from '../datasets/files.js'
import { type FileEntry, type Manifest, writeManifest } from '../datasets/manifest.js'
import { absolute, openWorkspace, PLACES, placeFor, type Workspace } from '../datasets/workspace.js'
import { loadStage } from '../stages/registry.js'
import type { TaskIo } from '../stages/stage.js'
import { checkpointOf, removeCheckpoint } from './checkpoints.js'
import { checkInputs } from './inputs.js'
import type { FromWorker, Order, ToWorker } from './protocol.js'

const aborted = new AbortController()
const RUNNER = process.ppid
/** What the unit at work has begun to write. */
const temporaries: Temporary[] = []
let scratchOfProcess = ''
/** Of the workspace at work. */
let hashes: { readonly root: string; readonly read: FileHashes } | null = null

// When memory runs out, Linux is to end a worker rather than the runner: that loses one unit, not the run.
try {
  writeFileSync('/proc/self/oom_score_adj', '500')
} catch {
  // Not Linux, or not allowed.
}

process.on('message', (message: ToWorker) => {
  void carryOut(message)
})
// Ctrl-C reaches the whole group of processes; the runner decides what happens to us.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {
  aborted.abort(new UserError('stopped'))
  for (const { temporary } of temporaries) rmSync(temporary, { force: true })
  rmSync(scratchOfProcess, { recursive: true, force: true })
  process.exit(143)
})
// The runner is gone: nobody would take the result.
process.on('disconnect', () => process.exit(1))

async function carryOut(order: Order): Promise<void> {
  const workspace = openWorkspace(order.root)
  const scratch = absolute(workspace, `${PLACES.scratch}/${process.pid}`)
  scratchOfProcess = scratch
  temporaries.length = 0
  const started = order.startedAt
  const begun = performance.now()
  try {
    mkdirSync(scratch, { recursive: true })
    spillTo(scratch)
    const stage = await loadStage(order.task.stage)
    const step = stage.steps.find(({ name }) => name === order.task.step)
    if (step === undefined) throw new Error(`stage ${stage.name} has no step ${order.task.step}`)
    if (hashes?.root !== order.root) hashes = { root: order.root, read: fileHashes(workspace, Date.now) }
    await checkInputs(order.task.inputs, hashes.read)
    const result = await step.run(order.task, ioOf(order, workspace, scratch))
    // A runner killed during a long computation is not heard of yet, and another may be at work here by now.
    if (process.ppid !== RUNNER) throw new UserError('the runner is gone')
    // The old manifest goes first: it must never vouch for files that are not all its own.
    rmSync(absolute(workspace, order.task.manifest), { force: true })
    const files = await publish(workspace)
    const manifest: Manifest = {
      format: 1,
      stage: order.task.stage,
      step: order.task.step,
      unit: order.task.unit,
      fingerprint: order.fingerprint,
      made: order.made,
      simulated: result.simulated ?? order.simulated,
      files,
      facts: result.facts,
      warnings: result.warnings ?? [],
      summary: result.summary,
    }
    const seconds = Math.round(performance.now() - begun) / 1000
    writeManifest(workspace, order.task.manifest, manifest, {
      startedAt: new Date(started).toISOString(),
      seconds,
      host: hostname(),
      node: process.version,
      gitCommit: order.gitCommit,
      notes: result.notes ?? {},
    })
    removeCheckpoint(workspace, order.fingerprint)
    send({ type: 'done', manifest, seconds })
  } catch (thrown) {
    for (const { temporary } of temporaries) rmSync(temporary, { force: true })
    const error = inUsersWords(thrown, order.task.manifest)
    send({
      type: 'failed',
      message: messageOf(error),
      hint: error instanceof UserError ? (error.hint ?? null) : null,
      // What is not the user's to fix is ours: the trace goes along.
      trace: error instanceof UserError ? null : error instanceof Error ? (error.stack ?? null) : null,
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

type Temporary = { readonly name: string; readonly path: string; readonly temporary: string }

function ioOf(order: Order, workspace: Workspace, scratch: string): TaskIo {
  let told = 0
  return {
    workspace,
    environment: process.env,
    signal: aborted.signal,
    startedAt: order.startedAt,
    gitCommit: order.gitCommit,
    clock: Date.now,
    folder: dirname(order.task.manifest),
    scratch,
    paths: (name) =>
      order.task.inputs.filter((input) => input.name === name).map((input) => absolute(workspace, input.path)),
    async write(name, path, make) {
      const temporary = temporaryName(placeFor(workspace, path))
      temporaries.push({ name, path, temporary })
      await make(temporary)
    },
    progress(done, total, { bytes = 0, note = '' } = {}) {
      const now = performance.now()
      if (now - told < 100 && done < total) return
      told = now
      send({ type: 'progress', fraction: total > 0 ? done / total : 0, bytes, note })
    },
    checkpoint: checkpointOf(workspace, order),
  }
}

async function publish(workspace: Workspace): Promise<FileEntry[]> {
  const files: FileEntry[] = []
  for (const { name, path, temporary } of temporaries) {
    const entry = { name, path, sha256: await hashOfFile(temporary), bytes: statSync(temporary).size }
    publishFile(temporary, absolute(workspace, path))
    files.push(entry)
  }
  return files
}

function send(message: FromWorker): void {
  process.send?.(message)
}
