/**
 * What was tried is not forgotten when the data move on by a day, nor when the registry is lost or changed.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/datasets/sqlite.js'
import { filesUnder, readJsonFile, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const SETTINGS = `exchange: {archiveUrl: archive}
download: {kinds: [klines, fundingRate]}
data: {from: 2024-01-01, to: 2024-01-13}
bars: {context: [1h]}
features: {include: [time, rsi*]}
labels: {horizon: 1h}
train: {folds: 2, models: [logistic]}
models: {logistic: {iterations: 20}}
run: {jobs: 1}
`
const cwd = suiteFolder()
const options = { cwd }
const selections = join(cwd, 'artifacts/selections')
const registry = join(cwd, 'artifacts/registry.sqlite')

type Selection = { readonly trials: { readonly tried: number; readonly fits: number; readonly backtests: number } }

/** `trials` of the selections on disk, the fewest first. */
const counts = () =>
  filesUnder(selections)
    .filter((name) => name.endsWith('selection.json'))
    .map((name) => readJsonFile<Selection>(join(selections, name)).trials)
    .sort((a, b) => a.fits - b.fits)

const run = (...more: string[]) => sluice(['run', '--to', 'select', '--quiet', ...more], options)

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS)
  const { code, stderr } = await run()
  expect(code, stderr).toBe(3)
  // A test part of 15 % of 12 days, 1.8 days. Other parameters; then a day less, of which the test part has 0.9 days in common.
  expect((await run('--set', 'models.logistic.l2Min=0.001')).code).toBe(3)
  expect((await run('--set', 'data.to=2024-01-12')).code).toBe(3)
})

describe('what was tried', () => {
  it('counts for a look whose test part overlaps its own, whatever bars there are besides', async () => {
    // Three fits a configuration: two folds and the final one.
    expect(counts()).toMatchObject([
      { fits: 3, backtests: 1, tried: 1 },
      { fits: 6, backtests: 2, tried: 2 },
      { fits: 9, backtests: 3, tried: 3 },
    ])
    const { stdout } = await sluice(['ledger', '--json'], options)
    expect((JSON.parse(stdout) as { tried: number }[]).map(({ tried }) => tried)).toEqual([3, 3])
    expect((await sluice(['verify', 'ledger', '--quiet'], options)).code).toBe(0)
  })

  it('does not count where the test parts lie apart', async () => {
    // 11 days are scored from 0.6 · 0.85 · 11 = 5.6 days on; the test part of 5 days ends before.
    const { code, stderr } = await run('--set', 'data.to=2024-01-06')
    expect(code, stderr).toBe(3)
    expect(counts()).toHaveLength(4)
    expect(counts().filter(({ tried }) => tried === 1)).toHaveLength(2)
  })
})

describe('a registry that was tampered with or lost', () => {
  const other = ['--set', 'models.logistic.l2Min=0.002']

  it('is not judged by', async () => {
    const database = await openDatabase(registry, 0)
    database.exec('DROP TRIGGER ledger_remains; DELETE FROM ledger WHERE seq = 2')
    database.close()
    const { code, stderr } = await run(...other)
    expect(stderr).toContain('row 2 is missing before it')
    expect(stderr).toContain('sluice verify ledger')
    expect(code).toBe(1)
    expect(counts()).toHaveLength(4)
  })

  it('is not begun anew without a word', async () => {
    for (const lose of [rmSync, (path: string) => writeFileSync(path, '')]) {
      lose(registry)
      for (const file of ['-wal', '-shm']) rmSync(`${registry}${file}`, { force: true })
      const { code, stderr } = await run(...other)
      expect(stderr).toMatch(/artifacts\/registry\.sqlite is (gone|empty), and 4 selections were entered there/)
      expect(stderr).toContain('move it and artifacts/selections away')
      expect(code).toBe(1)
    }
    rmSync(registry, { force: true })
    renameSync(selections, join(cwd, 'selections-before'))
    const { code, stderr } = await run(...other)
    expect(code, stderr).toBe(3)
    expect(existsSync(registry)).toBe(true)
    // The fits of both spans on disk that overlap count again, those of this run with them; earlier looks do not.
    expect(counts()).toMatchObject([{ fits: 12, backtests: 1, tried: 4 }])
  })
})
