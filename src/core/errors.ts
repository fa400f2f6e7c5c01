/**
 * The only two things that are thrown. A `UserError` is what the user can put right; a failed `assert` is our bug.
 */

export const EXIT = { done: 0, failed: 1, usage: 2, gate: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export type UserErrorOptions = { readonly hint?: string; readonly exitCode?: ExitCode; readonly cause?: unknown }

/** Message: subject, the fact with both numbers, the limit. Hint: what to type next. */
export class UserError extends Error {
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'UserError'
    this.hint = options.hint
    this.exitCode = options.exitCode ?? EXIT.failed
  }
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`)
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
