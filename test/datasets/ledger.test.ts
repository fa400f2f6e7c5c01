/**
 * The ledger counts each content once, from however many processes, and any way of changing it is found.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canonicalJson, sha256 } from '../../src/core/canonical.js'
import {
  FIRST,
  ledgerKey,
  readLedger,
  readStored,
  recordInLedger,
  rowHash,
  type StoredRow,
} from '../../src/datasets/ledger.js'
import { chainFindings } from '../../src/datasets/ledger-chain.js'
import { openRegistry } from '../../src/datasets/model-registry.js'
import { openDatabase } from '../../src/datasets/sqlite.js'
import { trial } from '../support/ledger-entry.js'
import { entry } from '../support/model-entry.js'
import { scratchFolder } from '../support/scratch.js'

async function freshPath(): Promise<string> {
  return join(await scratchFolder(), 'artifacts', 'registry.sqlite')
}

async function filled(count = 5): Promise<string> {
  const path = await freshPath()
  await recordInLedger(
    path,
    Array.from({ length: count }, (_, i) => trial(`t${i + 1}`)),
    1000,
  )
  return path
}

/** What another program does to the file, its guards switched off. */
async function tamper(path: string, sql: string): Promise<void> {
  const database = await openDatabase(path, 0)
  database.exec('DROP TRIGGER ledger_stays; DROP TRIGGER ledger_remains;')
  database.exec(sql)
  database.close()
}

async function findings(path: string) {
  const { rows, head } = await readStored(path)
  return chainFindings(rows, head).map(({ seq, problem }) => `${seq ?? '-'} ${problem}`)
}

describe('recording', () => {
  it('counts a content once, whatever its outcome and time', async () => {
    const path = await freshPath()
    expect(await recordInLedger(path, [trial('a'), trial('b'), trial('a')], 1)).toBe(2)
    expect(await recordInLedger(path, [trial('b', { outcome: { failed: 'no memory' } })], 2)).toBe(0)
    expect(await recordInLedger(path, [trial('b', { fold: 1 }), trial('b', { kind: 'fit' })], 3)).toBe(2)
    const rows = await readLedger(path)
    expect(rows.map(({ seq, time, kind }) => [seq, time, kind])).toEqual([
      [1, 1, 'trial'],
      [2, 1, 'trial'],
      [3, 3, 'trial'],
      [4, 3, 'fit'],
    ])
    expect(rows[1].entry).toEqual(trial('b'))
  })

  it('is the chain that the documentation describes', async () => {
    const path = await filled(2)
    const [first, second] = (await readStored(path)).rows
    // By hand: the hash of the canonical JSON of everything else in the row, the hash before it included.
    const text = canonicalJson(trial('t1'))
    const { outcome: _, ...content } = trial('t1')
    const key = sha256(canonicalJson(content))
    expect(first.key).toBe(key)
    expect(first.hash).toBe(
      sha256(canonicalJson({ seq: 1, time: 1000, kind: 'trial', key, entry: text, previous: FIRST })),
    )
    expect(second.previous).toBe(first.hash)
    expect((await readStored(path)).head).toEqual({ count: 2, hash: second.hash })
  })

  it('reads the rows of one pair or venue', async () => {
    const path = await filled(2)
    await recordInLedger(path, [trial('x', { pair: 'ETHUSDT' }), trial('y', { snapshot: 'b' })], 1)
    expect((await readLedger(path, { pair: 'ETHUSDT' })).map(({ seq }) => seq)).toEqual([3])
    expect((await readLedger(path, { pair: 'BTCUSDT' })).map(({ seq }) => seq)).toEqual([1, 2, 4])
    expect(await readLedger(path, { venue: 'binance-spot' })).toEqual([])
    expect(await readLedger(await freshPath())).toEqual([])
  })

  it('takes rows of several processes at once, each content once', async () => {
    const path = await freshPath()
    const added = await Promise.all(['a', 'b', 'c'].map((name) => inProcess(path, name, 30)))
    // 15 shared contents and 15 of each process's own.
    expect(added.reduce((sum, n) => sum + n, 0)).toBe(15 + 3 * 15)
    const { rows } = await readStored(path)
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(await findings(path)).toEqual([])
  }, 30_000)

  it('adds to a registry that was made before there was a ledger', async () => {
    const path = await freshPath()
    const registry = await openRegistry(path)
    registry.register(entry('a'))
    registry.close()
    const old = await openDatabase(path, 0)
    old.exec(
      'DROP TABLE ledger; DROP TABLE ledger_head; DROP TABLE judgements; ALTER TABLE models DROP COLUMN content_hash; PRAGMA user_version = 1',
    )
    old.close()
    await recordInLedger(path, [trial('a')], 1)
    const again = await openRegistry(path)
    onTestFinished(() => again.close())
    expect(again.list()).toHaveLength(1)
    expect(again.judgements(again.list()[0].id), 'what it was judged by then').toHaveLength(1)
    expect(await readLedger(path)).toHaveLength(1)
  })
})

describe('a ledger that was tampered with', () => {
  it('is not this one', async () => expect(await findings(await filled())).toEqual([]))

  it('cannot be changed or shortened by plain SQL', async () => {
    const path = await filled()
    const database = await openDatabase(path, 0)
    onTestFinished(() => void database.close())
    expect(() => database.exec('UPDATE ledger SET time = 2')).toThrow('append-only')
    expect(() => database.exec('DELETE FROM ledger')).toThrow('append-only')
  })

  it.each([
    ['another time', 'UPDATE ledger SET time = 999 WHERE seq = 3', /^3 was changed: its hash is/],
    [
      'another outcome',
      `UPDATE ledger SET entry = replace(entry, '"value":1', '"value":2') WHERE seq = 3`,
      /^3 was changed/,
    ],
    ['one space more', `UPDATE ledger SET entry = replace(entry, ':', ': ') WHERE seq = 3`, /^3 was changed/],
    ['a row removed', 'DELETE FROM ledger WHERE seq = 3', /^4 row 3 is missing before it/],
    ['the first rows removed', 'DELETE FROM ledger WHERE seq < 3', /^3 rows 1 to 2 are missing before it/],
    ['the last rows cut off', 'DELETE FROM ledger WHERE seq > 3', /^- rows 4 to 5 are missing at the end/],
    ['everything removed', 'DELETE FROM ledger', /^- rows 1 to 5 are missing at the end/],
    ['the head removed', 'DELETE FROM ledger_head', /^- the head is gone, there are 5 rows/],
    ['the head moved back', 'UPDATE ledger_head SET count = 4', /^- the head is row 4/],
    [
      'a removed row closed up',
      'DELETE FROM ledger WHERE seq = 3; UPDATE ledger SET seq = seq - 1 WHERE seq > 3',
      /^3 does not follow row 2/,
    ],
  ])('is found: %s', async (_name, sql, expected) => {
    const path = await filled()
    await tamper(path, sql)
    expect((await findings(path))[0]).toMatch(expected)
  })

  it('is found: a row inserted with a hash of its own', async () => {
    const path = await filled()
    const { rows } = await readStored(path)
    const forged = row({ ...rows[2], seq: 3 }, 'forged')
    await tamper(path, 'DELETE FROM ledger WHERE seq = 3')
    await insert(path, forged)
    expect(await findings(path)).toEqual([
      `4 does not follow row 3: ${rows[2].hash.slice(0, 12)}, not ${forged.hash.slice(0, 12)}`,
    ])
  })

  it('is found: a row added at the end beside the program', async () => {
    const path = await filled()
    const { rows } = await readStored(path)
    await insert(path, row({ ...rows[4], seq: 6, previous: rows[4].hash }, 'forged'))
    expect((await findings(path))[0]).toMatch(/^- the head is row 5/)
  })

  it('is found: an entry exchanged with its hash, its key kept', async () => {
    const path = await filled()
    const { rows } = await readStored(path)
    const forged = { ...rows[4], entry: canonicalJson(trial('forged')) }
    await tamper(path, 'DELETE FROM ledger WHERE seq = 5')
    await insert(path, { ...forged, hash: rowHash(forged) })
    expect((await findings(path))[0]).toMatch(/^5 has the key/)
  })

  it('keeps the hole for good where rows were cut off and others follow', async () => {
    const path = await filled()
    await tamper(path, 'DELETE FROM ledger WHERE seq > 3')
    await recordInLedger(path, [trial('later')], 1)
    expect(await findings(path)).toEqual(['6 rows 4 to 5 are missing before it'])
  })

  it('is found wherever one field of one row is touched', async () => {
    const path = await filled(6)
    const { rows, head } = await readStored(path)
    const fields = ['seq', 'time', 'kind', 'key', 'entry', 'previous', 'hash'] as const
    fc.assert(
      fc.property(fc.nat(5), fc.constantFrom(...fields), (at, field) => {
        const touched = rows.map((one, i) => (i === at ? { ...one, [field]: other(one[field]) } : one))
        expect(chainFindings(touched, head)).not.toEqual([])
      }),
    )
  })
})

function other(value: number | string): number | string {
  return typeof value === 'number' ? value + 7 : `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`
}

function row(like: StoredRow, name: string): StoredRow {
  const made = { ...like, key: ledgerKey(trial(name)), entry: canonicalJson(trial(name)) }
  return { ...made, hash: rowHash(made) }
}

async function insert(path: string, one: StoredRow): Promise<void> {
  const database = await openDatabase(path, 0)
  database.prepare('INSERT INTO ledger VALUES (@seq, @time, @kind, @key, @entry, @previous, @hash)').run(one)
  database.close()
}

async function inProcess(path: string, name: string, count: number): Promise<number> {
  const program = "import { runnerImport } from 'vite'; await runnerImport('./test/datasets/ledger-in-process.ts')"
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, REGISTRY: path, NAME: name, COUNT: String(count) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return Number(output)
}
