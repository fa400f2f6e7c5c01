/**
 * What can be the name of a pair. Names become folders and parts of addresses, so nothing else passes a door: not the configuration,
 * not the command line, not a pipeline.
 */
import { pairFromSymbol } from './recognise/names.js'

/** Capital letters of any script, digits, and `_` or `-` between them, as exchanges have them: `BTCUSDT`, `1000PEPEUSDT`, `BTCUSDT_240628`. */
const PAIR_NAME = /^[\p{Lu}\p{Lo}\p{N}]+(?:[_-][\p{Lu}\p{Lo}\p{N}]+)*$/u

const LONGEST = 40

/** Whether it is written as an exchange names a pair; whether there is such a pair is for the archive to say. */
export function isPairName(text: string): boolean {
  return text.length <= LONGEST && PAIR_NAME.test(text)
}

/** Why it is no name of a pair, as the end of a sentence that begins with what was written; null when it is one. */
export function pairNameProblem(text: string): string | null {
  if (isPairName(text)) return null
  const meant = pairFromSymbol(text)
  return `is not the name of a pair such as BTCUSDT${meant === null ? '' : `, did you mean ${meant}?`}`
}
