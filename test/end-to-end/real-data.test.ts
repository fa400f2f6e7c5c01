import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { project, sluice, suiteFolder } from '../support/sluice.js'

const mirror = join(project, '../shared/mirror')
const isThere = existsSync(join(mirror, 'data'))
if (!isThere) console.log('skipped: the tests on real exchange data, because ../shared/mirror is not there')

describe.skipIf(!isThere)('real exchange data, from the archive to the report', () => {
  const cwd = suiteFolder()

  it.each([
    ['FILUSDT', 'binance-um', ['data.from=2023-08-01', 'data.to=2023-12-01']],
    [
      'BTCUSDT',
      'binance-spot',
      ['data.venue=binance-spot', 'data.from=2023-01-02', 'data.to=2024-03-01', 'bars.base=15m', 'bars.decision=15m'],
    ],
  ])(
    '%s on %s',
    async (pair, venue, settings) => {
      const all = [
        `exchange.archiveUrl=${mirror}`,
        'train.models=[logistic, xgboost]',
        'models.xgboost.rounds=30',
        'train.folds=2',
        ...settings,
      ]
      const args = ['--pair', pair, '--root', venue, ...all.flatMap((text) => ['--set', text]), '--json']
      const { code, stdout, stderr } = await sluice(['run', ...args], { cwd })
      expect([0, 3], stderr).toContain(code)
      const told = JSON.parse(stdout)
      expect(told.units.every(({ outcome }: { outcome: string }) => outcome === 'done')).toBe(true)
      const [{ path }] = told.reports
      const page = readFileSync(join(cwd, venue, path), 'utf8')
      expect(page).toMatch(/without funding|no funding/i)
      expect(page).not.toMatch(/simulated \(seed/i)
      const report = JSON.parse(readFileSync(join(cwd, venue, path.replace('index.html', 'report.json')), 'utf8'))
      expect(report).toMatchObject({ pair, venue })
      // Bar by bar through live features, the bundle and the engine: the same trades.
      const again = await sluice(['backtest', '--replay', ...args], { cwd })
      expect(again.code, again.stderr).toBe(0)
      const [replayed] = JSON.parse(again.stdout)
      expect(replayed).toMatchObject({ pair, difference: null, decisions: [] })
      expect(replayed.trades).toBeGreaterThan(0)
      expect(replayed.features.largest).toBeLessThan(1e-6)
    },
    240_000,
  )
})
