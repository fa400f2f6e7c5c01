import { describe, expect, it } from 'vitest'
import { createPool } from '../../src/runner/pool.js'
import type { Order } from '../../src/runner/protocol.js'

describe('a pool that is closed', () => {
  it('takes no orders, and starts no worker for those that waited', async () => {
    const pool = createPool()
    await pool.close()
    const outcomes = await Promise.all([1, 2, 3].map(() => pool.run({} as Order, { jobs: 1, limit: null }, () => {})))
    expect(outcomes).toEqual(Array(3).fill({ type: 'failed', message: 'the run has ended', hint: null, trace: null }))
  })
})
