import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import {
  aucStatistic,
  blockBootstrap,
  blockLength,
  calibrationErrorStatistic,
  precisionStatistic,
} from '../../src/validation/bootstrap.js'
import { reliability } from '../../src/validation/reliability.js'
import { precisionAt, rocAuc } from '../../src/validation/scores.js'

const mean = (x: Float64Array) => (counts: Float64Array) => {
  let sum = 0
  let total = 0
  for (let i = 0; i < x.length; i++) {
    sum += counts[i] * x[i]
    total += counts[i]
  }
  return sum / total
}

/** Scores with memory, and labels that look 48 steps ahead on a random walk which does not know them. */
function noise(rows: number, seed: number) {
  const random = createRandom(seed, 'noise')
  const walk = new Float64Array(rows + 48)
  for (let i = 1; i < walk.length; i++) walk[i] = walk[i - 1] + random.normal()
  let memory = 0
  const score = Float64Array.from({ length: rows }, () => {
    memory = 0.97 * memory + random.normal()
    return memory
  })
  return { score, hit: Uint8Array.from({ length: rows }, (_, i) => (walk[i + 47] > walk[i] + 4 ? 1 : 0)) }
}

describe('blockBootstrap', () => {
  it('has the standard error of the mean when rows are independent', () => {
    const random = createRandom(1, 'independent')
    const x = Float64Array.from({ length: 900 }, () => random.normal())
    const { low, high, estimate } = blockBootstrap(mean(x), {
      rows: 900,
      block: 1,
      seed: 1,
      stream: 'mean',
      replicates: 2000,
    })
    // ± 1.96 / √900 = ± 0.0653
    expect(high - estimate).toBeCloseTo(0.0653, 2)
    expect(estimate - low).toBeCloseTo(0.0653, 2)
  })

  it('widens with blocks when rows repeat their neighbours', () => {
    // Each value stands 25 times: 40 independent ones in 1000 rows, ± 1.96 / √40 = ± 0.31, and ± 0.062 if taken as independent.
    const random = createRandom(2, 'repeated')
    const values = Float64Array.from({ length: 40 }, () => random.normal())
    const x = Float64Array.from({ length: 1000 }, (_, i) => values[Math.floor(i / 25)])
    const width = (block: number) => {
      const { low, high } = blockBootstrap(mean(x), { rows: 1000, block, seed: 1, stream: 'mean', replicates: 1000 })
      return high - low
    }
    expect(width(1)).toBeLessThan(0.16)
    expect(width(75)).toBeGreaterThan(0.4)
    expect(width(75)).toBeLessThan(0.8)
  })

  it('draws as many rows as there are, in blocks of the stated mean length', () => {
    let rows = 0
    let starts = 0
    const count = (counts: Float64Array) => {
      expect(counts.every((c) => c >= 0 && Number.isInteger(c))).toBe(true)
      expect(counts.reduce((a, b) => a + b)).toBe(5000)
      for (let i = 1; i < counts.length; i++) starts += Math.max(0, counts[i] - counts[i - 1])
      rows += 5000
      return 0
    }
    blockBootstrap(count, { rows: 5000, block: 50, seed: 4, stream: 'counts', replicates: 50 })
    // 100 blocks a replicate; the first call (all ones) adds no start. A start that meets an end is not seen (1 in 50).
    expect(rows / starts).toBeGreaterThan(45)
    expect(rows / starts).toBeLessThan(58)
  })

  it('depends on seed and stream, and on nothing else', () => {
    const { score, hit } = noise(600, 1)
    const run = (seed: number, stream: string) =>
      blockBootstrap(aucStatistic(score, hit), { rows: 600, block: 50, seed, stream, replicates: 50 })
    expect(run(1, 'a')).toEqual(run(1, 'a'))
    expect(run(1, 'a').low).not.toBe(run(2, 'a').low)
    expect(run(1, 'a').low).not.toBe(run(1, 'b').low)
  })

  it('has no interval where the statistic has no value', () => {
    const { estimate, low, high, replicates } = blockBootstrap(
      aucStatistic(Float64Array.of(1, 2, 3), Uint8Array.of(1, 1, 1)),
      { rows: 3, block: 1, seed: 1, stream: 'one class' },
    )
    expect([estimate, low, high, replicates]).toEqual([Number.NaN, Number.NaN, Number.NaN, 0])
  })

  it('holds 0.5 for the AUC of noise in about 95 of 100 runs, where independent rows would hold it far less often', () => {
    const held = (block: number) =>
      Array.from({ length: 60 }, (_, seed) => {
        const { score, hit } = noise(3000, seed)
        const { low, high } = blockBootstrap(aucStatistic(score, hit), {
          rows: 3000,
          block,
          seed,
          stream: 'auc',
          replicates: 200,
        })
        return low <= 0.5 && high >= 0.5
      }).filter(Boolean).length
    expect(held(blockLength(3000, 48))).toBeGreaterThanOrEqual(51) // 85 %: three standard errors below 95 % and more
    expect(held(1)).toBeLessThan(30)
  })

  it('shuts 0.5 out when the score knows something', () => {
    const { score, hit } = noise(3000, 3)
    const knowing = score.map((s, i) => s + 2 * hit[i])
    const { low, estimate } = blockBootstrap(aucStatistic(knowing, hit), {
      rows: 3000,
      block: 144,
      seed: 1,
      stream: 'auc',
    })
    expect(low).toBeGreaterThan(0.5)
    expect(estimate).toBe(rocAuc(knowing, hit))
  })
})

describe('blockLength', () => {
  it('is three horizons, at most a tenth of the rows, at least one', () => {
    expect([blockLength(9000, 48), blockLength(1000, 48), blockLength(5, 48), blockLength(9000, 0)]).toEqual([
      144, 100, 1, 1,
    ])
  })
})

describe('statistics', () => {
  it('equal the plain scores when every row counts once', () => {
    const random = createRandom(6, 'statistics')
    const p = Float64Array.from({ length: 400 }, () => Math.round(random.next() * 50) / 50)
    const hit = Uint8Array.from(p, (q) => (random.next() < q ? 1 : 0))
    const ones = new Float64Array(400).fill(1)
    expect(aucStatistic(p, hit)(ones)).toBe(rocAuc(p, hit))
    expect(precisionStatistic(p, hit, 0.6)(ones)).toBe(precisionAt(p, hit, 0.6))
    expect(calibrationErrorStatistic(p, hit)(ones)).toBeCloseTo(reliability(p, hit).error, 12)
  })
})
