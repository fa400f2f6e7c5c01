/**
 * Worker processes: as many as asked for, started when there is work, each kept for the next unit. A worker that dies takes its unit
 * with it, never the run; one that takes too much memory is ended.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { MODULES } from './code-hash.js'
import { type MemoryLimit, megabytes } from './memory.js'
import { residentMemory } from './process-info.js'
import type { FromWorker, Order } from './protocol.js'

/** `lasting` is the message without what differs between equal runs. */
export type Outcome =
  | Extract<FromWorker, { type: 'done' }>
  | (Extract<FromWorker, { type: 'failed' }> & { readonly lasting?: string })

/** `limit` null: nobody looks how much memory the unit takes. */
export type Terms = { readonly jobs: number; readonly limit: MemoryLimit | null }

export type OnProgress = (how: { readonly fraction: number; readonly bytes: number; readonly note: string }) => void

export interface Pool {
  /** Waits for a free worker, at most `jobs` of them. After `close` every order fails, those that wait for a worker too. */
  run(order: Order, terms: Terms, onProgress: OnProgress): Promise<Outcome>
  /** Ends the workers; those at work get a moment to leave, then none. */
  close(): Promise<void>
}

const GRACE_MS = 3000
const GUARD_MS = 100

export function createPool(): Pool {
  const idle: ChildProcess[] = []
  const all = new Set<ChildProcess>()
  const waiting: (() => void)[] = []
  let busy = 0
  let closed = false

  async function free(jobs: number): Promise<void> {
    while (busy >= jobs) await new Promise<void>((resolve) => waiting.push(resolve))
    busy++
  }

  function start(): ChildProcess {
    const child = fork(join(MODULES, 'runner/worker.js'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    all.add(child)
    const forget = () => {
      all.delete(child)
      const at = idle.indexOf(child)
      if (at >= 0) idle.splice(at, 1)
    }
    child.once('exit', forget)
    // It could not be started or told anything, for want of memory or processes: whoever talks to it hears of it as well.
    child.on('error', forget)
    return child
  }

  /** An idle worker, unless it still holds what would count against the next unit, or that wants a fresh one. */
  function take(limit: MemoryLimit | null, fresh: boolean): ChildProcess {
    const child = idle.pop()
    if (child === undefined) return start()
    if (fresh) {
      child.kill('SIGTERM')
      return start()
    }
    if (limit === null || (residentOf(child) ?? 0) <= limit.bytes / 2) return child
    child.kill('SIGTERM')
    return start()
  }

  return {
    async run(order, { jobs, limit }, onProgress) {
      await free(jobs)
      try {
        if (closed) return { type: 'failed', message: 'the run has ended', hint: null, trace: null }
        const child = take(limit, order.task.fresh === true)
        const outcome = await converse(child, order, limit, onProgress)
        if (child.connected && !child.killed && !closed) idle.push(child)
        return outcome
      } finally {
        busy--
        waiting.shift()?.()
      }
    },
    async close() {
      closed = true
      const leaving = [...all].map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
        const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
        return gone.finally(() => clearTimeout(timer))
      })
      await Promise.all(leaving)
    },
  }
}

/** By how a worker ended. */
const HINTS: Readonly<Record<string, string>> = {
  SIGKILL: 'was memory short? fewer workers need less: --jobs 1, or lower run.memory',
  SIGABRT: 'native code or Node gave up; its last words stand above',
  SIGSEGV: 'native code broke; sluice doctor says which libraries are used',
}

function residentOf({ pid }: ChildProcess): number | null {
  return pid === undefined ? null : residentMemory(pid)
}

function converse(
  child: ChildProcess,
  order: Order,
  limit: MemoryLimit | null,
  onProgress: OnProgress,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const onMessage = (message: FromWorker) => {
      if (message.type === 'progress') onProgress(message)
      else finish(message)
    }
    let excess: Outcome | null = null
    const look = () => {
      const bytes = residentOf(child)
      if (limit === null || bytes === null || bytes <= limit.bytes || excess !== null) return
      const message = `the worker held ${megabytes(bytes)}, allowed are ${megabytes(limit.bytes)} (${limit.origin})`
      excess = {
        type: 'failed',
        message,
        lasting: 'it took more memory than is allowed',
        hint: limit.hint,
        trace: null,
      }
      child.kill('SIGKILL')
    }
    const guard = limit === null ? undefined : setInterval(look, GUARD_MS)
    const onExit = (code: number | null, signal: string | null) => {
      const how = signal === null ? `exit code ${code}` : signal
      finish(
        excess ?? {
          type: 'failed',
          message: `the worker process ended (${how})`,
          hint: HINTS[how] ?? null,
          trace: null,
        },
      )
    }
    const onError = ({ message }: Error) => {
      finish({
        type: 'failed',
        message: `the worker process cannot be used: ${message}`,
        hint: 'try fewer: --jobs 1',
        trace: null,
      })
    }
    const finish = (outcome: Outcome) => {
      clearInterval(guard)
      child.off('message', onMessage)
      child.off('exit', onExit)
      child.off('error', onError)
      resolve(outcome)
    }
    child.on('message', onMessage)
    child.once('exit', onExit)
    child.once('error', onError)
    child.send(order)
    look()
  })
}
