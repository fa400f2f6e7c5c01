/**
 * When the newest rows of an exchange are what they will always be. Apart from what asks for them, so that a plan can know it too.
 */

/** A row that closed less than this ago may lack its last trades: it is left out. */
export const CLOSING_MS = 2000

/** The exchange may still be writing rows that closed less than this ago: they are taken, and asked for again by the next run. */
export const SETTLED_MS = 60_000
