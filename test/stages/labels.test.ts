/** Labels as a user makes them: types from the same market, what the table holds, and what is made again when a setting changes. */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import { HOUR } from '../../src/core/time.js'
import { readLabels } from '../../src/datasets/label-table.js'
import type { LabelBalance } from '../../src/labels/balance.js'
import type { LabelRelations } from '../../src/labels/relations.js'
import { loadStage } from '../../src/stages/registry.js'
import type { PlanContext } from '../../src/stages/stage.js'
import { readJsonFile, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const FOLDER = join(cwd, 'out/data/labels/binance-um/BTCUSDT')
const SETTINGS = `exchange: {archiveUrl: archive}
data: {from: 2024-01-26, to: 2024-02-03}
bars: {context: [1h]}
download: {kinds: [klines]}
features: {include: [return, macd_histogram_pct_12_26_9]}
`
const META = ['labels.type=meta', 'labels.primary=macd_histogram_pct_12_26_9']
const run = (...set: readonly string[]) =>
  sluice(['run', '--to', 'labels', '--root', 'out', ...set.flatMap((text) => ['--set', text])], options)
const table = () => readLabels([join(FOLDER, 'labels.parquet')])
type Table = Awaited<ReturnType<typeof table>>

let ternary: Table

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS, ['BTCUSDT'], 2)
  const { code, stderr } = await run()
  expect(code, stderr).toBe(0)
  ternary = await table()
})

describe('labels on disk', () => {
  const madeBy = async (...set: readonly string[]) => {
    const { code, stderr } = await run(...set)
    expect(code, stderr).toBe(0)
    return [...stderr.matchAll(/^labels +(BTCUSDT.*?) +done/gm)].map(([, unit]) => unit)
  }

  it('are made again for what decides them, and not for what does not', async () => {
    expect(await madeBy('labels.directionBars=12', 'labels.volatilityBars=50', 'backtest.makerBps=3')).toEqual([])
    expect(await madeBy('features.include=[return]')).toEqual(['BTCUSDT and features'])
  })

  it('ask more of a win when costs count', async () => {
    expect(await madeBy('labels.costAware=true')).toContain('BTCUSDT')
    const aware = await table()
    // (0.02 + 1.0001 + 1.0001 × 0.0005) ÷ (1 - 0.0002) - 1, with the default fees and slippage
    expect(aware.profit[0]).toBeCloseTo((0.02 + 1.0001 + 1.0001 * 0.0005) / 0.9998 - 1, 15)
    expect([ternary.profit[0], ternary.stop[0], aware.stop[0]]).toEqual([0.02, 0.01, 0.01])
    const wins = ({ outcome }: Table) => outcome.filter((x) => x === 1 || x === -1).length
    expect(wins(aware)).toBeLessThan(wins(ternary))
  })

  it('carry the same outcome whatever is learned, and t1 covers both', async () => {
    await madeBy('labels.type=regression')
    const values = await table()
    let compared = 0
    for (let row = 0; row < values.rows; row++) {
      if (Number.isNaN(values.t1[row])) continue
      compared++
      expect(values.outcome[row], `row ${row}`).toBe(ternary.outcome[row])
      expect(values.t1[row] - values.t0[row]).toBe(4 * HOUR)
      expect(values.side[row]).toBeNaN()
    }
    expect(compared).toBeGreaterThan(1800)
    const balance = readJsonFile<LabelBalance>(join(FOLDER, 'balance.json'))
    expect([balance.type, balance.task, balance.values?.quantiles.length]).toEqual(['regression', 'regression', 7])
  })

  it('of a primary carry its side, and are 1 where that side won', async () => {
    await madeBy(...META)
    const meta = await table()
    const sides = new Set<number>()
    for (let row = 0; row < meta.rows; row++) {
      const side = meta.side[row]
      if (!Number.isNaN(side)) sides.add(side)
      if (Number.isNaN(meta.t1[row])) continue
      expect(meta.label[row]).toBe(Number.isNaN(side) ? Number.NaN : Number(side === ternary.outcome[row]))
    }
    expect([...sides].sort()).toEqual([-1, 1])
    const relations = readJsonFile<LabelRelations>(join(FOLDER, 'relations.json'))
    expect(relations.features.length).toBeGreaterThan(1)
    // Of 8 days the last 15 % is tested: 1.2 days, less what the first rows, of which little is known, move its begin.
    expect(relations.to).toBeLessThanOrEqual(Date.UTC(2024, 1, 1, 20, 30))
    expect(relations.to).toBeGreaterThan(Date.UTC(2024, 1, 1, 12))
  })
})

describe('a primary that is not there', () => {
  it('is named with the nearest column, and before any work where none is given', async () => {
    const typo = await run('labels.type=meta', 'labels.primary=macd_histogram_pct_12_26')
    expect(typo.code).toBe(1)
    expect(typo.stderr).toMatch(
      /labels\.primary is macd_histogram_pct_12_26, .* did you mean macd_histogram_pct_12_26_9\?/,
    )
    const none = await run('labels.type=meta')
    expect(none.code).toBe(2)
    expect(none.stderr).toMatch(/labels\.type meta has no primary side/)
  })
})

describe('a label without a side', () => {
  it('is not selected, and that is said', async () => {
    const [judge] = (await loadStage('select')).steps
    const said: string[] = []
    const { config } = resolveConfig([{ from: 'test', values: { 'labels.type': 'volatility' } }])
    const warn = (text: string) => said.push(text)
    expect(await judge.plan({ config, pair: 'BTCUSDT', warn } as unknown as PlanContext)).toEqual([])
    expect(said).toEqual([
      'volatility labels name no side to trade: the models are scored (metrics.json of each bundle), not selected or traded',
    ])
  })
})
