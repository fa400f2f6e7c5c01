/** Monotone and categorical features, held against every kind that says it knows them; and what the others do with them. */

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import type { FitOptions, FittedModel, Matrix, TrainingSet } from '../../src/models/model.js'
import { modelKind, modelNames } from '../../src/models/registry.js'
import { features, fitOptions, regression, sample, twoClasses, valueSample } from '../models/sample.js'

const tasks = [
  { title: 'two classes', train: twoClasses(sample(1, 2500)), options: fitOptions({ classes: 2 }) },
  { title: 'regression', train: valueSample(1, 1500), options: regression() },
] as const

/** How often the last output falls while one feature rises and all others stay, over some rows. */
function falls(model: FittedModel, { columns, values }: Matrix, feature: number): number {
  let count = 0
  const steps = 40
  for (let row = 0; row < 25; row++) {
    const line = new Float32Array(steps * columns)
    for (let step = 0; step < steps; step++) {
      line.set(values.subarray(row * columns, (row + 1) * columns), step * columns)
      line[step * columns + feature] = -3 + (6 * step) / (steps - 1)
    }
    const out = model.predict({ rows: steps, columns, values: line })
    for (let step = 1; step < steps; step++) {
      const [before, after] = [step - 1, step].map((at) => out[(at + 1) * model.classes - 1])
      if (after < before - 1e-12) count++
    }
  }
  return count
}

/** Codes 0 … 19 in the last column, of which a scattered half is good; no threshold parts them. */
function coded(seed: number, rows: number): TrainingSet {
  const random = createRandom(seed, 'codes')
  const good = new Set([0, 3, 4, 7, 9, 12, 14, 15, 18, 19])
  const values = new Float32Array(rows * 2)
  const y = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const code = Math.floor(random.next() * 20)
    values[i * 2] = random.normal()
    values[i * 2 + 1] = random.next() < 0.05 ? Number.NaN : code
    y[i] = random.next() < (good.has(code) ? 0.85 : 0.15) ? 1 : 0
  }
  return { x: { rows, columns: 2, values }, y, weight: null }
}

function hits(model: FittedModel, { x, y }: TrainingSet): number {
  const p = model.predict(x)
  return [...y].reduce((sum, label, i) => sum + (p[i * 2 + 1] > 0.5 === (label === 1) ? 1 / x.rows : 0), 0)
}

const digest = (model: FittedModel) =>
  [...model.files()].map(([file, bytes]) => `${file} ${createHash('sha256').update(bytes).digest('hex')}`)

for (const name of modelNames) {
  const kind = await modelKind(name)
  const availability = await kind.available(process.env)

  describe.skipIf(!availability.ok)(name, () => {
    for (const { title, train, options } of tasks) {
      if (!kind.tasks.includes(options.task)) continue
      const made = (more: Partial<FitOptions>) => kind.fit(train, null, { ...options, ...more })

      it(`ignores names that are no columns: ${title}`, async () => {
        const plain = await made({})
        const named = await made({ monotone: { elsewhere: 1 }, categorical: ['nowhere'] })
        expect(digest(named)).toEqual(digest(plain))
        for (const model of [plain, named]) model.close()
      })

      it.skipIf(!kind.constraints.includes('monotone'))(`keeps a direction: ${title}`, async () => {
        const free = await made({})
        const rising = await made({ monotone: { signal_a: 1, signal_b: 1, noise_a: -1 } })
        const fallsOf = (model: FittedModel) => falls(model, train.x, 0) + falls(model, train.x, 1)
        expect(fallsOf(free), 'without the constraint it falls somewhere').toBeGreaterThan(0)
        expect(fallsOf(rising)).toBe(0)
        const mirrored = await made({ monotone: { signal_a: -1 } })
        const gain = mirrored.importance().find(({ feature }) => feature === 'signal_a')?.gain ?? 0
        const before = free.importance().find(({ feature }) => feature === 'signal_a')?.gain ?? 0
        expect(gain, 'what rises cannot be used if it must not').toBeLessThan(before / 2)
        const loaded = await kind.load(rising.files(), { environment: process.env, threads: 1 })
        expect(loaded.predict(train.x)).toEqual(rising.predict(train.x))
        const [parts, margins] = [rising.contributions(train.x), rising.margins(train.x)]
        for (let p = 0; p < 200; p++) {
          const sum = parts.subarray(p * 7, p * 7 + 7).reduce((a, b) => a + b, 0)
          expect(Math.abs(sum - margins[p]), `score ${p}`).toBeLessThan(1e-4)
        }
        for (const model of [free, rising, mirrored, loaded]) model.close()
      })
    }

    it.skipIf(!kind.constraints.includes('monotone'))('refuses a direction among three classes', async () => {
      const fitting = kind.fit(sample(1, 300), null, fitOptions({ monotone: { signal_a: 1 } }))
      await expect(fitting).rejects.toThrow(`model ${name} cannot be monotone in 3 classes`)
    })

    it.skipIf(!kind.constraints.includes('categorical'))('splits codes by set, not by size', async () => {
      const options = fitOptions({ classes: 2, featureNames: ['noise', 'code'], parameters: { maxDepth: 1 } })
      const train = coded(1, 2000)
      const fresh = coded(2, 1000)
      const byNumber = await kind.fit(train, null, options)
      const bySet = await kind.fit(train, null, { ...options, categorical: ['code'] })
      // 85 % can be had, for rows whose code is known.
      expect(hits(bySet, fresh)).toBeGreaterThan(0.8)
      const loaded = await kind.load(bySet.files(), { environment: process.env, threads: 1 })
      expect(loaded.predict(fresh.x)).toEqual(bySet.predict(fresh.x))
      expect(loaded.contributions(fresh.x)).toEqual(bySet.contributions(fresh.x))
      // Codes that training has not seen, and those that no training may see.
      const odd = { rows: 5, columns: 2, values: Float32Array.of(0, 31, 0, 60_000, 0, -1, 0, 2.5, 0, Number.NaN) }
      expect(loaded.predict(odd).every((p) => p > 0 && p < 1)).toBe(true)
      if (name !== 'random-forest') expect(hits(bySet, fresh)).toBeGreaterThan(hits(byNumber, fresh) + 0.05)
      for (const model of [byNumber, bySet, loaded]) model.close()
    })

    it.skipIf(!kind.constraints.includes('categorical'))('refuses a column that holds no codes', async () => {
      const options = fitOptions({ categorical: ['signal_a'] })
      await expect(kind.fit(sample(1, 300), null, options)).rejects.toThrow(
        /feature signal_a is categorical but holds -?\d/,
      )
      const both = fitOptions({
        classes: 2,
        featureNames: ['noise', 'code'],
        categorical: ['code'],
        monotone: { code: 1 },
      })
      await expect(kind.fit(coded(1, 200), null, both)).rejects.toThrow('feature code is both monotone and categorical')
    })
  })
}

describe('the samples', () => {
  it('have the columns that the constraints speak of', () => expect(features).toContain('signal_a'))
})
