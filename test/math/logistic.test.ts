import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { lbfgs, type Objective } from '../../src/math/lbfgs.js'
import {
  type LogisticProblem,
  linearScores,
  logLossCurvature,
  logLossPreconditioner,
  meanLogLoss,
  penalisedLogLoss,
  priorCoefficients,
  secondMoments,
  softmaxRows,
} from '../../src/math/logistic.js'

/** Twelve weighted rows, two columns, three classes. */
const problem: LogisticProblem = {
  x: Float32Array.of(
    ...[0.5, -1.2, 1.5, 0.3, -0.7, 0.8, 0.1, 0.1, -1.1, -0.4, 2.0, 1.0],
    ...[0.3, -0.9, -0.2, 1.7, 0.9, -0.1, -1.8, 0.6, 0.0, -0.5, 1.2, 1.1],
  ),
  rows: 12,
  columns: 2,
  y: Int32Array.of(0, 2, 1, 1, 0, 2, 0, 1, 2, 0, 1, 2),
  weight: Float32Array.of(1, 2, 1, 0.5, 1, 1, 3, 1, 1, 0.5, 1, 2),
  classes: 3,
}

function solve(objective: Objective, start: Float64Array, tolerance: number) {
  let last = null
  for (const state of lbfgs(objective, start, { tolerance, maxIterations: 500, memory: 10 })) last = state
  if (last === null) throw new Error('no state')
  return last
}

describe('the penalised log loss', () => {
  it('has the value and gradient that NumPy gives at an arbitrary point', () => {
    // NumPy 1.24 in float64: loss = Σ w (logsumexp(s) − s_y) / Σ w + 0.05 / 2 · Σ W², intercepts not penalised.
    const w = Float64Array.of(0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, -0.8, 0.9)
    const gradient = new Float64Array(9)
    expect(penalisedLogLoss(problem, 0.05)(w, gradient)).toBeCloseTo(1.1632555294493174, 14)
    const expected = [0.084483, 0.31518401, -0.10825669, 0.16165335, 0.00627214, -0.07007682, -0.18613635, -0.34645615]
    for (const [p, value] of [...expected, 0.17833351].entries()) expect(gradient[p], `${p}`).toBeCloseTo(value, 8)
  })

  it('has a gradient that agrees with finite differences anywhere', () => {
    const point = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(point, fc.double({ min: 0, max: 2, noNaN: true }), (values, l2) => {
        const objective = penalisedLogLoss(problem, l2)
        const w = Float64Array.from(values)
        const gradient = new Float64Array(9)
        const unused = new Float64Array(9)
        objective(w, gradient)
        for (let p = 0; p < 9; p++) {
          const [up, down] = [w.slice(), w.slice()]
          up[p] += 1e-5
          down[p] -= 1e-5
          const slope = (objective(up, unused) - objective(down, unused)) / 2e-5
          expect(Math.abs(slope - gradient[p]), `component ${p}`).toBeLessThan(1e-8)
        }
      }),
      { numRuns: 50, seed: 1 },
    )
  })

  it('is least where SciPy finds it', () => {
    // scipy.optimize.minimize (BFGS) polished by Newton steps to a gradient of 7e-17; intercepts centred.
    const theirs = [
      [-0.880633724060556, -1.1659102022019272, 0.3962139583392635],
      [-0.6104517777157725, 0.5630838094810057, 0.1859747235703346],
      [1.4910855017763298, 0.6028263927209219, -0.5821886819095982],
    ].flat()
    const { x, value, end } = solve(penalisedLogLoss(problem, 0.05), priorCoefficients(problem), 1e-10)
    expect(end).toBe('converged')
    expect(value).toBeCloseTo(0.5136975634270136, 14)
    theirs.forEach((coefficient, p) => {
      expect(x[p], `${p}`).toBeCloseTo(coefficient, 8)
    })
  })

  it('without columns gives the weighted shares of the classes', () => {
    // Weights by class: 0 → 1 + 1 + 3 + 0.5 = 5.5, 1 → 1 + 0.5 + 1 + 1 = 3.5, 2 → 2 + 1 + 1 + 2 = 6; together 15.
    const bare = { ...problem, x: new Float32Array(0), columns: 0 }
    const { x } = solve(penalisedLogLoss(bare, 1), priorCoefficients(bare), 1e-12)
    const shares = softmaxRows(x.slice(), 3)
    for (const [k, share] of [5.5 / 15, 3.5 / 15, 6 / 15].entries()) expect(shares[k]).toBeCloseTo(share, 10)
    const entropy = [5.5, 3.5, 6].reduce((sum, weight) => sum - (weight / 15) * Math.log(weight / 15), 0)
    expect(meanLogLoss(bare, x)).toBeCloseTo(entropy, 12)
  })
})

describe('the curvature', () => {
  it('holds the weighted mean products of the columns and of 1', () => {
    // Weights 1 and 3 of 4: (1 · 1 · 2 + 3 · 3 · 1) / 4 = 11/4, the squares (1 + 27) / 4 = 7 and (4 + 3) / 4, the means (1 + 9) / 4 and (2 + 3) / 4.
    const two = { x: Float32Array.of(1, 2, 3, 1), rows: 2, columns: 2, y: Int32Array.of(0, 1), classes: 2 }
    const moments = secondMoments({ ...two, weight: Float32Array.of(1, 3) })
    expect([...moments]).toEqual([7, 2.75, 2.5, 2.75, 1.75, 1.25, 2.5, 1.25, 1])
  })

  it('is that of the loss where the coefficients say nothing but the shares', () => {
    // Against differences of the gradient, at the prior of the shares without the row that every class gets: 1, 2 and 3 of 6 rows.
    const rows = 6000
    const y = Int32Array.from({ length: rows }, (_, i) => [0, 1, 1, 2, 2, 2][i % 6])
    const x = Float32Array.from({ length: 2 * rows }, (_, at) => Math.sin(at * 1.3))
    const many: LogisticProblem = { x, rows, columns: 2, y, weight: null, classes: 3 }
    const { between, within, ridge } = logLossCurvature(many, secondMoments(many), 0.1)
    const objective = penalisedLogLoss(many, 0.1)
    const at = priorCoefficients(many)
    for (let p = 0; p < 9; p++) {
      const [up, down] = [at.slice(), at.slice()]
      up[p] += 1e-4
      down[p] -= 1e-4
      const [rising, falling] = [new Float64Array(9), new Float64Array(9)]
      objective(up, rising)
      objective(down, falling)
      for (let q = 0; q < 9; q++) {
        const [k, m] = [Math.floor(p / 3), Math.floor(q / 3)]
        const stated = between[k * 3 + m] * within[(p % 3) * 3 + (q % 3)] + (p === q ? ridge[p] : 0)
        expect((rising[q] - falling[q]) / 2e-4, `${p}, ${q}`).toBeCloseTo(stated, 6)
      }
    }
  })

  it('spares the solver the correlations of the columns, and leads to the same minimum', () => {
    const rows = 3000
    const random = createRandom(5, 'columns')
    const x = new Float32Array(rows * 6)
    const y = new Int32Array(rows)
    for (let i = 0; i < rows; i++) {
      const common = random.normal()
      for (let j = 0; j < 6; j++) x[i * 6 + j] = common + 0.03 * random.normal()
      y[i] = Math.min(2, Math.max(0, Math.floor(1.5 + common + random.normal())))
    }
    const close: LogisticProblem = { x, rows, columns: 6, y, weight: null, classes: 3 }
    const objective = penalisedLogLoss(close, 1e-4)
    const start = priorCoefficients(close)
    const limits = { tolerance: 1e-7, maxIterations: 5000, memory: 10 }
    const precondition = logLossPreconditioner(logLossCurvature(close, secondMoments(close), 1e-4))
    const [plain, helped] = [limits, { ...limits, precondition }].map((options) =>
      [...lbfgs(objective, start, options)].at(-1),
    )
    expect([plain?.end, helped?.end]).toEqual(['converged', 'converged'])
    for (let p = 0; p < 21; p++) expect(helped?.x[p]).toBeCloseTo(plain?.x[p] ?? Number.NaN, 4)
    expect(helped?.value).toBeCloseTo(plain?.value ?? Number.NaN, 11)
    expect(helped?.iterations).toBeLessThan((plain?.iterations ?? 0) / 3)
  })
})

describe('the prior', () => {
  it('adds one row to every class, so an absent class is rare and not impossible', () => {
    const y = Int32Array.of(0, 0, 0, 2, 2, 2, 2, 2)
    const w = priorCoefficients({ x: new Float32Array(8), rows: 8, columns: 1, y, weight: null, classes: 3 })
    const scores = new Float64Array(3)
    linearScores(w, Float32Array.of(5), 0, 1, scores, 0, 3)
    const p = softmaxRows(scores, 3)
    for (const [k, share] of [4 / 11, 1 / 11, 6 / 11].entries()) expect(p[k]).toBeCloseTo(share, 15)
  })
})

describe('the softmax', () => {
  it('neither overflows nor loses a certain class', () => {
    const p = softmaxRows(Float64Array.of(1000, 1000, -1000, 0, Math.log(2), Math.log(5)), 3)
    expect([...p.slice(0, 3)]).toEqual([0.5, 0.5, 0])
    // e^0 : e^ln 2 : e^ln 5 = 1 : 2 : 5.
    for (const [k, share] of [1 / 8, 2 / 8, 5 / 8].entries()) expect(p[3 + k]).toBeCloseTo(share, 15)
  })
})
