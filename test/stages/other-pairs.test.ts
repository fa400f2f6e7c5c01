/** What a feature table takes from other pairs, on disk: in any order, with any number of workers, and when one is not there. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/datasets/manifest.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { FEATURES } from '../../src/features/registry.js'
import { planStretches } from '../../src/stages/features/stretches.js'
import { loadStage } from '../../src/stages/registry.js'
import type { Done, Task, TaskIo } from '../../src/stages/stage.js'
import { hashesOf, readJsonFile, sluice, suiteFolder, unitsOf, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const options = { cwd }
const SETTINGS = `exchange: {archiveUrl: archive}
data: {from: 2024-01-25, to: 2024-02-05}
bars: {context: [1h]}
download: {kinds: [klines, fundingRate]}
features: {include: [return, cross-asset, alpha_002, alpha_019, alpha_033]}
`
const PAIRS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']
const MONTHS = ['2024-01', '2024-02']
const folderOf = (root: string, pair: string) => join(cwd, root, 'data/features/binance-um', pair, '5m')
const setOf = (root: string, pair: string) =>
  readJsonFile<{ features: { name: string }[]; absent: { name: string; reason: string }[] }>(
    join(folderOf(root, pair), 'features.json'),
  )
const reasonsIn = (root: string, pair: string) => [...new Set(setOf(root, pair).absent.map(({ reason }) => reason))]

const run = (root: string, pairs: readonly string[], ...rest: string[]) =>
  sluice(['run', '--to', 'features', '--root', root, '--set', `data.pairs=[${pairs.join(',')}]`, ...rest], options)

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS, PAIRS, 2)
  for (const [root, pairs, jobs] of [
    ['one', PAIRS, '1'],
    ['two', [...PAIRS].reverse(), '2'],
  ] as const) {
    const { code, stderr } = await run(root, pairs, '--jobs', jobs)
    expect(code, stderr).toBe(0)
  }
})

describe('a table that looks at other pairs', () => {
  it('has the same bytes whatever the order of the pairs and the number of workers', async () => {
    const one = await hashesOf('one', options)
    expect(Object.keys(one).filter((name) => name.endsWith('certificate.json'))).toHaveLength(3)
    expect(await hashesOf('two', options)).toEqual(one)
  })

  it('has all columns, but for the market beside itself', () => {
    expect(setOf('one', 'ETHUSDT')).toMatchObject({ absent: [] })
    expect(setOf('one', 'ETHUSDT').features).toHaveLength(19)
    expect(reasonsIn('one', 'BTCUSDT')).toEqual(['BTCUSDT is features.market itself'])
  })

  it('is compared with a pair that stands for another asset class, where one is named', async () => {
    const set = (text: string) => ['--set', text]
    const columns = ['spy_correlation_30d', 'spy_beta_30d', 'dxy_beta_30d']
    const { code, stderr } = await run(
      'macro',
      ['ETHUSDT', 'SOLUSDT'],
      ...[
        ...set('data.from=2024-01-01'),
        ...set('data.to=2024-03-01'),
        ...set('bars.decision=1h'),
        ...set('bars.context=[]'),
      ],
      ...[...set(`features.include=[${columns}]`), ...set('features.spy=SOLUSDT'), ...set('features.dxy=DXY')],
    )
    expect(code, stderr).toBe(1) // of SOLUSDT itself nothing can be made
    const folder = join(cwd, 'macro/data/features/binance-um/ETHUSDT/1h')
    const { features, absent } = readJsonFile<ReturnType<typeof setOf>>(join(folder, 'features.json'))
    expect(features.map(({ name }) => name)).toEqual(columns.slice(0, 2))
    expect(absent).toMatchObject([{ name: 'dxy_beta_30d', reason: 'features.dxy DXY is not among data.pairs' }])
    expect(stderr).toContain('SOLUSDT is features.spy itself')
    const names = MONTHS.map((month) => join(folder, `${month}.parquet`))
    const { numbers } = await readParquet(names, columns.slice(0, 2))
    // From the last hour of day 31 on: 30 days and the day in which the first midnight lies.
    expect(numbers.spy_beta_30d.findIndex((value) => !Number.isNaN(value))).toBe(31 * 24 - 1)
    expect(readJsonFile<{ verdict: string }>(join(folder, 'certificate.json')).verdict).toBe('passed')
  })

  it('is made of the others’ bars by their content, where it looks at them', () => {
    const inputsOf = (group: string) =>
      readJsonFile<Manifest>(join(folderOf('one', 'ETHUSDT'), 'columns', `${group}.manifest.json`)).made.inputs
    const others = (group: string) => inputsOf(group).filter(({ path }) => /clean.*(BTC|SOL)USDT.*5m/.test(path)).length
    // The return alone; the three ranks; what is compared with the market.
    expect(['01', '02', '03'].map(others)).toEqual([0, 4, 2])
  })

  it('is stale when another pair stands for the market', async () => {
    const set = ['--root', 'one', '--set', `data.pairs=[${PAIRS}]`, '--set', 'features.market=SOLUSDT']
    const units = await unitsOf(['status', ...set], options)
    const stale = units.filter(
      ({ stage, step, state }) => stage === 'features' && step === 'columns' && state === 'stale',
    )
    expect(stale.map(({ unit }) => unit)).toEqual(PAIRS.map((pair) => `${pair} columns 5–19`))
    expect(stale[1].reason).toContain('others changed')
  })

  it('is the same stretch by stretch', async () => {
    const name = '02' // the ranks
    const folder = join(folderOf('one', 'ETHUSDT'), 'columns')
    const { made } = readJsonFile<{ made: { settings: Task['settings'] } }>(join(folder, `${name}.manifest.json`))
    const { settings } = made
    expect(settings.stretches).toMatchObject([{ before: [], months: MONTHS }])
    const february = Date.UTC(2024, 1, 1)
    const stretches = [
      { from: Date.UTC(2024, 0, 25), before: [], months: [MONTHS[0]] },
      { from: february, before: [MONTHS[0]], months: [MONTHS[1]] },
    ]
    const scratch = join(cwd, 'stretches')
    mkdirSync(scratch, { recursive: true })
    const clean = (pair: string) => join(cwd, 'one/data/clean/binance-um', pair)
    const io = {
      folder: scratch,
      progress: () => {},
      paths(input: string) {
        if (input === 'funding') return [join(clean('ETHUSDT'), 'funding.parquet')]
        const pair = input.includes(' ') ? input.split(' ')[0] : 'ETHUSDT'
        return MONTHS.map((month) => join(clean(pair), 'bars/5m', `${month}.parquet`))
      },
      write: async (file: string, _path: string, make: (temporary: string) => Promise<void> | void) => {
        await make(join(scratch, 'temporary'))
        copyFileSync(join(scratch, 'temporary'), join(scratch, file))
      },
    } as unknown as TaskIo
    const step = (await loadStage('features')).steps.find((one) => one.name === 'columns')
    await step?.run(
      { settings: { ...settings, stretches }, manifest: `x/${name}.manifest.json` } as unknown as Task,
      io,
    )
    expect(readFileSync(join(scratch, 'columns')).equals(readFileSync(join(folder, `${name}.f32`)))).toBe(true)
    expect(readFileSync(join(scratch, 'definitions'), 'utf8')).toBe(readFileSync(join(folder, `${name}.json`), 'utf8'))
  })
})

describe('another pair that is not there', () => {
  it('leaves its features absent, and fails nobody else', async () => {
    const { code, stderr } = await run('failed', ['ETHUSDT', 'NOSUCHUSDT'], '--set', 'features.market=NOSUCHUSDT')
    expect(code).toBe(1)
    expect(reasonsIn('failed', 'ETHUSDT').sort()).toEqual([
      '1 of data.pairs has bars, and a rank across pairs needs 3',
      'features.market NOSUCHUSDT has no clean bars',
    ])
    expect(stderr).toContain('ETHUSDT: ranks across pairs are without NOSUCHUSDT')
    expect(readJsonFile(join(folderOf('failed', 'ETHUSDT'), 'certificate.json'))).toMatchObject({ verdict: 'passed' })
  })

  it('is said to be missing where it is not downloaded at all', async () => {
    const { code, stderr } = await run('alone', ['ETHUSDT'])
    expect(code, stderr).toBe(0)
    expect(reasonsIn('alone', 'ETHUSDT')).toContain('features.market BTCUSDT is not among data.pairs')
  })

  it('is waited for where it is merely not made yet', async () => {
    const both = ['--root', 'alone', '--set', 'data.pairs=[ETHUSDT,BTCUSDT]']
    const { code, stderr } = await sluice(['features', ...both], options)
    expect(code).toBe(1)
    expect(stderr).toMatch(/BTCUSDT/)
    const units = await unitsOf(['status', ...both], options)
    const waiting = units.find(
      ({ stage, step, pair }) => stage === 'features' && step === 'columns' && pair === 'ETHUSDT',
    )
    expect(waiting).toMatchObject({ state: 'waiting', reason: 'BTCUSDT: download is missing' })
    const plain = await sluice(['features', ...both, '--set', 'features.include=[return]'], options)
    expect(plain.stderr).toMatch(/features +ETHUSDT .*(done|fresh)/)
  })
})

describe('stretches', () => {
  const months = ['2024-01', '2024-02', '2024-03', '2024-04'].map((month, i) => {
    const settings = { month, from: `${month}-01`, to: `2024-0${i + 2}-01` }
    return { settings } as unknown as Done
  })
  const columns = [{ name: 'x', feature: FEATURES[0], timeframe: '5m', context: false }] as const

  it('are whole months with as many bars of all pairs as there is room for', () => {
    const plan = (pairs: number) => planStretches(months, { pairs, timeframe: '5m', columns }).stretches
    expect(plan(4)).toEqual([{ from: Date.UTC(2024, 0, 1), before: [], months: months.map((m) => m.settings.month) }])
    // Two million bars of 100 pairs: 20,000 of each, and two months have 17,280 or more.
    expect(plan(100).map((stretch) => stretch.months)).toEqual([
      ['2024-01', '2024-02'],
      ['2024-03', '2024-04'],
    ])
    expect(plan(1000).map((stretch) => stretch.months.length)).toEqual([1, 1, 1, 1])
  })

  it('read the months before that their look-back needs', () => {
    const feature = FEATURES.find(({ name }) => name === 'alpha_019') ?? expect.fail('no such feature')
    const own = [{ ...columns[0], feature }] as const
    const { stretches } = planStretches(months, { pairs: 1000, timeframe: '1d', columns: own })
    expect(stretches.map(({ before }) => before.length)).toEqual([0])
    const daily = planStretches(months, { pairs: 60_000, timeframe: '1d', columns: own }).stretches
    expect(daily.map(({ before }) => before.length)).toEqual([0, 1, 2, 3]) // 250 days back: all there is
    const fast = planStretches(months, { pairs: 1000, timeframe: '5m', columns: own }).stretches
    expect(fast.map(({ before }) => before)).toEqual([[], ['2024-01'], ['2024-02'], ['2024-03']])
  })
})
