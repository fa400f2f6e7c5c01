/**
 * What `make demo` runs, as its user meets it: offline, to two approved models and their reports, and nothing to do the second time.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReport } from '../../src/report/schema/report.js'
import { sluice, suiteFolder, timesUnder } from '../support/sluice.js'

const folder = suiteFolder()
const root = join(folder, 'demo')

describe('the demo', () => {
  it('goes from a simulated archive to a report for each pair, both approved', { timeout: 900_000 }, async () => {
    const { code, stdout, stderr } = await sluice(['run', 'demo', '--root', root, '--json'], { cwd: folder })
    expect(code, stderr).toBe(0)
    const { reports, peakBytes } = JSON.parse(stdout) as {
      reports: { pair: string; path: string }[]
      peakBytes: number
    }
    expect(reports.map(({ pair }) => pair)).toEqual(['BTCUSDT', 'ETHUSDT'])
    expect(peakBytes, 'memory of all processes').toBeLessThan(2e9)
    for (const { path } of reports) {
      const page = readFileSync(join(root, path), 'utf8')
      expect(page).toContain('Approved')
      const json = readFileSync(join(root, path.replace('index.html', 'report.json')), 'utf8')
      expect(readReport(json, path)).toMatchObject({ schemaVersion: 1 })
      expect(page.match(/class="badge simulated"/g)?.length ?? 0, 'marked on every section').toBeGreaterThan(13)
    }
    expect(readFileSync(join(root, 'reports/index.html'), 'utf8')).toContain('2 pairs on one account')
    expect(readFileSync(join(root, 'reports/compare.html'), 'utf8')).toContain('ETHUSDT xgboost</a>')
    expect(stderr).toContain('edge 0.6')
  })

  it('finds everything fresh the second time, and writes nothing', { timeout: 60_000 }, async () => {
    const before = timesUnder(join(root, 'data'))
    const { code, stderr } = await sluice(['run', 'demo', '--root', root], { cwd: folder })
    expect(code).toBe(0)
    expect(stderr).toContain('everything is fresh')
    expect(timesUnder(join(root, 'data'))).toEqual(before)
  })
})
