/**
 * Lists of names in a line.
 */
import { count } from '../format.js'

/** The first of them, and how many more there are. */
export function some(names: readonly string[], most: number): string {
  const more = names.length - most
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${count(more)} more` : names.join(', ')
}
