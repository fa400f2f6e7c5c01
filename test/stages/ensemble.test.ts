/** Ensembles of a small run: what their bundles say, from the bundles of their members, and what is refused. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadPredictor } from '../../src/cli/predictor.js'
import { loadBundle } from '../../src/datasets/bundle.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { readPredictions } from '../../src/datasets/prediction-table.js'
import { openWorkspace } from '../../src/datasets/workspace.js'
import { SMALL, sluice, suiteFolder, type Unit, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const NAMES = ['mean', 'performance', 'stack', 'bma', 'regime']
const workspace = openWorkspace(cwd)
let units: Unit[]

const bundleOf = (name: string) =>
  units.find(({ step, unit }) => step === 'bundle' && unit === `BTCUSDT ${name}`) as Unit
const fileOf = (unit: Unit, name: string) => unit.files.find((file) => file.name === name)?.path ?? ''
const addressOf = (unit: Unit) => {
  const folder = fileOf(unit, 'calibration').replace(/\/calibration\.json$/, '')
  const { fingerprint } = JSON.parse(readFileSync(join(cwd, folder, 'manifest.json'), 'utf8'))
  return { id: fingerprint, bundlePath: folder, contentHash: null }
}

beforeAll(async () => {
  const models = `[logistic, xgboost, ${NAMES.join(', ')}]`
  await writeMarket(cwd, SMALL.replace('[logistic]', models).concat('models: {xgboost: {rounds: 20}}\n'))
  units = await unitsOf(['run', '--to', 'select'], options)
}, 120_000)

describe.each(NAMES)('the bundle of %s', (name) => {
  it('predicts what it was judged by, through those of its members', async () => {
    const bundle = bundleOf(name)
    const predictor = await loadPredictor(await loadBundle(workspace, addressOf(bundle)), workspace, {
      environment: process.env,
      threads: 1,
    })
    const stored = await readPredictions([join(cwd, fileOf(bundle, 'predictions'))])
    const { rows, numbers } = await readParquet(
      units.flatMap(({ files }) => files.filter((file) => file.name === 'features').map(({ path }) => join(cwd, path))),
      ['open_time', ...predictor.features],
    )
    const values = new Float32Array(rows * predictor.features.length)
    predictor.features.forEach((feature, column) => {
      for (let row = 0; row < rows; row++) values[row * predictor.features.length + column] = numbers[feature][row]
    })
    const { calibrated } = predictor.predict({ rows, columns: predictor.features.length, values })
    const at = new Map([...numbers.open_time].map((time, row) => [time, row]))
    let compared = 0
    for (let row = 0; row < stored.rows; row++) {
      const place = at.get(stored.open_time[row])
      if (stored.fold[row] !== 0 || place === undefined) continue
      expect(calibrated.long[place]).toBeCloseTo(stored.p_long[row], 6)
      expect(calibrated.short[place]).toBeCloseTo(stored.p_short[row], 6)
      compared++
    }
    expect(compared).toBeGreaterThan(300)
    predictor.close()
  })

  it('reports the weights of every fold, and how far they move', () => {
    const { ensemble } = JSON.parse(readFileSync(join(cwd, fileOf(bundleOf(name), 'metrics')), 'utf8'))
    expect(ensemble.members.map(({ model }: { model: string }) => model)).toEqual(['logistic', 'xgboost'])
    expect(ensemble.folds.map(({ fold }: { fold: number }) => fold)).toEqual([0, 1, 2])
    for (const { weights } of ensemble.folds) expect(weights[0] + weights[1]).toBeCloseTo(1, 9)
  })
})

it('all of them are judged as candidates', () => {
  const select = units.find(({ step }) => step === 'judge') as Unit
  const { candidates } = JSON.parse(readFileSync(join(cwd, fileOf(select, 'selection')), 'utf8'))
  type Candidate = { model: string; gates: { gate: string; required: boolean }[] }
  expect(candidates.map(({ model }: Candidate) => model).sort()).toEqual(['logistic', 'xgboost', ...NAMES].sort())
  // What joins models must earn more than the tree among them.
  const tough = candidates.filter(({ gates }: Candidate) =>
    gates.some(({ gate, required }) => gate === 'beatsTrees' && required),
  )
  expect(tough.map(({ model }: Candidate) => model).sort()).toEqual([...NAMES].sort())
})

it('is refused where a byte of a member was changed', async () => {
  const path = join(cwd, fileOf(bundleOf('xgboost'), 'calibration'))
  const kept = readFileSync(path)
  writeFileSync(path, `${kept.toString()} `)
  const own = await loadBundle(workspace, addressOf(bundleOf('stack')))
  await expect(loadPredictor(own, workspace, { environment: process.env, threads: 1 })).rejects.toThrow(/is refused/)
  writeFileSync(path, kept)
})

it('an ensemble of one model is a mistake that is told before any work', async () => {
  const { code, stderr } = await sluice(['train', '--models', 'logistic,stack'], options)
  expect(code).toBe(2)
  expect(stderr).toContain('an ensemble (stack) takes two models')
})
