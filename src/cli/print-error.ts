/**
 * The one form in which an error reaches a person: what happened, an empty line, what to do.
 */

export function printError(message: string, hint: string | null): void {
  process.stderr.write(`error: ${message}\n${hint === null ? '' : `\nhint: ${hint}\n`}`)
}
