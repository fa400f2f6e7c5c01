/** An edge that only the order of rows shows: the nets find it, a tree on the last row does not; noise neither finds. */

import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/core/random.js'
import type { FittedModel, TrainingSet } from '../../../src/models/model.js'
import { modelKind } from '../../../src/models/registry.js'
import { fitOptions } from '../sample.js'
import { partOf, plantedSequences } from './sequences.js'

const sample = plantedSequences(1, 3600)
const [train, validation, fresh] = [sample.part(0, 2000), sample.part(2000, 2600), sample.part(2600, 3600)]
const options = (parameters: Record<string, number>) => fitOptions({ classes: 2, featureNames: ['a', 'b'], parameters })

/** Share of the rows with a prediction that is right. */
function hits(model: FittedModel, { x, y }: TrainingSet): number {
  const p = model.predict(x)
  const known = [...y.keys()].filter((i) => !Number.isNaN(p[i * 2]))
  return known.filter((i) => p[i * 2 + 1] > 0.5 === (y[i] === 1)).length / known.length
}

describe('a planted edge in the order of rows', () => {
  const nets: readonly (readonly [name: string, size: Record<string, number>])[] = [
    ['lstm', { units: 12 }],
    ['lstm', { units: 12, attention: 1 }],
    ['lstm', { units: 8, bidirectional: 1 }],
    ['gru', { units: 12 }],
    ['tcn', { filters: 8 }],
    ['cnn-lstm', { filters: 8, units: 12 }],
    ['transformer', { size: 8, heads: 2, rounds: 40, learningRate: 0.005 }],
  ]
  for (const [name, size] of nets) {
    it(`is found by ${name} of ${JSON.stringify(size)}`, async () => {
      const kind = await modelKind(name)
      const model = await kind.fit(
        train,
        validation,
        options({ steps: 8, rounds: 20, batch: 64, learningRate: 0.01, ...size }),
      )
      // 95 % can be had.
      expect(hits(model, fresh)).toBeGreaterThan(0.85)
      const gain = new Map(model.importance().map((entry) => [entry.feature, entry.gain]))
      expect(gain.get('a')).toBeGreaterThan(3 * (gain.get('b') ?? 0))
      model.close()
    })
  }

  it('is not found by trees on the last row', async () => {
    const kind = await modelKind('xgboost')
    if (!(await kind.available(process.env)).ok) return console.log('SKIPPED: xgboost is not here')
    const model = await kind.fit(train, validation, options({ rounds: 100 }))
    expect(hits(model, fresh)).toBeLessThan(0.56)
    model.close()
  })

  it.each(['lstm', 'transformer'])('is not made up by %s where there is none', async (name) => {
    const random = createRandom(5, 'coins')
    const coins = sample.label.map(() => (random.next() < 0.5 ? 1 : 0))
    const part = (from: number, to: number) => partOf(sample.table, coins, from, to)
    const kind = await modelKind(name)
    const size = name === 'lstm' ? { units: 12 } : { size: 8, heads: 2 }
    const model = await kind.fit(part(0, 2000), part(2000, 2600), options({ steps: 8, rounds: 10, batch: 64, ...size }))
    // A thousand coins: two deviations are 3 %.
    expect(Math.abs(hits(model, part(2600, 3600)) - 0.5)).toBeLessThan(0.05)
    model.close()
  })
})
