import { describe, expect, it } from 'vitest'
import { judgePlacebo, type PlaceboKind, type PlaceboRun, powerCurve } from '../../src/validation/placebo.js'

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
    edge: kind === 'walk' ? 0 : 1,
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
    // Wilson's lower ends of 2 of 20, and of 16 and 17 of 200, on both sides of the bar of 5 %, by the formula.
    for (const [count, promoted, low, holds] of [
      [20, 2, 0.0279, true],
      [200, 16, 0.0498, true],
      [200, 17, 0.0537, false],
    ] as const) {
      const found = finding(runs('walk', count, promoted), 'promoted on noise')
      expect(found?.low).toBeCloseTo(low, 4)
      expect(found?.holds, `${promoted} of ${count}`).toBe(holds)
    }
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

describe('powerCurve', () => {
  it('counts approvals and what was failed, edge by edge', () => {
    const at = (edge: number, seed: number, failed: readonly string[]): PlaceboRun => ({
      ...{ kind: edge === 0 ? 'walk' : 'planted', seed, edge, promoted: failed.length === 0 },
      ...{ model: 'logistic', failed, aucs: [] },
    })
    const weak = [at(0.6, 1, []), at(0.6, 2, ['stability', 'precision']), at(0.6, 3, ['precision']), at(0.6, 4, [])]
    const [noise, found] = powerCurve([...weak, ...[1, 2, 3].map((seed) => at(0, seed, ['sharpe']))])
    expect(noise).toMatchObject({ edge: 0, count: 3, promoted: 0, low: 0, failed: [['sharpe', 3]] })
    // Wilson, 2 of 4: 1/2 ± 1.95996 / (2 · √(4 + 3.8415)) = 0.5 ± 0.3500
    expect(found).toMatchObject({ edge: 0.6, count: 4, promoted: 2 })
    expect([found.low, found.high].map((end) => Number(end.toFixed(4)))).toEqual([0.15, 0.85])
    expect(found.failed).toEqual([
      ['precision', 2],
      ['stability', 1],
    ])
  })
})
