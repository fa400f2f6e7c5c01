/**
 * "Did you mean": the known name nearest to what was typed.
 */
import { flatName, lastPart, oursFor } from './usual-names.js'

/**
 * The one of `known` that is meant, or null when none is near enough: the same name in another spelling, what other tools call it, its
 * last part alone (`horizon` for `labels.horizon`), or the nearest by edit distance, of the whole name and then of the last part.
 */
export function nearest(typed: string, known: readonly string[]): string | null {
  const flat = flatName(typed)
  const last = flatName(lastPart(typed))
  const ours = oursFor(typed)
  return (
    known.find((name) => flatName(name) === flat) ??
    ours.flatMap((word) => known.filter((name) => name === word || lastPart(name) === word))[0] ??
    known.find((name) => flatName(lastPart(name)) === last) ??
    closest(typed, known, Math.max(2, Math.floor(typed.length / 3))) ??
    closest(lastPart(typed), known, Math.floor(last.length / 4), lastPart)
  )
}

/** The first of those with the smallest edit distance between `typed` and the part of them that counts, which is `most` at most. */
function closest(
  typed: string,
  known: readonly string[],
  most: number,
  part: (name: string) => string = (name) => name,
): string | null {
  let best: string | null = null
  let bestDistance = most + 1
  for (const name of known) {
    const distance = editDistance(typed.toLowerCase(), part(name).toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** `, did you mean x?`, or nothing. */
export function suggestion(typed: string, known: readonly string[]): string {
  const name = nearest(typed, known)
  return name === null ? '' : `, did you mean ${name}?`
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    before = previous
    previous = row
  }
  return previous[b.length]
}
