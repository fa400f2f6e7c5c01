import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { openRegistry, type Registry } from '../../src/datasets/model-registry.js'
import { type Database, openDatabase } from '../../src/datasets/sqlite.js'
import { entry, failedGates, hash, passedGates } from '../support/model-entry.js'
import { scratchFolder } from '../support/scratch.js'

const by = { who: 'ann', why: 'looked at it', time: Date.UTC(2024, 1, 1), automatic: false }

async function freshRegistry(): Promise<{ registry: Registry; path: string }> {
  const path = join(await scratchFolder(), 'artifacts', 'registry.sqlite')
  const registry = await openRegistry(path)
  onTestFinished(() => registry.close())
  return { registry, path }
}

/** A connection beside the registry's own, as another program would have. */
async function rawConnection(path: string): Promise<Database> {
  const database = await openDatabase(path, 0)
  onTestFinished(() => void database.close())
  return database
}

async function refusal(action: () => unknown): Promise<UserError> {
  try {
    await action()
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError)
    return thrown as UserError
  }
  throw new Error('nothing was thrown')
}

describe('register', () => {
  it('gives back what was put in', async () => {
    const { registry } = await freshRegistry()
    const { who, why, time, automatic, ...model } = entry('a', { gitCommit: '0a1b2c3' })
    expect(registry.register({ ...model, who, why, time, automatic })).toEqual({
      version: '1.0.0',
      state: 'candidate',
      added: true,
      judgedAgain: false,
    })
    expect(registry.list()).toEqual([{ ...model, version: '1.0.0', state: 'candidate', createdAt: time }])
    expect(registry.events()).toEqual([{ time, modelId: model.id, action: 'register', who, why, automatic }])
  })

  it('changes nothing the second time, whenever and from whatever commit it comes', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    registry.approve({ id: hash('a'), ...by })
    registry.register(entry('b'))
    const before = [registry.list(), registry.events()]
    expect(registry.register(entry('a', { time: 9, who: 'bob', gitCommit: 'other' }))).toEqual({
      version: '1.0.0',
      state: 'approved',
      added: false,
      judgedAgain: false,
    })
    expect([registry.list(), registry.events()]).toEqual(before)
  })

  it('takes a new judgement of a known bundle, and keeps its version and state', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    const again = registry.register(entry('a', { gates: failedGates, score: 0.4, why: 'gates.precision was raised' }))
    expect(again).toEqual({ version: '1.0.0', state: 'candidate', added: false, judgedAgain: true })
    expect(registry.get(hash('a'))).toMatchObject({ gates: failedGates, score: 0.4 })
    expect(registry.judgements(hash('a')).map(({ score, gates }) => [score, gates])).toEqual([
      [0.61, passedGates],
      [0.4, failedGates],
    ])
    expect(registry.events().map(({ action, why }) => [action, why])).toEqual([
      ['register', 'passed every required gate'],
      ['register', 'gates.precision was raised'],
    ])
  })

  it('refuses a known bundle with another pair, data or parameters: its fingerprint would be wrong', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    expect(() => registry.register(entry('a', { pair: 'ETHUSDT' }))).toThrow('pair BTCUSDT, and now ETHUSDT')
    expect(() => registry.register(entry('a', { dataSnapshotHash: hash('x') }))).toThrow('dataSnapshotHash')
    expect(() => registry.register(entry('a', { parameters: { max_depth: 5 } }))).toThrow('{"max_depth":5}')
    expect(() => registry.register(entry('b', { score: Number.NaN }))).toThrow('NaN')
    expect(registry.events()).toHaveLength(1)
  })

  it('counts versions per venue and pair by what changed', async () => {
    const { registry } = await freshRegistry()
    const version = (name: string, changes = {}) => registry.register(entry(name, changes)).version
    expect(version('a')).toBe('1.0.0')
    expect(version('b', { dataSnapshotHash: hash('more') })).toBe('1.0.1')
    expect(version('c', { labelHash: hash('L') })).toBe('1.1.0')
    expect(version('d', { labelHash: hash('L'), schemaHash: hash('S') })).toBe('2.0.0')
    expect(version('e', { pair: 'ETHUSDT' })).toBe('1.0.0')
    expect(version('f', { venue: 'binance-spot' })).toBe('1.0.0')
    expect(registry.list({ pair: 'BTCUSDT', venue: 'binance-um' }).map((row) => row.version)).toEqual([
      '2.0.0',
      '1.1.0',
      '1.0.1',
      '1.0.0',
    ])
  })
})

describe('get', () => {
  it('finds by id, first digits of an id, and version', async () => {
    const { registry } = await freshRegistry()
    for (const name of ['a', 'b']) registry.register(entry(name))
    expect(registry.get(hash('b'))?.version).toBe('1.0.1')
    expect(registry.get(hash('b').slice(0, 6).toUpperCase())?.version).toBe('1.0.1')
    expect(registry.get('v1.0.1')?.id).toBe(hash('b'))
    for (const unknown of ['9.9.9', 'ffffffffff', '', 'xgboost', '%', '1.0']) expect(registry.get(unknown)).toBeNull()
  })

  it('refuses what several models answer to, and takes a pair to tell them apart', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    registry.register(entry('b', { pair: 'ETHUSDT' }))
    const error = await refusal(() => registry.get('1.0.0'))
    expect(error.message).toBe(
      `1.0.0 is the name of 2 models: BTCUSDT 1.0.0 on binance-um (${hash('a').slice(0, 8)}), ` +
        `ETHUSDT 1.0.0 on binance-um (${hash('b').slice(0, 8)})`,
    )
    expect(error.exitCode).toBe(2)
    expect(registry.get('1.0.0', { pair: 'ETHUSDT' })?.id).toBe(hash('b'))
  })

  it('shows as many digits as tell two ids apart', async () => {
    const { registry } = await freshRegistry()
    const ids = ['1', '2'].map((digit) => `${'ab'.repeat(6)}${digit}`.padEnd(64, '0'))
    for (const id of ids) registry.register(entry(id, { id }))
    const { message } = await refusal(() => registry.get('abab'))
    expect(message).toContain('(abababababab1)')
    expect(message).toContain('(abababababab2)')
  })
})

describe('approve and reject', () => {
  it('retires the model that was in production, and says who and why', async () => {
    const { registry } = await freshRegistry()
    for (const name of ['a', 'b']) registry.register(entry(name))
    registry.approve({ id: hash('a'), ...by })
    const done = registry.approve({ id: hash('b'), ...by, why: 'better' })
    expect(done).toMatchObject({
      changed: true,
      model: { state: 'approved' },
      retired: { version: '1.0.0', state: 'retired' },
    })
    expect(registry.production('binance-um', 'BTCUSDT')?.id).toBe(hash('b'))
    expect(registry.events(hash('a')).map(({ action, who, why }) => [action, who, why])).toEqual([
      ['register', 'select', 'passed every required gate'],
      ['approve', 'ann', 'looked at it'],
      ['retire', 'ann', `replaced by 1.0.1 (${hash('b').slice(0, 8)})`],
    ])
  })

  it('leaves other pairs and venues alone', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    registry.register(entry('b', { pair: 'ETHUSDT' }))
    registry.register(entry('c', { venue: 'binance-spot' }))
    for (const name of ['a', 'b', 'c']) registry.approve({ id: hash(name), ...by })
    expect(registry.list({ state: 'approved' })).toHaveLength(3)
    expect(registry.production('binance-spot', 'ETHUSDT')).toBeNull()
  })

  it('writes nothing when there is nothing to do', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('a'))
    registry.approve({ id: hash('a'), ...by })
    expect(registry.approve({ id: hash('a'), ...by })).toMatchObject({
      changed: false,
      reason: 'it is in production already',
    })
    registry.reject({ id: hash('a'), ...by })
    expect(registry.reject({ id: hash('a'), ...by })).toMatchObject({
      changed: false,
      reason: 'it is rejected already',
    })
    expect(registry.production('binance-um', 'BTCUSDT')).toBeNull()
    expect(registry.events().map(({ action }) => action)).toEqual(['register', 'approve', 'reject'])
  })

  it('approves automatically only what passed, and never what was rejected', async () => {
    const { registry } = await freshRegistry()
    registry.register(entry('bad', { gates: failedGates }))
    registry.register(entry('unjudged', { gates: [] }))
    registry.register(entry('good'))
    for (const name of ['bad', 'unjudged']) {
      expect(() => registry.approve({ id: hash(name), ...by, automatic: true })).toThrow('did not pass its gates')
    }
    registry.reject({ id: hash('good'), ...by })
    expect(registry.approve({ id: hash('good'), ...by, automatic: true })).toMatchObject({
      changed: false,
      model: { state: 'rejected' },
      reason: 'it was rejected, and only a person takes that back',
    })
    expect(registry.approve({ id: hash('good'), ...by }).changed).toBe(true)
    expect(registry.approve({ id: hash('bad'), ...by }).changed).toBe(true)
  })

  it('refuses an id that is not registered, and an act without an author', async () => {
    const { registry } = await freshRegistry()
    expect(() => registry.approve({ id: hash('nobody'), ...by })).toThrow('not registered')
    expect(() => registry.register(entry('a', { who: '' }))).toThrow('CHECK')
    expect(registry.list(), 'the row went with the event').toEqual([])
  })

  it('holds at most one model in production per venue and pair, and an event for each act, whatever happens', async () => {
    const name = fc.nat({ max: 5 })
    const act = fc.oneof(
      fc.record({ do: fc.constant('register' as const), name, passed: fc.boolean() }),
      fc.record({ do: fc.constantFrom('approve' as const, 'reject' as const), name, automatic: fc.boolean() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const registry = await openRegistry(':memory:')
        const pairs = ['BTCUSDT', 'ETHUSDT']
        let expected = 0
        const inProduction = new Map<string, string>() // the same rules, naively
        acts.forEach((step, time) => {
          const id = hash(`model ${step.name}`)
          const pair = pairs[step.name % 2]
          const row = registry.get(id)
          if (step.do === 'register') {
            const gates = step.passed ? passedGates : failedGates
            const done = registry.register(entry(`model ${step.name}`, { pair, time, gates }))
            expect(done.added).toBe(row === null)
            expected += done.added || done.judgedAgain ? 1 : 0
          } else if (row === null || (step.do === 'approve' && step.automatic && row.gates[0].passed === false)) {
            expect(() =>
              registry[step.do]({ id, ...by, time, automatic: 'automatic' in step && step.automatic }),
            ).toThrow()
          } else {
            const done = registry[step.do]({ id, ...by, time, automatic: step.automatic })
            expected += (done.changed ? 1 : 0) + (done.retired === null ? 0 : 1)
            if (step.do === 'approve' && done.changed) inProduction.set(pair, id)
            if (step.do === 'reject' && inProduction.get(pair) === id) inProduction.delete(pair)
          }
          for (const each of pairs) {
            expect(registry.list({ pair: each, state: 'approved' }).map((r) => r.id)).toEqual(
              inProduction.has(each) ? [inProduction.get(each)] : [],
            )
          }
        })
        expect(registry.events()).toHaveLength(expected)
        const versions = registry.list().map(({ pair, version }) => `${pair} ${version}`)
        expect(new Set(versions).size).toBe(versions.length)
        registry.close()
      }),
      { numRuns: 60 },
    )
  })
})

describe('the file', () => {
  it('undoes the whole act when a part of it fails', async () => {
    const { registry, path } = await freshRegistry()
    for (const name of ['a', 'b']) registry.register(entry(name))
    registry.approve({ id: hash('a'), ...by })
    const before = [registry.list(), registry.events()]
    const raw = await rawConnection(path)
    // Fails at the last statement: the old model is retired, the new one approved, its event not yet written.
    raw.exec(`CREATE TRIGGER failure BEFORE INSERT ON events WHEN NEW.action = 'approve'
      BEGIN SELECT RAISE(ABORT, 'the power went'); END`)
    expect(() => registry.approve({ id: hash('b'), ...by })).toThrow('the power went')
    expect([registry.list(), registry.events()]).toEqual(before)
    raw.exec('DROP TRIGGER failure')
    expect(registry.approve({ id: hash('b'), ...by }).changed).toBe(true)
  })

  it('itself refuses a second model in production, a changed audit and a deleted model', async () => {
    const { registry, path } = await freshRegistry()
    for (const name of ['a', 'b']) registry.register(entry(name))
    const raw = await rawConnection(path)
    expect(() => raw.exec(`UPDATE models SET state = 'approved'`)).toThrow('UNIQUE')
    expect(() => raw.exec(`UPDATE events SET who = 'nobody'`)).toThrow('append-only')
    expect(() => raw.exec('DELETE FROM events')).toThrow('append-only')
    expect(() => raw.exec('DELETE FROM models')).toThrow('never deleted')
  })

  it('shows one connection what the other wrote, and takes turns with it', async () => {
    const { registry, path } = await freshRegistry()
    const other = await openRegistry(path, { create: false })
    onTestFinished(() => other.close())
    registry.register(entry('a'))
    expect(other.register(entry('b')).version).toBe('1.0.1')
    other.approve({ id: hash('b'), ...by })
    expect(registry.approve({ id: hash('a'), ...by }).retired?.id).toBe(hash('b'))
    expect(other.production('binance-um', 'BTCUSDT')?.id).toBe(hash('a'))
    expect(other.events()).toEqual(registry.events())
  })

  it('is made once by processes that open it at the same moment', async () => {
    const path = join(await scratchFolder(), 'registry.sqlite')
    const started = ['first', 'second', 'third'].map((name) => start('open', path, name, { count: 30 }))
    await Promise.all(started.map(({ ready }) => ready))
    const moment = String(Date.now() + 100)
    for (const { child } of started) child.stdin.write(moment)
    expect((await Promise.all(started.map(({ end }) => end))).map(({ code }) => code)).toEqual([0, 0, 0])
    const registry = await openRegistry(`${path}.29`, { create: false })
    onTestFinished(() => registry.close())
    expect(registry.list()).toEqual([])
  })

  it('loses nothing of what several processes write', async () => {
    const path = join(await scratchFolder(), 'registry.sqlite')
    const names = ['first', 'second', 'third']
    const outputs = await Promise.all(names.map((name) => start('register', path, name, { count: 20 }).end))
    expect(outputs.map(({ code }) => code)).toEqual([0, 0, 0])
    const registry = await openRegistry(path, { create: false })
    onTestFinished(() => registry.close())
    expect(
      registry
        .list()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(outputs.flatMap(({ lines }) => lines).sort())
    expect(new Set(registry.list().map(({ version }) => version)).size).toBe(60)
    expect(registry.list({ state: 'approved' })).toHaveLength(1)
    expect(registry.events()).toHaveLength(60 + 60 + 59)
  })

  it('keeps every acknowledged act of a process that was killed, and no half of one', async () => {
    const path = join(await scratchFolder(), 'registry.sqlite')
    const { lines, code } = await start('register', path, 'killed', { killAfterLines: 25 }).end
    expect(code, 'killed, not ended').toBeNull()
    const registry = await openRegistry(path, { create: false })
    onTestFinished(() => registry.close())
    for (const id of lines) expect(registry.get(id)?.state).toMatch(/approved|retired/)
    const actions = registry.events().map(({ action }) => action)
    const approvals = actions.filter((action) => action === 'approve').length
    expect(actions.filter((action) => action === 'retire')).toHaveLength(approvals - 1)
    expect(actions.filter((action) => action === 'register')).toHaveLength(registry.list().length)
    expect(registry.list({ state: 'approved' })).toHaveLength(1)
  })

  it('says when it is damaged, and what to do', async () => {
    const path = join(await scratchFolder(), 'registry.sqlite')
    await writeFile(
      path,
      'this is a text, not a database; it is long enough to be taken for the start of a header. '.repeat(9),
    )
    const before = await readFile(path)
    const error = await refusal(() => openRegistry(path))
    expect(error.message).toBe(`${path} is damaged, or is not a registry (file is not a database)`)
    expect(error.hint).toContain('put back a copy')
    expect(await readFile(path), 'untouched').toEqual(before)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  it('says so too when only its end is lost', async () => {
    const { registry, path } = await freshRegistry()
    for (let i = 0; i < 20; i++) registry.register(entry(`model ${i}`))
    registry.close()
    await truncate(path, 8192)
    const error = await refusal(async () => {
      const damaged = await openRegistry(path)
      onTestFinished(() => damaged.close())
      damaged.list()
    })
    expect(error.message).toContain('is damaged')
  })

  it('is not made where it must be there already', async () => {
    const path = join(await scratchFolder(), 'registry.sqlite')
    const error = await refusal(() => openRegistry(path, { create: false }))
    expect(error.message).toBe(`no model is registered: ${path} does not exist`)
    expect(existsSync(path)).toBe(false)
  })

  it('refuses the schema of a later version, untouched', async () => {
    const { path, registry } = await freshRegistry()
    registry.close()
    ;(await rawConnection(path)).exec('PRAGMA user_version = 99')
    const error = await refusal(() => openRegistry(path))
    expect(error.message).toContain('has schema version 99, this program knows up to 3')
    expect((await rawConnection(path)).pragma('user_version')).toBe(99)
  })

  it('keeps its journal in WAL mode', async () => {
    const { path } = await freshRegistry()
    expect((await rawConnection(path)).pragma('journal_mode')).toBe('wal')
  })
})

type Started = {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Its first line. */
  readonly ready: Promise<unknown>
  readonly end: Promise<{ readonly code: number | null; readonly lines: readonly string[] }>
}

/** Runs `<script>-in-process.ts`; with `killAfterLines` it is endless, and killed when it has printed so many lines. */
function start(
  script: 'open' | 'register',
  path: string,
  name: string,
  how: { readonly count: number } | { readonly killAfterLines: number },
): Started {
  const program = `import { runnerImport } from 'vite'; await runnerImport('./test/datasets/${script}-in-process.ts')`
  const count = 'count' in how ? { COUNT: String(how.count) } : {}
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, REGISTRY: path, NAME: name, ...count },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if ('killAfterLines' in how && output.split('\n').length > how.killAfterLines) child.kill('SIGKILL')
  })
  const end = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines: output.split('\n').slice(0, -1),
  }))
  return { child, ready: Promise.race([once(child.stdout, 'data'), end]), end }
}
