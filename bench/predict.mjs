/**
 * One row of a pair, as it comes with a bar: every bundle of a workspace, its window of rows through scaling, model and calibration; ensembles
 * through all their members. What a row holds does not matter for the time, so it is drawn by lot.
 * Compile first: npx tsc -p tsconfig.json
 *
 *     ./sluice run demo --pair BTCUSDT --models xgboost,lightgbm,lstm,tcn,transformer,stack
 *     node bench/predict.mjs demo [--repeats 200]
 */
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadPredictor } from '../dist/cli/predictor.js'
import { createRandom } from '../dist/core/random.js'
import { contentHash, loadBundle } from '../dist/datasets/bundle.js'
import { readManifest } from '../dist/datasets/manifest.js'
import { openWorkspace } from '../dist/datasets/workspace.js'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: 'string', default: '200' } },
})
const root = resolve(positionals[0] ?? 'demo')
const workspace = openWorkspace(root)
const random = createRandom(1, 'bench')
const [minute, count] = [60_000, Number(flags.repeats)]

console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}; one row, ${count} times`)
for (const file of readdirSync(`${root}/artifacts/models`, { recursive: true })) {
  if (!String(file).endsWith('manifest.json')) continue
  const path = `artifacts/models/${file}`
  const manifest = readManifest(workspace, path)
  const address = { id: manifest.fingerprint, bundlePath: dirname(path), contentHash: contentHash(manifest) }
  const bundle = await loadBundle(workspace, address)
  const predictor = await loadPredictor(bundle, workspace, { environment: process.env, threads: 1 })
  const [rows, columns] = [predictor.window, predictor.features.length]
  const x = { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) }
  const t0 = Float64Array.from({ length: rows }, (_, i) => (i + 1) * 5 * minute)
  const took = Array.from({ length: count }, () => {
    const begin = performance.now()
    predictor.predict(x, undefined, { t0, stepMs: 5 * minute })
    return performance.now() - begin
  }).sort((a, b) => a - b)
  const [median, worst] = [took[count >> 1], took[count - 1]].map((ms) => `${ms.toFixed(2)} ms`)
  console.log(
    `${manifest.made.settings.model.padEnd(12)} ${String(rows).padStart(3)} rows  median ${median}  slowest ${worst}`,
  )
  predictor.close()
}
