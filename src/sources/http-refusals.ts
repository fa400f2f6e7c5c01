/**
 * What a server or the network said no with, in words that help.
 */
import { UserError } from '../core/errors.js'

const MIRROR_HINT = 'check the network, or set exchange.archiveUrl to a local mirror'

/** Names the host alone, so that all who cannot reach it say the same. */
export function unreachable(url: string, fault: string): UserError {
  return new UserError(`cannot reach ${hostOf(url)}: ${fault}`, { hint: MIRROR_HINT })
}

export type GivenUp = { readonly fault: string; readonly attempts: number; readonly hint?: string | undefined }

export function givenUp(url: string, { fault, attempts, hint = MIRROR_HINT }: GivenUp): UserError {
  return new UserError(`${url} failed ${attempts} times, last: ${fault}`, {
    hint: `try again later: what has arrived is kept. If it stays, ${hint}`,
  })
}

/** The server said no, and asking again does not change it. */
export class StatusError extends UserError {
  readonly status: number

  constructor(status: number, message: string, hint: string) {
    super(message, { hint })
    this.status = status
  }
}

/** A status that another attempt would not change. */
export function refusal(url: string, status: number): UserError {
  const host = hostOf(url)
  switch (status) {
    case 403:
      return new StatusError(
        status,
        `${host} refuses access (status 403) to ${url}`,
        'a firewall or proxy may be in the way, or the address is not public; check exchange.archiveUrl, or use a local mirror',
      )
    case 451:
      return new StatusError(
        status,
        `${host} does not serve this location (status 451)`,
        'the public archive may answer where the exchange does not: download.rest=never uses nothing else. where it is lawful',
      )
    default:
      return new StatusError(
        status,
        `${host} answered with status ${status} to ${url}`,
        'check that exchange.archiveUrl points at the root of an archive',
      )
  }
}

export function hostOf(url: string): string {
  return new URL(url).host
}

export function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000).toLocaleString('en-US')} s`
}
