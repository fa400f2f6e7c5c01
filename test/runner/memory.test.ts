import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import { jobsFor, memoryLimit } from '../../src/runner/memory.js'
import { residentMemory } from '../../src/runner/process-info.js'
import type { Task } from '../../src/stages/stage.js'

const GB = 1e9
const GIB = 1024 ** 3
const MACHINE = 64 * GB
const task = (memoryBytes: number) => ({ memoryBytes }) as Task
const configOf = (run: Record<string, unknown>) => resolveConfig([{ from: 'test', values: { run } }]).config

describe('workers side by side', () => {
  it('are as many as run.memory allows for the largest unit, and one at least', () => {
    const config = configOf({ jobs: 8, memory: '2GB' }) // 2.147e9 bytes
    expect(jobsFor([task(0.1 * GB), task(0.5 * GB)], config)).toBe(4)
    expect(jobsFor([task(0.1 * GB)], config)).toBe(8)
    expect(jobsFor([task(9 * GB)], config)).toBe(1)
  })
})

describe('what a worker may hold', () => {
  it('is its share of run.memory, or twice the estimate where that is more', () => {
    const config = configOf({ memory: '2GB' })
    expect(memoryLimit(task(0.4 * GB), 2, config, MACHINE)).toMatchObject({
      bytes: GIB,
      origin: 'run.memory 2GB for 2 workers',
    })
    expect(memoryLimit(task(0.7 * GB), 2, config, MACHINE)).toMatchObject({
      bytes: 1.4 * GB,
      origin: 'twice the estimate of 700 MB',
    })
    // What one worker alone can do is not forbidden: run.memory never changes a result.
    expect(memoryLimit(task(3 * GB), 1, config, MACHINE).bytes).toBe(6 * GB)
  })

  it('is nine tenths of the machine at most', () => {
    const config = configOf({ memory: '32GB' })
    const limit = memoryLimit(task(0.4 * GB), 1, config, 8 * GB)
    expect(limit).toMatchObject({ bytes: 7.2 * GB, origin: 'nine tenths of the machine' })
  })

  it('is what run.workerMemory says, if it says anything', () => {
    const config = configOf({ workerMemory: '512MB' })
    expect(memoryLimit(task(3 * GB), 1, config, MACHINE)).toMatchObject({
      bytes: 512 * 1024 ** 2,
      origin: 'run.workerMemory',
    })
  })
})

describe('resident memory', () => {
  it('is that of the process, and nothing once it has ended', async () => {
    const script = 'const held = Buffer.alloc(200e6, 1); console.log(held.length); setInterval(() => {}, 1000)'
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(residentMemory(child.pid ?? 0)).toBeGreaterThan(200e6)
    expect(residentMemory(child.pid ?? 0)).toBeLessThan(400e6)
    child.kill('SIGKILL')
    await gone
    expect(residentMemory(child.pid ?? 0)).toBeNull()
  })
})
