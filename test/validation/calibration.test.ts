import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { fitBeta } from '../../src/validation/beta.js'
import {
  applySides,
  type CalibrationMethodName,
  calibrationMethods,
  fitSides,
  sidesFromJson,
  sidesToJson,
} from '../../src/validation/calibration.js'
import { fitIsotonic } from '../../src/validation/isotonic.js'
import { fitPlatt } from '../../src/validation/platt.js'
import { reliability } from '../../src/validation/reliability.js'
import { askPython, hasPython } from './python.js'
import { sklearn } from './sklearn.js'

const names = Object.keys(calibrationMethods) as CalibrationMethodName[]

describe('against other implementations', () => {
  const { metrics, p, hit, tied, weight } = sklearn()

  it('isotonic agrees with scikit-learn’s, thresholds and predictions, with ties and weights', () => {
    for (const [key, fitted] of [
      ['isotonic', fitIsotonic(p[2], hit)],
      ['isotonic_tied_weighted', fitIsotonic(tied, hit, weight)],
    ] as const) {
      const reference = metrics[key]
      const closeTo = (values: number[]) => values.map((v) => expect.closeTo(v, 12))
      expect(fitted.toJson(), key).toEqual({
        name: 'isotonic',
        x: closeTo(reference.x_thresholds),
        y: closeTo(reference.y_thresholds),
      })
      expect([...fitted.apply(Float64Array.from(reference.grid))], key).toEqual(closeTo(reference.predicted))
    }
  })

  it('platt finds the minimum that SciPy’s BFGS finds for the same targets', () => {
    // scipy.optimize.minimize (1.17.1, gtol 1e-10) on Σ w·(ln(1 + e^z) − t·z), z = a·ln(p2/(1−p2)) + b, t Platt's targets.
    const close = (slope: number, intercept: number) => ({
      name: 'platt',
      slope: expect.closeTo(slope, 6),
      intercept: expect.closeTo(intercept, 6),
    })
    expect(fitPlatt(p[2], hit).toJson()).toEqual(close(1.26871479, 0.19743727))
    expect(fitPlatt(p[2], hit, weight).toJson()).toEqual(close(1.25923378, 0.18001329))
  })
})

const pythonHere = hasPython('sklearn')

describe.skipIf(!pythonHere)('beta', () => {
  it('finds the minimum that scikit-learn finds for the same targets', () => {
    // A target between 0 and 1 is a hit and a miss with weights; no penalty, so a, b and c are free.
    const random = createRandom(5, 'beta')
    const p = Float64Array.from({ length: 2000 }, () => 0.02 + 0.96 * random.next())
    const truth = (x: number) => 1 / (1 + Math.exp(-(1.5 * Math.log(x) - 0.6 * Math.log(1 - x) + 0.7)))
    const hit = Uint8Array.from(p, (x) => (random.next() < truth(x) ? 1 : 0))
    const weight = p.map(() => 0.2 + random.next())
    const [a, b, c] = askPython<number[]>(
      `import numpy as np
from sklearn.linear_model import LogisticRegression
p, hit, w = (np.array(given[name]) for name in ('p', 'hit', 'w'))
hits, misses = w[hit == 1].sum(), w[hit == 0].sum()
t = np.where(hit == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
X = np.column_stack([np.log(p), -np.log(1 - p)])
fit = LogisticRegression(penalty='none', tol=1e-12, max_iter=100000, solver='newton-cg')
fit.fit(np.vstack([X, X]), np.r_[np.ones(len(p)), np.zeros(len(p))], np.r_[w * t, w * (1 - t)])
print(json.dumps([*fit.coef_[0], fit.intercept_[0]]))`,
      { p: [...p], hit: [...hit], w: [...weight] },
    )
    const ours = fitBeta(p, hit, weight).toJson()
    expect(ours).toEqual({ name: 'beta', a: expect.closeTo(a, 4), b: expect.closeTo(b, 4), c: expect.closeTo(c, 4) })
    expect(a - b).toBeGreaterThan(0.3) // not Platt's curve
  })
})

describe('beta', () => {
  it('leaves out a coefficient that would fall, and gives a backward ranking the base rate', () => {
    const backward = fitBeta(Float64Array.of(0.1, 0.2, 0.3, 0.7, 0.8, 0.9), Uint8Array.of(1, 1, 1, 0, 0, 0)).toJson()
    expect(backward).toMatchObject({ a: 0, b: 0, c: expect.closeTo(0, 9) })
  })

  it('bends where Platt cannot: far too bold at the top, right at the bottom', () => {
    const random = createRandom(8, 'bent')
    const draw = (n: number) => {
      const p = Float64Array.from({ length: n }, () => 0.02 + 0.96 * random.next())
      return { p, hit: Uint8Array.from(p, (x) => (random.next() < Math.min(x, 0.35) ? 1 : 0)) }
    }
    const [known, later] = [draw(20_000), draw(20_000)]
    const error = (calibrate: typeof fitBeta) =>
      reliability(calibrate(known.p, known.hit).apply(later.p), later.hit).error
    expect(error(fitBeta)).toBeLessThan(0.75 * error(fitPlatt))
  })
})

describe('platt', () => {
  it('gives the mean of Platt’s targets to a score that says nothing', () => {
    // 3 hits of 10: targets (3+1)/(3+2) = 0.8 and 1/(7+2) = 1/9, mean (3·0.8 + 7/9)/10 = 0.317778.
    const constant = fitPlatt(new Float64Array(10).fill(0.5), Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
    expect(constant.apply(Float64Array.of(0.5))[0]).toBeCloseTo(0.3177778, 6)
  })

  it('does not turn a backward ranking round', () => {
    const backward = fitPlatt(Float64Array.of(0.1, 0.2, 0.3, 0.7, 0.8, 0.9), Uint8Array.of(1, 1, 1, 0, 0, 0))
    const [low, high] = backward.apply(Float64Array.of(0.1, 0.9))
    expect(low).toBe(high)
    expect(low).toBeCloseTo(0.5, 9) // targets 0.8 and 0.2 in equal numbers
  })

  it('stays between 0 and 1 on perfectly separated rows and on one class only', () => {
    const separated = fitPlatt(Float64Array.of(0.1, 0.2, 0.8, 0.9), Uint8Array.of(0, 0, 1, 1))
    const onlyMisses = fitPlatt(Float64Array.of(0.1, 0.2, 0.8, 0.9), Uint8Array.of(0, 0, 0, 0))
    for (const p of separated.apply(Float64Array.of(0, 0.5, 1))) expect(p).toBeGreaterThanOrEqual(0)
    // Every target is 1/(4+2), so every probability is.
    for (const p of onlyMisses.apply(Float64Array.of(0.1, 0.5, 0.9))) expect(p).toBeCloseTo(1 / 6, 6)
  })

  it('mends confidence that is far too high', () => {
    const random = createRandom(3, 'overconfident model')
    const draw = (n: number) => {
      const truth = Float64Array.from({ length: n }, () => 0.1 + 0.5 * random.next())
      const hit = Uint8Array.from(truth, (p) => (random.next() < p ? 1 : 0))
      // log-odds doubled and shifted by 1: the model's own probabilities
      return { hit, p: truth.map((q) => 1 / (1 + Math.exp(-2 * Math.log(q / (1 - q)) - 1))) }
    }
    const validation = draw(4000)
    const later = draw(4000)
    const mended = fitPlatt(validation.p, validation.hit).apply(later.p)
    expect(reliability(later.p, later.hit).error).toBeGreaterThan(0.1)
    expect(reliability(mended, later.hit).error).toBeLessThan(0.03)
  })
})

describe.each(names)('%s', (name) => {
  const method = calibrationMethods[name]
  const rows = fc.array(fc.record({ p: fc.double({ min: 0, max: 1, noNaN: true }), h: fc.nat({ max: 1 }) }), {
    minLength: 1,
    maxLength: 60,
  })

  it('never falls, stays within 0 and 1, and leaves the unknown unknown', () => {
    fc.assert(
      fc.property(rows, (sample) => {
        const fitted = method.fit(
          Float64Array.from(sample, (r) => r.p),
          Uint8Array.from(sample, (r) => r.h),
        )
        const out = fitted.apply(Float64Array.from({ length: 41 }, (_, i) => i / 40))
        for (let i = 0; i < 41; i++) {
          expect(out[i] >= 0 && out[i] <= 1).toBe(true)
          if (i > 0) expect(out[i]).toBeGreaterThanOrEqual(out[i - 1] - 1e-12)
        }
        expect(fitted.apply(Float64Array.of(Number.NaN))[0]).toBeNaN()
      }),
    )
  })

  it('counts a row of weight 2 as two rows', () => {
    const p = Float64Array.of(0.1, 0.3, 0.2, 0.6, 0.8, 0.7)
    const hit = Uint8Array.of(0, 1, 0, 0, 1, 1)
    const repeat = <T extends number>(x: ArrayLike<T>) => Array.from(x).flatMap((v, i) => (i % 2 === 0 ? [v, v] : [v]))
    const weighted = method.fit(p, hit, Float64Array.of(2, 1, 2, 1, 2, 1))
    const doubled = method.fit(Float64Array.from(repeat(p)), Uint8Array.from(repeat(hit)))
    const grid = Float64Array.from({ length: 11 }, (_, i) => i / 10)
    expect([...weighted.apply(grid)]).toEqual([...doubled.apply(grid)].map((v) => expect.closeTo(v, 9)))
  })
})

describe('both sides', () => {
  const random = createRandom(11, 'sides')
  const n = 2000
  const label = Float64Array.from({ length: n }, () => random.below(3) - 1)
  const noisy = (side: number) =>
    label.map((y) => Math.min(0.99, Math.max(0.01, (y === side ? 0.6 : 0.4) + 0.2 * random.normal())))
  const raw = { long: noisy(1), short: noisy(-1) }

  it.each(names)('%s survives its file, bit for bit', (method) => {
    const fitted = fitSides(raw, label, { method })
    const loaded = sidesFromJson(JSON.parse(JSON.stringify(sidesToJson(fitted))))
    expect(applySides(loaded, raw)).toEqual(applySides(fitted, raw))
  })

  it('never promises more than certainty, and keeps the order of the sides', () => {
    const fitted = fitSides(raw, label)
    const extreme = { long: Float64Array.of(0.999, 0.99, 0.2), short: Float64Array.of(0.999, 0.98, 0.1) }
    const { long, short } = applySides(fitted, extreme)
    const unscaled = { long: fitted.long.apply(extreme.long), short: fitted.short.apply(extreme.short) }
    expect(unscaled.long[0] + unscaled.short[0]).toBeGreaterThan(1)
    for (let i = 0; i < 3; i++) expect(long[i] + short[i]).toBeLessThanOrEqual(1 + 1e-12)
    expect(long[0] / short[0]).toBeCloseTo(unscaled.long[0] / unscaled.short[0], 12)
    expect([long[2], short[2]]).toEqual([unscaled.long[2], unscaled.short[2]])
  })

  it('refuses a method that it does not have', () => {
    const unknown = { name: 'spline', a: 1 }
    expect(() => sidesFromJson({ long: unknown, short: unknown })).toThrow(
      /method spline is not one of platt, isotonic, beta/,
    )
  })
})
