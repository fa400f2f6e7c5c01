/**
 * SQLite behind one interface: Node's own where Node has it without a flag (22.13 and later), so that nothing is compiled, and better-sqlite3 below.
 * Both write the same file.
 */

export type SqlValue = string | number | bigint | null | Uint8Array

/** Values for `?` in their order, or one object of values by the name behind `@`, with no other name in it. */
export type SqlValues = readonly SqlValue[] | readonly [Readonly<Record<string, SqlValue>>]

export interface Statement<Row> {
  run(...values: SqlValues): void
  /** The first row, or undefined. */
  get(...values: SqlValues): Row | undefined
  all(...values: SqlValues): Row[]
}

export interface Database {
  /** Any number of statements that give no rows. */
  exec(sql: string): void
  prepare<Row = unknown>(sql: string): Statement<Row>
  /** What `PRAGMA name` says, or, for `name = value`, what it has become. */
  pragma(text: string): SqlValue | undefined
  /** Runs `action` inside the writer's lock, taken before the first read; when it throws, nothing of it stays. */
  immediate<T>(action: () => T): T
  /** Once is enough, and twice does no harm. */
  close(): void
}

/** What both engines have. */
interface Engine {
  exec(sql: string): unknown
  prepare(sql: string): {
    run(...values: unknown[]): unknown
    get(...values: unknown[]): unknown
    all(...values: unknown[]): unknown[]
  }
  close(): unknown
}

/**
 * Opens a file, and makes it where it is absent.
 *
 * @param path    or `:memory:`
 * @param busyMs  how long a statement waits for another process
 * @throws what SQLite throws; `sqliteCode` names it
 */
export async function openDatabase(path: string, busyMs: number): Promise<Database> {
  const engine = await openEngine(path)
  engine.exec(`PRAGMA busy_timeout = ${busyMs}`)
  let isOpen = true
  return {
    exec: (sql) => void engine.exec(sql),
    prepare<Row>(sql: string) {
      const statement = engine.prepare(sql)
      return {
        run: (...values: SqlValues) => void statement.run(...values),
        get: (...values: SqlValues) => plain(statement.get(...values)) as Row | undefined,
        all: (...values: SqlValues) => statement.all(...values).map(plain) as Row[],
      }
    },
    pragma(text) {
      const row = engine.prepare(`PRAGMA ${text}`).get()
      return row === undefined ? undefined : (Object.values(Object(row))[0] as SqlValue)
    },
    immediate(action) {
      engine.exec('BEGIN IMMEDIATE')
      try {
        const result = action()
        engine.exec('COMMIT')
        return result
      } catch (thrown) {
        rollBack(engine)
        throw thrown
      }
    },
    close() {
      // A second close is an error of Node's engine alone.
      if (isOpen) engine.close()
      isOpen = false
    },
  }
}

/** SQLite's name of a failure, whichever engine threw it: `SQLITE_BUSY`; empty for anything else. */
export function sqliteCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  if ('errcode' in thrown) return PRIMARY_CODES.get(Number(thrown.errcode) & 0xff) ?? 'SQLITE_ERROR'
  return 'code' in thrown ? String(thrown.code) : ''
}

/** https://www.sqlite.org/rescode.html; the low byte of an extended code is its primary one. */
const PRIMARY_CODES: ReadonlyMap<number, string> = new Map([
  [3, 'SQLITE_PERM'],
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [11, 'SQLITE_CORRUPT'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
  [19, 'SQLITE_CONSTRAINT'],
  [23, 'SQLITE_AUTH'],
  [26, 'SQLITE_NOTADB'],
])

async function openEngine(path: string): Promise<Engine> {
  const own = ownEngine()
  if (own !== null) return new own(path)
  const { default: Sqlite } = await import('better-sqlite3')
  return new Sqlite(path)
}

/** Node's engine; null where it has none. The first use says on some versions that it is experimental, which is nothing a user could act upon. */
function ownEngine(): (new (path: string) => Engine) | null {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 22 || (major === 22 && minor < 13)) return null
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return (process.getBuiltinModule('node:sqlite') as { DatabaseSync: new (path: string) => Engine }).DatabaseSync
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Node's engine makes rows without a prototype. */
function plain(row: unknown): unknown {
  return row === undefined ? undefined : { ...Object(row) }
}

/** After some failures (a full disk) SQLite has rolled back by itself, and says so. */
function rollBack(engine: Engine): void {
  try {
    engine.exec('ROLLBACK')
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.message.includes('no transaction is active'))) throw thrown
  }
}
