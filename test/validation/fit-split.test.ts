/** Everything learnt comes from rows before the ones it is applied to: changed at will, later rows change nothing before them. */
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { HOUR } from '../../src/core/time.js'
import { logistic } from '../../src/models/logistic.js'
import type { TrainingSet } from '../../src/models/model.js'
import { type CalibrateSettings, calibrateSplit } from '../../src/validation/calibrate-split.js'
import { applySides, type SideCalibratorJson, sidesFromJson } from '../../src/validation/calibration.js'
import { fitSplit, type RawPart, type SplitSettings, type SplitTable } from '../../src/validation/fit-split.js'
import { type Part, purgedPart, type RowRange, type Split } from '../../src/validation/splits.js'
import {
  DECISION,
  type JudgedSplit,
  judgedSplit,
  SETTINGS as MARKET_SETTINGS,
  RANGES,
  ROWS,
  rowsOf,
  STEP,
} from './split-market.js'

const COLUMNS = 3
const EMBARGO = HOUR
const SETTINGS: SplitSettings = { ...MARKET_SETTINGS, featureNames: ['signal', 'noise_a', 'noise_b'] }

/** The first feature tells the direction, through noise. */
function market(seed = 1): SplitTable {
  const random = createRandom(seed, 'fit-split test')
  const values = Float32Array.from({ length: ROWS * COLUMNS }, () => random.normal())
  const label = Float64Array.from({ length: ROWS }, (_, row) => {
    const drift = 1.2 * values[row * COLUMNS] + random.normal()
    return drift > 0.6 ? 1 : drift < -0.6 ? -1 : 0
  })
  const t0 = Float64Array.from({ length: ROWS }, (_, row) => Date.UTC(2024, 0, 1) + row * STEP)
  const t1 = t0.map((time, row) => (row < ROWS - 5 ? time + STEP * (1 + random.below(6)) : Number.NaN))
  const weight = t1.map((time) => (Number.isNaN(time) ? Number.NaN : 0.3))
  const known = label.map((y, row) => (Number.isNaN(t1[row]) ? Number.NaN : y))
  return {
    x: { rows: ROWS, columns: COLUMNS, values },
    label: known,
    outcome: known,
    side: new Float64Array(ROWS).fill(Number.NaN),
    t0,
    t1,
    weight,
  }
}

/** With a later part protected, so that the scoring part has rows that are predicted but not scored. */
function splitOf(table: SplitTable, sealed: readonly RowRange[] = []): Split {
  const part = (own: RowRange, later: readonly RowRange[]): Part => purgedPart(table, [own], later, EMBARGO)
  return {
    name: 'fold 1',
    train: part(RANGES.train, [RANGES.validation, RANGES.score]),
    validation: part(RANGES.validation, [RANGES.score]),
    score: part(RANGES.score, sealed),
  }
}

type Settings = Partial<SplitSettings> & Partial<CalibrateSettings>

const fitted = (table: SplitTable, split = splitOf(table), settings: Settings = {}) =>
  judgedSplit(logistic, table, split, { ...SETTINGS, ...settings }, settings)

/** All that is stored of a fit and was learnt, as text. */
function learnt({ model, calibration, threshold }: JudgedSplit): string {
  const files = [...model.files()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')])
  return JSON.stringify({ files, history: model.history, best: model.bestRound, calibration, threshold })
}

function predicted({ raw, calibrated, decisions }: JudgedSplit): number[][] {
  const { side, confidence } = decisions
  return [raw.long, raw.short, calibrated.long, calibrated.short, side, confidence].map((column) => [...column])
}

/** Ternary: the label is what a trade would have made. */
const relabelled = (table: SplitTable, label: Float64Array): SplitTable => ({ ...table, label, outcome: label })

const changed = (x: Float64Array, range: RowRange, change: (value: number, row: number) => number) =>
  x.map((value, row) => (row >= range.start && row < range.end ? change(value, row) : value))

describe('one split', () => {
  it('finds what was planted, so that the comparisons below compare something', async () => {
    const outcome = await fitted(market())
    expect(outcome.rows).toEqual(Int32Array.from({ length: 200 }, (_, i) => 700 + i))
    expect(outcome.scores.aucLong).toBeGreaterThan(0.75)
    expect(outcome.scores.aucShort).toBeGreaterThan(0.75)
    expect(outcome.scores.signals).toBeGreaterThan(10)
    expect(outcome.threshold.signals).toBeGreaterThan(10)
  })

  it('gives the same bytes again', async () => {
    const [a, b] = [await fitted(market()), await fitted(market())]
    expect(learnt(b)).toBe(learnt(a))
    expect(predicted(b)).toEqual(predicted(a))
  })

  it('learns nothing from the labels of the rows it is scored on', async () => {
    const table = market()
    const split = splitOf(table)
    const honest = await fitted(table, split)
    const turned = relabelled(
      table,
      changed(table.label, RANGES.score, (y) => -y),
    )
    const constant = relabelled(
      table,
      changed(table.label, RANGES.score, () => 1),
    )
    for (const other of [turned, constant]) {
      const outcome = await fitted(other, split)
      expect(learnt(outcome)).toBe(learnt(honest))
      expect(predicted(outcome)).toEqual(predicted(honest))
    }
    const { scores } = await fitted(turned, split)
    expect(scores.aucLong).toBeLessThan(0.3) // it is the scores alone that see them
  })

  it('learns nothing from the features, the intervals or the weights of those rows', async () => {
    const table = market()
    const split = splitOf(table)
    const honest = await fitted(table, split)
    const values = table.x.values.slice()
    values.fill(3, 800 * COLUMNS)
    const outcome = await fitted(
      {
        ...table,
        x: { ...table.x, values },
        t1: changed(table.t1, RANGES.score, (t1) => t1 + HOUR),
        weight: changed(table.weight, RANGES.score, () => 1),
      },
      split,
    )
    expect(learnt(outcome)).toBe(learnt(honest))
    const [before, after] = [predicted(honest), predicted(outcome)]
    before.forEach((column, i) => {
      expect(after[i].slice(0, 100)).toEqual(column.slice(0, 100)) // rows 700 … 799 kept their features
    })
    expect(after[0].slice(100)).not.toEqual(before[0].slice(100))
    expect(new Set(after[0].slice(100)).size).toBe(1)
  })

  it('fits no coefficient on validation labels, which choose the round, the calibration and the threshold', async () => {
    const table = market()
    const split = splitOf(table)
    // One round leaves early stopping no choice, so the model is the training rows' alone.
    const settings = { parameters: { rounds: 1 } }
    const honest = await fitted(table, split, settings)
    const other = await fitted(
      relabelled(
        table,
        changed(table.label, RANGES.validation, (y) => -y),
      ),
      split,
      settings,
    )
    expect([...other.model.files()]).toEqual([...honest.model.files()])
    expect([...other.raw.long]).toEqual([...honest.raw.long])
    expect(other.model.history[0].trainLoss).toBe(honest.model.history[0].trainLoss)
    expect(other.model.history[0].validationLoss).toBeGreaterThan(honest.model.history[0].validationLoss)
    expect(other.calibration).not.toEqual(honest.calibration)
    expect(other.threshold.precision).not.toBe(honest.threshold.precision)
  })

  it('fits round 1 alike whatever validation holds', async () => {
    const table = market()
    const split = splitOf(table)
    const honest = await fitted(table, split)
    const other = await fitted(
      relabelled(
        table,
        changed(table.label, RANGES.validation, (y) => -y),
      ),
      split,
    )
    expect(other.model.history[0].trainLoss).toBe(honest.model.history[0].trainLoss)
    expect(other.model.bestRound).toBeLessThan(honest.model.bestRound)
  })

  it('describes the threshold on the calibrated probabilities of validation', async () => {
    const table = market()
    const split = splitOf(table)
    const { model, calibration, threshold } = await fitted(table, split)
    const { rows } = split.validation
    const values = Float32Array.from([...rows].flatMap((row) => [...table.x.values.subarray(row * 3, row * 3 + 3)]))
    const p = model.predict({ rows: rows.length, columns: COLUMNS, values })
    const column = (at: number) => Float64Array.from(rows, (_, i) => p[i * 3 + at])
    const { long, short } = applySides(sidesFromJson(calibration as SideCalibratorJson), {
      long: column(2),
      short: column(0),
    })
    const side = long.map((pLong, i) => Math.sign(pLong - short[i]))
    const signals = [...rows.keys()].filter((i) => Math.max(long[i], short[i]) >= threshold.threshold)
    const won = signals.filter((i) => side[i] === table.label[rows[i]])
    expect(threshold.signals).toBe(signals.length)
    expect(threshold.precision).toBe(won.length / signals.length)
  })

  it('does not fit, calibrate or tune on rows that were purged', async () => {
    const table = market()
    const split = splitOf(table)
    const purged = (part: Part, { start, end }: RowRange) =>
      Array.from({ length: end - start }, (_, i) => start + i).filter((row) => !part.rows.includes(row))
    const rows = [...purged(split.train, RANGES.train), ...purged(split.validation, RANGES.validation)]
    // t1 is 1 … 6 bars after t0 and the embargo 12: between 12 and 17 rows at each of the two borders.
    expect(rows.length).toBeGreaterThanOrEqual(24)
    const values = table.x.values.slice()
    const label = table.label.slice()
    for (const row of rows) {
      values.fill(50, row * COLUMNS, (row + 1) * COLUMNS)
      label[row] = 1
    }
    const outcome = await fitted({ ...relabelled(table, label), x: { ...table.x, values } }, split)
    expect(learnt(outcome)).toBe(learnt(await fitted(table, split)))
  })

  it('predicts rows that are purged or of unknown outcome, and scores neither', async () => {
    const table = market()
    const split = splitOf(table, [{ start: 880, end: ROWS }])
    const outcome = await fitted(table, split)
    const { scores, decisions, threshold, raw } = outcome
    expect(outcome.rows.length).toBe(200)
    expect(split.score.purged).toBeGreaterThan(0)
    expect(split.score.unlabelled).toBe(5)
    expect([...raw.long].every((p) => p > 0 && p < 1)).toBe(true)
    expect(scores.rows).toBe(200 - split.score.purged - 5)
    let signals = 0
    let won = 0
    for (const row of split.score.rows) {
      const i = row - 700
      if (decisions.side[i] === 0 || decisions.confidence[i] < threshold.threshold) continue
      signals++
      if (decisions.side[i] === table.label[row]) won++
    }
    expect(scores.signals).toBe(signals)
    expect(scores.precision).toBe(won / signals)
    const label = table.label.slice()
    for (let row = 700; row < ROWS; row++) if (!split.score.rows.includes(row)) label[row] = 1
    expect((await fitted(relabelled(table, label), split)).scores).toEqual(scores)
  })

  it('has no model where the training rows are of one class: nothing is said of any row, and no row counts', async () => {
    const table = market()
    const one = relabelled(
      table,
      changed(table.label, RANGES.train, () => 0),
    )
    const split = splitOf(one)
    const outcome = await fitSplit(logistic, one, split, SETTINGS)
    expect(outcome).toMatchObject({ model: null, scores: { rows: 0, logLoss: null, aucLong: null, aucShort: null } })
    expect('why' in outcome && outcome.why).toMatch(/^fold 1: the 4\d\d training rows are all of one class$/)
    const { validation, scored, terms } = outcome
    expect([...validation.rows]).toEqual([...split.validation.rows])
    expect([...scored.rows]).toEqual(Array.from({ length: 200 }, (_, i) => 700 + i))
    for (const part of [validation, scored]) {
      expect(part.predicted).toEqual(new Float64Array(3 * part.rows.length).fill(Number.NaN))
      expect(part.usable).toEqual(new Uint8Array(part.rows.length))
    }
    const of = (part: RawPart) => rowsOf(part, one)
    const noModel = 'all of one class'
    const about = { terms, scores: outcome.scores, scoredMs: 200 * STEP, noModel }
    const judged = calibrateSplit({ ...about, validation: of(validation), scored: of(scored) }, DECISION)
    expect(judged.decisions.side).toEqual(new Int8Array(200))
    expect(judged.decisions.confidence.every(Number.isNaN)).toBe(true)
    expect(judged.scores).toMatchObject({ signals: 0, precision: null })
    expect(judged.threshold).toMatchObject({ threshold: Number.NaN, reason: 'no model: all of one class' })
  })

  it('has no model where no validation row has a class', async () => {
    const table = market()
    const label = changed(table.label, RANGES.validation, () => Number.NaN)
    const outcome = await fitSplit(logistic, { ...table, label }, splitOf(table), SETTINGS)
    expect(outcome).toMatchObject({ model: null, why: 'fold 1: none of the validation rows has a class' })
  })

  it.each(['platt', 'isotonic', 'beta', 'auto'] as const)(
    'is calibrated by %s where every trade of validation ended alike',
    async (calibration) => {
      const table = market()
      for (const side of [1, 0, -1]) {
        const one = relabelled(
          table,
          changed(table.label, RANGES.validation, () => side),
        )
        const { calibrated, threshold } = await fitted(one, splitOf(one), { calibration })
        for (const p of [...calibrated.long, ...calibrated.short]) {
          expect(p).toBeGreaterThanOrEqual(0)
          expect(p).toBeLessThanOrEqual(1)
        }
        expect(threshold.threshold).toBeGreaterThan(0)
      }
    },
  )

  it('goes without shorts where they are not allowed', async () => {
    const table = market()
    const both = await fitted(table, splitOf(table), { threshold: 0.5 })
    const longs = await fitted(table, splitOf(table), { threshold: 0.5, allowShort: false })
    expect(both.decisions.side).toContain(-1)
    expect(longs.decisions.side).not.toContain(-1)
    longs.decisions.side.forEach((side, i) => {
      expect(side).toBe(Math.max(0, both.decisions.side[i]))
      if (side === 0) expect(longs.decisions.confidence[i]).toBe(0)
    })
    expect(longs.scores.signals).toBeLessThan(both.scores.signals)
  })
})

describe('binary labels', () => {
  /** 1: profit first, 0: stop first; every third row touches neither: it has an interval and no class. */
  function binary(): SplitTable {
    const table = market()
    const label = table.label.map((y, row) => (row % 3 === 0 ? Number.NaN : y > 0 ? 1 : 0))
    return { ...table, label, outcome: label.map((y) => (y === 1 ? 1 : 0)) }
  }
  const settings = { classes: [0, 1], allowShort: false, threshold: 0.4 }

  it('are fitted without the rows that touched neither barrier', async () => {
    const table = binary()
    const split = splitOf(table)
    let seen: TrainingSet | null = null
    const spy = {
      ...logistic,
      fit: (train: TrainingSet, ...rest: [TrainingSet | null, Parameters<typeof logistic.fit>[2]]) => {
        seen = train
        return logistic.fit(train, ...rest)
      },
    }
    const outcome = await judgedSplit(spy, table, split, { ...SETTINGS, ...settings }, settings)
    const labelled = [...split.train.rows].filter((row) => row % 3 !== 0)
    expect(seen).toMatchObject({ x: { rows: labelled.length }, weight: null })
    expect([...(seen as unknown as TrainingSet).y]).toEqual(labelled.map((row) => table.label[row]))
    const values = table.x.values.slice()
    for (const row of split.train.rows) if (row % 3 === 0) values.fill(9, row * COLUMNS, (row + 1) * COLUMNS)
    const other = await fitted({ ...table, x: { ...table.x, values } }, split, settings)
    expect([...other.model.files()]).toEqual([...outcome.model.files()])
  })

  it('count those rows as not won', async () => {
    const table = binary()
    const split = splitOf(table)
    const { scores, decisions } = await fitted(table, split, settings)
    const signals = [...split.score.rows].filter(
      (row) => decisions.side[row - 700] === 1 && decisions.confidence[row - 700] >= 0.4,
    )
    const won = signals.filter((row) => table.label[row] === 1)
    const neither = signals.filter((row) => row % 3 === 0)
    expect(neither.length).toBeGreaterThan(5)
    expect(scores.signals).toBe(signals.length)
    expect(scores.precision).toBe(won.length / signals.length)
    expect(scores.aucShort).toBeNull()
  })

  it('are calibrated to the share that won among all rows, those that touched neither included', async () => {
    const table = binary()
    const split = splitOf(table)
    const { raw, calibrated } = await fitted(table, split, settings)
    const rate =
      [...split.validation.rows].filter((row) => table.label[row] === 1).length / split.validation.rows.length
    const meanOf = (p: Float64Array) => p.reduce((sum, value) => sum + value, 0) / p.length
    // Fitting leaves out every third row, so the model itself states half as much again: 1.5 × 0.172.
    expect(meanOf(raw.long) / rate).toBeGreaterThan(1.3)
    expect(meanOf(calibrated.long) / rate).toBeGreaterThan(0.75)
    expect(meanOf(calibrated.long) / rate).toBeLessThan(1.25)
  })
})
