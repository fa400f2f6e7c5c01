/**
 * The SQLite file `artifacts/registry.sqlite`: opening, schema, and what its failures mean to a person. What the tables hold is
 * written and read elsewhere.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, UserError } from '../core/errors.js'
import { type Database, openDatabase, sqliteCode } from './sqlite.js'

/** A writer waits this long for another. */
const BUSY_MS = 10_000

/**
 * Step i takes the file from `user_version` i to i + 1. Steps are only ever added at the end. What must hold whatever the
 * program does is held by the file itself: one model in production per venue and pair, an audit and a ledger of trials that only grow.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE models (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 64 AND id NOT GLOB '*[^0-9a-f]*'),
    venue TEXT NOT NULL,
    pair TEXT NOT NULL,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('candidate', 'approved', 'rejected', 'retired')),
    bundle_path TEXT NOT NULL CHECK (bundle_path NOT GLOB '/*'),
    created_at INTEGER NOT NULL,
    git_commit TEXT,
    data_snapshot_hash TEXT NOT NULL,
    schema_hash TEXT NOT NULL,
    feature_set_hash TEXT NOT NULL,
    label_hash TEXT NOT NULL,
    parameters TEXT NOT NULL,
    metrics TEXT NOT NULL,
    gates TEXT NOT NULL,
    score REAL NOT NULL,
    UNIQUE (venue, pair, version)
  ) STRICT;
  CREATE UNIQUE INDEX one_in_production ON models (venue, pair) WHERE state = 'approved';
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    model_id TEXT NOT NULL REFERENCES models (id),
    action TEXT NOT NULL CHECK (action IN ('register', 'approve', 'reject', 'retire')),
    who TEXT NOT NULL CHECK (length(who) > 0),
    why TEXT NOT NULL,
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1))
  ) STRICT;
  CREATE INDEX events_of_model ON events (model_id);
  CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER models_remain BEFORE DELETE ON models BEGIN SELECT RAISE(ABORT, 'models are never deleted'); END;
  `,
  `
  CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    time INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fit', 'trial', 'backtest')),
    key TEXT NOT NULL UNIQUE CHECK (length(key) = 64),
    entry TEXT NOT NULL CHECK (json_valid(entry)),
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE ledger_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  CREATE TRIGGER ledger_remains BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
  `,
  `
  ALTER TABLE models ADD COLUMN content_hash TEXT;
  CREATE TABLE judgements (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    model_id TEXT NOT NULL REFERENCES models (id),
    metrics TEXT NOT NULL,
    gates TEXT NOT NULL,
    score REAL NOT NULL
  ) STRICT;
  CREATE INDEX judgements_of_model ON judgements (model_id);
  CREATE TRIGGER judgements_stay BEFORE UPDATE ON judgements BEGIN SELECT RAISE(ABORT, 'judgements are append-only'); END;
  CREATE TRIGGER judgements_remain BEFORE DELETE ON judgements BEGIN SELECT RAISE(ABORT, 'judgements are append-only'); END;
  INSERT INTO judgements (time, model_id, metrics, gates, score)
    SELECT created_at, id, metrics, gates, score FROM models ORDER BY seq;
  `,
]

/** What a person can do about a registry that lost something. */
export const LOST_HINT =
  'put back a copy of artifacts/registry.sqlite; to go on without one, move it and artifacts/selections away: then what lies on disk is ' +
  'counted and registered again, and decisions by hand and earlier looks at the test part are forgotten'

/**
 * A registry that is gone or empty while selections stand beside it was lost: a new one would forget, without a word, what was approved and what was
 * tried.
 *
 * @param path  of the registry's file
 * @throws UserError when it was lost
 */
export function refuseLost(path: string): void {
  if (!isBlank(path)) return
  const selections = countSelections(join(dirname(path), 'selections'))
  if (selections === 0) return
  throw new UserError(
    `${path} is ${existsSync(path) ? 'empty' : 'gone'}, and ${selections} ${selections === 1 ? 'selection was' : 'selections were'} entered there: ` +
      'no new one takes its place by itself',
    { hint: LOST_HINT },
  )
}

/** Nothing was ever written to it, or all of it was cut off. */
function isBlank(path: string): boolean {
  return [path, `${path}-wal`].every((file) => !existsSync(file) || statSync(file).size === 0)
}

/** Folders of `<venue>/<PAIR>/<fingerprint>`. */
function countSelections(folder: string, depth = 3): number {
  if (!existsSync(folder)) return 0
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return depth === 1
    ? inside.length
    : inside.reduce((sum, { name }) => sum + countSelections(join(folder, name), depth - 1), 0)
}

/**
 * Opens the file, makes it and its folder unless `create` is false, and brings its schema up to date.
 *
 * @throws UserError when the file is absent and not to be made, lost, damaged, in use for too long, or of a later version
 */
export async function openRegistryFile(path: string, create: boolean): Promise<Database> {
  refuseLost(path)
  if (!create && !existsSync(path)) {
    throw new UserError(`no model is registered: ${path} does not exist`, { hint: 'run `sluice run` first' })
  }
  mkdirSync(dirname(path), { recursive: true })
  let database: Database | null = null
  try {
    const opened = await openDatabase(path, BUSY_MS)
    database = opened
    return explained(path, () => prepare(opened, path))
  } catch (thrown) {
    database?.close()
    throw explanation(path, thrown)
  }
}

/** Runs `action`; a failure of SQLite that the user can put right becomes a UserError. */
export function explained<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (thrown) {
    throw explanation(path, thrown)
  }
}

function prepare(database: Database, path: string): Database {
  database.exec('PRAGMA foreign_keys = ON')
  // The first look at the file's pages: a file that is no database fails here, before anything is written to it.
  const version = schemaVersion(database)
  if (version > MIGRATIONS.length) {
    throw new UserError(`${path} has schema version ${version}, this program knows up to ${MIGRATIONS.length}`, {
      hint: 'it was written by a newer sluice: use that one, or another --root',
    })
  }
  enterWal(database)
  // An approval that was acknowledged must survive a power cut; WAL alone promises that for synchronous = FULL only.
  database.exec('PRAGMA synchronous = FULL')
  if (version < MIGRATIONS.length) database.immediate(() => migrate(database))
  return database
}

/** Inside the writer's lock, so that of two processes that open a new file one makes the tables and the other finds them. */
function migrate(database: Database): void {
  for (let step = schemaVersion(database); step < MIGRATIONS.length; step++) {
    database.exec(MIGRATIONS[step])
    database.exec(`PRAGMA user_version = ${step + 1}`)
  }
}

function schemaVersion(database: Database): number {
  return Number(database.pragma('user_version'))
}

/** SQLite answers "busy" at once, without its timeout, when two connections switch a new file to WAL at the same moment. */
function enterWal(database: Database): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 0; ; tries++) {
    try {
      database.pragma('journal_mode = WAL')
      return
    } catch (thrown) {
      if (!sqliteCode(thrown).startsWith('SQLITE_BUSY') || tries === BUSY_MS / 10) throw thrown
      Atomics.wait(pause, 0, 0, 10)
    }
  }
}

const EXPLANATIONS: readonly { readonly codes: RegExp; readonly fact: string; readonly hint: string }[] = [
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/,
    fact: 'is damaged, or is not a registry',
    hint: LOST_HINT,
  },
  {
    codes: /^SQLITE_(BUSY|LOCKED)/,
    fact: `is in use for more than ${BUSY_MS / 1000} s`,
    hint: 'wait for the other run to end',
  },
  {
    codes: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/,
    fact: 'cannot be opened for writing',
    hint: 'check the permissions of the file and of its folder',
  },
  {
    codes: /^SQLITE_(FULL|IOERR)/,
    fact: 'cannot be written',
    hint: 'check that the disk has space; nothing was changed',
  },
]

function explanation(path: string, thrown: unknown): unknown {
  const found = EXPLANATIONS.find(({ codes }) => codes.test(sqliteCode(thrown)))
  if (found === undefined) return thrown
  return new UserError(`${path} ${found.fact} (${messageOf(thrown)})`, { hint: found.hint, cause: thrown })
}
