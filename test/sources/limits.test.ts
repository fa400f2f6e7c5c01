import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  admit,
  type Bucket,
  correct,
  createGate,
  newHostState,
  SHARE,
  statesInMemory,
} from '../../src/sources/limits.js'
import { bestPage } from '../../src/sources/rest-series.js'

const BUCKET: Bucket = { name: 'weight', limit: 100, windowMs: 60_000, header: 'x-mbx-used-weight-1m' }
const alive = () => true
const header = (name: string) => (name === BUCKET.header ? '70' : null)

/** Sends requests of these weights one after another, waiting as told; the times at which they went. */
function sent(weights: readonly number[], gaps: readonly number[], bucket = BUCKET): { at: number; weight: number }[] {
  const state = newHostState()
  let now = 1_700_000_000_000
  return weights.map((weight, i) => {
    now += gaps[i % gaps.length]
    for (let wait = 1; wait > 0; now += wait) {
      wait = admit(state, { id: `${i}`, pid: 1, cost: { bucket, weight } }, now, alive)
    }
    state.holder = null
    return { at: now, weight }
  })
}

describe('the limiter', () => {
  it('never spends more than its share in any window, wherever the window begins', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 120 })
    const gaps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(weights, gaps, (list, pauses) => {
        const calls = sent(list, pauses)
        for (const { at } of calls) {
          const within = calls.filter((call) => call.at > at - BUCKET.windowMs && call.at <= at)
          expect(within.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(BUCKET.limit * SHARE)
        }
      }),
    )
  })

  it('waits no longer than it must: 85 calls of weight 1 go at once, the next one a minute after the first', () => {
    const calls = sent(
      Array.from({ length: 86 }, () => 1),
      [0],
    )
    expect(calls[84].at - calls[0].at).toBe(0)
    expect(calls[85].at - calls[0].at).toBe(60_000)
  })

  it('lets one request go at a time, and takes over from a process that has died', () => {
    const state = newHostState()
    const cost = { bucket: BUCKET, weight: 1 }
    expect(admit(state, { id: 'a', pid: 1, cost }, 0, alive)).toBe(0)
    expect(admit(state, { id: 'b', pid: 2, cost }, 1, alive)).toBeGreaterThan(0)
    expect(admit(state, { id: 'b', pid: 2, cost }, 2, (pid) => pid !== 1)).toBe(0)
    // An archive counts nothing: its files come together.
    expect(admit(state, { id: 'c', pid: 3, cost: null }, 3, alive)).toBe(0)
  })

  it('believes the host when it has counted more in its minute, by its own clock', () => {
    const state = newHostState()
    // 59 s into our minute; the host is 2 s ahead, so its minute is 1 s old and our earlier call lies in the one before.
    state.skew = { ms: 2000, at: 0 }
    const now = 60_000 * 1000 + 59_000
    state.calls.push({ bucket: 'weight', at: now - 10_000, weight: 30 })
    correct(state, BUCKET, 70, now)
    expect(state.calls.map(({ weight }) => weight)).toEqual([30, 70])
    correct(state, BUCKET, 70, now)
    expect(state.calls, 'the same count twice is one').toHaveLength(2)
  })

  it('keeps everybody silent after 429, and for good after 418, whatever process asks', async () => {
    const states = statesInMemory()
    let now = 1_700_000_000_000
    const waits: number[] = []
    const sleep = async (ms: number) => {
      waits.push(ms)
      now += ms
    }
    const gate = () => createGate({ states, now: () => now, sleep, maxWaitMs: 300_000 })
    const cost = { bucket: BUCKET, weight: 1 }
    const pass = await gate().enter('https://h/a', cost)
    pass.answered({ status: 429, waitMs: 7000, header })
    pass.done()
    const next = await gate().enter('https://h/b', cost)
    expect(waits).toEqual([7000])
    next.answered({ status: 418, waitMs: 3_600_000, header })
    next.done()
    await expect(gate().enter('https://h/c', null)).rejects.toThrow(/banned this address .* 3,600 s from now/)
    await expect(gate().enter('https://other/c', cost), 'another host is not concerned').resolves.toBeDefined()
    now += 3_600_001
    await expect(gate().enter('https://h/d', cost)).resolves.toBeDefined()
  })

  it('asks for pages of 499 bars: 249.5 rows for each unit of weight, 200 of 1000, 150 of 1500', () => {
    expect(
      bestPage([
        [99, 1],
        [499, 2],
        [1000, 5],
        [1500, 10],
      ]),
    ).toEqual({ limit: 499, weight: 2 })
  })
})
