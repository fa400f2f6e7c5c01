import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPool } from '../../src/runner/pool.js'
import type { Order } from '../../src/runner/protocol.js'
import { suiteFolder } from '../support/sluice.js'

/** The compiled program: workers are started from where the pool lies. */
const compiled: typeof import('../../src/runner/pool.js') = await import(
  new URL('../../dist/runner/pool.js', import.meta.url).href
)

describe('a pool that is closed', () => {
  it('takes no orders, and starts no worker for those that waited', async () => {
    const pool = createPool()
    await pool.close()
    const outcomes = await Promise.all([1, 2, 3].map(() => pool.run({} as Order, { jobs: 1, limit: null }, () => {})))
    expect(outcomes).toEqual(Array(3).fill({ type: 'failed', message: 'the run has ended', hint: null, trace: null }))
  })
})

/** Ids of the worker processes that this process has started and that have not ended. */
function workers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [status, command] = ['status', 'cmdline'].map((file) => readFileSync(join('/proc', name, file), 'utf8'))
        return new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status) && command.includes('runner/worker.js')
      } catch {
        return false // it has ended between the listing and the reading
      }
    })
    .map(Number)
}

describe.runIf(process.platform === 'linux')('a unit that wants a process which has done nothing else', () => {
  const root = suiteFolder()
  /** A unit that comes to nothing: there is no such step. The worker lives on. */
  const order = (fresh: boolean | undefined): Order => {
    const manifest = 'data/none.manifest.json'
    const task = { stage: 'labels', step: 'none', pair: null, unit: 'none', inputs: [], settings: {}, manifest, fresh }
    return { root, task, fingerprint: 'none', startedAt: 0, simulated: null, gitCommit: null } as unknown as Order
  }

  it('gets one, and the worker that was idle is ended; any other unit gets the idle one', async () => {
    const pool = compiled.createPool()
    const workerOf = async (fresh?: boolean) => {
      const outcome = await pool.run(order(fresh), { jobs: 1, limit: null }, () => {})
      expect(outcome).toMatchObject({ type: 'failed', message: 'stage labels has no step none' })
      await expect.poll(workers, { timeout: 20_000 }).toHaveLength(1)
      return workers()[0]
    }
    try {
      const first = await workerOf(true)
      expect(await workerOf()).toBe(first)
      expect(await workerOf(false)).toBe(first)
      const fresh = await workerOf(true)
      expect(fresh).not.toBe(first)
      expect(await workerOf(true)).not.toBe(fresh)
    } finally {
      await pool.close()
    }
    expect(workers()).toEqual([])
  })
})
