import { describe, expect, it } from 'vitest'
import { linear } from '../../src/models/linear.js'
import { logistic } from '../../src/models/logistic.js'
import { permutationImportance } from '../../src/validation/permutation-importance.js'
import { fitOptions, regression, sample, valueSample } from '../models/sample.js'

describe('permutation importance', () => {
  it('rises with what a feature tells, and is 0 for one that the model never uses', async () => {
    const model = await logistic.fit(sample(1, 2000), null, fitOptions())
    const found = new Map(permutationImportance(model, sample(2, 3000), 42).map((entry) => [entry.feature, entry]))
    const of = (feature: string) => found.get(feature)?.permutation ?? Number.NaN
    expect(of('signal_a')).toBeGreaterThan(0.05)
    expect(of('signal_a')).toBeGreaterThan(of('signal_b'))
    for (const noise of ['noise_a', 'noise_b', 'sparse']) expect(Math.abs(of(noise)), noise).toBeLessThan(0.03)
    expect(of('constant')).toBe(0)
    expect(found.get('signal_a')).toMatchObject({ gain: model.importance()[0].gain })
  })

  it('says for a line what theory says: exchanging x adds 2 b² var(x) to the squared error', async () => {
    const model = await linear.fit(valueSample(1, 4000), null, regression({ parameters: { rounds: 1, l2Min: 1e-8 } }))
    const held = valueSample(2, 1000)
    const [entry] = permutationImportance(model, held, 1)
    const predicted = model.predict(held.x)
    const before = Math.sqrt(predicted.reduce((sum, value, i) => sum + (value - held.y[i]) ** 2, 0) / 1000)
    // b ≈ 0.01 a standard deviation, noise of the fit ≈ 0.01: √(before² + 2 · 0.01² · 0.95) − before.
    const expected = Math.sqrt(before ** 2 + 2 * 1e-4 * 0.95) - before
    expect(Math.abs((entry.permutation ?? 0) - expected)).toBeLessThan(0.15 * expected)
  })

  it('depends on the seed alone and leaves the table as it was', async () => {
    const model = await logistic.fit(sample(1, 500), null, fitOptions())
    const held = sample(2, 400)
    const before = held.x.values.slice()
    const [a, b, c] = [7, 7, 8].map((seed) => permutationImportance(model, held, seed))
    expect(held.x.values).toEqual(before)
    expect(b).toEqual(a)
    expect(c).not.toEqual(a)
  })
})
