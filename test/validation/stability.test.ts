import { describe, expect, it } from 'vitest'
import { selectionStability } from '../../src/validation/stability.js'

describe('the stability of a choice', () => {
  it('is the index of Nogueira et al., by hand', () => {
    // 4 features, 3 folds: chosen 3, 2, 1 and 0 times. Unbiased variances 3/2 · p(1 − p): 0, 1/3, 1/3, 0; mean 1/6.
    // 2 of 4 are chosen on the average: by chance 1/2 · 1/2. 1 − (1/6) ÷ (1/4) = 1/3.
    const found = selectionStability(['a', 'b', 'c', 'd'], [['a', 'b'], ['b', 'a', 'c'], ['a']])
    expect(found.index).toBeCloseTo(1 / 3, 12)
    expect(found).toMatchObject({ folds: 3, fewest: 1, most: 3, reason: null })
    expect(found.frequency).toEqual({ a: 1, b: 2 / 3, c: 1 / 3 })
  })

  it('is Kuncheva’s where all choose equally many', () => {
    // Kuncheva 2007: mean over pairs of (r d − k²) ÷ (k (d − k)), d = 6, k = 3; the pairs share 2, 1 and 2.
    const pairs = [2, 1, 2].map((r) => (r * 6 - 9) / (3 * 3))
    const choices = [
      ['a', 'b', 'c'],
      ['a', 'b', 'd'],
      ['a', 'd', 'e'],
    ]
    expect([choices[0].filter((x) => choices[2].includes(x)).length]).toEqual([1])
    const shared = (x: string[], y: string[]) => x.filter((name) => y.includes(name)).length
    const kuncheva = [
      [0, 1],
      [0, 2],
      [1, 2],
    ].map(([i, j]) => (shared(choices[i], choices[j]) * 6 - 9) / 9)
    expect(kuncheva).toEqual(pairs)
    const mean = kuncheva.reduce((sum, one) => sum + one, 0) / 3
    expect(selectionStability(['a', 'b', 'c', 'd', 'e', 'f'], choices).index).toBeCloseTo(mean, 12)
  })

  it('is 1 for folds that agree, and not known where there is nothing to choose or to compare', () => {
    expect(selectionStability(['a', 'b', 'c'], [['a'], ['a'], ['a']]).index).toBe(1)
    expect(
      selectionStability(
        ['a', 'b'],
        [
          ['a', 'b'],
          ['a', 'b'],
        ],
      ),
    ).toMatchObject({
      index: null,
      reason: 'every fold keeps every feature',
    })
    expect(selectionStability(['a', 'b'], [['a']])).toMatchObject({ index: null, reason: '1 folds, needed are 2' })
    expect(selectionStability(['a', 'b'], [[], []]).reason).toBe('no fold keeps a feature')
  })
})
