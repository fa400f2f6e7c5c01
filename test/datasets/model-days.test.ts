/**
 * A champion is compared by the days that its newest selection wrote, whatever the selections are called.
 */
import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Manifest, writeManifest } from '../../src/datasets/manifest.js'
import { readModelDays } from '../../src/datasets/model-days.js'
import { openWorkspace, placeFor, type Workspace } from '../../src/datasets/workspace.js'
import { scratchFolder } from '../support/scratch.js'

const day = (value: number) => ({ day: 19_000, return: value, signals: 0, won: 0, profit: 0, loss: 0 })

function judged(workspace: Workspace, fingerprint: string, startedAt: string, models: Record<string, number>): void {
  const folder = `artifacts/selections/binance-um/BTCUSDT/${fingerprint}`
  const candidates = Object.entries(models).map(([id, value]) => ({ id, test: [day(value)], outOfFold: [] }))
  writeFileSync(placeFor(workspace, `${folder}/days.json`), JSON.stringify({ candidates }))
  const manifest: Manifest = {
    ...{ format: 1, stage: 'select', step: 'judge', unit: 'BTCUSDT', fingerprint, simulated: null, facts: {} },
    files: [{ name: 'days', path: `${folder}/days.json`, sha256: '', bytes: 0 }],
    ...{ made: { inputs: [], settings: {}, code: 'c', libraries: {} }, warnings: [], summary: '' },
  }
  const record = { startedAt, seconds: 1, host: '', node: '', gitCommit: null, notes: {} }
  writeManifest(workspace, `${folder}/manifest.json`, manifest, record)
}

it('reads the newest selection that judged the model, not the one with the largest hash', async () => {
  const workspace = openWorkspace(await scratchFolder())
  judged(workspace, 'ffff', '2024-01-01T00:00:00.000Z', { champion: 0.01 })
  judged(workspace, '5555', '2024-03-01T00:00:00.000Z', { champion: 0.03 })
  judged(workspace, 'aaaa', '2024-02-01T00:00:00.000Z', { champion: 0.02 })
  judged(workspace, '0000', '2024-04-01T00:00:00.000Z', { other: 0.04 })
  expect(readModelDays(workspace, 'champion')?.map((one) => one.return)).toEqual([0.03])
  expect(readModelDays(workspace, 'other')?.map((one) => one.return)).toEqual([0.04])
  expect(readModelDays(workspace, 'nobody')).toBeNull()
})
