/** From what a model says to sides, by where the label's side comes from. */
import { describe, expect, it } from 'vitest'
import { linear } from '../../src/models/linear.js'
import { logistic } from '../../src/models/logistic.js'
import { parseSelection } from '../../src/validation/columns/registry.js'
import type { SplitTable } from '../../src/validation/fit-split.js'
import { calibrateSides, fitSideCalibrator, rawSides } from '../../src/validation/sides.js'
import { COLUMNS, judgedSplit, SETTINGS, splitMarket, splitOf } from './split-market.js'

const none = (n: number) => new Float64Array(n).fill(Number.NaN)

describe('raw sides', () => {
  it('of classes are the probabilities of 1 and −1, and 0 where there is no such class', () => {
    const ternary = rawSides(
      Float64Array.of(0.2, 0.5, 0.3),
      { source: 'class', classes: [-1, 0, 1], scale: 1 },
      none(1),
    )
    expect(ternary).toEqual({ long: Float64Array.of(0.3), short: Float64Array.of(0.2) })
    const binary = rawSides(Float64Array.of(0.4, 0.6), { source: 'class', classes: [0, 1], scale: 1 }, none(1))
    expect(binary).toEqual({ long: Float64Array.of(0.6), short: Float64Array.of(0) })
  })

  it('of a value lie on a logistic curve in units of the target’s deviation', () => {
    const { long, short } = rawSides(
      Float64Array.of(0.02, 0, -0.01),
      { source: 'sign', classes: [], scale: 0.01 },
      none(3),
    )
    const sigma = (z: number) => 1 / (1 + Math.exp(-z))
    expect([...long]).toEqual([sigma(2), 0.5, sigma(-1)].map((p) => expect.closeTo(p, 12)))
    expect([...short]).toEqual([sigma(-2), 0.5, sigma(1)].map((p) => expect.closeTo(p, 12)))
  })

  it('of a judged primary model belong to the side that it took', () => {
    const side = Float64Array.of(1, -1, 0, Number.NaN)
    const p = Float64Array.of(0.3, 0.7, 0.4, 0.6, 0.1, 0.9, 0.2, 0.8)
    expect(rawSides(p, { source: 'primary', classes: [0, 1], scale: 1 }, side)).toEqual({
      long: Float64Array.of(0.7, 0, 0, 0),
      short: Float64Array.of(0, 0.6, 0, 0),
    })
  })

  it('of a label without sides are not known', () => {
    const { long, short } = rawSides(Float64Array.of(0.1), { source: null, classes: [], scale: 1 }, none(1))
    expect([long[0], short[0]]).toEqual([Number.NaN, Number.NaN])
    expect(calibrateSides(null, { long, short }, null, none(1)).long[0]).toBeNaN()
  })
})

describe('calibration of a value', () => {
  it('with Platt is Platt’s curve on the value itself', () => {
    // Shifting the values by a constant moves the curve and leaves its slope per unit as it is.
    const values = Float64Array.from({ length: 200 }, (_, i) => 0.004 * Math.sin(i) + 0.002 * Math.cos(3 * i))
    const outcome = values.map((v, i) => (v + 0.003 * Math.sin(7 * i) > 0.001 ? 1 : v < -0.002 ? -1 : 0))
    const slopes = [0, 0.003].map((shift) => {
      const terms = { source: 'sign', classes: [], scale: 0.004 } as const
      const raw = rawSides(
        values.map((v) => v + shift),
        terms,
        none(200),
      )
      const rows = { raw, outcome, side: none(200), weight: new Float64Array(200).fill(1) }
      return fitSideCalibrator(rows, 'sign', 'platt').long.toJson().slope as number
    })
    expect(slopes[1]).toBeCloseTo(slopes[0], 6)
  })
})

describe('a model that judges a primary one', () => {
  /** The primary model takes the side of the second feature, at every fifth row none; the label is whether that side won. */
  function judged(): SplitTable {
    const table = splitMarket()
    const side = table.outcome.map((_, row) =>
      row % 5 === 0 ? 0 : table.x.values[row * table.x.columns + 2] > 0 ? 1 : -1,
    )
    const label = table.outcome.map((y, row) => (side[row] === 0 ? Number.NaN : y === side[row] ? 1 : 0))
    const values = table.x.values.slice()
    // Whether the side agrees with the signal is what there is to learn.
    for (const [row, own] of side.entries()) values[row * table.x.columns + 5] = own * values[row * table.x.columns]
    return { ...table, label, side, x: { ...table.x, values } }
  }

  it('only ever signals the primary model’s side, with the chance that it wins', async () => {
    const table = judged()
    const outcome = await judgedSplit(
      logistic,
      table,
      splitOf(table),
      { ...SETTINGS, classes: [0, 1], sides: 'primary' },
      { threshold: 0.5 },
    )
    outcome.rows.forEach((row, i) => {
      const side = table.side[row]
      expect(outcome.decisions.side[i]).toBe(side)
      expect(side === 1 ? outcome.calibrated.short[i] : outcome.calibrated.long[i]).toBe(0)
      if (side === 0) expect(outcome.decisions.confidence[i]).toBe(0)
    })
    const { long, short } = outcome.calibration
    expect(long).toEqual(short) // one curve: it is the same question
    const asked = splitOf(table).score.rows.filter((row) => !Number.isNaN(table.label[row]))
    const base = asked.filter((row) => table.label[row] === 1).length / asked.length
    expect(outcome.scores.precision).toBeGreaterThan(base + 0.1)
    expect(outcome.scores.aucLong).toBeGreaterThan(0.7)
    expect(outcome.scores.aucShort).toBeGreaterThan(0.7)
  })
})

describe('a label that is a number', () => {
  /** The value that is learned follows the signal; which trade won is another matter, known from the outcome. */
  function valued(): SplitTable {
    const table = splitMarket()
    const label = table.outcome.map((y, row) => 0.01 * table.x.values[row * COLUMNS] + 0.004 * y)
    return { ...table, label }
  }
  const settings = { ...SETTINGS, task: 'regression', classes: [], sides: 'sign' } as const
  const decision = { threshold: 0.4 }

  it('goes long where its value is large, with the calibrated chance that a long wins', async () => {
    const table = valued()
    const outcome = await judgedSplit(linear, table, splitOf(table), settings, decision)
    const { value, calibrated, decisions, scores, calibration } = outcome
    expect(value).toHaveLength(outcome.rows.length)
    expect(calibration).toMatchObject({ source: 'sign', classes: [] })
    const trained = splitOf(table).train.rows
    const mean = trained.reduce((sum, row) => sum + table.label[row], 0) / trained.length
    const squares = trained.reduce((sum, row) => sum + (table.label[row] - mean) ** 2, 0)
    expect(calibration.scale).toBeCloseTo(Math.sqrt(squares / (trained.length - 1)), 8)
    for (const [i, v] of (value ?? []).entries()) {
      if (v > 0.008) expect(decisions.side[i]).toBe(1)
      if (v < -0.008) expect(decisions.side[i]).toBe(-1)
      expect(calibrated.long[i] + calibrated.short[i]).toBeLessThanOrEqual(1 + 1e-12)
    }
    expect(scores.regression?.r2).toBeGreaterThan(0.5)
    expect(scores.logLoss).toBeNull()
    expect(scores.aucLong).toBeGreaterThan(0.75)
    expect(scores.aucShort).toBeGreaterThan(0.75)
    const won = outcome.rows.filter((row, i) => decisions.side[i] !== 0 && decisions.side[i] === table.outcome[row])
    expect(won.length).toBeGreaterThan(40)
  })

  it('selects by its value, and does not see the value of scored rows', async () => {
    const table = valued()
    const selection = parseSelection(['mutualInformation:3', 'correlation'])
    const chosen = { ...settings, selection, scaling: 'standard' } as const
    const honest = await judgedSplit(linear, table, splitOf(table), chosen, decision)
    expect(honest.selection.chosen).toContain('signal')
    const label = table.label.map((value, row) => (row >= 700 ? -1000 * value : value))
    const other = await judgedSplit(linear, { ...table, label }, splitOf(table), chosen, decision)
    expect(other.calibration).toEqual(honest.calibration)
    expect([...other.model.files()]).toEqual([...honest.model.files()])
    expect(other.scores.regression?.mse).toBeGreaterThan(1000 * (honest.scores.regression?.mse ?? 0))
  })

  it('names no side where there is none: volatility has scores and nothing to trade', async () => {
    const table = valued()
    const outcome = await judgedSplit(linear, table, splitOf(table), { ...settings, sides: null })
    expect(outcome.decisions.side.every((side) => side === 0)).toBe(true)
    expect(outcome.decisions.confidence.every(Number.isNaN)).toBe(true)
    expect(outcome.calibration).toMatchObject({ source: null, choice: null })
    expect(outcome.calibration.long).toBeUndefined()
    expect(outcome.threshold.reason).toBe('the label names no side: nothing is traded')
    expect(outcome.scores).toMatchObject({ aucLong: null, aucShort: null, signals: 0, precision: null })
    expect(outcome.scores.regression?.r2).toBeGreaterThan(0.5)
  })
})
