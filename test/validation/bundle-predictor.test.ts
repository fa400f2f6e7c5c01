/** A bundle's files give the predictions that were stored when it was made, bit for bit. */
import { describe, expect, it } from 'vitest'
import { linear } from '../../src/models/linear.js'
import { logistic } from '../../src/models/logistic.js'
import type { ModelKind } from '../../src/models/model.js'
import { openXgboost } from '../../src/models/native/xgboost-api.js'
import { xgboost } from '../../src/models/xgboost.js'
import { bundlePredictor } from '../../src/validation/bundle-predictor.js'
import type { CalibrateSettings } from '../../src/validation/calibrate-split.js'
import { parseSelection } from '../../src/validation/columns/registry.js'
import type { SplitSettings } from '../../src/validation/fit-split.js'
import { takeRows } from '../../src/validation/prepare.js'
import { SCALING_CHOICES } from '../../src/validation/scaling.js'
import { COLUMNS, FEATURES, type JudgedSplit, judgedSplit, SETTINGS, splitMarket, splitOf } from './split-market.js'

const xgboostHere = (await openXgboost(process.env)).ok
if (!xgboostHere) console.log('SKIPPED: bundles of XGBoost, the library is absent')
const kinds: readonly ModelKind[] = xgboostHere ? [logistic, xgboost] : [logistic]

const table = splitMarket()
const split = splitOf(table)
const all = Int32Array.from({ length: COLUMNS }, (_, j) => j)

/** The files as the train stage writes them. */
function filesOf({ model, selection, preparation, calibration, threshold }: JudgedSplit): Map<string, Uint8Array> {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  return new Map([
    ...model.files(),
    ['features.json', text({ hash: 'ab', features: FEATURES.map((name) => ({ name, family: 'price' })) })],
    ['selection.json', text(selection)],
    ['scaling.json', text(preparation.scaling ?? { method: null })],
    ['calibration.json', text({ ...calibration, threshold })],
  ])
}

async function fitted(kind: ModelKind, settings: Partial<SplitSettings> & Partial<CalibrateSettings> = {}) {
  const parameters = kind.name === 'xgboost' ? { rounds: 20 } : {}
  return judgedSplit(kind, table, split, { ...SETTINGS, environment: process.env, parameters, ...settings }, settings)
}

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  it.each([...SCALING_CHOICES])('loaded again with scaling %s predicts the same', async (scaling) => {
    const selection = parseSelection(scaling === 'auto' ? [] : ['variance', 'correlation:0.9', 'importance:3'])
    for (const calibration of scaling === 'auto' ? (['platt', 'isotonic', 'beta'] as const) : (['platt'] as const)) {
      const outcome = await fitted(kind, { selection, scaling, calibration })
      const bundle = await bundlePredictor(filesOf(outcome), kind, { environment: process.env, threads: 1 })
      const { raw, calibrated, value } = bundle.predict(takeRows(table.x, outcome.rows, all))
      expect(raw).toEqual(outcome.raw)
      expect(calibrated).toEqual(outcome.calibrated)
      expect(value).toBeNull()
      expect(bundle.features).toEqual(FEATURES)
      expect(bundle.threshold).toBe(outcome.threshold.threshold)
      bundle.close()
      outcome.model.close()
    }
  })
})

describe('a bundle of a label that is a number', () => {
  it.each(['sign', null] as const)('with sides from %s predicts the same values and sides', async (sides) => {
    const label = table.x.values.filter((_, at) => at % COLUMNS === 0).map((signal) => 0.01 * signal)
    const settings = {
      ...SETTINGS,
      task: 'regression',
      classes: [],
      sides,
      selection: parseSelection(['variance']),
    } as const
    const outcome = await judgedSplit(linear, { ...table, label: Float64Array.from(label) }, split, settings)
    const bundle = await bundlePredictor(filesOf(outcome), linear, { environment: {}, threads: 1 })
    const { raw, calibrated, value } = bundle.predict(takeRows(table.x, outcome.rows, all))
    expect({ raw, calibrated, value }).toEqual({
      raw: outcome.raw,
      calibrated: outcome.calibrated,
      value: outcome.value,
    })
    if (sides === null) expect(bundle.threshold).toBeNull()
  })
})

describe('a damaged bundle', () => {
  const damage = async (change: (files: Map<string, Uint8Array>) => void) => {
    const files = filesOf(await fitted(logistic, { selection: parseSelection(['variance']), scaling: 'standard' }))
    change(files)
    return bundlePredictor(files, logistic, { environment: {}, threads: 1 })
  }
  const write = (name: string, value: unknown) => (files: Map<string, Uint8Array>) => {
    files.set(name, new TextEncoder().encode(JSON.stringify(value)))
  }

  it.each([
    [
      'lacks its selection',
      (files: Map<string, Uint8Array>) => void files.delete('selection.json'),
      'selection.json of the bundle is damaged: it is missing',
    ],
    [
      'lacks its scaling',
      (files: Map<string, Uint8Array>) => void files.delete('scaling.json'),
      'scaling.json of the bundle is damaged: it is missing',
    ],
    ['has other features', write('features.json', { features: [{ name: 'a' }] }), 'it chooses from other features'],
    [
      'chooses out of order',
      write('selection.json', { features: FEATURES, chosen: ['copy', 'signal'] }),
      'in their order',
    ],
    [
      'chooses what is not there',
      write('selection.json', { features: FEATURES, chosen: ['volume'] }),
      'not some of features.json',
    ],
    [
      'chooses other features than the model has',
      write('selection.json', { features: FEATURES, chosen: FEATURES }),
      'its features are not those of selection.json',
    ],
    [
      'lacks a side',
      write('calibration.json', { source: 'class', classes: [0, 1], scale: 1, threshold: { threshold: 0.5 } }),
      'it lacks a side',
    ],
    [
      'is no JSON',
      (files: Map<string, Uint8Array>) => void files.set('calibration.json', Uint8Array.of(1, 2)),
      'it is not JSON (2 bytes)',
    ],
  ])('that %s is refused', async (_, change, message) => {
    await expect(damage(change)).rejects.toThrow(message)
  })

  it('whose scaling is of the right features but the model of others is refused', async () => {
    const whole = await fitted(logistic)
    const files = filesOf(await fitted(logistic, { selection: parseSelection(['variance']) }))
    for (const [name, bytes] of whole.model.files()) files.set(name, bytes)
    await expect(bundlePredictor(files, logistic, { environment: {}, threads: 1 })).rejects.toThrow(
      'it chooses 5 features, the model has 6 others',
    )
  })
})
