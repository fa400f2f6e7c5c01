import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import { openWorkspace, placeFor } from '../../src/datasets/workspace.js'
import { planCompare } from '../../src/stages/report/compare.js'
import { pagesOf } from '../../src/stages/report/pages.js'
import type { PlanContext } from '../../src/stages/stage.js'
import { suiteFolder } from '../support/sluice.js'

const root = suiteFolder()
const workspace = openWorkspace(root)
const context = { workspace, config: resolveConfig([]).config } as PlanContext

it('a page counts while all its files have the length that was written, and what is compared follows', async () => {
  for (const run of ['a', 'b']) {
    const folder = `reports/binance-um/BTCUSDT/${run}`
    writeFileSync(placeFor(workspace, `${folder}/report.json`), '{}')
    const manifest = {
      ...{ format: 1, stage: 'report', step: 'page', unit: 'BTCUSDT', fingerprint: run, simulated: null },
      files: [{ name: 'json', path: `${folder}/report.json`, sha256: run, bytes: 2 }],
      facts: { venue: 'binance-um', to: '2024-01-01T00:00:00.000Z' },
    }
    writeFileSync(placeFor(workspace, `${folder}/manifest.json`), JSON.stringify(manifest))
  }
  const compared = async () => (await planCompare(context)).map(({ settings }) => settings.hrefs)
  const [a, b] = ['a', 'b'].map((run) => `binance-um/BTCUSDT/${run}/index.html`)
  expect(await compared()).toEqual([[a, b]])

  const cut = join(root, 'reports/binance-um/BTCUSDT/b/report.json')
  truncateSync(cut, 1)
  expect(pagesOf(workspace)).toHaveLength(1)
  expect(await compared()).toEqual([])
  // Where the page that compares is there already, it is written anew: it must not go on showing what is gone.
  writeFileSync(placeFor(workspace, 'reports/compare.manifest.json'), '{}')
  expect(await compared()).toEqual([[]])

  writeFileSync(cut, '{}')
  expect(await compared()).toEqual([[a, b]])
  rmSync(cut)
  expect(await compared()).toEqual([[]])
})
