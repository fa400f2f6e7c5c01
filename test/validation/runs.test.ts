/** Sequences inside the parts of a split: against windows walked row by row, and through a whole fit. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { fitReport } from '../../src/datasets/fit-files.js'
import type { Matrix } from '../../src/models/model.js'
import { modelKind } from '../../src/models/registry.js'
import type { SplitSettings, SplitTable } from '../../src/validation/fit-split.js'
import { permutationImportance } from '../../src/validation/permutation-importance.js'
import { runsOf, scoredRuns, sequencesOf, timeRuns } from '../../src/validation/runs.js'
import { type Part, walkForward } from '../../src/validation/splits.js'
import { judgedSplit } from './split-market.js'

const step = 60_000

/** Rows a step apart but for the gaps, labels of `horizon` steps, some without one. */
function tableOf(rows: number, gaps: readonly number[], horizon: number, unlabelled: readonly number[] = []) {
  const t0 = new Float64Array(rows)
  for (let i = 1; i < rows; i++) t0[i] = t0[i - 1] + step * (gaps.includes(i) ? 5 : 1)
  const t1 = t0.map((time, i) => (unlabelled.includes(i) ? Number.NaN : time + horizon * step))
  const x: Matrix = { rows, columns: 1, values: new Float32Array(rows) }
  return { t0, t1, stepMs: step, x }
}

const partOf = (start: number, end: number, rows: readonly number[]): Part => ({
  ranges: [{ start, end }],
  rows: Int32Array.from(rows),
  span: { from: 0, to: 0 },
  purged: 0,
  unlabelled: 0,
})

describe('runs', () => {
  it('end at a gap, at the edges of the part and at purged rows, not at rows without a label', () => {
    const table = tableOf(12, [3], 1, [6])
    // Part 1 … 11, a gap before row 3, row 6 without a label, rows 8 and 9 purged.
    const part = partOf(1, 11, [1, 2, 3, 4, 5, 7, 10])
    expect([...runsOf(table, part)]).toEqual([0, 1, 2, 1, 2, 3, 4, 5, 0, 0, 1, 0])
    // What is scored is predicted as a whole.
    expect([...scoredRuns(table, part)]).toEqual([0, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0])
    expect([...timeRuns(table.t0, step)]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('of any split hold no row of another part, no gap and no purged row', () => {
    const cases = fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 599 }), { maxLength: 6 }),
      window: fc.integer({ min: 1, max: 6 }),
      horizon: fc.integer({ min: 1, max: 6 }),
    })
    fc.assert(
      fc.property(cases, ({ gaps, window, horizon }) => {
        const table = tableOf(600, gaps, horizon)
        const { folds, final } = walkForward(table, { folds: 2, embargoMs: 3 * step, minRows: 5 })
        for (const whole of [...folds, final]) {
          const { split, report } = sequencesOf(table, whole, window)
          for (const name of ['train', 'validation', 'score'] as const) {
            const kept = new Set(whole[name].rows)
            const [{ start, end }] = whole[name].ranges
            const isWhole = (row: number) => {
              for (let at = row - window + 1; at <= row; at++) {
                if (at < start || at >= end) return false
                if (name !== 'score' && !kept.has(at)) return false
                if (at > row - window + 1 && table.t0[at] - table.t0[at - 1] !== step) return false
              }
              return true
            }
            expect([...split[name].rows]).toEqual([...whole[name].rows].filter(isWhole))
            expect(report.leftOut[name]).toBe(whole[name].rows.length - split[name].rows.length)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('that are all too short are an error with both numbers', () => {
    const table = tableOf(600, [], 2)
    const { final } = walkForward(table, { folds: 2, embargoMs: step, minRows: 5 })
    expect(() => sequencesOf(table, final, 95)).toThrow(
      'final: windows of 95 rows do not fit the validation part, whose longest stretch has',
    )
  })
})

/** What happened three rows ago decides: the outcome is its sign. */
function market(rows: number): SplitTable {
  const random = createRandom(4, 'market')
  const base = tableOf(rows, [1100, 1250], 1)
  const values = Float32Array.from({ length: rows * 2 }, () => random.normal())
  const outcome = Float64Array.from({ length: rows }, (_, i) => (i >= 3 && values[(i - 3) * 2] > 0 ? 1 : -1))
  return {
    ...base,
    x: { rows, columns: 2, values },
    ...{ label: outcome, outcome, side: new Float64Array(rows).fill(Number.NaN) },
    weight: new Float64Array(rows).fill(1),
  }
}

const settings: SplitSettings = {
  ...{ task: 'classification', classes: [-1, 1], sides: 'class', selection: [], scaling: 'standard' },
  ...{ classWeights: 'none', sampleWeights: 'none', seed: 1, threads: 1 },
  parameters: { steps: 5, units: 8, rounds: 12, batch: 64, learningRate: 0.02 },
  ...{ featureNames: ['a', 'b'], inputs: null, environment: {} },
}

describe('a fit on sequences', async () => {
  const table = market(1400)
  const { final } = walkForward(table, { folds: 2, embargoMs: step })
  const kind = await modelKind('gru')
  const outcome = await judgedSplit(kind, table, final, settings, { minTrades: 5 })

  it('finds what the rows before tell', () => {
    expect(outcome.scores.precision).toBeGreaterThan(0.9)
    const [a, b] = outcome.importance
    expect(a.permutation).toBeGreaterThan(0.2)
    expect(Math.abs(b.permutation ?? Number.NaN)).toBeLessThan(0.1)
  })

  it('gives no signal where the window is not whole, and says how many rows that were', () => {
    // The scoring part is rows 1190 … 1399, with a gap before row 1250: four rows after each beginning.
    const silent = [1190, 1191, 1192, 1193, 1250, 1251, 1252, 1253]
    const unknown = [...outcome.rows.keys()].filter((i) => Number.isNaN(outcome.raw.long[i]))
    expect(unknown.map((i) => outcome.rows[i])).toEqual(silent)
    expect(unknown.map((i) => outcome.decisions.side[i])).toEqual(silent.map(() => 0))
    expect(outcome.windows).toMatchObject({ rows: 5, leftOut: { train: 4, score: 8 } })
    expect(outcome.usable.some((row) => silent.includes(row))).toBe(false)
    expect(outcome.scores.rows).toBe(outcome.usable.length)
  })

  it('does not know the rows of another part: changed, they change nothing', async () => {
    const values = table.x.values.slice()
    values.fill(9, 0, 1190 * 2)
    const before = { ...table, x: { ...table.x, values } }
    const history = (x: Matrix) => {
      const position = Int32Array.from({ length: 210 }, (_, i) => 1190 + i)
      const runs = scoredRuns(table, final.score)
      return {
        rows: 210,
        columns: 2,
        values: new Float32Array(420),
        history: { table: x, position, run: position.map((row) => runs[row]) },
      }
    }
    expect(outcome.model.predict(history(before.x))).toEqual(outcome.model.predict(history(table.x)))
  })

  it('measures importance on windows of its own, and leaves the table as it was', () => {
    const runs = timeRuns(table.t0, step)
    const position = Int32Array.from({ length: 100 }, (_, i) => 10 + i)
    const x = {
      ...{ rows: 100, columns: 2, values: table.x.values.slice(20, 220) },
      history: { table: table.x, position, run: position.map((row) => runs[row]) },
    }
    const kept = table.x.values.slice()
    const y = Int32Array.from(position, (row) => (table.label[row] === 1 ? 1 : 0))
    const found = permutationImportance(outcome.model, { x, y, weight: null }, 1)
    expect(found.every(({ permutation }) => Number.isFinite(permutation))).toBe(true)
    expect(table.x.values).toEqual(kept)
  })
})

describe('fit.json of it', () => {
  it('counts the rows that were used: those with a whole window', async () => {
    const table = market(1400)
    const { final } = walkForward(table, { folds: 2, embargoMs: step })
    const once = { ...settings, parameters: { ...settings.parameters, rounds: 1 } }
    const outcome = await judgedSplit(await modelKind('gru'), table, final, once)
    const made = { model: 'gru', fold: 0, split: final, scoredMs: 0, outcome }
    const { parts } = fitReport(made, table as unknown as Parameters<typeof fitReport>[1]) as {
      parts: Record<'train' | 'validation' | 'score', { rows: number }>
    }
    for (const name of ['train', 'validation', 'score'] as const)
      expect(parts[name].rows, name).toBe(final[name].rows.length - (outcome.windows?.leftOut[name] ?? Number.NaN))
    expect(outcome.windows?.leftOut.score).toBe(8)
    outcome.model.close()
  })
})
