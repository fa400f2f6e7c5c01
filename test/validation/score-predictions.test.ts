/** Rows written out by hand, small enough to count on paper. */
import { describe, expect, it } from 'vitest'
import { type ScoredRows, scorePredictions } from '../../src/validation/score-predictions.js'

type Row = {
  readonly label: number
  readonly outcome?: number // the label when left out
  readonly value?: number
  readonly side: number
  readonly confidence: number
  readonly raw: readonly [number, number] // long, short
  readonly t1: number // t0 is the row's number
  readonly threshold?: number
  readonly usable?: number
}

function rowsOf(list: readonly Row[]): ScoredRows {
  const of = (value: (row: Row, i: number) => number) => Float64Array.from(list, value)
  return {
    rows: list.length,
    t0: of((_, i) => i),
    t1: of(({ t1 }) => t1),
    usable: of(({ usable }) => usable ?? 1),
    label: of(({ label }) => label),
    outcome: of(({ label, outcome }) => outcome ?? label),
    value: of(({ value }) => value ?? Number.NaN),
    raw_long: of(({ raw }) => raw[0]),
    raw_short: of(({ raw }) => raw[1]),
    p_long: of(({ raw }) => raw[0]),
    p_short: of(({ raw }) => raw[1]),
    side: of(({ side }) => side),
    confidence: of(({ confidence }) => confidence),
    threshold: of(({ threshold }) => threshold ?? 0.6),
  }
}

const OPTIONS = { horizonRows: 1, seed: 1, stream: 'test', level: 0.95 }
const score = (list: readonly Row[]) => scorePredictions(rowsOf(list), OPTIONS)

const TERNARY: readonly Row[] = [
  { label: 1, side: 1, confidence: 0.7, raw: [0.5, 0.25], t1: 3 }, // signal, won
  { label: 0, side: 1, confidence: 0.65, raw: [0.25, 0.125], t1: 5 }, // signal, hit neither barrier: not won
  { label: -1, side: -1, confidence: 0.6, raw: [0.25, 0.5], t1: 4 }, // signal at the threshold itself, won
  { label: 1, side: -1, confidence: 0.9, raw: [0.125, 0.625], t1: 6 }, // signal, lost
  { label: 1, side: 1, confidence: 0.59, raw: [0.5, 0.375], t1: 6 }, // below the threshold
  { label: 1, side: 1, confidence: 0.99, raw: [0.9, 0.01], t1: 6, usable: 0 }, // purged
  { label: -1, side: 0, confidence: 0, raw: [0.375, 0.25], t1: 7 }, // flat
  { label: 1, side: 1, confidence: 0.7, raw: [0.625, 0.375], t1: 9, threshold: 0.8 }, // below that of its own fold
  { label: -1, side: -1, confidence: 0.85, raw: [0.125, 0.5], t1: 10, threshold: 0.8 }, // signal, won
]

describe('predictions of a ternary model', () => {
  const { metrics, reliability, confusion, values } = score(TERNARY)

  it('count as signals where confidence reaches the threshold of their own fold', () => {
    expect(metrics.signals).toMatchObject({ value: 5, count: 8 })
  })

  it('are precise in winners per signal, a row that hit neither barrier being no winner', () => {
    expect(metrics.precision.value).toBeCloseTo(3 / 5, 12)
  })

  it('catch three of the seven rows on which some side won', () => {
    expect(metrics.recall.value).toBeCloseTo(3 / 7, 12)
    expect(metrics.f1.value).toBeCloseTo((2 * 3) / (5 + 7), 12) // 2 · won ÷ (signals + rows that some side won)
  })

  it('have a confusion matrix of outcome by signal', () => {
    expect(confusion).toEqual([
      [2, 1, 0], // a short won: two short signals, one flat
      [0, 0, 1], // neither: one long signal
      [1, 2, 1], // a long won: a short signal, two below their thresholds, a long signal
    ])
  })

  it('rest on the signals that one position at a time would take', () => {
    // [0, 3] is taken, [1, 5] and [2, 4] overlap it, [3, 6] is taken, [8, 10] is taken.
    expect(metrics.independent_signals.value).toBe(3)
    expect(metrics.precision.count).toBe(3)
  })

  it('are ranked by long − short among the rows that won either way', () => {
    // Up: 0.25, −0.5, 0.125, 0.25. Down: −0.25, 0.125, −0.375. Pairs in order: 3 + 0 + 2.5 + 3 of 12.
    expect(metrics.auc_direction.value).toBeCloseTo(8.5 / 12, 12)
    expect(metrics.auc_direction.count).toBe(7)
  })

  it('are ranked for longs among all rows', () => {
    // Up: 0.5, 0.125, 0.5, 0.625. Others: 0.25, 0.25, 0.375, 0.125. Pairs in order: 4 + 0.5 + 4 + 4 of 16.
    expect(metrics.auc_long.value).toBeCloseTo(12.5 / 16, 12)
    expect(metrics.auc_long.count).toBe(8)
  })

  it('have the Brier score of the stated probabilities', () => {
    // 0.25 + 0.0625 + 0.0625 + 0.765625 + 0.25 + 0.140625 + 0.140625 + 0.015625 of 8 rows
    expect(metrics.brier_long.value).toBeCloseTo(1.6875 / 8, 12)
  })

  it('have a calibration error over all rows with a side, signals or not', () => {
    // [0, 3], [3, 6] and [7, 9]: three outcomes, one bin. 5 of 7 won, stated were 4.99 of 7: less than chance makes of it.
    expect(metrics.calibration_error).toMatchObject({ value: 0, count: 3 })
    expect(reliability?.bins.map(({ count }) => count)).toEqual([7])
    // A hundred times: 300 outcomes, ten bins, but rows of one confidence stay together. Gaps 0.41, 0.4, 0.65, 0.3 (200 rows), 0.15 and 0.9; three
    // outcomes in seven rows, so chance is 0.2419, 0.24, 0.2275, 0.1275 and 0.09 over 42.857, and 0.21 over 85.714 of 0.7.
    const often = Array.from({ length: 100 }, (_, k) => TERNARY.map((row) => ({ ...row, t1: row.t1 + 9 * k }))).flat()
    const hundred = score(often)
    const [outcomes, error] = [hundred.metrics.calibration_error.count, hundred.metrics.calibration_error.value]
    const left = [0.403061, 0.392938, 0.645905, 0.295889, 0.139729, 0.898833]
    expect(error).toBeCloseTo((left.reduce((sum, gap) => sum + gap) + left[3]) / 7, 5)
    expect(outcomes).toBe(300)
    expect(hundred.reliability?.error).toBeCloseTo(Number(error), 12)
    expect(hundred.reliability?.bins.map(({ count }) => count)).toEqual([100, 100, 100, 200, 100, 100])
  })

  it('are scored alike whatever stands in a row that is not usable', () => {
    const purged: Row = { label: Number.NaN, side: -1, confidence: 0.6, raw: [0.1, 0.8], t1: Number.NaN, usable: 0 }
    expect(score(TERNARY.map((row, i) => (i === 5 ? purged : row)))).toEqual({
      ...{ metrics, reliability, confusion, values },
    })
  })

  it('have the same intervals again, and hold their estimate', () => {
    expect(score(TERNARY).metrics).toEqual(metrics)
    const { low, value, high } = metrics.auc_long
    expect(low).toBeLessThan(value ?? 0)
    expect(high).toBeGreaterThan(value ?? 1)
  })

  it('have no direction when nothing went down: a row that hit neither barrier is no loser', () => {
    const { auc_direction, auc_short, auc_long } = score(TERNARY.filter(({ label }) => label !== -1)).metrics
    expect(auc_direction).toMatchObject({ value: null, count: 4, reason: expect.stringContaining('one outcome') })
    expect(auc_short.value).toBeNull()
    expect(auc_long.value).not.toBeNull()
  })

  it('have no precision without a signal, and say so', () => {
    const { metrics: none } = score(TERNARY.map((row) => ({ ...row, threshold: 1 })))
    expect(none.precision).toEqual({
      value: null,
      count: 0,
      low: null,
      high: null,
      reason: 'no signal reached the threshold',
    })
    expect(none.signals.value).toBe(0)
  })

  it('have no calibration error when every row is flat', () => {
    const flat = score(TERNARY.map((row) => ({ ...row, side: 0, confidence: 0 })))
    expect(flat.metrics.calibration_error).toMatchObject({ value: null, reason: 'no row has a side' })
    expect(flat.reliability).toBeNull()
  })
})

describe('predictions of a binary model', () => {
  const { NaN: none } = Number
  const { metrics } = score([
    { label: 1, side: 1, confidence: 0.7, raw: [0.7, 0], t1: 1 }, // signal, won
    { label: 0, side: 1, confidence: 0.65, raw: [0.65, 0], t1: 2 }, // signal, lost
    { label: none, side: 1, confidence: 0.8, raw: [0.8, 0], t1: 3 }, // signal, hit neither barrier: not won
    { label: 1, side: 1, confidence: 0.4, raw: [0.4, 0], t1: 4 },
    { label: 0, side: 1, confidence: 0.3, raw: [0.3, 0], t1: 5 },
  ])

  it('count a row that hit neither barrier as not won', () => {
    expect(metrics.signals.value).toBe(3)
    expect(metrics.precision.value).toBeCloseTo(1 / 3, 12)
  })

  it('are ranked among the rows that hit a barrier', () => {
    // Won: 0.7, 0.4. Lost: 0.65, 0.3. Pairs in order: 2 + 1 of 4.
    expect(metrics.auc_direction).toMatchObject({ value: 0.75, count: 4 })
  })

  it('say nothing about shorts', () => {
    for (const name of ['auc_short', 'average_precision_short', 'log_loss_short', 'brier_short'] as const) {
      expect(metrics[name], name).toMatchObject({ value: null, reason: 'no row asks about a short' })
    }
  })
})

describe('predictions of a model that judges the side of another', () => {
  // The primary took a long, a long, a short, none. In the third row a long would have won, which this model was never asked about.
  const { metrics } = score([
    { label: 1, outcome: 1, side: 1, confidence: 0.7, raw: [0.7, 0], t1: 1 },
    { label: 0, outcome: -1, side: 1, confidence: 0.3, raw: [0.3, 0], t1: 2 },
    { label: 0, outcome: 1, side: -1, confidence: 0.4, raw: [0, 0.4], t1: 3 },
    { label: Number.NaN, outcome: 1, side: 0, confidence: 0, raw: [0, 0], t1: 4 },
  ])

  it('are scored for a side on the rows where the primary took it', () => {
    expect(metrics.auc_long).toMatchObject({ value: 1, count: 2 })
    expect(metrics.log_loss_long.value).toBeCloseTo(-Math.log(0.7), 12) // 0.7 for what came, and 1 − 0.3
    expect(metrics.brier_long.value).toBeCloseTo(0.3 ** 2, 12)
    expect(metrics.log_loss_short.value).toBeCloseTo(-Math.log(0.6), 12)
    expect(metrics.auc_short).toMatchObject({ value: null, count: 1 })
  })

  it('that took longs alone are no label of longs only: a row where a short would have won is one that went down', () => {
    const longs = score([
      { label: 1, outcome: 1, side: 1, confidence: 0.7, raw: [0.7, 0], t1: 1 },
      { label: 0, outcome: 0, side: 1, confidence: 0.9, raw: [0.9, 0], t1: 2 },
      { label: 0, outcome: -1, side: 1, confidence: 0.3, raw: [0.3, 0], t1: 3 },
    ])
    expect(longs.metrics.auc_direction).toMatchObject({ value: 1, count: 2 })
  })
})

describe('predictions of other labels', () => {
  it('are judged by the outcome of the trade, not by what was learned', () => {
    // A direction label calls every row up; the trades that a long made are those of TERNARY.
    const direction = score(TERNARY.map((row) => ({ ...row, label: 1, outcome: row.label })))
    expect(direction.metrics).toEqual(score(TERNARY).metrics)
  })

  it('have the scores of values when the label is a number', () => {
    // Errors 0.5, −0.5, −1, 1: squares 0.25 + 0.25 + 1 + 1 of 4 rows; actual values 1, 0, −1, 2 spread by 0.25 + 0.25 + 2.25 + 2.25.
    const { values } = score(
      [
        [1, 0.5],
        [0, 0.5],
        [-1, 0],
        [2, 1],
      ].map(([label, value], i) => ({ label, value, outcome: 0, side: 0, confidence: 0, raw: [0.5, 0.4], t1: i + 1 })),
    )
    expect(values?.mse.value).toBeCloseTo(2.5 / 4, 12)
    expect(values?.mae.value).toBeCloseTo(3 / 4, 12)
    expect(values?.r2.value).toBeCloseTo(1 - 2.5 / 5, 12)
    expect(values?.explained_variance.value).toBeCloseTo(1 - 2.5 / 5, 12) // the errors have mean 0
    expect(values?.mse.low).toBeLessThan(values?.mse.value ?? 0)
  })

  it('say why nothing is known of sides when the label names none', () => {
    const { NaN: none } = Number
    const found = score(
      [1, 2, 3].map((label, i) => ({
        ...{ label, value: 2, outcome: none, side: 0, confidence: none },
        ...{ raw: [none, none] as const, t1: i + 1, threshold: none },
      })),
    )
    expect(found.confusion).toBeNull()
    expect(found.reliability).toBeNull()
    for (const metric of Object.values(found.metrics)) {
      expect(metric).toMatchObject({ value: null, reason: 'the label names no side' })
    }
    expect(found.values?.mse.value).toBeCloseTo(2 / 3, 12)
  })
})
