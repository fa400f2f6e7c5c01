import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import type { Config } from '../../src/config/settings.js'
import type { Manifest } from '../../src/datasets/manifest.js'
import { openWorkspace, type Workspace } from '../../src/datasets/workspace.js'
import { codeHash } from '../../src/runner/code-hash.js'
import { earlierMakings } from '../../src/runner/earlier.js'
import { loadFailures } from '../../src/runner/failures.js'
import { difference } from '../../src/runner/plan.js'
import { resolveSpan } from '../../src/runner/span.js'
import { sweep } from '../../src/runner/sweep.js'
import { scratchFolder } from '../support/scratch.js'

const made: Manifest['made'] = {
  inputs: [
    { path: 'a', sha256: '1' },
    { path: 'b', sha256: '2' },
  ],
  settings: { 'labels.profit': 0.02, 'train.models': ['logistic'], candidates: null },
  code: 'c0',
  libraries: { duckdb: '1.5.6' },
}

describe('what two makings differ in', () => {
  it.each([
    [{ settings: { ...(made.settings as object), 'labels.profit': 0.03 } }, 'labels.profit changed: 0.02 → 0.03'],
    [
      { settings: { ...(made.settings as object), 'train.models': ['xgboost'] } },
      'train.models changed: ["logistic"] → ["xgboost"]',
    ],
    [{ settings: { ...(made.settings as object), added: true } }, 'added changed: null → true'],
    [
      { settings: { ...(made.settings as object), added: true, 'labels.profit': 0.03 } },
      'labels.profit changed: 0.02 → 0.03',
    ],
    [
      { settings: { 'labels.profit': 0.04, 'train.models': [], candidates: 1 } },
      'candidates changed: null → 1; labels.profit changed: 0.02 → 0.04; train.models changed: ["logistic"] → []',
    ],
    [
      { settings: { ...(made.settings as object), candidates: 'x'.repeat(60) } },
      `candidates changed: null → ${'x'.repeat(39)}…`,
    ],
    [{ inputs: [made.inputs[0], { path: 'b', sha256: '3' }] }, 'input changed: b'],
    [{ inputs: [...made.inputs, { path: 'c', sha256: '3' }] }, 'input added: c'],
    [{ inputs: [made.inputs[0]] }, 'inputs: 2 → 1'],
    [{ libraries: { duckdb: '1.5.7' } }, 'duckdb changed: 1.5.6 → 1.5.7'],
    [{ libraries: { duckdb: '1.5.6', xgboost: '3.0.0' } }, 'xgboost changed: none → 3.0.0'],
    [{ code: 'c1' }, 'the code has changed'],
    [{}, 'made by another version'],
  ])('%j', (change, words) => {
    expect(difference(made, { ...made, ...change } as Manifest['made'])).toBe(words)
  })

  it('names the file that has changed before the hash of all of them', () => {
    const of = (hash: string) => ({ snapshot: hash.repeat(64) })
    const [old, now] = [
      { ...made, settings: of('a') },
      { ...made, settings: of('b'), inputs: [made.inputs[0], { path: 'b', sha256: '3' }] },
    ]
    expect(difference(old, now)).toBe('input changed: b')
    const members = (hash: string) => ({ members: [{ model: 'gru', id: hash.repeat(64) }] })
    expect(difference({ ...old, settings: members('a') }, { ...now, settings: members('b') })).toBe('input changed: b')
    expect(difference(old, { ...old, settings: of('b') })).toMatch(/^snapshot changed: a{39}… → b{39}…$/)
  })

  it('names the setting before what follows from it', () => {
    const now = { ...made, settings: { ...(made.settings as object), 'labels.profit': 0.03 }, code: 'c1', inputs: [] }
    expect(difference(made, now as Manifest['made'])).toBe('labels.profit changed: 0.02 → 0.03')
  })
})

describe('what a unit was before', () => {
  const write = (root: string, name: string, about: object, seconds: number) => {
    const path = join(root, 'artifacts/fits', name, 'manifest.json')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify({ format: 1, step: 'fit', files: [], made, ...about }))
    utimesSync(path, seconds, seconds)
  }
  const place = 'artifacts/fits/{fingerprint}/manifest.json'

  it('is the newest of its name and step that lies beside it', async () => {
    const root = await scratchFolder()
    write(root, 'a', { unit: 'BTCUSDT gru fold 1', fingerprint: 'a' }, 1000)
    write(root, 'b', { unit: 'BTCUSDT gru fold 1', fingerprint: 'b' }, 3000)
    write(root, 'c', { unit: 'BTCUSDT gru fold 1', fingerprint: 'c' }, 2000)
    write(root, 'd', { unit: 'BTCUSDT gru fold 2', fingerprint: 'd' }, 4000)
    write(root, 'e', { unit: 'BTCUSDT gru fold 1', step: 'tune', fingerprint: 'e' }, 5000)
    const earlier = earlierMakings(openWorkspace(root))
    expect(earlier(place, { step: 'fit', unit: 'BTCUSDT gru fold 1' })?.fingerprint).toBe('b')
    expect(earlier(place, { step: 'fit', unit: 'BTCUSDT gru fold 3' })).toBeNull()
    expect(earlier('artifacts/none/{fingerprint}/manifest.json', { step: 'fit', unit: 'x' })).toBeNull()
    // Where the path has no fingerprint, the manifest itself says it.
    expect(earlier('artifacts/fits/b/manifest.json', { step: 'fit', unit: 'BTCUSDT gru fold 1' })).toBeNull()
  })
})

describe('the hash of code', () => {
  async function modules(changes: Readonly<Record<string, string>> = {}): Promise<string> {
    const folder = await scratchFolder()
    const files = {
      'stages/one.js': 'import { a } from "../math/a.js"\nexport { b } from "./b.js"\n',
      'stages/two.js': 'const { c } = await import("../math/c.js")\n',
      'stages/b.js': 'import "../core/core.js"\n',
      'math/a.js': 'import fs from "node:fs"\nexport const a = 1\n',
      'math/c.js': 'export const c = 1\n',
      'core/core.js': 'import "../stages/b.js"\n', // a circle
      ...changes,
    }
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return folder
  }
  const both = (folder: string) => [codeHash('stages/one.js', folder), codeHash('stages/two.js', folder)]

  it('is the same wherever the modules lie', async () => {
    expect(both(await modules())).toEqual(both(await modules()))
  })

  it.each([
    ['a module that the first imports', 'math/a.js', [true, false]],
    ['one behind an export and a circle', 'core/core.js', [true, false]],
    ['one that the second imports when it needs it', 'math/c.js', [false, true]],
    ['one that nobody imports', 'math/d.js', [false, false]],
  ])('a change in %s changes only who imports it', async (_, name, changed) => {
    const before = both(await modules())
    const after = both(
      await modules({ [name]: 'export const changed = 1\nimport "./e.js"\n', 'math/e.js': '', 'core/e.js': '' }),
    )
    expect(after.map((hash, i) => hash !== before[i])).toEqual(changed)
  })
})

describe('failures', () => {
  it('are remembered for what would be made from the same, and forgotten on success', async () => {
    const workspace = openWorkspace(await scratchFolder())
    loadFailures(workspace).add('train', 'BTCUSDT', 'f1', 'no rows')
    const failures = loadFailures(workspace)
    expect(failures.of('train', 'BTCUSDT', 'f1')).toBe('no rows')
    expect(failures.of('train', 'BTCUSDT', 'f2')).toBeNull()
    expect(failures.of('clean', 'BTCUSDT', 'f1')).toBeNull()
    failures.remove('train', 'BTCUSDT')
    expect(loadFailures(workspace).of('train', 'BTCUSDT', 'f1')).toBeNull()
  })
})

describe('sweeping up', () => {
  it('removes unfinished files and nothing else', async () => {
    const workspace = openWorkspace(await scratchFolder())
    const write = (path: string) => {
      mkdirSync(dirname(join(workspace.root, path)), { recursive: true })
      writeFileSync(join(workspace.root, path), '')
    }
    for (const path of [
      'data/x/a.parquet.12.tmp',
      'artifacts/m.json.7.tmp',
      '.sluice/hashes.json.9.tmp',
      '.sluice/scratch/12/big.csv',
    ])
      write(path)
    for (const path of ['data/x/a.parquet', 'data/x/a.tmp', 'reports/my.12.tmp.txt', 'elsewhere/b.12.tmp']) write(path)
    expect(sweep(workspace)).toBe(3)
    expect(sweep(workspace)).toBe(0)
  })
})

describe('the span of a run', () => {
  const clock = (day: string) => () => Date.parse(`${day}T12:00:00Z`)
  const spanAt = (config: Config, workspace: Workspace, time: () => number) =>
    resolveSpan(config, { workspace, environment: {}, clock: time })
  const days = async (...args: Parameters<typeof spanAt>) => {
    const { from, to } = await spanAt(...args)
    return [new Date(from).toISOString().slice(0, 10), new Date(to).toISOString().slice(0, 10)]
  }

  /** A folder archive with these months of 1m bars by pair. */
  async function archive(months: Readonly<Record<string, readonly string[]>>): Promise<string> {
    const folder = await scratchFolder()
    for (const [pair, list] of Object.entries(months)) {
      const place = join(folder, 'data/futures/um/monthly/klines', pair, '1m')
      mkdirSync(place, { recursive: true })
      for (const month of list) writeFileSync(join(place, `${pair}-1m-${month}.zip`), '')
    }
    return folder
  }
  const configOf = (values: Record<string, unknown>) => resolveConfig([{ from: 'test', values }]).config

  it('is what is given; the archive is not asked', async () => {
    const workspace = openWorkspace(await scratchFolder())
    const config = configOf({ 'exchange.archiveUrl': '/nowhere', 'data.from': '2024-01-05', 'data.to': '2024-02-10' })
    expect(await days(config, workspace, clock('2030-01-01'))).toEqual(['2024-01-05', '2024-02-10'])
  })

  it('ends with the newest month that all pairs have, data.months long', async () => {
    const url = await archive({ BTCUSDT: ['2024-01', '2024-02', '2024-03'], ETHUSDT: ['2024-01', '2024-02'] })
    const workspace = openWorkspace(await scratchFolder())
    const config = configOf({ 'exchange.archiveUrl': url, 'data.pairs': ['BTCUSDT', 'ETHUSDT'], 'data.months': 3 })
    expect(await days(config, workspace, clock('2030-01-01'))).toEqual(['2023-12-01', '2024-03-01'])
    const one = configOf({ 'exchange.archiveUrl': url, 'data.from': '2024-02-10' })
    expect(await days(one, workspace, clock('2030-01-01'))).toEqual(['2024-02-10', '2024-04-01'])
  })

  it('is stored, asked anew in another month or for other pairs', async () => {
    const url = await archive({ BTCUSDT: ['2024-01'] })
    const workspace = openWorkspace(await scratchFolder())
    const config = configOf({ 'exchange.archiveUrl': url, 'data.months': 1 })
    expect(await days(config, workspace, clock('2030-01-01'))).toEqual(['2024-01-01', '2024-02-01'])
    writeFileSync(join(url, 'data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-02.zip'), '')
    expect(await days(config, workspace, clock('2030-01-31'))).toEqual(['2024-01-01', '2024-02-01'])
    expect(await days(config, workspace, clock('2030-02-01'))).toEqual(['2024-02-01', '2024-03-01'])
  })

  it('is refused when it is empty, or cuts a day', async () => {
    const workspace = openWorkspace(await scratchFolder())
    const url = await archive({ BTCUSDT: ['2024-01'] })
    const late = configOf({ 'exchange.archiveUrl': url, 'data.from': '2024-03-01' })
    await expect(spanAt(late, workspace, clock('2030-01-01'))).rejects.toThrow(
      'data.from 2024-03-01 is not before the end of what there is, 2024-02-01',
    )
    const cut = configOf({ 'data.from': '2024-01-01T12:00', 'data.to': '2024-02-01' })
    await expect(spanAt(cut, workspace, clock('2030-01-01'))).rejects.toThrow('must be whole UTC days')
  })
})
