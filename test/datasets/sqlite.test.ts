import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Database, openDatabase, sqliteCode } from '../../src/datasets/sqlite.js'
import { scratchFolder } from '../support/scratch.js'

async function opened(path = ':memory:', busyMs = 0): Promise<Database> {
  const database = await openDatabase(path, busyMs)
  onTestFinished(() => database.close())
  return database
}

function failure(action: () => unknown): string {
  try {
    action()
  } catch (thrown) {
    return sqliteCode(thrown)
  }
  return 'none'
}

describe('SQLite, whichever engine serves it', () => {
  it('takes values by place and by name, and gives plain rows', async () => {
    const database = await opened()
    database.exec('CREATE TABLE t (a TEXT, b INTEGER, c REAL, d BLOB)')
    database.prepare('INSERT INTO t VALUES (?, ?, ?, ?)').run('x', 1, 0.5, null)
    database.prepare('INSERT INTO t VALUES (@a, @b, @c, @d)').run({ a: 'y', b: 2, c: 1.5, d: Uint8Array.of(7) })
    expect(database.prepare('SELECT a, b, c FROM t WHERE a = @a').get({ a: 'x' })).toStrictEqual({
      a: 'x',
      b: 1,
      c: 0.5,
    })
    expect(database.prepare('SELECT a FROM t ORDER BY a').all()).toStrictEqual([{ a: 'x' }, { a: 'y' }])
    expect(database.prepare('SELECT a FROM t WHERE a = ?').get('z')).toBeUndefined()
  })

  it('says what a pragma says', async () => {
    const database = await opened(join(await scratchFolder(), 'a.sqlite'), 1234)
    expect(database.pragma('busy_timeout')).toBe(1234)
    expect(database.pragma('journal_mode = WAL')).toBe('wal')
    database.exec('PRAGMA user_version = 3')
    expect(database.pragma('user_version')).toBe(3)
  })

  it('keeps all of a transaction or nothing of it', async () => {
    const database = await opened()
    database.exec('CREATE TABLE t (a UNIQUE)')
    expect(
      database.immediate(() => {
        database.exec('INSERT INTO t VALUES (1)')
        return 'kept'
      }),
    ).toBe('kept')
    const broken = () =>
      database.immediate(() => {
        database.exec('INSERT INTO t VALUES (2)')
        database.exec('INSERT INTO t VALUES (1)')
      })
    expect(failure(broken)).toMatch(/^SQLITE_CONSTRAINT/)
    // A failure that rolls back by itself is told as it is, not as the failure of a second rollback.
    const rolledBack = () =>
      database.immediate(() => {
        database.exec('INSERT INTO t VALUES (3)')
        database.exec('INSERT OR ROLLBACK INTO t VALUES (1)')
      })
    expect(failure(rolledBack)).toMatch(/^SQLITE_CONSTRAINT/)
    expect(database.prepare('SELECT a FROM t').all()).toEqual([{ a: 1 }])
  })

  it('is closed once, however often that is asked', async () => {
    const database = await openDatabase(':memory:', 0)
    database.close()
    database.close()
    expect(() => database.exec('SELECT 1')).toThrow('not open')
  })

  it('names its failures', async () => {
    const path = join(await scratchFolder(), 'a.sqlite')
    const [one, other] = [await opened(path), await opened(path)]
    one.exec('CREATE TABLE t (a)')
    expect(one.immediate(() => failure(() => other.immediate(() => {})))).toMatch(/^SQLITE_BUSY/)
    await writeFile(`${path}.no`, 'this is not a database at all, and long enough to have a header')
    const none = await opened(`${path}.no`)
    expect(failure(() => none.pragma('user_version'))).toMatch(/^SQLITE_NOTADB/)
    expect(sqliteCode(new Error('of another kind'))).toBe('')
  })
})
