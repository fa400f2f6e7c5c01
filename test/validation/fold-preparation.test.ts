/**
 * What is chosen, scaled and weighted inside a fold comes from its training part, whatever stands in the rows after it; what is calibrated
 * and tuned comes from validation, whatever stands in the scored rows.
 */
import { describe, expect, it } from 'vitest'
import { logistic } from '../../src/models/logistic.js'
import type { TrainingSet } from '../../src/models/model.js'
import type { CalibrateSettings } from '../../src/validation/calibrate-split.js'
import { parseSelection } from '../../src/validation/columns/registry.js'
import type { SplitSettings, SplitTable } from '../../src/validation/fit-split.js'
import {
  FEATURES,
  type JudgedSplit,
  judgedSplit,
  RANGES,
  SETTINGS,
  scrambled,
  splitMarket,
  splitOf,
} from './split-market.js'

const table = splitMarket()
const split = splitOf(table)
type Settings = Partial<SplitSettings> & Partial<CalibrateSettings>

const fitted = (settings: Settings, other: SplitTable = table) =>
  judgedSplit(logistic, other, split, { ...SETTINGS, ...settings }, settings)

const FULL: Settings = {
  selection: parseSelection(['variance', 'mutualInformation:4', 'correlation']),
  scaling: 'robust',
  classWeights: 'balanced',
  sampleWeights: 'uniqueness',
  calibration: 'auto',
}

const prepared = ({ selection, preparation }: JudgedSplit) => JSON.stringify({ selection, preparation })
const tuned = ({ model, calibration, threshold }: JudgedSplit) =>
  JSON.stringify({
    files: [...model.files()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]),
    ...{ calibration, threshold },
  })

describe('a fold with everything on', () => {
  it('uses what it chose: one of the two that say the same, nothing constant', async () => {
    const { selection, preparation, model, scores } = await fitted(FULL)
    expect(selection.chosen).toContain('signal')
    expect(selection.chosen).not.toContain('copy')
    expect(selection.chosen).not.toContain('constant')
    expect(selection.features).toEqual(FEATURES)
    expect(model.features).toEqual(selection.chosen)
    expect(preparation.scaling).toMatchObject({ method: 'robust', features: selection.chosen })
    expect(scores.aucLong).toBeGreaterThan(0.75)
  })

  it('learns nothing from validation or scored rows before the model is fitted', async () => {
    const honest = prepared(await fitted(FULL))
    for (const range of [RANGES.validation, RANGES.score, { start: 500, end: 900 }]) {
      expect(prepared(await fitted(FULL, scrambled(table, range)))).toBe(honest)
    }
    // Were it to look, it would show: the same change in training rows does.
    expect(prepared(await fitted(FULL, scrambled(table, RANGES.train)))).not.toBe(honest)
  })

  it('learns nothing from scored rows at all', async () => {
    const [honest, other] = [await fitted(FULL), await fitted(FULL, scrambled(table, RANGES.score))]
    expect(tuned(other)).toBe(tuned(honest))
    expect(other.calibrated.long).not.toEqual(honest.calibrated.long)
    expect(tuned(await fitted(FULL, scrambled(table, RANGES.validation)))).not.toBe(tuned(honest))
  })

  it('gives the same bytes again', async () => {
    const [a, b] = [await fitted(FULL), await fitted(FULL)]
    expect([prepared(b), tuned(b)]).toEqual([prepared(a), tuned(a)])
    expect(b.calibrated).toEqual(a.calibrated)
  })
})

describe('selection by a model', () => {
  it.each(['importance:2', 'recursive:2:0.3'])('%s sees of validation no more than when to stop', async (step) => {
    // One round leaves early stopping nothing to say, so what is left is the training part's alone.
    const settings = { selection: parseSelection([step]), parameters: { rounds: 1 } }
    const honest = await fitted(settings)
    expect(honest.selection.chosen).toContain('signal')
    expect(honest.selection.chosen).toHaveLength(2)
    expect(prepared(await fitted(settings, scrambled(table, RANGES.validation)))).toBe(prepared(honest))
    const free = { selection: parseSelection([step]) }
    expect(prepared(await fitted(free, scrambled(table, RANGES.score)))).toBe(prepared(await fitted(free)))
  })
})

describe('weights', () => {
  const spied = async (settings: Partial<SplitSettings>) => {
    const seen: (TrainingSet | null)[] = []
    const spy = {
      ...logistic,
      fit: (...given: Parameters<typeof logistic.fit>) => {
        seen.push(given[0], given[1])
        return logistic.fit(...given)
      },
    }
    const outcome = await judgedSplit(spy, table, split, { ...SETTINGS, ...settings })
    return { seen, outcome }
  }

  it('are none unless asked for', async () => {
    const { seen } = await spied({})
    expect(seen.map((set) => set?.weight)).toEqual([null, null])
  })

  it('reach the model for both parts, and calibration turns balanced classes back', async () => {
    const { seen, outcome } = await spied({ classWeights: 'balanced' })
    const [train, validation] = seen
    expect(train?.weight).toHaveLength(split.train.rows.length)
    expect(validation?.weight).toHaveLength(split.validation.rows.length)
    const sums = [0, 1, 2].map((k) =>
      Array.from(train?.weight ?? []).reduce((sum, w, i) => sum + (train?.y[i] === k ? w : 0), 0),
    )
    for (const sum of sums) expect(sum).toBeCloseTo(split.train.rows.length / 3, 3)
    const rate = split.validation.rows.filter((row) => table.outcome[row] === 1).length / split.validation.rows.length
    const meanOf = (p: Float64Array) => p.reduce((sum, value) => sum + value, 0) / p.length
    expect(Math.abs(meanOf(outcome.calibrated.long) - rate)).toBeLessThan(0.08)
  })
})

describe('scaling', () => {
  it('that the model’s own undoes changes next to nothing, and one that bends does', async () => {
    const plain = await fitted({})
    const difference = (other: JudgedSplit) =>
      Math.max(...other.calibrated.long.map((p, i) => Math.abs(p - plain.calibrated.long[i])))
    for (const scaling of ['standard', 'minmax', 'robust'] as const) {
      expect(difference(await fitted({ scaling })), scaling).toBeLessThan(1e-3)
    }
    expect(difference(await fitted({ scaling: 'log' }))).toBeGreaterThan(1e-3)
  })
})
