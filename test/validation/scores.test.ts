import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { confusionMatrix, confusionScores, mostLikely } from '../../src/validation/confusion.js'
import { binsFor, calibrationErrorInOrder, reliability } from '../../src/validation/reliability.js'
import {
  averagePrecision,
  brierScore,
  descendingOrder,
  hitsOf,
  logLoss,
  logLossOfClasses,
  precisionAt,
  rocAuc,
} from '../../src/validation/scores.js'
import { sklearn } from './sklearn.js'

const near = (expected: number) => expect.closeTo(expected, 12)

describe('against scikit-learn 1.2.1', () => {
  const { metrics, p, actual, hit, tied, weight } = sklearn()

  it('agrees on log loss, Brier, AUC and average precision, with ties and with row weights', () => {
    const p2 = p[2]
    const all = (w?: Float64Array) => ({
      log_loss_3class: logLossOfClasses(p, actual, w),
      log_loss_binary: logLoss(p2, hit, w),
      brier_binary: brierScore(p2, hit, w),
      roc_auc_binary: rocAuc(p2, hit, w),
      roc_auc_binary_tied: rocAuc(tied, hit, w),
      average_precision_binary: averagePrecision(p2, hit, w),
      average_precision_binary_tied: averagePrecision(tied, hit, w),
    })
    for (const [key, value] of Object.entries(all())) expect(value, key).toEqual(near(metrics[key]))
    for (const [key, value] of Object.entries(all(weight))) {
      expect(value, key).toEqual(near(metrics[`${key}_weighted_rows`]))
    }
  })

  it('agrees on the AUC of each class against the rest', () => {
    const labels = Float64Array.from(actual)
    const aucs = [0, 1, 2].map((k) => rocAuc(p[k], hitsOf(labels, k)))
    expect((aucs[0] + aucs[1] + aucs[2]) / 3).toEqual(near(metrics.roc_auc_ovr_macro))
    expect([0, 1, 2].map((k) => averagePrecision(p[k], hitsOf(labels, k)))).toEqual(
      metrics.average_precision_per_class.map(near),
    )
  })

  it.each(['', '_weighted_rows'])('agrees on the confusion matrix and its scores%s', (suffix) => {
    const matrix = confusionMatrix(actual, mostLikely(p), 3, suffix === '' ? undefined : weight)
    const scores = confusionScores(matrix)
    const of = (key: string) => metrics[`${key}${suffix}`]
    expect(matrix).toEqual(of('confusion_matrix').map((row: number[]) => row.map((x) => expect.closeTo(x, 9))))
    expect(scores.accuracy).toEqual(near(of('accuracy')))
    expect(scores.balancedAccuracy).toEqual(near(of('balanced_accuracy')))
    for (const key of ['precision', 'recall', 'f1'] as const) {
      expect(scores.macro[key]).toEqual(near(of(`${key}_macro`)))
      expect(scores.weighted[key]).toEqual(near(of(`${key}_weighted`)))
      expect(scores.perClass.map((c) => c[key])).toEqual(of(`${key}_per_class`).map(near))
    }
  })

  it('agrees on precision at a threshold', () => {
    for (const t of [0.35, 0.45, 0.55])
      expect(precisionAt(p[2], hit, t)).toEqual(near(metrics[`at_threshold_${t}`].precision))
  })

  it('bins by equal count as calibration_curve does with quantiles', () => {
    const { bins } = reliability(p[2], hit)
    const { fraction_positive, mean_predicted } = metrics.calibration_curve_quantile_10
    expect(bins.map((bin) => bin.hitRate)).toEqual(fraction_positive.map(near))
    expect(bins.map((bin) => bin.confidence)).toEqual(mean_predicted.map(near))
    // With nothing taken off for chance, the error is the mean of the gaps of scikit-learn's curve.
    const gaps = fraction_positive.map((f: number, i: number) => Math.abs(f - mean_predicted[i]))
    const order = descendingOrder(p[2]).reverse()
    const plain = { perRow: Number.POSITIVE_INFINITY }
    const error = calibrationErrorInOrder(order, p[2], hit, new Float64Array(p[2].length).fill(1), plain)
    expect(error).toEqual(near(gaps.reduce((a: number, b: number) => a + b) / 10))
  })
})

describe('scores', () => {
  it('counts pairs: AUC equals the share of hit-miss pairs in the right order, ties half', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ s: fc.nat({ max: 6 }), h: fc.nat({ max: 1 }) }), { maxLength: 40 }), (rows) => {
        const score = Float64Array.from(rows, (r) => r.s)
        const hit = Uint8Array.from(rows, (r) => r.h)
        const pairs = rows.filter((r) => r.h === 1).flatMap((a) => rows.filter((r) => r.h === 0).map((b) => [a.s, b.s]))
        const right = pairs.reduce((sum, [a, b]) => sum + (a > b ? 1 : a === b ? 0.5 : 0), 0)
        const auc = rocAuc(score, hit)
        if (pairs.length === 0) expect(auc).toBeNaN()
        else expect(auc).toBeCloseTo(right / pairs.length, 12)
      }),
    )
  })

  it('is NaN, not 0, where a score cannot be computed', () => {
    const none = new Float64Array(0)
    const hit = new Uint8Array(0)
    for (const score of [logLoss, brierScore, rocAuc, averagePrecision]) expect(score(none, hit)).toBeNaN()
    expect(rocAuc(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1))).toBeNaN()
    expect(precisionAt(Float64Array.of(0.1), Uint8Array.of(1), 0.5)).toBeNaN()
    expect(
      confusionScores([
        [0, 0],
        [0, 0],
      ]).accuracy,
    ).toBeNaN()
    expect(reliability(none, hit).error).toBeNaN()
  })

  it('stays finite when certainty was wrong', () => {
    expect(logLoss(Float64Array.of(0), Uint8Array.of(1))).toBeCloseTo(52 * Math.LN2, 9) // −ln 2⁻⁵²
  })
})

describe('reliability', () => {
  it('keeps equal confidences in one bin, so that the order of rows decides nothing', () => {
    // 100 rows of confidence 0.3, the first 30 of them hits: perfectly calibrated, in whatever order.
    const confidence = new Float64Array(100).fill(0.3)
    const hit = Uint8Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0))
    const { bins, error } = reliability(confidence, hit)
    expect(bins.length).toBe(1)
    expect(error).toBeCloseTo(0, 12)
  })

  it('widens a bin’s interval to what its non-overlapping rows support', () => {
    // 40 rows a minute apart, labels of 10 minutes: 4 independent ones. 20 hits of 40.
    const confidence = new Float64Array(40).fill(0.5)
    const hit = Uint8Array.from({ length: 40 }, (_, i) => i % 2)
    const t0 = Float64Array.from({ length: 40 }, (_, i) => i)
    const [alone] = reliability(confidence, hit).bins
    const [overlapping] = reliability(confidence, hit, { intervals: { t0, t1: t0.map((t) => t + 10) } }).bins
    expect([alone.independent, overlapping.independent]).toEqual([40, 4])
    // Wilson, value 1/2: half width = z / (2·√(n + z²)), z = 1.95996: n = 40 → 0.1480, n = 4 → 0.3500
    expect(alone.high - 0.5).toBeCloseTo(0.148, 4)
    expect(overlapping.high - 0.5).toBeCloseTo(0.35, 3)
  })

  it('has one plain error, whether computed by bins or by counts of rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ c: fc.nat({ max: 30 }), h: fc.nat({ max: 1 }), w: fc.nat({ max: 3 }) }), {
          minLength: 1,
          maxLength: 80,
        }),
        fc.integer({ min: 1, max: 12 }),
        (rows, bins) => {
          const repeated = rows.flatMap((row) => new Array<typeof row>(row.w).fill(row))
          const confidence = (of: typeof rows) => Float64Array.from(of, (r) => r.c / 30)
          const hit = (of: typeof rows) => Uint8Array.from(of, (r) => r.h)
          const order = descendingOrder(confidence(rows)).reverse()
          const counts = Float64Array.from(rows, (r) => r.w)
          const plain = { bins, perRow: Number.POSITIVE_INFINITY }
          const byCounts = calibrationErrorInOrder(order, confidence(rows), hit(rows), counts, plain)
          const found = reliability(confidence(repeated), hit(repeated), { bins })
          const gaps = found.bins.map((bin) => bin.count * Math.abs(bin.hitRate - bin.confidence))
          const byBins = gaps.reduce((sum, gap) => sum + gap, 0) / repeated.length
          if (repeated.length === 0) expect(byCounts).toBeNaN()
          else expect(byCounts).toBeCloseTo(byBins, 10)
        },
      ),
    )
  })

  it('takes off what chance alone makes of a gap, by hand', () => {
    // 100 rows of 0.2 with 30 hits, 100 rows of 0.6 with 62: gaps 0.1 and 0.02, chance 0.2 · 0.8 / 100 and 0.6 · 0.4 / 100.
    // √(0.01 − 0.0016) = 0.091652; 0.0004 is less than 0.0024, so nothing is left of the other. Half the rows each: 0.045826.
    const confidence = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? 0.2 : 0.6))
    const hit = Uint8Array.from({ length: 200 }, (_, i) => ((i < 100 ? i < 30 : i < 162) ? 1 : 0))
    expect(reliability(confidence, hit).error).toBeCloseTo(0.045826, 6)
    // Four rows an outcome: 25 outcomes a bin. √(0.01 − 0.0064) = 0.06.
    const t0 = Float64Array.from({ length: 200 }, (_, i) => i)
    const intervals = { t0, t1: t0.map((time) => 4 * Math.floor(time / 4) + 4) }
    expect(reliability(confidence, hit, { intervals }).error).toBeCloseTo(0.03, 12)
    // Every row drawn twice or not at all says as much as half the rows: chance 0.16 / 50 on a gap of 0.1.
    const order = descendingOrder(confidence).reverse()
    const twice = Float64Array.from({ length: 200 }, (_, i) => 2 * (i % 2))
    expect(calibrationErrorInOrder(order, confidence, hit, twice)).toBeCloseTo(Math.sqrt(0.01 - 0.16 / 50) / 2, 12)
  })

  it('is half of the plain error where the model is calibrated, and near the truth where it is not', () => {
    // 200 seeds of 300 independent outcomes, 30 a bin: the plain error of the calibrated model is 0.8 · √(0.2 / 30) = 0.065.
    const mean = (shift: number) => {
      const errors = Array.from({ length: 200 }, (_, seed) => {
        const random = createRandom(seed, 'calibrated')
        const truth = Float64Array.from({ length: 300 }, () => 0.2 + 0.4 * random.next())
        const hit = Uint8Array.from(truth, (p) => (random.next() < p ? 1 : 0))
        const stated = truth.map((p) => p + shift)
        return reliability(stated, hit).error
      })
      return errors.reduce((sum, error) => sum + error, 0) / 200
    }
    expect(mean(0)).toBeLessThan(0.04)
    // A root of a mean is not the mean of a root: it comes out a little low where a bin has so few.
    expect(mean(0.2)).toBeGreaterThan(0.165)
    expect(mean(0.2)).toBeLessThan(0.205)
  })

  it('has ten bins, or fewer where they would hold fewer than 30 independent outcomes', () => {
    expect([0, 29, 59, 60, 299, 300, 5000].map(binsFor)).toEqual([1, 1, 1, 2, 9, 10, 10])
  })

  it('sees confidence that is 0.1 too high as an error of 0.1', () => {
    const random = createRandom(7, 'overconfident')
    const truth = Float64Array.from({ length: 40_000 }, () => 0.2 + 0.6 * random.next())
    const hit = Uint8Array.from(truth, (p) => (random.next() < p ? 1 : 0))
    expect(reliability(truth, hit).error).toBeLessThan(0.015)
    expect(
      reliability(
        truth.map((p) => p + 0.1),
        hit,
      ).error,
    ).toBeCloseTo(0.1, 1.7)
  })
})
