/** The line of time through train, select and backtest, on what a small run left on disk. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { type Predictions, readPredictions } from '../../src/datasets/prediction-table.js'
import type { BundleMetrics } from '../../src/datasets/report-sources.js'
import type { PartSummary } from '../../src/report/part-summary.js'
import { suiteFolder, type Unit, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const FEW = ['--set', 'decision.threshold=0.1'] // low, so that there are trades

let units: Unit[]
let predictions: Predictions

function pathOf(stage: string, name: string): string {
  const found = units
    .filter((unit) => unit.stage === stage)
    .flatMap((unit) => unit.files)
    .filter((file) => file.name === name)
  const path = found.at(-1)?.path
  if (path === undefined) throw new Error(`${stage} made no ${name}`)
  return join(cwd, path)
}

const json = <T>(stage: string, name: string) => JSON.parse(readFileSync(pathOf(stage, name), 'utf8')) as T
const table = async (stage: string, name: string) => (await readParquet([pathOf(stage, name)], null)).numbers
const rowsOf = (fold: number) => [...predictions.fold.keys()].filter((row) => predictions.fold[row] === fold)

beforeAll(async () => {
  await writeMarket(cwd)
  units = await unitsOf(['run', '--to', 'backtest', ...FEW], { cwd })
  predictions = await readPredictions([pathOf('train', 'predictions')])
})

describe('the predictions of a bundle', () => {
  it('hold each row once: the folds in order of time, then the test part', () => {
    const { t0, fold, rows } = predictions
    expect(new Set(t0).size).toBe(rows)
    expect([...t0]).toEqual([...t0].sort((a, b) => a - b))
    expect([...new Set(fold)]).toEqual([1, 2, 0])
  })

  it('are of the last 15 % in the test part', async () => {
    const { numbers, rows } = await readParquet([pathOf('features', 'features')], ['open_time'])
    const test = rowsOf(0)
    expect(predictions.open_time[test[test.length - 1]]).toBe(numbers.open_time[rows - 1])
    // Rows of the first warm-up take no part, so the share is of a few rows less.
    expect(test.length / rows).toBeGreaterThan(0.13)
    expect(test.length / rows).toBeLessThanOrEqual(0.15)
  })

  it('are scored out of fold only where the outcome, with the embargo, lies before the test part', () => {
    const testStart = predictions.t0[rowsOf(0)[0]]
    const { t1, usable, fold } = predictions
    const late = [...fold.keys()].filter((row) => fold[row] !== 0 && t1[row] + HOUR > testStart)
    expect(late.length).toBeGreaterThan(0)
    expect(late.every((row) => usable[row] === 0)).toBe(true)
    expect(
      rowsOf(2)
        .filter((row) => usable[row] === 1)
        .every((row) => t1[row] + HOUR <= testStart),
    ).toBe(true)
  })

  it('come from fits whose training and validation ended, with the embargo, before the rows they score', () => {
    const { folds, final } = json<BundleMetrics>('train', 'metrics')
    for (const [fold, { train, validation }] of [
      ...folds.map(({ fold: number, parts }) => [number, parts] as const),
      [0, final.parts] as const,
    ]) {
      const scored = predictions.t0[rowsOf(fold)[0]]
      expect(train.to + HOUR, `fold ${fold}`).toBeLessThanOrEqual(validation.from)
      expect(validation.to + HOUR, `fold ${fold}`).toBeLessThanOrEqual(scored)
      expect(validation.purged, `fold ${fold}`).toBeGreaterThan(0)
    }
  })

  it('have the probabilities of two sides that cannot both win', () => {
    for (let row = 0; row < predictions.rows; row++) {
      const { p_long, p_short, side, confidence } = predictions
      expect(p_long[row] + p_short[row]).toBeLessThanOrEqual(1 + 1e-12)
      expect(side[row]).toBe(Math.sign(p_long[row] - p_short[row]))
      expect(confidence[row]).toBe(side[row] === 0 ? 0 : Math.max(p_long[row], p_short[row]))
    }
  })
})

describe('the two parts of the backtest', () => {
  it.each(['test', 'out_of_fold'])('%s is an account of its own, from its first decision on', async (name) => {
    const equity = await table('backtest', `equity_${name}`)
    const trades = await table('backtest', `trades_${name}`)
    const rows = [...predictions.fold.keys()].filter((row) => (predictions.fold[row] === 0) === (name === 'test'))
    expect(equity.open_time[0]).toBe(predictions.t0[rows[0]])
    expect(equity.equity[0]).toBe(10_000)
    expect(trades.equity_before.length).toBeGreaterThan(0)
    expect(trades.equity_before[0]).toBe(10_000)
    const decided = new Set(rows.filter((row) => predictions.confidence[row] >= 0.1).map((row) => predictions.t0[row]))
    expect([...trades.decision_time].every((time) => decided.has(time))).toBe(true)
  })

  it('gives the gates and the headline the same numbers of the test part', () => {
    const selection = json<{ candidates: { metrics: Record<string, { value: number | null }> }[] }>(
      'select',
      'selection',
    )
    const { metrics, predictions: scored } = json<PartSummary>('backtest', 'part_test')
    const shown = new Map([...metrics, ...scored].map(({ key, value }) => [key, value]))
    const judged = selection.candidates[0].metrics
    expect(judged.precision.value).toBeGreaterThan(0)
    for (const [gate, key] of [
      ['precision', 'precision'],
      ['sharpe', 'sharpe'],
      ['maxDrawdown', 'max_drawdown'],
      ['calibrationError', 'calibration_error'],
      ['total_return', 'total_return'],
      ['auc_direction', 'auc_direction'],
    ]) {
      expect(judged[gate].value, gate).toBe(shown.get(key))
    }
  })
})
