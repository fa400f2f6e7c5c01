/**
 * Weights, buckets, 429 and bans of one host. Every call is charged, refused ones too.
 */
import { DAY, SECOND } from '../../../src/core/time.js'
import type { Switches } from './switches.js'

export type Bucket = 'weight' | 'funding' | 'data' | 'none'

export type Verdict =
  | { readonly status: 200; readonly used: number }
  | { readonly status: 429 | 418; readonly used: number; readonly retryAfter: number; readonly until: number }

export interface Limits {
  charge(bucket: Bucket, cost: number): Verdict
  /** Until when the host has told the client to be silent; null = it has not, or that is over. */
  silentUntil(): number | null
  /** Puts a ban or a wait in force from outside. */
  impose(kind: 'wait' | 'ban', seconds: number): void
}

type Wait = { until: number; calls: number }

/** What is known of the client's address; hosts share one when bans span venues. */
export type Standing = { ban: Wait | null; bans: number }

export function createLimits({
  venue,
  clock,
  switches,
  standing,
}: {
  venue: 'futures' | 'spot'
  clock: () => number
  switches: Switches
  standing: Standing
}): Limits {
  const windows = new Map<Bucket, { index: number; used: number }>()
  const waits = new Map<Bucket, Wait>()
  const limitOf = (bucket: Bucket) => {
    if (bucket === 'funding') return switches.fundingLimit
    if (bucket === 'data') return switches.dataLimit
    if (bucket === 'none') return Number.POSITIVE_INFINITY
    return venue === 'spot' ? switches.spotWeightLimit : switches.weightLimit
  }
  const add = (bucket: Bucket, cost: number, now: number) => {
    const index = Math.floor(now / lengthOf(bucket))
    const window = windows.get(bucket)
    const used = (window !== undefined && window.index === index ? window.used : 0) + cost
    windows.set(bucket, { index, used })
    return used
  }
  const lengthOf = (bucket: Bucket) => (bucket === 'weight' ? switches.weightWindowMs : switches.bucketWindowMs)
  const ban = (now: number) => {
    const seconds = Math.min((3 * DAY) / SECOND, switches.banSeconds * 2 ** standing.bans)
    standing.bans++
    standing.ban = { until: now + seconds * SECOND, calls: 0 }
    waits.clear()
  }
  const refusal = (status: 429 | 418, used: number, { until }: Wait, now: number): Verdict => ({
    status,
    used,
    until,
    retryAfter: Math.max(1, Math.ceil((until - now) / SECOND)),
  })
  const expire = (now: number) => {
    if (standing.ban !== null && now >= standing.ban.until) {
      standing.ban = null
      windows.clear()
    }
    for (const [bucket, wait] of waits) {
      if (now < wait.until) continue
      waits.delete(bucket)
      windows.delete(bucket)
    }
  }
  return {
    charge(bucket, cost) {
      const now = clock()
      expire(now)
      const used = add(bucket, cost, now)
      if (standing.ban !== null) {
        if (++standing.ban.calls >= switches.callsUntilBan) ban(now)
        return refusal(418, used, standing.ban, now)
      }
      const wait = waits.get(bucket)
      if (wait !== undefined) {
        if (++wait.calls < switches.callsUntilBan) return refusal(429, used, wait, now)
        ban(now)
        return refusal(418, used, standing.ban!, now)
      }
      if (used <= limitOf(bucket)) return { status: 200, used }
      const length = lengthOf(bucket)
      const until =
        switches.retryAfter === 'window' ? (Math.floor(now / length) + 1) * length : now + switches.retryAfter * SECOND
      const begun = { until, calls: 0 }
      waits.set(bucket, begun)
      return refusal(429, used, begun, now)
    },
    silentUntil() {
      const now = clock()
      expire(now)
      const ends = [...waits.values(), ...(standing.ban === null ? [] : [standing.ban])].map(({ until }) => until)
      return ends.length === 0 ? null : Math.max(...ends)
    },
    impose(kind, seconds) {
      const wait = { until: clock() + seconds * SECOND, calls: 0 }
      if (kind === 'ban') standing.ban = wait
      else waits.set('weight', wait)
    },
  }
}
