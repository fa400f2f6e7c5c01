/**
 * The stage on raw files made by hand, as the download leaves them: what it plans from them, and what it makes of them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import { HOUR, MINUTE, timeframeMs } from '../../src/core/time.js'
import type { Manifest } from '../../src/datasets/manifest.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { openWorkspace, placeFor } from '../../src/datasets/workspace.js'
import type { QualityReport } from '../../src/market/quality.js'
import { type RawKind, rawKind } from '../../src/market/raw-kinds.js'
import { clean } from '../../src/stages/02-clean.js'
import type { Done, PlanContext, PlannedTask, StageName, TaskIo } from '../../src/stages/stage.js'
import { type RawRow, writeArchive, writeRest } from '../support/raw-parquet.js'
import { scratchFolder } from '../support/scratch.js'

const PAIR = 'XUSDT'
const FROM = Date.UTC(2024, 0, 1)
const SPAN = { from: FROM, to: FROM + 2 * HOUR }
const at = (minutes: number) => FROM + minutes * MINUTE

type RawUnit = {
  readonly kind: RawKind
  readonly timeframe?: string
  readonly archive?: readonly RawRow[]
  readonly rest?: readonly RawRow[]
  readonly facts?: { readonly [name: string]: Json }
}

/** A workspace with raw units, through which the stage can be led. */
async function workspaceWith(units: readonly RawUnit[], instrument: { readonly [name: string]: Json } | null = null) {
  const root = await scratchFolder()
  const workspace = openWorkspace(root)
  const raw: Done[] = []
  for (const { kind, timeframe = null, archive, rest, facts = {} } of units) {
    const folder = `data/raw/binance-um/${PAIR}/${rawKind(kind).folder}${timeframe === null ? '' : `/${timeframe}`}`
    const files: { name: string; path: string; sha256: string; bytes: number }[] = []
    const add = (name: string, path: string) => files.push({ name, path, sha256: path, bytes: 1 })
    if (archive !== undefined) add(kind, `${folder}/2024-01.parquet`)
    if (rest !== undefined) add(`${kind}_rest`, `${folder}/2024-01.rest.parquet`)
    if (archive !== undefined) await writeArchive(join(root, folder, '2024-01.parquet'), kind, archive)
    if (rest !== undefined) await writeRest(join(root, folder, '2024-01.rest.parquet'), kind, rest)
    const settings = { kind, timeframe, month: '2024-01', from: '2024-01-01', to: '2024-02-01' }
    raw.push(
      doneUnit('files', `${PAIR} ${kind} ${timeframe}`, settings, files, {
        sources: [],
        absentDays: [],
        rows: 1,
        ...facts,
      }),
    )
  }
  const done = new Map([['download/files', raw]])
  if (instrument !== null) done.set('download/instrument', [doneUnit('instrument', PAIR, {}, [], instrument)])
  const config = resolveConfig([
    { from: 'test', values: { data: { pairs: [PAIR] }, bars: { context: ['1h'] } } },
  ]).config
  const context: PlanContext = {
    ...{
      config,
      workspace,
      environment: {},
      span: SPAN,
      pair: PAIR,
      round: 0,
      clock: () => 0,
      revise: false,
      warn: () => {},
    },
    done: (stage: StageName, step: string) => done.get(`${stage}/${step}`) ?? [],
    failed: () => [],
    others: () => [],
  }
  return { root, workspace, done, context }
}

function doneUnit(
  step: string,
  unit: string,
  settings: Done['settings'],
  files: Manifest['files'],
  facts: Manifest['facts'],
): Done {
  const manifest: Manifest = {
    ...{
      format: 1,
      stage: step,
      step,
      unit,
      fingerprint: unit,
      simulated: null,
      files,
      facts,
      warnings: [],
      summary: '',
    },
    made: { inputs: [], settings: null, code: '', libraries: {} },
  }
  return { step, unit, pair: PAIR, settings, manifest, manifestPath: '' }
}

/** Plans and carries out every step; all that was planned and made. */
async function runStage(units: readonly RawUnit[], instrument: { readonly [name: string]: Json } | null = null) {
  const { root, workspace, done, context } = await workspaceWith(units, instrument)
  const planned: PlannedTask[] = []
  const warnings: string[] = []
  for (const step of clean.steps) {
    const finished: Done[] = []
    done.set(`clean/${step.name}`, finished)
    for (const task of await step.plan(context)) {
      planned.push(task)
      const files: { name: string; path: string; sha256: string; bytes: number }[] = []
      const io: TaskIo = {
        ...{
          workspace,
          environment: {},
          signal: new AbortController().signal,
          startedAt: 0,
          gitCommit: null,
          clock: () => 0,
        },
        ...{
          folder: task.manifest.slice(0, task.manifest.lastIndexOf('/')),
          scratch: root,
          progress: () => {},
          checkpoint: { read: () => null, write: () => {} },
        },
        paths: (name) => task.inputs.filter((input) => input.name === name).map((input) => join(root, input.path)),
        write: async (name, path, make) => {
          await make(placeFor(workspace, path))
          files.push({ name, path, sha256: path, bytes: 1 })
        },
      }
      const result = await step.run(task, io)
      warnings.push(...(result.warnings ?? []))
      finished.push(doneUnit(step.name, task.unit, task.settings, files, result.facts))
    }
  }
  const folder = `data/clean/binance-um/${PAIR}`
  const path = join(root, folder, 'quality.json')
  return {
    units: planned.map(({ unit }) => unit),
    warnings,
    quality: JSON.parse(readFileSync(path, 'utf8')) as QualityReport,
    table: async (name: string) => (await readParquet([join(root, folder, name)], null)).numbers,
    has: (name: string) => existsSync(join(root, folder, name)),
  }
}

/** Twelve columns of a bar that is possible in every one. */
function kline(time: number, more: { close?: number; volume?: number; timeframe?: '1m' | '1h' } = {}): RawRow {
  const { close = 10, volume = 2, timeframe = '1m' } = more
  const end = time + timeframeMs(timeframe) - 1
  return [
    time,
    10,
    Math.max(10, close),
    Math.min(10, close),
    close,
    volume,
    end,
    10 * volume,
    3,
    volume / 2,
    5 * volume,
    0,
  ]
}
const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => kline(at(from + i)))

describe('the stage clean', () => {
  it('plans bars and quality alone where nothing else was downloaded', async () => {
    const { units, quality } = await runStage([{ kind: 'klines', timeframe: '1m', archive: minutes(0, 120) }])
    expect(units).toEqual([`${PAIR} 2024-01`, PAIR])
    expect(quality).toMatchObject({ series: [], published: [], funding: null })
    expect(quality.timeframes[0]).toMatchObject({ expected: 120, present: 120, gaps: [] })
  })

  it('takes bars from REST, says where both differ, and explains what neither has', async () => {
    const archive = [...minutes(0, 50), ...minutes(70, 120)]
    const rest = [...minutes(49, 60), kline(at(70), { close: 11 })]
    const restAsked = [{ from: new Date(at(40)).toISOString(), to: new Date(at(65)).toISOString() }]
    const { quality, warnings, table } = await runStage([
      { kind: 'klines', timeframe: '1m', archive, rest, facts: { restAsked } },
    ])
    expect(quality.timeframes[0].gaps).toEqual([
      { from: at(60), to: at(65), bars: 5, cause: 'absent in both' },
      { from: at(65), to: at(70), bars: 5, cause: 'absent in archive' },
    ])
    expect(quality.sources).toEqual([{ from: FROM, archive: 100, rest: 10 }])
    expect(quality.rows.rest?.disagreements.first).toEqual([{ time: at(70), column: 'high', archive: 10, rest: 11 }])
    expect(warnings).toEqual(['archive and REST disagree in 1 of 2 bars that both have'])
    expect((await table('bars/1m/2024-01.parquet')).close[70]).toBe(10)
  })

  it('cuts what lies before the listing, of every series', async () => {
    const metric = (minute: number): RawRow => [at(minute), PAIR, 1, 1, 1, 1, 1, 1]
    const trade = (id: number, minute: number): RawRow => [id, 10, 1, id, id, at(minute), false]
    const { quality } = await runStage(
      [
        { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) },
        { kind: 'metrics', archive: [metric(25), metric(40)] },
        { kind: 'aggTrades', archive: [trade(1, 10), trade(2, 50)] },
        {
          kind: 'fundingRate',
          archive: [
            [at(0), 8, 1e-4],
            [at(60), 8, 2e-4],
          ],
        },
      ],
      { onboardDate: at(30), deliveryDate: 0, status: 'TRADING' },
    )
    expect(quality.rows.beforeListing.count).toBe(30)
    expect(quality.timeframes[0].gaps).toEqual([{ from: at(0), to: at(30), bars: 30, cause: 'before listing' }])
    expect(quality.series.map(({ name, kept, dropped }) => [name, kept, dropped])).toEqual([
      ['metrics', 1, 1],
      ['trade_bars', 1, 1],
    ])
    expect(quality.series[0].gaps[0]).toEqual({ from: at(0), to: at(30), bars: 6, cause: 'before listing' })
    expect(quality.funding).toMatchObject({ prints: 1, outsideSpan: 1, first: at(60) })
  })

  it('refuses a file of which more than a slip is of no use, of every kind, with both numbers', async () => {
    const klines = { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) } as const
    const seconds = (rows: readonly RawRow[], column = 0) =>
      rows.map((row) => row.map((cell, i) => (i === column ? Number(cell) / 1000 : cell)))
    const metric = (minute: number, value = 1): RawRow => [at(minute), PAIR, ...Array(6).fill(value)]
    const trade = (id: number, minute: number, price = 10): RawRow => [id, price, 1, id, id, at(minute), false]
    const quote = (minute: number): RawRow => [minute, 9, 1, 10, 2, at(minute), at(minute)]
    const order = (minute: number): RawRow => [at(minute), 'SELL', 'LIMIT', 'IOC', 2, 9.9, 10, 'FILLED', 1, 2]
    const price = (minute: number): RawRow => [at(minute), 9, 9, 9, 9, 0, at(minute + 1) - 1, 0, 60, 0, 0, 0]
    const ticks = [1, 2, 3, 4]
    const cases: readonly (readonly [RawUnit, RegExp])[] = [
      [
        { ...klines, archive: seconds(minutes(0, 120)) },
        /120 of 120 rows of bars 1m .* at most 1 % .*own period, such as 1970-01-20/,
      ],
      [{ ...klines, archive: minutes(0, 120).map((row) => [Number(row[0]) + 1, ...row.slice(1)]) }, /120 off the grid/],
      [
        { ...klines, archive: [...minutes(0, 118), kline(at(1) + 1), kline(at(2) + 1)] },
        /2 of 120 rows .* 2 off the grid/,
      ],
      [{ ...klines, archive: minutes(0, 120).map((row) => [row[0], -1, ...row.slice(2)]) }, /120 that cannot be true/],
      [
        {
          ...klines,
          archive: minutes(0, 9).map((row, i) => [
            at(0),
            ...row.slice(1, 5),
            i,
            ...row.slice(6, 7),
            10 * i,
            3,
            0,
            0,
            0,
          ]),
        },
        /8 of 9 rows .* 50 % .* 8 replaced/,
      ],
      [
        { kind: 'klines', timeframe: '1h', archive: seconds([kline(at(0), { timeframe: '1h' })]) },
        /1 of 1 rows of published bars 1h/,
      ],
      [{ kind: 'markPriceKlines', timeframe: '1m', archive: seconds(ticks.map(price)) }, /4 of 4 rows of mark price/],
      [{ kind: 'metrics', archive: seconds(ticks.map((n) => metric(5 * n))) }, /4 of 4 rows of metrics/],
      [{ kind: 'metrics', archive: ticks.map((n) => metric(5 * n + 1)) }, /4 off the grid/],
      [{ kind: 'metrics', archive: ticks.map((n) => metric(5 * n, -1)) }, /4 that cannot be true/],
      [
        {
          kind: 'aggTrades',
          archive: seconds(
            ticks.map((n) => trade(n, n)),
            5,
          ),
        },
        /4 of 4 rows of trade bars/,
      ],
      [{ kind: 'aggTrades', archive: ticks.map((n) => trade(n, n, -1)) }, /4 that cannot be true/],
      [{ kind: 'bookDepth', archive: seconds(ticks.map((n) => [at(n), -1, 5, 50])) }, /4 of 4 rows of book depth bars/],
      [{ kind: 'bookDepth', archive: ticks.map((n) => [at(n), -0.01, 5, 50]) }, /4 that cannot be true/],
      [{ kind: 'bookTicker', archive: seconds(ticks.map(quote), 5) }, /4 of 4 rows of book ticker bars/],
      [{ kind: 'liquidationSnapshot', archive: seconds(ticks.map(order)) }, /4 of 4 rows of liquidation bars/],
      [{ kind: 'fundingRate', archive: seconds(ticks.map((n) => [at(n), 8, 1e-4])) }, /4 of 4 rows of funding/],
      [{ kind: 'fundingRate', archive: ticks.map((n) => [at(n), 8, 2]) }, /4 that cannot be true/],
    ]
    for (const [unit, words] of cases) {
      const units = unit.kind === 'klines' && unit.timeframe === '1m' ? [unit] : [klines, unit]
      await expect(runStage(units), JSON.stringify(unit.archive?.[0])).rejects.toThrow(words)
    }
  })

  it('says how many rows it dropped where they are few', async () => {
    const { quality, warnings } = await runStage([
      { kind: 'klines', timeframe: '1m', archive: [...minutes(0, 120), kline(at(3) + 1)] },
      {
        kind: 'metrics',
        archive: [
          [at(5), PAIR, 1, 1, 1, 1, 1, 1],
          [at(11), PAIR, 1, 1, 1, 1, 1, 1],
        ],
      },
    ])
    expect(warnings).toEqual([
      '1 of 121 rows were dropped: 1 off the grid of its timeframe',
      '1 of 2 rows were dropped: 1 off the grid of its timeframe',
    ])
    expect(quality.series).toMatchObject([{ lost: { foreign: 0, offGrid: 1, impossible: 0, replaced: 0 } }])
  })

  it('makes holes of bars beyond reason, and names them', async () => {
    const archive = minutes(0, 120)
    archive[60] = archive[60].map((cell, i) => (i === 2 ? 1e308 : cell))
    const { quality, warnings, table } = await runStage([{ kind: 'klines', timeframe: '1m', archive }])
    expect(warnings).toEqual(['1 impossible rows became holes: 1 × wick beyond reason, first 2024-01-01 01:00 UTC'])
    expect(quality.rows.impossible.first).toMatchObject([{ time: at(60), reason: 'wick beyond reason' }])
    expect(quality.timeframes[0].gaps).toEqual([{ from: at(60), to: at(61), bars: 1, cause: 'refused' }])
    expect((await table('bars/1h/2024-01.parquet')).high.slice(0, 2)).toEqual(Float64Array.of(10, 10))
  })

  it('makes empty series of an instrument that was listed later', async () => {
    const { quality } = await runStage(
      [
        { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) },
        { kind: 'metrics', archive: [[at(25), PAIR, 1, 1, 1, 1, 1, 1]] },
        { kind: 'bookTicker', archive: [[1, 9, 1, 10, 2, at(3), at(3)]] },
      ],
      { onboardDate: at(200), deliveryDate: null },
    )
    expect(quality.timeframes[0]).toMatchObject({ present: 0, gaps: [{ cause: 'before listing', bars: 120 }] })
    for (const one of quality.series)
      expect(one).toMatchObject({ kept: 0, first: null, gaps: [{ cause: 'before listing' }] })
  })

  it('compares the published hours with its own', async () => {
    const published = [
      [at(0), 10, 10, 10, 10, 120, at(60) - 1, 1200, 180, 60, 600, 0],
      [at(60), 10, 10, 10, 10, 121, at(120) - 1, 1210, 180, 60, 600, 0],
    ]
    const { quality, warnings } = await runStage([
      { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) },
      { kind: 'klines', timeframe: '1h', archive: published },
    ])
    expect(quality.published).toMatchObject([
      { timeframe: '1h', compared: 2, partial: 0, differing: { count: 1, first: [at(60)] } },
    ])
    expect(quality.published[0].columns.volume.first).toEqual([{ time: at(60), published: 121, resampled: 120 }])
    expect(warnings).toEqual(['1 of 2 published 1h bars differ from those resampled from 1m'])
  })

  it('makes a table and findings of every other kind', async () => {
    const prices = (value: (i: number) => number) =>
      Array.from({ length: 120 }, (_, i): RawRow => {
        const x = value(i)
        return [at(i), x, x, x, x, 0, at(i + 1) - 1, 0, 60, 0, 0, 0]
      })
    const metric = (label: number, value: number): RawRow => [label, PAIR, value, value, value, value, value, value]
    const { units, quality, table } = await runStage([
      { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) },
      // 1 % below the traded price, in turns a little more and less, and once 5 % above.
      { kind: 'markPriceKlines', timeframe: '1m', archive: prices((i) => (i === 60 ? 10.5 : 9.9 + (i % 5) / 1000)) },
      { kind: 'premiumIndexKlines', timeframe: '1m', archive: prices((i) => (i - 60) / 1e5) },
      { kind: 'metrics', archive: [metric(at(5), 1), metric(at(15), 3)] },
      { kind: 'openInterestHist', archive: [[PAIR, 22, 220, null, at(5)]] },
      { kind: 'aggTrades', archive: [1, 2, 3].map((id): RawRow => [id, 10, 1, id, id, at(id), id === 2]) },
      { kind: 'bookDepth', archive: [[at(0) + 1000, -1, 5, 50]] },
      { kind: 'bookTicker', archive: [[1, 9, 1, 10, 2, at(3), at(3)]] },
      { kind: 'fundingRate', archive: [[FROM, 8, 1e-4]], rest: [[PAIR, at(60), 0.02, 11, 'Special']] },
    ])
    const series = ['mark_price', 'premium_index', 'metrics', 'trade_bars', 'book_depth_bars', 'book_ticker_bars']
    expect(units).toEqual([`${PAIR} 2024-01`, ...series.map((name) => `${PAIR} ${name} 2024-01`), PAIR])
    expect(quality.series.map(({ name, kept, expected }) => [name, kept, expected])).toEqual([
      ...[
        ['mark_price', 120, 120],
        ['premium_index', 120, 120],
        ['metrics', 3, 24],
      ],
      ...[
        ['trade_bars', 3, 120],
        ['book_depth_bars', 5, 120],
        ['book_ticker_bars', 1, 120],
      ],
    ])
    const [mark, premium, metrics, trades] = quality.series
    expect(mark.reference).toMatchObject({ compared: 120, count: 1, largest: [{ time: at(60) }] })
    expect(premium.impossible, 'a premium may be 0 or less').toBe(0)
    expect(metrics.gaps[0]).toEqual({ from: at(15), to: at(120), bars: 21, cause: 'after last bar' })
    expect(metrics.rest).toMatchObject({ used: { count: 1, first: [at(5)] } })
    expect(trades.gaps.map(({ cause }) => cause)).toEqual(['before first bar', 'after last bar'])
    for (const name of series) {
      const numbers = await table(`${name}/2024-01.parquet`)
      const step = name === 'metrics' ? 5 * MINUTE : MINUTE
      expect(
        numbers.available_time.every((time, i) => time >= numbers.open_time[i] + step),
        name,
      ).toBe(true)
      expect([...numbers.open_time.subarray(0, 2)]).toEqual([FROM, FROM + step])
    }
    expect(Object.keys(await table('mark_price/2024-01.parquet'))).toEqual([
      ...['open_time', 'available_time', 'open', 'high', 'low', 'close'],
    ])
    expect((await table('funding_special.parquet')).rate[0]).toBe(0.02)
    expect(quality.funding).toMatchObject({ prints: 1, special: { count: 1 } })
  })

  it('takes silence for nothing liquidated on the days that have a file, and for nothing else', async () => {
    const order = (minute: number, side: string): RawRow => [
      ...[at(minute), side, 'LIMIT', 'IOC', 2, 9.9],
      ...[10, 'FILLED', 1, 2],
    ]
    const klines = { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) } as const
    const there = await runStage([
      klines,
      { kind: 'liquidationSnapshot', archive: [order(3, 'SELL'), order(3, 'SELL'), order(5, 'BUY')] },
    ])
    expect(there.units).toContain(`${PAIR} liquidation_bars 2024-01`)
    const bars = await there.table('liquidation_bars/2024-01.parquet')
    expect([...bars.long_value.subarray(2, 7)]).toEqual([0, 20, 0, 0, 0])
    expect([...bars.short_orders.subarray(2, 7)]).toEqual([0, 0, 0, 1, 0])
    expect(bars.available_time.every((time, i) => time === bars.open_time[i] + MINUTE)).toBe(true)
    expect(there.quality.series).toMatchObject([{ name: 'liquidation_bars', kept: 120, duplicates: 1, gaps: [] }])
    const quiet = await runStage([klines, { kind: 'liquidationSnapshot', archive: [] }])
    expect((await quiet.table('liquidation_bars/2024-01.parquet')).long_orders.every((orders) => orders === 0)).toBe(
      true,
    )
    const absent = await runStage([
      klines,
      { kind: 'liquidationSnapshot', archive: [], facts: { absentDays: ['2024-01-01'] } },
    ])
    const unknown = await absent.table('liquidation_bars/2024-01.parquet')
    expect(unknown.long_orders.every((orders) => Number.isNaN(orders))).toBe(true)
    expect(absent.quality.series).toMatchObject([{ kept: 0, missing: 120, counts: { 'days without a file': 1 } }])
  })

  it('needs no archive for funding, nor REST', async () => {
    const klines = { kind: 'klines', timeframe: '1m', archive: minutes(0, 120) } as const
    const { quality, has } = await runStage([
      klines,
      { kind: 'fundingRate', rest: [[PAIR, FROM + 9, 1e-4, null, 'Regular']] },
    ])
    expect(quality.funding).toMatchObject({ rows: 0, prints: 1, rest: { used: { count: 1 } }, unknownMarkPrices: 1 })
    expect(has('funding_special.parquet')).toBe(false)
  })
})
