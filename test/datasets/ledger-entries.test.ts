/**
 * What is counted on a snapshot, whatever the order, and what is known of the ledger outside its file.
 */
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UserError } from '../../src/core/errors.js'
import {
  type LedgerEntry,
  type LedgerRow,
  ledgerKey,
  readLedger,
  readStored,
  recordInLedger,
} from '../../src/datasets/ledger.js'
import { anchorFindings, refuseBroken } from '../../src/datasets/ledger-anchors.js'
import {
  backtestEntry,
  countsFor,
  countTrials,
  fitEntry,
  trialEntry,
  uncountedUnits,
} from '../../src/datasets/ledger-entries.js'
import { type Manifest, writeManifest } from '../../src/datasets/manifest.js'
import { openRegistry } from '../../src/datasets/model-registry.js'
import { openDatabase } from '../../src/datasets/sqlite.js'
import { absolute, openWorkspace, PLACES, type Workspace } from '../../src/datasets/workspace.js'
import { trial } from '../support/ledger-entry.js'
import { scratchFolder } from '../support/scratch.js'

const SNAPSHOT = 'a'.repeat(64)
const INPUTS = [{ path: 'x', sha256: 'features' }]

function fitSettings(model: string, fold: number, depth = 4) {
  return { model, fold, snapshot: SNAPSHOT, 'data.venue': 'binance-um', parameters: { depth } }
}
const aFit = (model: string, fold: number, depth = 4): LedgerEntry =>
  fitEntry('BTCUSDT', { inputs: INPUTS, settings: fitSettings(model, fold, depth) }, { outcome: null })

function traded(predictions: string, dailySharpe: number | null, leverage = 1): LedgerEntry {
  const about = { venue: 'binance-um', pair: 'BTCUSDT', snapshot: SNAPSHOT, model: 'xgboost', part: 'test' as const }
  return backtestEntry(
    { ...about, predictions, funding: null, mark: [], settings: { leverage } },
    { outcome: { dailySharpe } },
  )
}

const rowsOf = (entries: readonly LedgerEntry[]): LedgerRow[] =>
  entries.map((entry, i) => ({
    ...{ seq: i + 1, time: i, kind: entry.kind, key: ledgerKey(entry), entry, previous: '', hash: '' },
  }))

describe('the count of trials', () => {
  const two = ['xgboost', 'logistic'].flatMap((model) => [1, 2, 3, 0].map((fold) => aFit(model, fold)))

  it('takes the folds of one configuration as one', () => {
    expect(countTrials(rowsOf(two), [])).toMatchObject({ fits: 8, configurations: 2, tried: 2 })
  })

  it('grows by other parameters that were tried earlier on the same data, and by trials of the tuner', () => {
    const earlier = [1, 2, 3, 0].map((fold) => aFit('xgboost', fold, 9))
    expect(countTrials(rowsOf([...earlier, ...two]), two)).toMatchObject({ fits: 12, tried: 3 })
    const tuned = ['a', 'b', 'c'].map((name) => trial(name))
    expect(countTrials(rowsOf([...tuned, ...two]), two)).toMatchObject({
      fits: 8,
      trials: 3,
      configurations: 5,
      tried: 5,
    })
  })

  it('grows by looks at the test part where these are more than configurations', () => {
    const looks = [traded('p', 0.1), traded('p', 0.2, 2), traded('p', 0.3, 3)]
    expect(countTrials(rowsOf([...two, ...looks]), two)).toMatchObject({ backtests: 3, configurations: 2, tried: 3 })
  })

  it('leaves out backtests of out-of-fold predictions, which follow from a selection', () => {
    const after = { ...traded('p', 0.1), content: { part: 'out_of_fold' } }
    expect(countTrials(rowsOf([...two, after]), two)).toEqual(countTrials(rowsOf(two), two))
  })

  it('knows the Sharpe ratios of others, not its own', () => {
    const rows = rowsOf([traded('p', 0.3), traded('q', -0.1), traded('r', null)])
    expect(countTrials(rows, [traded('p', null)]).otherSharpes).toEqual([-0.1])
  })

  it('is the same in any order, and before and after its own entries are written', () => {
    const all = [...two, trial('a'), traded('p', 0.2), traded('q', 0.4)]
    const own = [...two, traded('p', null)]
    const expected = countTrials(rowsOf(all), own)
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(own), (order, recorded) => {
        expect(countTrials(rowsOf(order), own)).toEqual(expected)
        const others = all.filter((entry) => !own.some((mine) => ledgerKey(mine) === ledgerKey(entry)))
        expect(countTrials(rowsOf([...others, ...recorded]), own)).toEqual(expected)
      }),
    )
  })

  it('tells a fit by what it read and by its settings, not by its path', () => {
    const key = (inputs: { path: string; sha256: string }[]) =>
      ledgerKey(fitEntry('BTCUSDT', { inputs, settings: fitSettings('xgboost', 1) }, { outcome: null }))
    expect(key([{ path: 'elsewhere', sha256: 'features' }])).toBe(key(INPUTS))
    expect(key([{ path: 'x', sha256: 'other features' }])).not.toBe(key(INPUTS))
  })
})

describe('a try and a later look', () => {
  const DAY = 86_400_000
  const days = (from: number, to: number) => ({ from: from * DAY, to: to * DAY })
  const tried = (from: number, to: number, time = 1000 * DAY) => ({
    entry: trial('a', { scored: days(from, to), snapshot: 'other bars' }),
    time,
  })

  it('meet when more than a tenth of the shorter span lies in both, whatever the data were called', () => {
    // Test parts of 30 days. A day later 29 of 30 are the same; 27 days later 3 of 30, a tenth and no more; 26 days later 4 of 30.
    const first = tried(100, 130)
    expect(countsFor(days(101, 131), first)).toBe(true)
    expect(countsFor(days(126, 156), first)).toBe(true)
    expect(countsFor(days(127, 157), first)).toBe(false)
    expect(countsFor(days(130, 160), first)).toBe(false)
    expect(countsFor(days(90, 100), first)).toBe(false)
    // A look at a year that holds the 30 days, and one at 5 days of them.
    expect(countsFor(days(0, 365), first)).toBe(true)
    expect(countsFor(days(110, 115), first)).toBe(true)
  })

  it('meet by the time of recording where an earlier version wrote no span: it may have seen all that had happened', () => {
    const old = (time: number) => ({ entry: trial('a'), time: time * DAY })
    expect(countsFor(days(100, 130), old(130))).toBe(true)
    expect(countsFor(days(100, 130), old(104))).toBe(true)
    expect(countsFor(days(100, 130), old(103))).toBe(false)
    expect(countsFor(days(100, 130), old(50))).toBe(false)
  })

  it('meet whichever came first, and each with itself', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 200 }))
    fc.assert(
      fc.property(span, span, ([a, m], [b, n]) => {
        expect(countsFor(days(a, a + m), tried(b, b + n))).toBe(countsFor(days(b, b + n), tried(a, a + m)))
        expect(countsFor(days(a, a + m), tried(a, a + m))).toBe(true)
      }),
    )
  })

  it('are told by the same key with the span and without', () => {
    expect(ledgerKey(trial('a', { scored: days(1, 2) }))).toBe(ledgerKey(trial('a')))
  })
})

describe('what lies outside the ledger', () => {
  async function workspaceWithFits(): Promise<{ workspace: Workspace; path: string }> {
    const workspace = openWorkspace(await scratchFolder())
    for (const fold of [1, 2]) {
      write(workspace, `artifacts/fits/binance-um/BTCUSDT/fold${fold}`, { settings: fitSettings('xgboost', fold) }, {})
    }
    return { workspace, path: absolute(workspace, PLACES.registry) }
  }

  it('counts fits on disk again when the file is lost', async () => {
    const { workspace, path } = await workspaceWithFits()
    const about = { venue: 'binance-um', pair: 'BTCUSDT' }
    const entriesOf = (rows: readonly LedgerRow[]) => uncountedUnits(workspace, about, rows).map(({ entry }) => entry)
    const lost = entriesOf([])
    expect(lost.map(ledgerKey)).toEqual([aFit('xgboost', 1), aFit('xgboost', 2)].map(ledgerKey))
    expect(anchorFindings(workspace, []).map(({ problem }) => problem)).toEqual([
      'is a fit that is not counted',
      'is a fit that is not counted',
    ])
    await recordInLedger(path, lost, 1)
    expect(entriesOf(await readLedger(path))).toEqual([])
    expect(anchorFindings(workspace, (await readStored(path)).rows)).toEqual([])
    expect(uncountedUnits(workspace, { ...about, pair: 'ETHUSDT' }, [])).toEqual([])
  })

  it('counts trials of the tuner on disk again, by what they are and not by their number', async () => {
    const workspace = openWorkspace(await scratchFolder())
    const trialSettings = (trial: number, depth: number) => ({
      ...{ model: 'xgboost', trial, tried: trial, space: {}, snapshot: SNAPSHOT, 'data.venue': 'binance-um' },
      parameters: { depth },
    })
    for (const [folder, number, depth] of [
      ['one', 1, 3],
      ['two', 2, 5],
      ['again', 9, 5],
    ] as const) {
      write(workspace, `artifacts/trials/binance-um/BTCUSDT/${folder}`, { settings: trialSettings(number, depth) }, {})
    }
    const about = { venue: 'binance-um', pair: 'BTCUSDT' }
    const lost = uncountedUnits(workspace, about, []).map(({ entry }) => entry)
    expect(countTrials([], lost)).toMatchObject({ trials: 2, tried: 2 })
    const known = trialEntry(
      'BTCUSDT',
      { inputs: INPUTS, settings: trialSettings(7, 3) },
      { outcome: { state: 'pruned' } },
    )
    const left = uncountedUnits(workspace, about, rowsOf([known]))
    expect(left.map(({ path }) => path.split('/').at(-1))).toEqual(['again', 'two'])
    expect(anchorFindings(workspace, []).map(({ problem }) => problem)).toContain('is a trial that is not counted')
  })

  it('finds a ledger that was begun anew, or shortened with its head, by what a selection wrote down', async () => {
    const { workspace, path } = await workspaceWithFits()
    const entries = [aFit('xgboost', 1), aFit('xgboost', 2), trial('a')]
    await recordInLedger(path, entries, 1)
    const { head } = await readStored(path)
    const trials = { fits: 2, trials: 1, backtests: 0 }
    const facts = { snapshot: SNAPSHOT, trials }
    write(workspace, 'artifacts/selections/binance-um/BTCUSDT/s', { facts, unit: 'BTCUSDT' }, { ledger: head })
    const findings = async () => anchorFindings(workspace, (await readStored(path)).rows).map(({ problem }) => problem)
    expect(await findings()).toEqual([])

    // Another file in its place: a new one would not be begun beside the selection.
    const other = join(await scratchFolder(), 'registry.sqlite')
    await recordInLedger(other, entries.slice(0, 2), 1)
    for (const file of ['-wal', '-shm']) rmSync(`${path}${file}`, { force: true })
    copyFileSync(other, path)
    expect(await findings()).toEqual([
      expect.stringMatching(/^the ledger ended with row 3, \w{12}; now it has 2 rows$/),
      '1 trials were counted before it; now there are 0',
    ])
    await recordInLedger(path, [trial('b')], 1)
    expect(await findings()).toEqual([
      expect.stringMatching(/^the ledger ended with row 3, \w{12}; now that row is \w{12}$/),
    ])
  })
})

describe('a ledger that is not what was written', () => {
  async function afterALook() {
    const workspace = openWorkspace(await scratchFolder())
    const path = absolute(workspace, PLACES.registry)
    await recordInLedger(path, [aFit('xgboost', 1), trial('a')], 1)
    const { head } = await readStored(path)
    const facts = { snapshot: SNAPSHOT, trials: { fits: 1, trials: 1, backtests: 0 } }
    write(workspace, 'artifacts/selections/binance-um/BTCUSDT/s', { facts, unit: 'BTCUSDT' }, { ledger: head })
    return { workspace, path }
  }
  const verdict = async (workspace: Workspace, path: string) => {
    try {
      refuseBroken(workspace, await readStored(path))
      return 'trusted'
    } catch (error) {
      const { message, hint } = error as UserError
      return { message, hint }
    }
  }

  it('is not judged by: a row changed, rows cut off, a chain begun anew', async () => {
    const { workspace, path } = await afterALook()
    expect(await verdict(workspace, path)).toBe('trusted')

    const tamper = async (sql: string) => {
      const database = await openDatabase(path, 0)
      database.exec(`DROP TRIGGER IF EXISTS ledger_stays; DROP TRIGGER IF EXISTS ledger_remains; ${sql}`)
      database.close()
    }
    await tamper("UPDATE ledger SET entry = replace(entry, 'xgboost', 'XGBOOST') WHERE seq = 1")
    expect(await verdict(workspace, path)).toEqual({
      message: expect.stringContaining('row 1 was changed'),
      hint: expect.stringMatching(/^sluice verify ledger .*copy of artifacts\/registry\.sqlite/),
    })
    await tamper('DELETE FROM ledger; DELETE FROM ledger_head')
    expect(await verdict(workspace, path)).toMatchObject({
      message: expect.stringContaining('the ledger ended with row 2'),
    })
    await recordInLedger(path, [trial('a'), trial('b'), trial('c')], 5)
    expect(await verdict(workspace, path)).toMatchObject({ message: expect.stringContaining('now that row is') })
  })

  it('is not begun anew where selections were entered in one that is gone or empty', async () => {
    const { workspace, path } = await afterALook()
    const folder = absolute(workspace, 'artifacts/selections')
    for (const lose of [rmSync, (file: string) => writeFileSync(file, '')]) {
      lose(path)
      for (const file of ['-wal', '-shm']) rmSync(`${path}${file}`, { force: true })
      for (const attempt of [
        () => recordInLedger(path, [trial('d')], 9),
        () => openRegistry(path),
        () => openRegistry(path, { create: false }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({
          message: expect.stringMatching(/registry\.sqlite is (gone|empty), and 1 selection was entered there/),
          hint: expect.stringContaining('move it and artifacts/selections away'),
        })
      }
    }
    // What the hint says.
    renameSync(folder, `${folder}-before`)
    expect(await recordInLedger(path, [trial('d')], 9)).toBe(1)
    expect(await verdict(workspace, path)).toBe('trusted')
  })
})

function write(
  workspace: Workspace,
  folder: string,
  {
    settings = {},
    ...changes
  }: Partial<Pick<Manifest, 'facts' | 'unit'>> & { settings?: Manifest['made']['settings'] },
  notes: Parameters<typeof writeManifest>[3]['notes'] | { ledger: unknown },
): void {
  const manifest: Manifest = {
    ...{ format: 1, stage: 's', step: 't', unit: 'u', fingerprint: 'f', simulated: null, files: [], facts: {} },
    ...{ made: { inputs: INPUTS, settings, code: 'c', libraries: {} }, warnings: [], summary: '' },
    ...changes,
  }
  const record = { startedAt: '', seconds: 0, host: '', node: '', gitCommit: null }
  writeManifest(workspace, `${folder}/manifest.json`, manifest, { ...record, notes: notes as Record<string, never> })
}
