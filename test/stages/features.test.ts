/** The features stage on disk: groups and months, the certificate, and that nothing is trained without one. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import { BARS_SCHEMA } from '../../src/datasets/bars-table.js'
import { hashOfFile } from '../../src/datasets/files.js'
import type { Manifest } from '../../src/datasets/manifest.js'
import { readParquet, writeParquet } from '../../src/datasets/parquet.js'
import { openWorkspace } from '../../src/datasets/workspace.js'
import type { CertificateRecord } from '../../src/features/certificate-record.js'
import { SERIES_NAMES } from '../../src/features/inputs.js'
import { loadStage } from '../../src/stages/registry.js'
import type { Done, PlanContext, Task, TaskIo } from '../../src/stages/stage.js'
import { hashesOf, readJsonFile, sluice, suiteFolder, writeMarket } from '../support/sluice.js'

const cwd = suiteFolder()
const FOLDER = 'data/features/binance-um/BTCUSDT/5m'
const CLEAN = 'data/clean/binance-um/BTCUSDT'
const SETTINGS = `exchange: {archiveUrl: archive}
data: {from: 2024-01-25, to: 2024-02-05}
bars: {context: [1h]}
features: {include: [all]}
`
const KINDS = 'klines,fundingRate,markPriceKlines,indexPriceKlines,premiumIndexKlines,metrics'
const options = { cwd }

beforeAll(async () => {
  await writeMarket(cwd, SETTINGS, ['BTCUSDT'], 2, KINDS)
  for (const [root, jobs] of [
    ['one', '1'],
    ['three', '3'],
  ]) {
    const { code, stderr } = await sluice(
      ['run', '--to', 'features', '--root', root, '--jobs', jobs, '--quiet'],
      options,
    )
    expect(code, stderr).toBe(0)
  }
})

const certificateIn = (root: string) => readJsonFile<CertificateRecord>(join(cwd, root, FOLDER, 'certificate.json'))

describe('the feature table', () => {
  it('has the same bytes whatever the number of workers, groups and months included', async () => {
    const one = await hashesOf('one', options)
    expect(Object.keys(one).filter((name) => name.endsWith('.f32')).length).toBeGreaterThan(2)
    expect(Object.keys(one).filter((name) => /features\/.*\/2024-0[12]\.parquet$/.test(name))).toHaveLength(2)
    expect(await hashesOf('three', options)).toEqual(one)
  })

  it('has the columns of features.json in their order, known where the groups know them', async () => {
    const { features } = readJsonFile<{ features: { name: string }[] }>(join(cwd, 'one', FOLDER, 'features.json'))
    const { numbers, rows } = await readParquet([join(cwd, 'one', FOLDER, '2024-01.parquet')], null)
    expect(Object.keys(numbers)).toEqual(['open_time', 'available_time', ...features.map(({ name }) => name)])
    expect(rows).toBe(7 * 288) // the 25th to the 31st
    expect(numbers.available_time[0] - numbers.open_time[0]).toBe(300_000)
    expect(numbers.sma_20.findIndex((value) => !Number.isNaN(value))).toBe(19)
  })
})

describe('series beside the bars', () => {
  const groups = () =>
    readdirSync(join(cwd, 'one', FOLDER, 'columns'))
      .filter((name) => name.endsWith('.manifest.json'))
      .map((name) => readJsonFile<Manifest>(join(cwd, 'one', FOLDER, 'columns', name)))

  it('are read by the groups whose columns declare them, and by no other', () => {
    let reading = 0
    for (const { made } of groups()) {
      const { columns } = made.settings as { readonly columns: string[] }
      const asks = columns.some((name) => /^(oi_|open_interest|(top_\w+_|taker_)?ls_ratio|funding_oi)/.test(name))
      const reads = made.inputs.some(({ path }) => path.includes('/metrics/'))
      if (asks) reading++
      expect(reads, columns.join(', ')).toBe(asks)
    }
    expect(reading).toBeGreaterThan(0)
  })

  it('that the instrument lacks make their columns absent, each with the name of what is not there', () => {
    const { features, absent } = readJsonFile<{
      features: { name: string }[]
      absent: { name: string; reason: string }[]
    }>(join(cwd, 'one', FOLDER, 'features.json'))
    const reason = (name: string) => absent.find((one) => one.name === name)?.reason
    expect(reason('true_vwap_20')).toBe('no trade_bars')
    expect(reason('book_imbalance_1_1h')).toBe('no book_depth_bars')
    expect(reason('spread')).toBe('no book_ticker_bars')
    for (const name of [
      'liq_volume_1h',
      'liq_count_1h',
      'liq_spike',
      'liq_momentum',
      'liq_long_volume',
      'liq_short_volume',
    ])
      expect(reason(name)).toBe('no liquidation_bars')
    const names = features.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['open_interest', 'ls_ratio_1h', 'premium_index', 'basis']))
    expect(names).not.toContain('true_vwap_20')
  })
})

describe('the certificate of a run', () => {
  it('is of the columns of the table, and of all rows where they are few', () => {
    const set = readJsonFile<{ hash: string; features: { name: string }[] }>(join(cwd, 'one', FOLDER, 'features.json'))
    const certificate = certificateIn('one')
    expect(certificate).toMatchObject({ verdict: 'passed', featureSet: set.hash, rows: 11 * 288, complaints: [] })
    expect(certificate.features.map(({ name }) => name)).toEqual(set.features.map(({ name }) => name))
    expect(certificate.bars.map(({ timeframe }) => timeframe)).toEqual(['5m', '1h'])
  })

  it('looks at the newest months only where it is told to', async () => {
    const few = ['--set', 'certificate.rows=100', '--set', 'features.include=[rsi_14]', '--root', 'few']
    const { code, stderr } = await sluice(['run', '--to', 'features', '--quiet', ...few], options)
    expect(code, stderr).toBe(0)
    expect(certificateIn('few')).toMatchObject({ rows: 4 * 288, from: '2024-02-01T00:00:00.000Z' })
  })

  it('of verify features looks at more moments, and is kept while the data stay', async () => {
    const { code, stdout } = await sluice(['verify', 'features', '--cuts', '20', '--root', 'three'], options)
    expect(code).toBe(0)
    expect(stdout).toMatch(/BTCUSDT +passed +\d+ columns, 3,168 rows/)
    expect(stdout).toMatch(/cuts \d+: 20 by chance/)
    const compared = certificateIn('three').features.map((feature) => feature.compared)
    const [least, most] = [Math.min(...compared), Math.max(...compared)].map((count) => count.toLocaleString('en'))
    expect(stdout).toContain(`rows compared of a column while what it may not know was another: ${least} to ${most}\n`)
    const { stderr } = await sluice(['features', '--root', 'three'], options)
    expect(stderr).toContain('everything is fresh')
    const json = await sluice(['verify', 'features', '--cuts', '20', '--root', 'three', '--json'], options)
    expect(JSON.parse(json.stdout)).toEqual([{ pair: 'BTCUSDT', ...certificateIn('three') }])
  })

  it('of verify features ends with 3 and lists what is wrong, when something is', async () => {
    // As if a column had failed: what the step writes then, put in the place of what it wrote.
    const path = join(cwd, 'three', FOLDER, 'certificate.json')
    const manifestPath = path.replace('.json', '.manifest.json')
    const complaints = ['rsi_14 breaks a rule: bar 1', 'sma_5 breaks a rule: bar 2']
    writeFileSync(path, JSON.stringify({ ...certificateIn('three'), verdict: 'failed', complaints }))
    const manifest = readJsonFile<Manifest>(manifestPath)
    const files = [{ ...manifest.files[0], sha256: await hashOfFile(path) }]
    const facts = { ...manifest.facts, verdict: 'failed', complaints }
    writeFileSync(manifestPath, JSON.stringify({ ...manifest, files, facts }))
    const { code, stderr } = await sluice(['verify', 'features', '--cuts', '20', '--root', 'three'], options)
    expect(code).toBe(3)
    expect(stderr).toContain('error: 1 of 1 pairs did not pass: 2 complaints\n  BTCUSDT rsi_14 breaks a rule: bar 1')
    expect(stderr).toContain('features.exclude')
    const train = await sluice(['run', '--to', 'train', '--root', 'three', '--models', 'logistic'], options)
    expect(train.code).toBe(1)
    expect(train.stderr).toContain('the features did not pass their certificate: rsi_14 breaks a rule: bar 1')
  })

  it('fails where the table has other values than are computed again, and names the first', async () => {
    const { features } = readJsonFile<{ features: { name: string }[] }>(join(cwd, 'one', FOLDER, 'columns', '01.json'))
    const { facts, record } = await certifyWith(
      '1h',
      () => {},
      (columns) => {
        columns[2000] = columns[2000] === 1 ? 2 : 1
      },
    )
    expect(facts.verdict).toBe('failed')
    // Bar 2000 of 5 minutes from 2024-01-25 00:00 on: 6 days, 22 hours and 40 minutes later.
    const start = `${features[0].name} breaks "the stored table has the values that are computed here": bar 2024-01-31 22:40 UTC: `
    expect(record.complaints).toEqual([expect.stringContaining(start)])
  })

  it('fails where bars carry another time than the base bars say, and names them', async () => {
    const { facts, record } = await certifyWith('1h', (numbers) => {
      // Each bar holds what the next one will: the closes of an hour that is still open.
      for (const name of ['open', 'high', 'low', 'close', 'volume']) numbers[name].copyWithin(0, 1)
    })
    expect(facts.verdict).toBe('failed')
    expect(record.complaints[0]).toMatch(/^bars 1h breaks "the bars are made of base bars that had closed": 1h open of/)
  })
})

/** Runs the step on bars that someone has changed. */
async function certifyWith(
  timeframe: string,
  change: (numbers: Record<string, Float64Array>) => void,
  changeColumns: (first: Float32Array) => void = () => {},
) {
  const root = join(cwd, 'one')
  const changed = join(cwd, 'changed')
  mkdirSync(changed, { recursive: true })
  const months = ['2024-01', '2024-02']
  const files: string[] = []
  for (const month of months) {
    const path = join(root, CLEAN, 'bars', timeframe, `${month}.parquet`)
    const { rows, numbers } = await readParquet([path], null)
    change(numbers)
    files.push(join(changed, `${month}.parquet`))
    await writeParquet(files[files.length - 1], BARS_SCHEMA, { rows, numbers })
  }
  const { made } = readJsonFile<{ made: { settings: Task['settings'] } }>(
    join(root, FOLDER, 'certificate.manifest.json'),
  )
  // Of the columns those whose values are changed, and one of the changed bars.
  const { features } = readJsonFile<{ features: { name: string }[] }>(join(root, FOLDER, 'columns', '01.json'))
  const settings = {
    ...made.settings,
    'features.include': [...features.map(({ name }) => name), `return_${timeframe}`],
  }
  const written = join(changed, 'certificate.json')
  const groups = join(root, FOLDER, 'columns')
  const group = (name: string) => join(groups, name)
  const columns = readdirSync(groups).filter((name) => name.endsWith('.f32'))
  const bytes = readFileSync(group(columns[0]))
  const values = new Float32Array(Uint8Array.from(bytes).buffer)
  changeColumns(values)
  writeFileSync(join(changed, columns[0]), new Uint8Array(values.buffer))
  const io = {
    folder: FOLDER,
    progress: () => {},
    paths: (name: string) => {
      if (name === `bars_${timeframe}`) return files
      if (name === 'funding') return [join(root, CLEAN, 'funding.parquet')]
      if (name === 'columns') return [join(changed, columns[0]), ...columns.slice(1).map(group)]
      if (name === 'definitions') return columns.map((one) => group(one.replace('.f32', '.json')))
      if (name === 'feature_set') return [join(root, FOLDER, 'features.json')]
      const own = SERIES_NAMES.some((series) => series === name) ? name : join('bars', name.replace('bars_', ''))
      return months.map((month) => join(root, CLEAN, own, `${month}.parquet`)).filter((path) => existsSync(path))
    },
    write: async (_name: string, _path: string, make: (temporary: string) => Promise<void> | void) => {
      await make(join(changed, 'temporary'))
      copyFileSync(join(changed, 'temporary'), written)
    },
  } as unknown as TaskIo
  const step = (await loadStage('features')).steps.find(({ name }) => name === 'certificate')
  const result = await step?.run({ settings } as unknown as Task, io)
  return { facts: result?.facts ?? {}, record: JSON.parse(readFileSync(written, 'utf8')) as CertificateRecord }
}

describe('training', () => {
  const table = { hash: 'abc', rows: 1000, columns: 10 }
  const passed = { hash: 'abc', verdict: 'passed', complaints: [] }

  /** Plans the fits of a pair that has this certificate. */
  async function plan(certificate: { readonly [name: string]: Json } | null) {
    const { steps } = await loadStage('train')
    const done = (facts: { readonly [name: string]: Json }) => [{ manifest: { facts, files: [] } } as unknown as Done]
    const found: Record<string, readonly Done[]> = {
      table: done(table),
      certificate: certificate === null ? [] : done(certificate),
    }
    const { config } = resolveConfig([{ from: 'test', values: { 'train.models': ['logistic'] } }])
    const context = {
      config,
      pair: 'BTCUSDT',
      environment: {},
      workspace: openWorkspace(join(cwd, 'none')),
      warn: () => {},
      failed: () => [],
      done: (stage: string, step: string) => (stage === 'features' ? (found[step] ?? []) : []),
    } as unknown as PlanContext
    return steps.find(({ name }) => name === 'fit')?.plan(context)
  }

  it('goes on with a certificate of the same columns that passed', async () => {
    expect(await plan(passed)).toHaveLength(6) // five folds and the final split
  })

  it('is refused without one, with one of other columns, and with one that did not pass', async () => {
    await expect(plan(null)).rejects.toThrow('the features have no leakage certificate')
    await expect(plan({ ...passed, hash: 'def' })).rejects.toThrow(
      'certificate is of feature set def, the table of abc',
    )
    await expect(plan({ ...passed, verdict: 'failed', complaints: ['rsi_14 breaks a rule'] })).rejects.toThrow(
      'the features did not pass their certificate: rsi_14 breaks a rule',
    )
  })

  it('waits for the certificate when it is gone', async () => {
    rmSync(join(cwd, 'few', FOLDER, 'certificate.manifest.json'))
    const { code, stderr } = await sluice(['train', '--root', 'few'], options)
    expect(code).toBe(1)
    expect(stderr).toMatch(/train needs features, which is (missing|stale) for BTCUSDT/)
  })
})
