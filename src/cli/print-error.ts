/**
 * The one form in which an error reaches a person: what happened, an empty line, what to do, with the options that were typed.
 */
import { type KnownCommand, repeatOptions, type Typed } from './repeat-options.js'

let words = (hint: string): string => hint

/** There is one command line in a process: what was typed on it stands in every hint from here on. */
export function hintsFor(commands: readonly KnownCommand[], typed: Typed): void {
  words = (hint) => repeatOptions(hint, commands, typed)
}

/** A hint with the options that the person at hand has typed. */
export function hintInFull(hint: string): string {
  return words(hint)
}

/** @param again  false where what was typed is what is wrong, and is not to be typed again */
export function printError(message: string, hint: string | null, again = true): void {
  const told = hint === null || !again ? hint : hintInFull(hint)
  process.stderr.write(`error: ${message}\n${told === null ? '' : `\nhint: ${told}\n`}`)
}
