/**
 * One run per workspace. The lock names the process and when it started, so that a lock left by a killed run, or by another process
 * that has got the same id since, is known to be stale.
 */
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { EXIT, UserError } from '../core/errors.js'
import { temporaryName, writeFileWhole } from '../datasets/files.js'
import { PLACES, placeFor, type Workspace } from '../datasets/workspace.js'
import { startOfProcess } from './process-info.js'

type Holder = {
  readonly pid: number
  readonly started: string
  readonly host: string
  readonly command: string
  readonly since: string
}

export type Lock = {
  /** A run before this one was killed: what it left unfinished is to be swept up. */
  readonly afterKill: boolean
  readonly release: () => void
}

/** @throws UserError that says who holds the workspace */
export function lockWorkspace(workspace: Workspace, command: string, now: number): Lock {
  const path = placeFor(workspace, PLACES.lock)
  const holder: Holder = {
    pid: process.pid,
    started: startOfProcess(process.pid) ?? '',
    host: hostname(),
    command,
    since: new Date(now).toISOString(),
  }
  // Written aside and linked into place: the lock is never seen empty, and linking fails when it is there.
  const draft = temporaryName(path)
  writeFileWhole(draft, JSON.stringify(holder))
  let afterKill = false
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(draft, path)
        break
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      const other = readHolder(path)
      if (other !== null && (attempt > 4 || isAlive(other))) throw held(other, workspace)
      if (!takeAway(path)) throw held(readHolder(path) ?? other ?? holder, workspace)
      afterKill = true
    }
  } finally {
    rmSync(draft, { force: true })
  }
  const release = () => {
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true })
  }
  return { afterKill, release }
}

/**
 * Removes a stale lock; false when it has become somebody's in the meantime. It is moved aside first: of several runs that find it
 * stale, one gets it, and none removes the lock that another has just made.
 */
function takeAway(path: string): boolean {
  const aside = temporaryName(`${path}.stale`)
  try {
    renameSync(path, aside)
  } catch (error) {
    // Another was faster: the next attempt at the lock decides.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw error
  }
  try {
    const taken = readHolder(aside)
    if (taken === null || !isAlive(taken)) return true
    linkSync(aside, path)
    return false
  } finally {
    rmSync(aside, { force: true })
  }
}

function isAlive(holder: Holder): boolean {
  // Nothing is known of processes on another machine that shares the folder: they are taken to be alive.
  if (holder.host !== hostname()) return true
  return startOfProcess(holder.pid) === holder.started
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return null
  }
}

function held({ pid, host, command, since }: Holder, { root }: Workspace): UserError {
  return new UserError(
    `another run holds this workspace: process ${pid} on ${host}, sluice ${command}, since ${since}`,
    {
      hint: `wait for it, stop it with kill ${pid}, or use another workspace with --root (this one is ${root})`,
      exitCode: EXIT.failed,
    },
  )
}
