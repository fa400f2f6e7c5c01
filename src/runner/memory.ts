/**
 * How much memory units may take: how many of them run side by side, and from when on one is ended rather than the machine swapping.
 */
import { availableParallelism, totalmem } from 'node:os'
import { memoryBytes } from '../config/durations.js'
import type { Config } from '../config/settings.js'
import type { Task } from '../stages/stage.js'

/** Workers that fit the memory: the largest unit decides, so that no order of units can exceed it. */
export function jobsFor(tasks: readonly Task[], config: Config): number {
  const wanted = config['run.jobs'] ?? availableParallelism()
  const limit = memoryBytes(config['run.memory']) ?? Number.POSITIVE_INFINITY
  const largest = Math.max(...tasks.map((task) => task.memoryBytes), 1)
  return Math.max(1, Math.min(wanted, Math.floor(limit / largest)))
}

/** What a worker may hold, bytes resident, and in words whose limit that is. */
export type MemoryLimit = { readonly bytes: number; readonly origin: string; readonly hint: string }

/** Of what the machine, or the container, has: the rest is for everybody else. */
const MACHINE_SHARE = 0.9

/**
 * With `run.workerMemory` auto the larger of two: the worker's share of `run.memory`, which nobody else claims, and twice the unit's own
 * estimate, for an estimate may be wrong by half and `run.memory` must not forbid what one worker alone can do. Never more than nine
 * tenths of the machine.
 *
 * @param jobs    workers side by side
 * @param machine bytes that the machine, or the container, has
 */
export function memoryLimit(task: Task, jobs: number, config: Config, machine = machineMemory()): MemoryLimit {
  const given = config['run.workerMemory']
  if (given !== 'auto') {
    const hint = 'raise run.workerMemory, or leave it out; fewer features and a shorter span need less'
    return { bytes: memoryBytes(given) ?? 0, origin: 'run.workerMemory', hint }
  }
  const less = 'fewer features and a shorter span need less'
  const share = (memoryBytes(config['run.memory']) ?? 0) / jobs
  const twice = 2 * task.memoryBytes
  const most = MACHINE_SHARE * machine
  if (Math.max(share, twice) > most) {
    return { bytes: most, origin: 'nine tenths of the machine', hint: `take a machine with more memory; ${less}` }
  }
  const hint = `give it more with run.memory or run.workerMemory; ${less}`
  return share >= twice
    ? {
        bytes: share,
        origin: `run.memory ${config['run.memory']} for ${jobs} ${jobs === 1 ? 'worker' : 'workers'}`,
        hint,
      }
    : { bytes: twice, origin: `twice the estimate of ${megabytes(task.memoryBytes)}`, hint }
}

function machineMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
}
