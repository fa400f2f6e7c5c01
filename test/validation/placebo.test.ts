import { describe, expect, it } from 'vitest'
import { judgePlacebo, type PlaceboKind, type PlaceboRun } from '../../src/validation/placebo.js'

const auc = (value: number, half = 0.05) => ({ model: 'logistic', value, low: value - half, high: value + half })

function runs(
  kind: PlaceboKind,
  count: number,
  promoted: number,
  aucs: readonly ReturnType<typeof auc>[] = [],
): PlaceboRun[] {
  return Array.from({ length: count }, (_, i) => ({
    kind,
    seed: i,
    promoted: i < promoted,
    model: 'logistic',
    failed: [],
    aucs: aucs.length > 0 ? [aucs[i % aucs.length]] : [],
  }))
}

const finding = (all: readonly PlaceboRun[], name: string) => judgePlacebo(all).find((one) => one.name === name)

describe('judgePlacebo', () => {
  it('gives shares with the Wilson interval of Newcombe 1998, table I', () => {
    // 0 of 20: 0 to 0.1611. 1 of 29: 0.0061 to 0.1718. 15 of 148: 0.0624 to 0.1605.
    for (const [count, promoted, low, high] of [
      [20, 0, 0, 0.1611],
      [29, 1, 0.0061, 0.1718],
      [148, 15, 0.0624, 0.1605],
    ]) {
      const found = finding(runs('walk', count, promoted), 'promoted on noise')
      expect(found?.value).toBeCloseTo(promoted / count, 12)
      expect(found?.low).toBeCloseTo(low, 4)
      expect(found?.high).toBeCloseTo(high, 4)
    }
  })

  it('breaks the bar on noise only when the runs contradict it', () => {
    expect(finding(runs('walk', 20, 2), 'promoted on noise')?.holds).toBe(true) // low 0.028
    expect(finding(runs('walk', 200, 20), 'promoted on noise')?.holds).toBe(false) // low 0.066
  })

  it('counts walks and permuted labels as noise, and planted markets not', () => {
    const all = [...runs('walk', 10, 0), ...runs('permuted', 10, 1), ...runs('planted', 10, 10)]
    expect(finding(all, 'promoted on noise')).toMatchObject({ value: 0.05, count: 20, holds: true })
    expect(finding(all, 'planted edge found')).toMatchObject({ value: 1, count: 10, holds: true })
  })

  it('breaks the bar of a planted edge when too few are found', () => {
    expect(finding(runs('planted', 50, 40), 'planted edge found')?.holds).toBe(true)
    expect(finding(runs('planted', 50, 30), 'planted edge found')?.holds).toBe(false) // high 0.724
  })

  it('asks that the mean AUC on noise is 0.5 within 1.96 standard errors, whatever the planted markets have', () => {
    // 0.48 and 0.52: mean 0.5. Five times 0.53, five times 0.55: mean 0.54, deviation 0.01 · √(10/9), standard error 0.01 / 3.
    const fair = [...runs('walk', 10, 0, [auc(0.48), auc(0.52)]), ...runs('planted', 4, 4, [auc(0.9)])]
    expect(finding(fair, 'AUC on noise')).toMatchObject({ count: 10, holds: true })
    expect(finding(fair, 'AUC on noise')?.value).toBeCloseTo(0.5, 12)
    const leaking = finding(runs('walk', 10, 0, [auc(0.53), auc(0.55)]), 'AUC on noise')
    expect(leaking?.value).toBeCloseTo(0.54, 12)
    expect(leaking?.low).toBeCloseTo(0.54 - 1.959964 / 300, 7)
    expect(leaking?.holds).toBe(false)
    expect(finding(runs('walk', 9, 0, [auc(0.55)]), 'AUC on noise')).toBeUndefined()
  })

  it('asks that the intervals cover 0.5 about as often as they promise', () => {
    expect(finding(runs('walk', 40, 0, [auc(0.52)]), 'intervals around 0.5')).toMatchObject({ value: 1, holds: true })
    const narrow = runs('walk', 40, 0, [auc(0.52, 0.01), auc(0.48)])
    expect(finding(narrow, 'intervals around 0.5')).toMatchObject({ value: 0.5, holds: false })
  })

  it('leaves out what was not run', () => {
    expect(judgePlacebo([])).toEqual([])
    expect(judgePlacebo(runs('planted', 3, 3)).map(({ name }) => name)).toEqual(['planted edge found'])
  })
})
