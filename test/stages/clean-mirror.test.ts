/** The clean stage on real spot bars whose holes are known: ../shared/data/README.md. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { QualityReport } from '../../src/market/quality.js'
import { project, readJsonFile, sluice, suiteFolder } from '../support/sluice.js'

const mirror = join(project, '../shared/mirror')
const isThere = existsSync(join(mirror, 'data'))
if (!isThere) console.log('skipped: ../shared is not there, so the gaps of real spot bars are not looked for')

describe.skipIf(!isThere)('the manifest of gaps of BTCUSDT spot', () => {
  const cwd = suiteFolder()

  it('has the outage of 2023-03-24 with the standstill before it, and the months that the archive lacks', async () => {
    const settings = [
      `exchange.archiveUrl=${mirror}`,
      'data.venue=binance-spot',
      'data.from=2023-01-01',
      'data.to=2026-01-01',
    ]
    const bars = ['bars.base=15m', 'bars.decision=15m', 'bars.context=[1h]']
    const args = [
      'run',
      '--to',
      'clean',
      '--pair',
      'BTCUSDT',
      ...[...settings, ...bars].flatMap((text) => ['--set', text]),
    ]
    const { code, stderr } = await sluice(args, { cwd })
    expect(code, stderr).toBe(0)
    const { timeframes, sources, series } = readJsonFile<QualityReport>(
      join(cwd, 'data/clean/binance-spot/BTCUSDT/quality.json'),
    )
    const gap = (from: string, to: string, bars: number, cause: string) => ({
      ...{ from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`), bars, cause },
    })
    expect(timeframes[0].gaps).toEqual([
      gap('2023-01-01', '2023-01-02', 96, 'before first bar'),
      gap('2023-03-24T11:30', '2023-03-24T12:45', 5, 'zero-volume'),
      gap('2023-03-24T12:45', '2023-03-24T14:00', 5, 'absent in archive'),
      gap('2024-03-01', '2024-06-01', 92 * 96, 'absent in archive'),
      gap('2025-06-01', '2025-07-01', 30 * 96, 'absent in archive'),
    ])
    // Three years of 96 bars a day, but for the above.
    expect(timeframes[0].present).toBe(1096 * 96 - 96 - 5 - 92 * 96 - 30 * 96)
    // The hour of 13:00 has no bar at all, and that of 12:00 three of its four.
    expect(timeframes[1]).toMatchObject({ timeframe: '1h', partial: 1 })
    expect(timeframes[1].gaps[1]).toEqual(gap('2023-03-24T13:00', '2023-03-24T14:00', 1, 'absent in archive'))
    expect(sources).toHaveLength(36)
    expect(series).toEqual([])
  }, 60_000)
})
