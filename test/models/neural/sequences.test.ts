/** Windows: which rows they hold, which rows have none, and what becomes of those. */

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/core/errors.js'
import type { FitOptions, FittedModel, Matrix } from '../../../src/models/model.js'
import { openEngine } from '../../../src/models/neural/engine.js'
import { windowsOf } from '../../../src/models/neural/windows.js'
import { modelKind } from '../../../src/models/registry.js'
import { fitOptions } from '../sample.js'
import { plantedSequences } from './sequences.js'

const plain = {
  features: ['a', 'b'],
  clip: 100,
  median: Float64Array.of(7, 7),
  mean: new Float64Array(2),
  scale: Float64Array.of(1, 1),
}
const sample = plantedSequences(1, 700)
const [train, validation] = [sample.part(0, 400), sample.part(400, 550)]
const parameters = { steps: 6, rounds: 3, batch: 64 }
const SIZES: Readonly<Record<string, FitOptions['parameters']>> = {
  lstm: { units: 6 },
  gru: { units: 6 },
  tcn: { filters: 6, blocks: 2 },
  'cnn-lstm': { filters: 6, units: 6 },
  transformer: { size: 4, heads: 2, blocks: 1 },
}
const fitting = (name: string) => {
  const own = { ...parameters, ...SIZES[name] }
  return (more: Partial<FitOptions> = {}) =>
    fitOptions({ classes: 2, featureNames: ['a', 'b'], ...more, parameters: { ...own, ...more.parameters } })
}

const digests = (model: FittedModel) =>
  [...model.files()].map(([file, bytes]) => `${file} ${createHash('sha256').update(bytes).digest('hex')}`)

describe('a window', () => {
  const table: Matrix = { rows: 4, columns: 2, values: Float32Array.of(0, 10, 1, 11, 2, Number.NaN, 3, 13) }
  const x: Matrix = {
    rows: 2,
    columns: 2,
    values: Float32Array.of(2, Number.NaN, 3, 13),
    history: { table, position: Int32Array.of(2, 3), run: Int32Array.of(2, 3) },
  }

  it('holds the rows up to its own, step after step, the unknown imputed', () => {
    const windows = windowsOf(x, 2, plain)
    expect([...windows.whole]).toEqual([0, 1])
    const out = new Float32Array(8)
    windows.gather(Int32Array.of(1, 0), out)
    // First steps: table rows 2 and 1; second steps: rows 3 and 2.
    expect([...out]).toEqual([2, 7, 1, 11, 3, 13, 2, 7])
  })

  it('is not whole where the run is shorter', () => {
    expect([...windowsOf(x, 3, plain).whole]).toEqual([1])
    expect([...windowsOf(x, 4, plain).whole]).toEqual([])
  })

  it('of a table without history is the row itself', () => {
    const alone = { rows: 4, columns: 2, values: table.values }
    expect(windowsOf(alone, 1, plain).whole.length).toBe(4)
    expect(windowsOf(alone, 2, plain).whole.length).toBe(0)
  })
})

for (const name of Object.keys(SIZES)) {
  describe(`sequences of ${name}`, async () => {
    const kind = await modelKind(name)
    const options = fitting(name)
    const model = await kind.fit(train, validation, options())
    const test = sample.part(550, 700)

    it('predict NaN where a window is not whole, and nowhere else', () => {
      expect(model.window).toBe(6)
      const p = model.predict(test.x)
      expect([...p.keys()].filter((i) => Number.isNaN(p[i]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    })

    it('depend on the rows of the window and on no others', () => {
      const p = model.predict(test.x)
      const changed = (row: number) => {
        const table = { ...sample.table, values: sample.table.values.slice() }
        table.values[row * 2] += 3
        const history = { ...(test.x.history as NonNullable<Matrix['history']>), table }
        const q = model.predict({ ...test.x, history })
        return [...q.keys()].filter((i) => i % 2 === 0 && !Object.is(q[i], p[i])).map((i) => i / 2 + 550)
      }
      expect(changed(600)).toEqual([600, 601, 602, 603, 604, 605])
      expect(changed(540)).toEqual([])
    })

    it('give a row the same bits alone as among others, and after loading', async () => {
      const p = model.predict(test.x)
      const history = test.x.history as NonNullable<Matrix['history']>
      const loaded = await kind.load(model.files(), { environment: process.env, threads: 1 })
      expect(loaded.window).toBe(6)
      for (const row of [5, 77, 149]) {
        const one = {
          rows: 1,
          columns: 2,
          values: test.x.values.slice(row * 2, row * 2 + 2),
          history: {
            table: history.table,
            position: history.position.slice(row, row + 1),
            run: history.run.slice(row, row + 1),
          },
        }
        for (const asked of [model, loaded]) expect(asked.predict(one)).toEqual(p.slice(row * 2, row * 2 + 2))
      }
      const parts = loaded.contributions(test.x)
      const margins = model.margins(test.x)
      expect(parts.slice(0, 3)).toEqual(new Float64Array(3).fill(Number.NaN))
      for (let i = 10; i < 300; i++)
        expect(parts[i * 3] + parts[i * 3 + 1] + parts[i * 3 + 2]).toBeCloseTo(margins[i], 6)
      loaded.close()
    })

    it('are the same bytes from the same seed, and others from another', async () => {
      const again = await kind.fit(train, validation, options())
      const other = await kind.fit(train, validation, options({ seed: 43 }))
      expect(digests(again)).toEqual(digests(model))
      expect(digests(other)).not.toEqual(digests(model))
    })

    it('leave no tensor behind, however long they train', async () => {
      const { tf } = await openEngine('wasm')
      const counts: number[] = []
      const onRound = () => counts.push(tf.memory().numTensors)
      await kind.fit(sample.part(0, 80), null, options({ parameters: { rounds: 50 }, onRound }))
      expect(counts.length).toBe(50)
      expect(new Set(counts).size).toBe(1)
    })

    it('train on the plain backend to nearly the same weights', async () => {
      const short = sample.part(0, 60)
      const slow = await kind.fit(short, null, options({ backend: 'cpu' }))
      const fast = await kind.fit(short, null, options({ backend: 'wasm' }))
      const [p, q] = [slow.predict(test.x), fast.predict(test.x)]
      for (let i = 10; i < p.length; i++) expect(Math.abs(p[i] - q[i])).toBeLessThan(2e-3)
    })

    it('are refused when no window is whole, or the backend is not known', async () => {
      const long = kind.fit(train, validation, options({ parameters: { steps: 500 } }))
      await expect(long).rejects.toThrow(
        `model ${name} cannot be fitted: none of 400 rows has 500 rows in a row up to it`,
      )
      const nowhere = kind.fit(train, validation, options({ backend: 'abacus' }))
      await expect(nowhere).rejects.toThrow(UserError)
    })
  })
}
