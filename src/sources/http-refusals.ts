/**
 * What a server or the network said no with, in words that help.
 */
import { messageOf, UserError } from '../core/errors.js'

const MIRROR_HINT = 'check the network, or set exchange.archiveUrl to a local mirror'

export function unreachable(url: string, cause: unknown): UserError {
  return new UserError(`cannot reach ${hostOf(url)}: ${messageOf(cause)}`, { hint: MIRROR_HINT, cause })
}

export function givenUp(url: string, fault: string, attempts: number): UserError {
  return new UserError(`${url} failed ${attempts} times, last: ${fault}`, {
    hint: `try again later: what has arrived is kept. If it stays, ${MIRROR_HINT}`,
  })
}

export function waitTooLong(url: string, askedMs: number, limitMs: number): UserError {
  return new UserError(
    `${hostOf(url)} asks to wait ${seconds(askedMs)} before the next request; the limit is ${seconds(limitMs)}`,
    { hint: 'run again after that time: what has arrived is kept' },
  )
}

/** A status that another attempt would not change. */
export function refusal(url: string, status: number, retryAfterMs: number | null): UserError {
  const host = hostOf(url)
  switch (status) {
    case 403:
      return new UserError(`${host} refuses access (status 403) to ${url}`, {
        hint: 'a firewall or proxy may be in the way, or the address is not public; check exchange.archiveUrl, or use a local mirror',
      })
    case 418: {
      const until = retryAfterMs === null ? '' : ` for another ${seconds(retryAfterMs)}`
      return new UserError(`${host} has banned this address${until} (status 418) for too many requests`, {
        hint: 'stop every program that uses the exchange from here, wait until the ban ends, then run again with fewer jobs',
      })
    }
    case 451:
      return new UserError(`${host} does not serve this location (status 451)`, {
        hint: 'where it is lawful, use the public archive (exchange.archiveUrl) or a local mirror of it',
      })
    default:
      return new UserError(`${host} answered with status ${status} to ${url}`, {
        hint: 'check that exchange.archiveUrl points at the root of an archive',
      })
  }
}

function hostOf(url: string): string {
  return new URL(url).host
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000).toLocaleString('en-US')} s`
}
