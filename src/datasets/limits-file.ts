/**
 * What hosts allow, as a SQLite file of the workspace: every worker asks there before it asks the exchange, and a ban outlives the run.
 */
import Database from 'better-sqlite3'
import { PLACES, placeFor, type Workspace } from './workspace.js'

/** A table of JSON states by key, changed by one process at a time. */
export interface StateFile<S> {
  change<T>(key: string, change: (state: S) => T): T
  close(): void
}

/** How long a process waits for another to finish its change. */
const BUSY_MS = 20_000

export function openLimits<S>(workspace: Workspace, create: () => S): StateFile<S> {
  const database = new Database(placeFor(workspace, PLACES.limits), { timeout: BUSY_MS })
  // A lost entry costs a little politeness, not data: no sync to disk for each request. No WAL either: several processes that open the
  // file at once would refuse each other.
  database.pragma('synchronous = OFF')
  database.exec('CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, state TEXT NOT NULL)')
  const read = database.prepare<[string], { state: string }>('SELECT state FROM hosts WHERE host = ?')
  const write = database.prepare('INSERT OR REPLACE INTO hosts (host, state) VALUES (?, ?)')
  return {
    change(key, change) {
      const work = database.transaction(() => {
        const found = read.get(key)
        const state = found === undefined ? create() : (JSON.parse(found.state) as S)
        const result = change(state)
        write.run(key, JSON.stringify(state))
        return result
      })
      return work.immediate()
    },
    close: () => database.close(),
  }
}
