/**
 * What hosts allow, as a SQLite file of the user: an exchange counts by address, so every worker of every workspace asks there before it
 * asks the exchange, and a ban outlives the run.
 */
import { mkdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Database, openDatabase } from './sqlite.js'
import { PLACES, placeFor, type Workspace } from './workspace.js'

/** A table of JSON states by key, changed by one process at a time. */
export interface StateFile<S> {
  change<T>(key: string, change: (state: S) => T): T
  close(): void
}

/** How long a process waits for another to finish its change. */
const BUSY_MS = 20_000

export type LimitsOf = {
  readonly workspace: Workspace
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Opens the file in the user's folder of states; where that cannot be written, the workspace has one of its own. */
export async function openLimits<S>(of: LimitsOf, create: () => S): Promise<StateFile<S>> {
  const database = (await openShared(of.environment)) ?? (await openAt(placeFor(of.workspace, PLACES.limits)))
  const read = database.prepare<{ state: string }>('SELECT state FROM hosts WHERE host = ?')
  const write = database.prepare('INSERT OR REPLACE INTO hosts (host, state) VALUES (?, ?)')
  return {
    change(key, change) {
      return database.immediate(() => {
        const found = read.get(key)
        const state = found === undefined ? create() : (JSON.parse(found.state) as S)
        const result = change(state)
        write.run(key, JSON.stringify(state))
        return result
      })
    },
    close: () => database.close(),
  }
}

async function openAt(path: string): Promise<Database> {
  const database = await openDatabase(path, BUSY_MS)
  // A lost entry costs a little politeness, not data: no sync to disk for each request. No WAL either: several processes that open the
  // file at once would refuse each other.
  database.exec('PRAGMA synchronous = OFF')
  database.exec('CREATE TABLE IF NOT EXISTS hosts (host TEXT PRIMARY KEY, state TEXT NOT NULL)')
  return database
}

async function openShared({ XDG_STATE_HOME, HOME }: LimitsOf['environment']): Promise<Database | null> {
  const states = [XDG_STATE_HOME, HOME === undefined ? '' : join(HOME, '.local/state')]
  const folder = states.find((path) => path !== undefined && isAbsolute(path))
  if (folder === undefined) return null
  try {
    mkdirSync(join(folder, 'sluice'), { recursive: true })
    return await openAt(join(folder, 'sluice/limits.sqlite'))
  } catch {
    // A home that is read-only, or that a service does not have.
    return null
  }
}
