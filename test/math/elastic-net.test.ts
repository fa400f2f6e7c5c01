import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { elasticNet, type Moments, momentsOf } from '../../src/math/elastic-net.js'
import { type LogisticProblem, logLossCurvature, penalisedLogLoss, secondMoments } from '../../src/math/logistic.js'
import { proximalNewton } from '../../src/math/proximal-newton.js'

const [rows, columns] = [120, 6]

/** A table that NumPy makes just so from the same formula, for scikit-learn 1.2.1. */
const x = Float32Array.from({ length: rows * columns }, (_, at) => {
  const [i, j] = [Math.floor(at / columns), at % columns]
  return Math.sin((i + 1) * (j + 1) * 0.7) + 0.3 * Math.cos(i * 0.37) * (j % 2)
})
const y = Float64Array.from({ length: rows }, (_, i) => {
  const [a, b, c] = x.subarray(i * columns)
  return 1.5 * a - 0.8 * b + 0.1 * c + 0.5 * Math.sin(i * 1.9) + 2
})
const weight = Float64Array.from({ length: rows }, (_, i) => 0.5 + (i % 5) / 4)
const tight = { tolerance: 1e-13, iterations: 100_000 }

function moments(...given: Parameters<typeof momentsOf>): Moments {
  const passes = momentsOf(...given)
  for (;;) {
    const { done, value } = passes.next()
    if (done === true) return value
  }
}

const intercept = (m: Moments, b: Float64Array) => b.reduce((sum, value, j) => sum - value * m.mean[j], m.yMean)

describe('the elastic net', () => {
  it('gives the coefficients of scikit-learn', () => {
    // ElasticNet(alpha, l1_ratio, tol=1e-14).fit(x, y, sample_weight)
    const theirs = [
      { alpha: 0.1, ratio: 0.5, w: null, b: [1.27126466, -0.632883158, 0, 0, 0, 0], free: 2.00454133 },
      { alpha: 0.05, ratio: 1, w: null, b: [1.39837734, -0.692434933, 0, 0, 0, 0], free: 2.00195244 },
      { alpha: 0.1, ratio: 0.5, w: weight, b: [1.25492792, -0.633716571, 0, 0, 0, 0], free: 2.00316305 },
    ]
    for (const { alpha, ratio, w, b, free } of theirs) {
      const m = moments(x, columns, y, w)
      const ours = elasticNet(m, alpha, ratio, new Float64Array(columns), tight)
      for (let j = 0; j < columns; j++) expect(ours[j], `coefficient ${j}`).toBeCloseTo(b[j], 7)
      expect(intercept(m, ours)).toBeCloseTo(free, 7)
    }
  })

  it('ends where no coefficient could do better, wherever it begins', () => {
    const of = (seed: number, strength: number, ratio: number) => {
      const random = createRandom(seed, 'net')
      const table = Float32Array.from({ length: 60 * 5 }, () => random.normal())
      const target = Float64Array.from({ length: 60 }, (_, i) => table[i * 5] - table[i * 5 + 1] + random.normal())
      const m = moments(table, 5, target, null)
      const start = Float64Array.from({ length: 5 }, () => random.normal())
      const b = elasticNet(m, strength, ratio, start, tight)
      for (let j = 0; j < 5; j++) {
        let slope = m.withY[j] - strength * (1 - ratio) * b[j]
        for (let k = 0; k < 5; k++) slope -= m.products[j * 5 + k] * b[k]
        // At a kink the slope may point anywhere between the two sides of the penalty.
        if (b[j] === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(strength * ratio + 1e-9)
        else expect(slope).toBeCloseTo(strength * ratio * Math.sign(b[j]), 9)
      }
    }
    const strength = fc.double({ min: 1e-3, max: 1, noNaN: true })
    const ratio = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), strength, ratio, of), { numRuns: 40 })
  })

  it('leaves a constant column alone', () => {
    const table = x.map((value, at) => (at % columns === 3 ? 7 : value))
    const m = moments(table, columns, y, null)
    expect(elasticNet(m, 0.001, 0, new Float64Array(columns), tight)[3]).toBe(0)
  })
})

describe('the proximal Newton solver', () => {
  const classes = Int32Array.from(y, (value) => (value < 1.2 ? 0 : value > 2.6 ? 2 : 1))
  const problem: LogisticProblem = { x, rows, columns, y: classes, weight: null, classes: 3 }
  const solve = (strength: number, ratio: number, start = new Float64Array(21)) => {
    const smooth = penalisedLogLoss(problem, strength * (1 - ratio))
    const l1 = Float64Array.from({ length: 21 }, (_, p) => (p % 7 === 6 ? 0 : strength * ratio))
    let last = { x: start, end: null as string | null }
    const limits = { tolerance: 1e-9, maxIterations: 5000 }
    const curvature = logLossCurvature(problem, secondMoments(problem), strength * (1 - ratio))
    for (const state of proximalNewton(smooth, l1, curvature, start, limits)) {
      last = { x: state.x.slice(), end: state.end }
    }
    return { ...last, smooth, l1 }
  }

  it('gives the coefficients of scikit-learn, and its zeros', () => {
    // LogisticRegression(penalty='elasticnet', solver='saga', C=1/(strength · n), l1_ratio, tol=1e-12, multi_class='multinomial')
    const half = [
      [-2.550494, 1.313517, -0.1772938, 0.07801121, -0.06849349, 0.02572781],
      [0, 0, 0.02529051, 0, 0, 0],
      [2.559949, -1.043674, 0, 0, 0.1161875, 0],
    ]
    const whole = [
      [-2.713873, 1.296742, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [2.672229, -0.9634342, 0, 0, 0, 0],
    ]
    const theirs = [
      { strength: 0.02, ratio: 0.5, w: half, free: [-0.5142983, 0.8130481, -0.2987498] },
      { strength: 0.03, ratio: 1, w: whole, free: [-0.5278695, 0.8392917, -0.3114222] },
    ]
    for (const { strength, ratio, w, free } of theirs) {
      const { x: ours, end } = solve(strength, ratio)
      expect(end).toBe('converged')
      for (let k = 0; k < 3; k++) {
        for (let j = 0; j < 6; j++) {
          expect(ours[k * 7 + j], `class ${k}, column ${j}`).toBeCloseTo(w[k][j], 5)
          expect(ours[k * 7 + j] === 0).toBe(w[k][j] === 0)
        }
        // One number added to all intercepts changes nothing.
        expect(ours[k * 7 + 6] - ours[6]).toBeCloseTo(free[k] - free[0], 5)
      }
    }
  })

  it('ends where the optimality conditions hold, wherever it begins', () => {
    const random = createRandom(1, 'start')
    for (const [strength, ratio] of [
      [0.1, 0.3],
      [0.01, 1],
      [0.001, 0.7],
    ]) {
      const {
        x: w,
        end,
        smooth,
        l1,
      } = solve(
        strength,
        ratio,
        Float64Array.from({ length: 21 }, () => random.normal()),
      )
      expect(end).toBe('converged')
      const gradient = new Float64Array(21)
      smooth(w, gradient)
      w.forEach((value, p) => {
        if (value === 0) expect(Math.abs(gradient[p])).toBeLessThanOrEqual(l1[p] + 1e-8)
        else expect(Math.abs(gradient[p] + Math.sign(value) * l1[p]), `variable ${p}`).toBeLessThan(1e-8)
      })
    }
  })
})
