/**
 * One limiter for each host, shared by every process of a user: the weight that may be spent in a window, the pauses that the
 * host has asked for, and bans, which are remembered across runs. The state lies wherever `HostStates` keeps it; here are the rules.
 */
import { UserError } from '../core/errors.js'
import { hostOf, seconds } from './http-refusals.js'

/** What a host counts together: so much weight in any window of so long. */
export type Bucket = {
  readonly name: string
  readonly limit: number // as published; the host's own figures win
  readonly windowMs: number
  /** The header that tells what the host has counted in its running minute; null where there is none. */
  readonly header: string | null
}

/** What a request costs. Requests with a cost go one at a time, so that none is under way when the host says stop. */
export type Cost = { readonly bucket: Bucket; readonly weight: number }

type Call = { readonly bucket: string; readonly at: number; readonly weight: number }

export type HostState = {
  pausedUntil: number // UTC ms by our clock, as all times here
  bannedUntil: number
  /** The host's clock less ours, and when it was asked; null when it never was. */
  skew: { readonly ms: number; readonly at: number } | null
  /** Limits that the host itself has named, by bucket. */
  limits: Record<string, number>
  calls: Call[]
  holder: { readonly id: string; readonly pid: number; readonly until: number } | null
  /** That it could not be reached, why, and until when that is taken for known; null once it has answered. */
  silence: { readonly until: number; readonly fault: string } | null
}

export interface HostStates {
  /** Changes the state of a host; no other process sees or changes it in between. */
  change<T>(host: string, change: (state: HostState) => T): T
}

export function newHostState(): HostState {
  return { pausedUntil: 0, bannedUntil: 0, skew: null, limits: {}, calls: [], holder: null, silence: null }
}

/** For a single process. */
export function statesInMemory(): HostStates {
  const states = new Map<string, HostState>()
  return {
    change(host, change) {
      const state = states.get(host) ?? newHostState()
      states.set(host, state)
      return change(state)
    },
  }
}

/** Part of a limit that is used: others may ask from the same address. */
export const SHARE = 0.85

/** A holder that has not come back by then is not waited for, even if its process lives. */
const HELD_AT_MOST_MS = 60_000

/** How long to wait before a holder is asked for again. */
const TURN_MS = 10

export type Request = { readonly id: string; readonly pid: number; readonly cost: Cost | null }

/**
 * Lets a request go, charged, or says how long to wait before asking again. Charges are kept one by one, so that the limit holds for
 * every window, wherever the host's own begins.
 *
 * @returns ms to wait; 0 = go
 */
export function admit(state: HostState, request: Request, now: number, isAlive: (pid: number) => boolean): number {
  const { id, pid, cost } = request
  if (state.pausedUntil > now) return state.pausedUntil - now
  if (cost === null) return 0
  const { holder } = state
  if (holder !== null && holder.id !== id && holder.until > now && isAlive(holder.pid)) return TURN_MS
  const { bucket, weight } = cost
  state.calls = state.calls.filter((call) => call.bucket !== bucket.name || call.at > now - bucket.windowMs)
  const own = state.calls.filter((call) => call.bucket === bucket.name).sort((a, b) => a.at - b.at)
  const budget = Math.max(weight, Math.floor((state.limits[bucket.name] ?? bucket.limit) * SHARE))
  let used = own.reduce((sum, call) => sum + call.weight, 0)
  for (const call of own) {
    if (used + weight <= budget) break
    used -= call.weight
    if (used + weight <= budget) return Math.max(1, call.at + bucket.windowMs - now)
  }
  state.calls.push({ bucket: bucket.name, at: now, weight })
  state.holder = { id, pid, until: now + HELD_AT_MOST_MS }
  return 0
}

/** Takes over what the host has counted in its running minute, when that is more than we know of: somebody else asks too. */
export function correct(state: HostState, bucket: Bucket, used: number, now: number): void {
  const skew = state.skew?.ms ?? 0
  const minute = Math.floor((now + skew) / 60_000) * 60_000 - skew
  const known = state.calls
    .filter((call) => call.bucket === bucket.name && call.at >= minute)
    .reduce((sum, call) => sum + call.weight, 0)
  if (used > known) state.calls.push({ bucket: bucket.name, at: now, weight: used - known })
}

/** What a host has answered, as far as the limiter is concerned. */
export type Answer = {
  readonly status: number
  /** From `Retry-After` or the message; null when it says nothing. */
  readonly waitMs: number | null
  readonly header: (name: string) => string | null
}

export interface Pass {
  /** It was found to be silent a moment ago: nobody need be patient with it. */
  readonly isSilent: boolean
  answered(answer: Answer): void
  /** Must be called, whatever happened. */
  done(): void
}

export interface Gate {
  /** @throws UserError while the host has banned this address, or asks for a longer wait than is worth it */
  enter(url: string, cost: Cost | null, signal?: AbortSignal): Promise<Pass>
  /**
   * Takes note that a host cannot be reached. Everybody is told the same for a while: it is one cause, however many ask.
   *
   * @returns the fault to tell
   */
  silent(url: string, fault: string): string
}

export type GateOptions = {
  readonly states: HostStates
  readonly now: () => number
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly maxWaitMs: number
}

/** Without a `Retry-After`: the window that was broken is over after a minute; a first ban lasts two. */
const PAUSE_MS = 60_000
const BAN_MS = 120_000

/** How long the silence of a host is taken for known. */
const SILENCE_MS = 30_000

let requests = 0

export function createGate({ states, now, sleep, maxWaitMs }: GateOptions): Gate {
  return {
    async enter(url, cost, signal) {
      const host = new URL(url).host
      const { pid } = process
      const id = `${pid}.${++requests}`
      let isSilent = false
      for (;;) {
        const waitMs = states.change(host, (state) => {
          if (state.bannedUntil > now()) throw banned(url, state.bannedUntil, now())
          isSilent = state.silence !== null && state.silence.until > now()
          return admit(state, { id, pid, cost }, now(), isAlive)
        })
        if (waitMs === 0) break
        if (waitMs > maxWaitMs) throw waitTooLong(url, waitMs, maxWaitMs)
        await sleep(waitMs, signal)
      }
      return {
        isSilent,
        answered({ status, waitMs, header }) {
          states.change(host, (state) => {
            state.silence = null
            if (status === 429) state.pausedUntil = Math.max(state.pausedUntil, now() + (waitMs ?? PAUSE_MS))
            if (status === 418) state.bannedUntil = Math.max(state.bannedUntil, now() + (waitMs ?? BAN_MS))
            // -1 and no number at all say nothing: some routes do not tell.
            const used = cost?.bucket.header == null ? Number.NaN : Number(header(cost.bucket.header) ?? Number.NaN)
            if (cost !== null && used > 0) correct(state, cost.bucket, used, now())
          })
        },
        done() {
          states.change(host, (state) => {
            if (state.holder?.id === id) state.holder = null
          })
        },
      }
    },
    silent(url, fault) {
      return states.change(new URL(url).host, (state) => {
        const told = state.silence !== null && state.silence.until > now() ? state.silence.fault : fault
        state.silence = { until: now() + SILENCE_MS, fault: told }
        return told
      })
    },
  }
}

export function banned(url: string, until: number, now: number): UserError {
  return new UserError(
    `${hostOf(url)} has banned this address for too many requests (status 418), until ${new Date(until).toISOString()}, ${seconds(until - now)} from now`,
    {
      hint: 'stop every program that uses the exchange from here, wait until the ban ends, then run again: nothing is asked before. What has arrived is kept',
    },
  )
}

export function waitTooLong(url: string, askedMs: number, limitMs: number): UserError {
  return new UserError(
    `${hostOf(url)} asks to wait ${seconds(askedMs)} before the next request; the limit is ${seconds(limitMs)}`,
    { hint: 'run again after that time: what has arrived is kept' },
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
