/**
 * Worker processes: as many as asked for, started when there is work, each kept for the next unit. A worker that dies takes its unit
 * with it, never the run.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { MODULES } from './code-hash.js'
import type { FromWorker, Order } from './protocol.js'

export type Outcome = Extract<FromWorker, { type: 'done' } | { type: 'failed' }>

export interface Pool {
  /** Waits for a free worker, at most `jobs` of them. After `close` every order fails, those that wait for a worker too. */
  run(order: Order, jobs: number, onProgress: (fraction: number, bytes: number) => void): Promise<Outcome>
  /** Ends the workers; those at work get a moment to leave, then none. */
  close(): Promise<void>
}

const GRACE_MS = 3000

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

  return {
    async run(order, jobs, onProgress) {
      await free(jobs)
      try {
        if (closed) return { type: 'failed', message: 'the run has ended', hint: null, trace: null }
        const child = idle.pop() ?? start()
        const outcome = await converse(child, order, onProgress)
        if (child.connected && !closed) idle.push(child)
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

function converse(
  child: ChildProcess,
  order: Order,
  onProgress: (fraction: number, bytes: number) => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const onMessage = (message: FromWorker) => {
      if (message.type === 'progress') onProgress(message.fraction, message.bytes)
      else finish(message)
    }
    const onExit = (code: number | null, signal: string | null) => {
      const how = signal === null ? `exit code ${code}` : signal
      const hint =
        signal === 'SIGKILL' ? 'was memory short? fewer workers need less: --jobs 1, or lower run.memory' : null
      finish({ type: 'failed', message: `the worker process ended (${how})`, hint, trace: null })
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
      child.off('message', onMessage)
      child.off('exit', onExit)
      child.off('error', onError)
      resolve(outcome)
    }
    child.on('message', onMessage)
    child.once('exit', onExit)
    child.once('error', onError)
    child.send(order)
  })
}
