/**
 * How many rows a text has: what was read is compared with what was stored, so that none is lost on the way.
 */

export interface RowCounter {
  add(bytes: Uint8Array): void
  /** Lines so far that hold anything, each ended by a line feed. */
  rows(): number
}

const LINE_FEED = 10

/** Counts the lines of a text that comes in pieces. Empty lines are no rows: no reader makes one of them. */
export function countRows(): RowCounter {
  let rows = 0
  let isEmpty = true // the line that has begun
  return {
    add(bytes) {
      let from = 0
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
        if (at > from || !isEmpty) rows++
        isEmpty = true
        from = at + 1
      }
      if (from < bytes.length) isEmpty = false
    },
    rows: () => rows,
  }
}
