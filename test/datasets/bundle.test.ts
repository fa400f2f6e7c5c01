/**
 * A bundle is used as it was registered, or refused.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json, sha256 } from '../../src/core/canonical.js'
import { bundleProblem, contentHash, loadBundle } from '../../src/datasets/bundle.js'
import { type Manifest, writeManifest } from '../../src/datasets/manifest.js'
import { absolute, openWorkspace, placeFor, type Workspace } from '../../src/datasets/workspace.js'
import { scratchFolder } from '../support/scratch.js'

const FOLDER = 'artifacts/models/binance-um/BTCUSDT/0123456789abcdef'

async function bundle() {
  const workspace = openWorkspace(await scratchFolder())
  const files = [
    ['file:model.json', `${FOLDER}/model.json`, '{"trees":[1,2,3]}'],
    ['calibration', `${FOLDER}/calibration.json`, '{"a":1}'],
    ['predictions', 'data/predictions/binance-um/BTCUSDT/0123456789abcdef/predictions.parquet', 'PAR1 rows PAR1'],
  ].map(([name, path, content]) => {
    writeFileSync(placeFor(workspace, path), content)
    return { name, path, sha256: sha256(content), bytes: content.length }
  })
  const made = { inputs: [], settings: { model: 'xgboost' }, code: 'c', libraries: {} }
  const unit = { stage: 'train', step: 'bundle', unit: 'BTCUSDT xgboost' }
  const fingerprint = sha256(canonicalJson({ ...unit, ...made } as Json))
  const manifest: Manifest = {
    ...{ format: 1, ...unit, fingerprint, made, simulated: null, files },
    ...{ facts: {}, warnings: [], summary: '' },
  }
  save(workspace, manifest)
  return { workspace, manifest, address: { id: fingerprint, bundlePath: FOLDER, contentHash: contentHash(manifest) } }
}

function save(workspace: Workspace, manifest: Manifest): void {
  const record = { startedAt: '', seconds: 0, host: '', node: '', gitCommit: null, notes: {} }
  writeManifest(workspace, `${FOLDER}/manifest.json`, manifest, record)
}

describe('loading a bundle', () => {
  it('gives the files that were checked', async () => {
    const { workspace, address } = await bundle()
    const { files } = await loadBundle(workspace, address)
    expect([...files.keys()], 'predictions are checked, not kept').toEqual(['file:model.json', 'calibration'])
    expect(Buffer.from(files.get('file:model.json') ?? []).toString()).toBe('{"trees":[1,2,3]}')
    expect(await bundleProblem(workspace, { ...address, contentHash: null })).toBeNull()
  })

  it('refuses it when any one bit of any file is another', async () => {
    const { workspace, address, manifest } = await bundle()
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), fc.nat(7), async (which, at, bit) => {
        const place = absolute(workspace, manifest.files[which].path)
        const before = readFileSync(place)
        const changed = Buffer.from(before)
        changed[at % changed.length] ^= 1 << bit
        writeFileSync(place, changed)
        await expect(loadBundle(workspace, address)).rejects.toThrow('is refused')
        writeFileSync(place, before)
        expect(await bundleProblem(workspace, address)).toBeNull()
      }),
      { numRuns: 40 },
    )
  })

  it('refuses a file that was exchanged together with its hash in the manifest', async () => {
    const { workspace, address, manifest } = await bundle()
    const [model, ...others] = manifest.files
    const forged = '{"trees":[9]}'
    writeFileSync(absolute(workspace, model.path), forged)
    save(workspace, { ...manifest, files: [{ ...model, sha256: sha256(forged) }, ...others] })
    expect(await bundleProblem(workspace, address)).toMatch(/its files have hash \w{12} together, registered \w{12}/)
  })

  it('refuses a manifest that tells another story, is of another bundle, or is gone, and a file that is gone', async () => {
    const { workspace, address, manifest } = await bundle()
    save(workspace, { ...manifest, made: { ...manifest.made, settings: { model: 'logistic' } } })
    expect(await bundleProblem(workspace, address)).toContain('its manifest was changed')
    save(workspace, manifest)
    expect(await bundleProblem(workspace, { ...address, id: 'f'.repeat(64) })).toContain('its manifest is of')
    rmSync(absolute(workspace, manifest.files[1].path))
    expect(await bundleProblem(workspace, address)).toContain('calibration.json is gone')
    rmSync(join(absolute(workspace, FOLDER), 'manifest.json'))
    expect(await bundleProblem(workspace, address)).toContain('it is gone')
  })
})
