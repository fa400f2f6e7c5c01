/** Folds that score a row several times, through train, backtest and report; and what `sluice train --dry-run` says of them before. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Predictions, readPredictions } from '../../src/datasets/prediction-table.js'
import type { BundleMetrics, StoredParts } from '../../src/datasets/report-sources.js'
import type { PartSummary } from '../../src/report/part-summary.js'
import type { PathRow } from '../../src/report/split.js'
import { sluice, suiteFolder, timesUnder, type Unit, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
// Four groups, two scored: C(4, 2) = 6 folds, C(3, 1) = 3 paths.
const CPCV = ['--set', 'train.split=combinatorial', '--set', 'train.folds=4', '--set', 'decision.threshold=0.1']

let before: { code: number | null; stderr: string }
let dry: DryFolds[]
let units: Unit[]
let predictions: Predictions

type StoredPart = StoredParts['train']
type DryPart = {
  from: string
  to: string
  rows: number
  purged: number
  unlabelled: number
  ranges: { start: number; first: string; last: string }[]
}
type DryFold = { name: string; train: DryPart; validation: DryPart; score: DryPart; paths: number[] }
type DryFolds = { pair: string; foresight: boolean; rows: number; folds: DryFold[]; final: DryFold }

const pathOf = (stage: string, name: string) =>
  join(
    cwd,
    units
      .filter((unit) => unit.stage === stage)
      .flatMap((unit) => unit.files)
      .filter((file) => file.name === name)
      .at(-1)?.path ?? `${stage} made no ${name}`,
  )
const json = <T>(stage: string, name: string) => JSON.parse(readFileSync(pathOf(stage, name), 'utf8')) as T

beforeAll(async () => {
  await writeMarket(cwd)
  before = await sluice(['train', '--dry-run'], { cwd })
  await sluice(['run', '--to', 'labels', '--quiet'], { cwd })
  const files = timesUnder(cwd)
  dry = JSON.parse((await sluice(['train', '--dry-run', '--json', ...CPCV], { cwd })).stdout)
  expect(timesUnder(cwd)).toEqual(files) // it writes nothing
  units = await unitsOf(['run', ...CPCV], { cwd })
  predictions = await readPredictions([pathOf('train', 'predictions')])
})

describe('sluice train --dry-run', () => {
  it('says what is missing while there are no labels', () => {
    expect(before.code).toBe(1)
    expect(before.stderr).toContain('the folds of BTCUSDT need its features and labels, but download is missing')
    expect(before.stderr).toContain('hint: make them first: sluice run --to labels')
  })

  it('prints the folds that are fitted afterwards', () => {
    const { folds, final } = json<BundleMetrics>('train', 'metrics')
    const [shown] = dry
    expect(shown).toMatchObject({ pair: 'BTCUSDT', foresight: true })
    expect(shown.folds.map(({ name }) => name)).toEqual(folds.map(({ fold }) => `fold ${fold}`))
    const brief = ({ from, to, rows, purged, unlabelled }: DryPart) => ({
      ...{ rows, purged, unlabelled },
      from: Date.parse(from),
      to: Date.parse(to),
    })
    const three = ({ train, validation, score }: DryFold) => ({
      train: brief(train),
      validation: brief(validation),
      score: brief(score),
    })
    const whole = ({ ranges: _, learnt: __, ...part }: StoredPart & { readonly learnt?: unknown }) => part
    const stored = ({ train, validation, score }: StoredParts) => ({
      train: whole(train),
      validation: whole(validation),
      score: whole(score),
    })
    expect(shown.folds.map(three)).toEqual(folds.map(({ parts }) => stored(parts)))
    expect(three(shown.final)).toEqual(stored(final.parts))
    // Where a part is in pieces they are the same; the third of six folds scores groups 0 and 3, validates on 1 and trains on 2.
    const pieces = ({ ranges }: DryPart) =>
      ranges.map(({ first, last }) => ({ from: Date.parse(first), to: Date.parse(last) }))
    expect(folds[2].parts.score.ranges).toEqual(pieces(shown.folds[2].score))
    expect(folds[2].parts.score.ranges).toHaveLength(2)
    expect(folds[2].parts.train.ranges).toBeUndefined()
    expect(shown.folds[0].train.purged).toBeGreaterThan(0)
  })

  it('draws them', async () => {
    const { stdout, stderr, code } = await sluice(['train', '--dry-run'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^BTCUSDT {2}Walk-forward folds: /)
    // The second fold trains longer, validates and scores later than the first, and the test part is after both.
    const bars = stdout.split('\n').flatMap((line) => /^(?:fold \d|final {1}) {2}([ ─▒█·]{60})/.exec(line)?.[1] ?? [])
    expect(bars).toHaveLength(3)
    expect(
      bars.map((bar) =>
        bar
          .replace(/(.)\1*/g, '$1')
          .replace(/·/g, '')
          .trim(),
      ),
    ).toEqual(Array(3).fill('─▒█'))
    expect(bars[0].trimEnd().length).toBeLessThan(bars[1].trimEnd().length)
    expect(bars[1].trimEnd().length).toBe(51) // 85 % of 60
    expect(bars[2].lastIndexOf('▒')).toBeLessThan(51)
    expect(stderr).toContain('3 fits of each model; nothing was fitted')
  })
})

describe('predictions of combinatorial folds', () => {
  const rowsWhere = (keep: (row: number) => boolean) => [...predictions.fold.keys()].filter(keep)

  it('hold every row before the test part once on each of three paths, from three folds', () => {
    const { t0, path, fold } = predictions
    const times = (value: number) => rowsWhere((row) => path[row] === value).map((row) => t0[row])
    const [first, ...others] = [1, 2, 3].map(times)
    for (const other of others) expect(other).toEqual(first)
    expect(first).toEqual([...new Set(first)].sort((a, b) => a - b))
    expect(first.length).toBe(dry[0].final.score.ranges[0].start) // rows before the test part
    const folds = new Map<number, Set<number>>()
    for (const row of rowsWhere((at) => fold[at] !== 0)) {
      folds.set(t0[row], (folds.get(t0[row]) ?? new Set()).add(fold[row]))
    }
    expect([...folds.values()].every(({ size }) => size === 3)).toBe(true)
  })

  it('keep the test part apart, at the end', () => {
    const { path, fold, t0 } = predictions
    const test = rowsWhere((row) => fold[row] === 0)
    expect(rowsWhere((row) => path[row] === 0)).toEqual(test)
    expect(test[0]).toBe(predictions.rows - test.length)
    expect(t0[test[0]]).toBeGreaterThan(Math.max(...rowsWhere((row) => fold[row] !== 0).map((row) => t0[row])))
  })
})

describe('the backtest of combinatorial folds', () => {
  it('trades each path as an account of its own, and shows the first', () => {
    const paths = json<PathRow[]>('backtest', 'paths')
    const part = json<PartSummary>('backtest', 'part_out_of_fold')
    expect(paths.map(({ path }) => path)).toEqual([1, 2, 3])
    expect(paths.every(({ trades }) => trades > 0)).toBe(true)
    expect(new Set(paths.map(({ totalReturn }) => totalReturn)).size).toBe(3)
    const value = (key: string) => part.metrics.find((metric) => metric.key === key)?.value
    expect(paths[0]).toEqual({
      path: 1,
      trades: part.trades,
      totalReturn: value('total_return'),
      sharpe: value('sharpe'),
      maxDrawdown: value('max_drawdown'),
    })
  })

  it('says that it is no walk-forward result', () => {
    const warnings = units.filter(({ stage }) => stage === 'backtest').flatMap((unit) => unit.warnings)
    expect(warnings.join()).toContain('its models were trained on later rows too, so nobody could have traded it')
    expect(json<{ split: unknown }>('report', 'json').split).toMatchObject({ scheme: 'combinatorial', foresight: true })
  })
})
