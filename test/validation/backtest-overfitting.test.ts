/**
 * Probability of backtest overfitting: hand arithmetic, a second implementation from the paper's words, and what it must be for noise and for one
 * dominant candidate.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { backtestOverfitting, type Overfitting } from '../../src/validation/backtest-overfitting.js'

function of(returns: readonly (readonly number[])[], blocks?: number): Overfitting {
  const found = backtestOverfitting(
    returns.map((x) => Float64Array.from(x)),
    blocks,
  )
  if (typeof found === 'string') throw new Error(found)
  return found
}

function noise(
  candidates: number,
  days: number,
  seed: number,
  edge: (candidate: number) => number = () => 0,
): number[][] {
  const random = createRandom(seed, 'noise')
  return Array.from({ length: candidates }, (_, c) => Array.from({ length: days }, () => edge(c) + random.normal()))
}

describe('probability of backtest overfitting', () => {
  it('is what two blocks give by hand', () => {
    // First half: means 2 and 1, the same spread: the first is chosen. Second half: means −1 and 1: the first is the worse, and loses.
    // The other way round the second is chosen, and is the worse in the first half, where it wins. Two splits: 2/2 overfit, 1/2 lost.
    const first = [1, 3, -2, 0]
    const second = [0, 2, 0, 2]
    expect(of([first, second], 2)).toEqual({ value: 1, candidates: 2, splits: 2, lossProbability: 0.5 })
    // The first is better in both halves: never overfit.
    expect(of([[1, 3, 1, 3], second], 2)).toEqual({ value: 0, candidates: 2, splits: 2, lossProbability: 0 })
  })

  it('counts the middle of three as overfit: its logit is 0', () => {
    // Chosen in the first half: the first (mean 3). In the second half the means are 2, 1, 3: rank 2 of 3, relative rank 1/2, logit 0.
    // Chosen in the second half: the third. In the first half the means are 3, 2, 1: rank 1.
    const returns = [
      [2, 4, 1, 3],
      [1, 3, 0, 2],
      [0, 2, 2, 4],
    ]
    expect(of(returns, 2).value).toBe(1)
  })

  it('has 12,870 splits of 16 blocks, and agrees with the definition written out', () => {
    const returns = noise(5, 83, 7, (c) => 0.05 * c)
    const found = of(returns)
    expect(found.splits).toBe(12_870)
    expect(found.value).toBeCloseTo(written(returns, 16), 12)
  })

  it('is around one half for noise, on average over many records', () => {
    // An even number of candidates: with an odd one the middle rank counts as overfit and the mean is higher.
    const values = Array.from({ length: 60 }, (_, seed) => of(noise(10, 160, seed)).value)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(Math.abs(mean - 0.5), `mean ${mean}`).toBeLessThan(0.08)
  })

  it('is near zero where one candidate dominates', () => {
    for (let seed = 0; seed < 10; seed++) {
      const found = of(noise(10, 160, seed, (c) => (c === 3 ? 1 : 0)))
      expect(found.value).toBeLessThan(0.01)
      expect(found.lossProbability).toBeLessThan(0.001)
    }
  })

  it('is no smaller for good candidates that are equally good: only the loss tells them from noise', () => {
    const good = Array.from({ length: 20 }, (_, seed) => of(noise(4, 113, seed, () => 0.5)))
    expect(good.reduce((sum, { value }) => sum + value, 0) / 20).toBeGreaterThan(0.3)
    expect(Math.max(...good.map(({ lossProbability }) => lossProbability))).toBeLessThan(0.05)
  })

  it('lies between 0 and 1, and does not change when every return is multiplied or candidates that tie nowhere change places', () => {
    const matrix = fc
      .record({ candidates: fc.integer({ min: 2, max: 6 }), days: fc.integer({ min: 12, max: 40 }), seed: fc.nat() })
      .map(({ candidates, days, seed }) => noise(candidates, days, seed))
    fc.assert(
      fc.property(matrix, fc.constantFrom(0.25, 8), (returns, factor) => {
        const found = of(returns, 6)
        expect(found.value >= 0 && found.value <= 1).toBe(true)
        expect(
          of(
            returns.map((x) => x.map((value) => value * factor)),
            6,
          ),
        ).toEqual(found)
        expect(of([...returns].reverse(), 6)).toEqual(found)
      }),
      { numRuns: 50 },
    )
  })

  it('takes a candidate that does not trade as a ratio of 0', () => {
    const still = new Array<number>(32).fill(0)
    const losing = noise(1, 32, 1, () => -3)[0]
    expect(of([still, losing])).toMatchObject({ value: 0, lossProbability: 0 })
  })

  it('says why it cannot be computed', () => {
    expect(backtestOverfitting([new Float64Array(99)])).toBe('1 candidate leaves no choice to overfit')
    expect(backtestOverfitting([new Float64Array(31), new Float64Array(31)])).toBe(
      '31 days are fewer than 2 in each of 16 blocks',
    )
  })
})

/** The definition, step by step: rows of the blocks joined, Sharpe ratios of both halves, relative rank, logit. */
function written(returns: number[][], blocks: number): number {
  const days = returns[0].length
  const rows = Array.from({ length: blocks }, (_, b) => {
    const [from, to] = [b, b + 1].map((edge) => Math.floor((edge * days) / blocks))
    return Array.from({ length: to - from }, (_, i) => from + i)
  })
  const sharpe = (x: number[]) => {
    const mean = x.reduce((a, b) => a + b, 0) / x.length
    return mean / Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / (x.length - 1))
  }
  let [splits, overfit] = [0, 0]
  const choose = (from: number, chosen: number[]) => {
    if (chosen.length === blocks / 2) {
      const inside = chosen.flatMap((b) => rows[b])
      const outside = rows.flatMap((block, b) => (chosen.includes(b) ? [] : block))
      const first = returns.map((x) => sharpe(inside.map((i) => x[i])))
      const second = returns.map((x) => sharpe(outside.map((i) => x[i])))
      const best = first.indexOf(Math.max(...first))
      const relative = second.filter((s) => s <= second[best]).length / (returns.length + 1)
      splits++
      if (Math.log(relative / (1 - relative)) <= 0) overfit++
      return
    }
    for (let b = from; b < blocks; b++) choose(b + 1, [...chosen, b])
  }
  choose(0, [])
  return overfit / splits
}
