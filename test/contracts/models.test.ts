/** What every kind of model that classifies promises, held against every kind that this machine can run. */

import { beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import type { FittedModel, TrainingSet } from '../../src/models/model.js'
import { modelKind, modelNames } from '../../src/models/registry.js'
import { budget, budgetOf, digests, features, fitOptions, regression, rowOf, sample } from '../models/sample.js'

const train = sample(1, 1200, { weighted: true })
const validation = sample(2, 500, { weighted: true })
const fresh = sample(3, 300)

/** Weighted mean of −log p(y), written again here so that nothing of the models checks itself. */
function logLoss(probabilities: Float64Array, set: TrainingSet, classes: number): number {
  let loss = 0
  let total = 0
  for (let i = 0; i < set.x.rows; i++) {
    const weight = set.weight?.[i] ?? 1
    loss -= weight * Math.log(probabilities[i * classes + set.y[i]])
    total += weight
  }
  return loss / total
}

for (const name of modelNames) {
  const kind = await modelKind(name)
  const availability = await kind.available(process.env)
  if (!availability.ok) console.log(`SKIPPED: model ${name}: ${availability.reason}; ${availability.hint}`)

  if (!kind.tasks.includes('classification')) continue

  describe.skipIf(!availability.ok)(name, () => {
    let model: FittedModel
    let probabilities: Float64Array

    beforeAll(async () => {
      model = await kind.fit(train, validation, fitOptions())
      probabilities = model.predict(fresh.x)
      return () => model.close()
    })

    it('carries its name and what it was fitted on', () => {
      expect(kind.name).toBe(name)
      expect(model.kind).toBe(name)
      expect(model.classes).toBe(3)
      expect(model.features).toEqual(features)
    })

    it('declares defaults inside their ranges', () => {
      for (const [parameter, { default: value, range, meaning }] of Object.entries(kind.parameters)) {
        expect(value, parameter).toBeGreaterThanOrEqual(range[0])
        expect(value, parameter).toBeLessThanOrEqual(range[1])
        expect(meaning, parameter).toMatch(/\.$/)
      }
    })

    it('declares a search space: some parameters, inside their ranges, that hold the default', () => {
      const searched = Object.entries(kind.parameters).filter(([, { search }]) => search !== undefined)
      expect(searched.length).toBeGreaterThanOrEqual(2)
      for (const [parameter, { default: value, range, integer, search }] of searched) {
        const { low, high, log } = search ?? { low: Number.NaN, high: Number.NaN }
        expect(low, parameter).toBeLessThan(high)
        expect(low, parameter).toBeGreaterThanOrEqual(Math.max(range[0], log === true ? Number.MIN_VALUE : range[0]))
        expect(high, parameter).toBeLessThanOrEqual(range[1])
        expect(value >= low && value <= high, parameter).toBe(true)
        if (integer === true) expect(Number.isInteger(low) && Number.isInteger(high), parameter).toBe(true)
      }
    })

    it('gives probabilities that add up to 1, also for rows with unknown values', () => {
      expect(probabilities.length).toBe(300 * 3)
      for (let i = 0; i < 300; i++) {
        const row = probabilities.subarray(i * 3, i * 3 + 3)
        expect(Math.min(...row), `row ${i}`).toBeGreaterThan(0)
        expect(Math.abs(row[0] + row[1] + row[2] - 1), `row ${i}`).toBeLessThan(1e-12)
      }
    })

    it('learns: its loss on unseen rows is well below that of the class shares', () => {
      const shares = [0, 1, 2].map((k) => train.y.filter((y) => y === k).length / train.y.length)
      const ignorant = Float64Array.from({ length: 900 }, (_, p) => shares[p % 3])
      // Six columns, of which two inform: 0.1 nat below the shares is far outside chance on 300 rows.
      expect(logLoss(probabilities, fresh, 3)).toBeLessThan(logLoss(ignorant, fresh, 3) - 0.1)
    })

    it('predicts a row alone as it does among others, bit for bit', () => {
      for (const i of [0, 17, 299]) {
        expect(model.predict(rowOf(fresh.x, i))).toEqual(probabilities.slice(i * 3, i * 3 + 3))
      }
    })

    it('predicts rows that are unknown throughout, and none', () => {
      const unknown = { rows: 2, columns: 6, values: new Float32Array(12).fill(Number.NaN) }
      const p = model.predict(unknown)
      expect(p.every((value) => value > 0 && value < 1)).toBe(true)
      expect(p.slice(0, 3)).toEqual(p.slice(3))
      expect(model.predict({ rows: 0, columns: 6, values: new Float32Array(0) }).length).toBe(0)
    })

    it('writes into the array it is given', () => {
      const out = new Float64Array(900)
      expect(model.predict(fresh.x, out)).toBe(out)
      expect(out).toEqual(probabilities)
    })

    it('leaves its input as it was', () => {
      const values = fresh.x.values.slice()
      model.predict(fresh.x)
      model.contributions(fresh.x)
      expect(fresh.x.values).toEqual(values)
    })

    it('predicts bit for bit the same after saving and loading, and saves the same bytes again', async () => {
      const files = model.files()
      const loaded = await kind.load(files, { environment: process.env, threads: 1 })
      expect(loaded.predict(fresh.x)).toEqual(probabilities)
      expect(loaded.contributions(fresh.x)).toEqual(model.contributions(fresh.x))
      expect(loaded.features).toEqual(features)
      expect(loaded.bestRound).toBe(model.bestRound)
      expect(loaded.importance()).toEqual(model.importance())
      expect(digests(loaded)).toEqual(digests(model))
      loaded.close()
    })

    it('gives the same bytes when fitted twice, also when two fits take turns', async () => {
      const other = sample(9, 700)
      const [again, beside] = await Promise.all([
        kind.fit(train, validation, fitOptions()),
        kind.fit(other, validation, fitOptions({ seed: 7 })),
      ])
      const alone = await kind.fit(other, validation, fitOptions({ seed: 7 }))
      expect(digests(again)).toEqual(digests(model))
      expect(digests(beside)).toEqual(digests(alone))
      for (const fitted of [again, beside, alone]) fitted.close()
    })

    it('keeps the round with the lowest validation loss and stops soon after it', () => {
      const losses = model.history.map((report) => report.validationLoss)
      const best = losses.indexOf(Math.min(...losses)) + 1
      expect(model.bestRound).toBe(best)
      const patience = kind.parameters.earlyStoppingRounds?.default ?? 0
      expect(model.history.length).toBeLessThanOrEqual(best + patience)
      expect(model.history.map((report) => report.round)).toEqual(losses.map((_, i) => i + 1))
      // The kept model is that round's: its loss, computed from its predictions, is the one reported.
      const kept = model.history[best - 1]
      expect(logLoss(model.predict(validation.x), validation, 3)).toBeCloseTo(kept.validationLoss, 5)
      expect(logLoss(model.predict(train.x), train, 3)).toBeCloseTo(kept.trainLoss, 5)
    })

    it('reports every round as it goes and lets other work run in between', async () => {
      const seen: number[] = []
      let turns = 0
      const timer = setInterval(() => turns++, 0)
      const options = fitOptions({ parameters: budget(kind, 6), onRound: ({ round }) => seen.push(round) })
      const fitted = await kind.fit(train, null, options)
      clearInterval(timer)
      const rounds = budgetOf(kind) === 'rounds' ? 6 : 1
      expect(seen).toEqual(Array.from({ length: rounds }, (_, i) => i + 1))
      expect(fitted.bestRound, 'without validation the last round is kept').toBe(rounds)
      expect(fitted.history.every((report) => Number.isNaN(report.validationLoss))).toBe(true)
      expect(turns).toBeGreaterThan(0)
      fitted.close()
    })

    it('explains: contributions of a row add up to its margin', () => {
      const parts = model.contributions(fresh.x)
      const margins = model.margins(fresh.x)
      expect(parts.length).toBe(300 * 3 * 7)
      for (let p = 0; p < 900; p++) {
        const sum = parts.subarray(p * 7, p * 7 + 7).reduce((a, b) => a + b, 0)
        expect(Math.abs(sum - margins[p]), `row ${Math.floor(p / 3)}`).toBeLessThan(1e-4)
      }
    })

    it('finds the informative features important and the constant one useless', () => {
      const gain = new Map(model.importance().map((entry) => [entry.feature, entry.gain]))
      expect([...gain.keys()]).toEqual(features)
      expect(gain.get('constant')).toBe(0)
      for (const noise of ['noise_a', 'noise_b', 'sparse']) {
        expect(gain.get('signal_a'), noise).toBeGreaterThan(gain.get(noise) ?? 0)
      }
    })

    it('stays sane when a class is absent from training', async () => {
      const rows = [...train.y.keys()].filter((i) => train.y[i] !== 1)
      const values = new Float32Array(rows.length * 6)
      for (const [n, i] of rows.entries()) values.set(train.x.values.subarray(i * 6, i * 6 + 6), n * 6)
      const two = {
        x: { rows: rows.length, columns: 6, values },
        y: Int32Array.from(rows, (i) => train.y[i]),
        weight: null,
      }
      const fitted = await kind.fit(two, validation, fitOptions())
      const p = fitted.predict(fresh.x)
      expect(p.length).toBe(900)
      for (let i = 0; i < 300; i++) {
        expect(p[i * 3 + 1], `row ${i}`).toBeGreaterThan(0)
        expect(p[i * 3 + 1], `row ${i}: never seen, so less likely than either`).toBeLessThan(1 / 3)
      }
      fitted.close()
    })

    it('weighs rows: heavier rows pull the probabilities, and the unit of the weights does not matter', async () => {
      const weight = Float32Array.from(train.y, (y) => (y === 0 ? 4 : 1))
      const heavy = await kind.fit({ ...train, weight }, null, fitOptions({ parameters: budget(kind, 5) }))
      // Eight is a power of two: scaling by it is exact, so the models must agree in every bit.
      const eightfold = { ...train, weight: weight.map((w) => w * 8) }
      const scaled = await kind.fit(eightfold, null, fitOptions({ parameters: budget(kind, 5) }))
      const plain = await kind.fit({ ...train, weight: null }, null, fitOptions({ parameters: budget(kind, 5) }))
      const mean = (fitted: FittedModel) =>
        fitted.predict(fresh.x).reduce((sum, p, at) => sum + (at % 3 === 0 ? p / 300 : 0), 0)
      expect(digests(scaled)).toEqual(digests(heavy))
      expect(mean(heavy)).toBeGreaterThan(mean(plain) + 0.05)
      for (const fitted of [heavy, scaled, plain]) fitted.close()
    })

    it('refuses a parameter that it does not have, with the nearest name', async () => {
      const fitting = kind.fit(
        train,
        validation,
        fitOptions({ parameters: { [`${budgetOf(kind).slice(0, -1)}z`]: 3 } }),
      )
      const refusal = await fitting.catch((thrown: unknown) => thrown)
      expect(refusal).toBeInstanceOf(UserError)
      expect(refusal).toMatchObject({
        message: expect.stringMatching(/"(roundz|treez)"/),
        hint: `did you mean "${budgetOf(kind)}"?`,
      })
    })

    it('refuses a parameter out of range, with both numbers', async () => {
      for (const rounds of [0, 2.5, Number.NaN]) {
        const fitting = kind.fit(train, validation, fitOptions({ parameters: budget(kind, rounds) }))
        const refusal = await fitting.catch((thrown: unknown) => thrown)
        expect(refusal).toBeInstanceOf(UserError)
        expect((refusal as UserError).message).toContain(String(rounds))
      }
    })

    it('refuses a task that it does not have', async () => {
      if (kind.tasks.includes('regression')) return
      const fitting = kind.fit({ ...train, y: new Float32Array(train.y) }, null, regression())
      await expect(fitting).rejects.toThrow(`model ${name} is for classification, the label asks for regression`)
    })

    it('refuses to learn from one class', async () => {
      const one = { ...train, y: new Int32Array(train.y.length) }
      await expect(kind.fit(one, validation, fitOptions())).rejects.toThrow(UserError)
    })

    it('refuses a bundle that lacks a file, is cut short or is something else, naming the file', async () => {
      const files = model.files()
      for (const [file, bytes] of files) {
        const wrong: [string, Uint8Array | null][] = [
          ['absent', null],
          ['empty', new Uint8Array(0)],
          ['cut short', bytes.slice(0, bytes.length >> 1)],
          ['one byte short', bytes.slice(0, bytes.lastIndexOf(125))],
          ['not text', Uint8Array.from(bytes, (byte) => byte ^ 0x80)],
          ['other JSON', new TextEncoder().encode('{"learner":{},"kind":"other"}')],
          ['null', new TextEncoder().encode('null')],
        ]
        for (const [what, replacement] of wrong) {
          const damaged = new Map(files)
          if (replacement === null) damaged.delete(file)
          else damaged.set(file, replacement)
          const loading = kind.load(damaged, { environment: process.env, threads: 1 })
          const refusal = await loading.catch((thrown: unknown) => thrown)
          expect(refusal, `${file} ${what}`).toBeInstanceOf(UserError)
          expect((refusal as UserError).message, what).toContain(file)
          expect((refusal as UserError).hint, what).toBeTruthy()
        }
      }
    })

    it('refuses a table of another width', () => {
      const narrow = { rows: 1, columns: 5, values: new Float32Array(5) }
      expect(() => model.predict(narrow)).toThrow('table has 5 columns, the model has 6 features')
    })

    it('can be closed twice', async () => {
      const loaded = await kind.load(model.files(), { environment: process.env, threads: 1 })
      loaded.close()
      loaded.close()
    })
  })
}

describe('the registry', () => {
  it('says which models there are when asked for another', async () => {
    const refusal = await modelKind('xgbost').catch((thrown: unknown) => thrown)
    expect(refusal).toBeInstanceOf(UserError)
    expect((refusal as UserError).message).toContain(
      'logistic, linear, random-forest, xgboost, lightgbm, lstm, gru, tcn, cnn-lstm, transformer',
    )
  })
})
