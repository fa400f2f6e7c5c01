/** What every kind of model that fits values promises, held against every kind that this machine can run. */

import { beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import type { FittedModel, TrainingSet } from '../../src/models/model.js'
import { modelKind, modelNames } from '../../src/models/registry.js'
import {
  budget,
  budgetOf,
  digests,
  features,
  fitOptions,
  regression,
  rowOf,
  sample,
  valueSample,
} from '../models/sample.js'

const train = valueSample(1, 1200, { weighted: true })
const validation = valueSample(2, 500, { weighted: true })
const fresh = valueSample(3, 300)

/** Root of the weighted mean squared error, written again here so that nothing of the models checks itself. */
function rootMeanSquare(values: ArrayLike<number>, { y, weight }: TrainingSet): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < y.length; i++) {
    const share = weight?.[i] ?? 1
    sum += share * (values[i] - y[i]) ** 2
    total += share
  }
  return Math.sqrt(sum / total)
}

for (const name of modelNames) {
  const kind = await modelKind(name)
  const availability = await kind.available(process.env)
  if (!availability.ok) console.log(`SKIPPED: model ${name}: ${availability.reason}; ${availability.hint}`)
  if (!kind.tasks.includes('regression')) continue

  describe.skipIf(!availability.ok)(`${name}, regression`, () => {
    let model: FittedModel
    let values: Float64Array

    beforeAll(async () => {
      model = await kind.fit(train, validation, regression())
      values = model.predict(fresh.x)
      return () => model.close()
    })

    it('gives one value a row, which is its margin', () => {
      expect(model).toMatchObject({ kind: name, task: 'regression', classes: 1, features: [...features] })
      expect(values.length).toBe(300)
      expect(values.every(Number.isFinite)).toBe(true)
      expect(model.margins(fresh.x)).toEqual(values)
    })

    it('learns: its error on unseen rows is well below that of the mean', () => {
      const mean = Float64Array.from(train.y).reduce((sum, y) => sum + y, 0) / train.y.length
      // Noise 0.01 and what can be known 0.012 or so: the mean errs by 0.0155, the best possible by 0.01.
      expect(rootMeanSquare(new Float64Array(300).fill(mean), fresh)).toBeGreaterThan(0.014)
      expect(rootMeanSquare(values, fresh)).toBeLessThan(0.0132)
    })

    it('predicts a row alone as it does among others, bit for bit, and rows that are unknown throughout', () => {
      for (const i of [0, 17, 299]) expect(model.predict(rowOf(fresh.x, i))[0]).toBe(values[i])
      const unknown = model.predict({ rows: 2, columns: 6, values: new Float32Array(12).fill(Number.NaN) })
      expect(unknown.every(Number.isFinite)).toBe(true)
      expect(model.predict({ rows: 0, columns: 6, values: new Float32Array(0) }).length).toBe(0)
    })

    it('predicts bit for bit the same after saving and loading, and saves the same bytes again', async () => {
      const loaded = await kind.load(model.files(), { environment: process.env, threads: 1 })
      expect(loaded).toMatchObject({ task: 'regression', classes: 1, bestRound: model.bestRound })
      expect(loaded.predict(fresh.x)).toEqual(values)
      expect(loaded.contributions(fresh.x)).toEqual(model.contributions(fresh.x))
      expect(loaded.importance()).toEqual(model.importance())
      expect(digests(loaded)).toEqual(digests(model))
      loaded.close()
    })

    it('gives the same bytes when fitted twice', async () => {
      const again = await kind.fit(train, validation, regression())
      expect(digests(again)).toEqual(digests(model))
      again.close()
    })

    it('keeps the round with the lowest validation error and reports errors in units of y', () => {
      const losses = model.history.map((report) => report.validationLoss)
      const best = losses.indexOf(Math.min(...losses)) + 1
      expect(model.bestRound).toBe(best)
      expect(model.history.length).toBeLessThanOrEqual(best + (kind.parameters.earlyStoppingRounds?.default ?? 0))
      const kept = model.history[best - 1]
      expect(rootMeanSquare(model.predict(validation.x), validation)).toBeCloseTo(kept.validationLoss, 7)
      expect(rootMeanSquare(model.predict(train.x), train)).toBeCloseTo(kept.trainLoss, 7)
    })

    it('explains: contributions of a row add up to its value', () => {
      const parts = model.contributions(fresh.x)
      expect(parts.length).toBe(300 * 7)
      for (let i = 0; i < 300; i++) {
        const sum = parts.subarray(i * 7, i * 7 + 7).reduce((a, b) => a + b, 0)
        expect(Math.abs(sum - values[i]), `row ${i}`).toBeLessThan(1e-6)
      }
    })

    it('finds the informative features important and the constant one useless', () => {
      const gain = new Map(model.importance().map((entry) => [entry.feature, entry.gain]))
      expect(gain.get('constant')).toBe(0)
      for (const noise of ['noise_b', 'sparse'])
        expect(gain.get('signal_a'), noise).toBeGreaterThan(gain.get(noise) ?? 0)
    })

    it('weighs rows: heavier rows pull the values, and the unit of the weights does not matter', async () => {
      const weight = Float32Array.from(train.y, (y) => (y > 0.01 ? 4 : 1))
      const few = regression({ parameters: budget(kind, 40) })
      const heavy = await kind.fit({ ...train, weight }, null, few)
      const eightfold = await kind.fit({ ...train, weight: weight.map((w) => w * 8) }, null, few)
      const plain = await kind.fit({ ...train, weight: null }, null, few)
      const mean = (fitted: FittedModel) => fitted.predict(fresh.x).reduce((sum, value) => sum + value / 300, 0)
      expect(digests(eightfold)).toEqual(digests(heavy))
      expect(mean(heavy)).toBeGreaterThan(mean(plain) + 0.002)
      for (const fitted of [heavy, eightfold, plain]) fitted.close()
    })

    it('does not depend on where the values lie: shifted by one, so are the predictions', async () => {
      const shifted = (set: TrainingSet) => ({ ...set, y: Float32Array.from(set.y, (y) => y + 1) })
      const fitted = await kind.fit(shifted(train), shifted(validation), regression())
      const predicted = fitted.predict(fresh.x)
      // Values near 1 keep seven digits in float32, so a split may fall elsewhere: the error is compared, not each row.
      expect(rootMeanSquare(predicted, shifted(fresh))).toBeLessThan(rootMeanSquare(values, fresh) + 5e-4)
      fitted.close()
    })

    it('refuses values that do not vary, and a task that it does not have', async () => {
      const flat = { ...train, y: new Float32Array(train.y.length).fill(0.5) }
      await expect(kind.fit(flat, validation, regression())).rejects.toThrow(UserError)
      if (kind.tasks.includes('classification')) return
      const fitting = kind.fit(sample(1, 300), null, fitOptions())
      await expect(fitting).rejects.toThrow(`model ${name} is for regression, the label asks for classification`)
    })

    it('refuses a parameter that it does not have and a table of another width', async () => {
      const parameters = { [`${budgetOf(kind)}x`]: 3 }
      await expect(kind.fit(train, validation, regression({ parameters }))).rejects.toThrow(UserError)
      const narrow = { rows: 1, columns: 5, values: new Float32Array(5) }
      expect(() => model.predict(narrow)).toThrow('table has 5 columns, the model has 6 features')
    })
  })
}
