/**
 * The download stage against a faithful local exchange: whatever goes wrong there, the rows on disk are the truth's, nothing is asked for
 * while the exchange wants silence, and no file is fetched twice without need.
 */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.js'
import { MINUTE } from '../../src/core/time.js'
import { readParquet } from '../../src/datasets/parquet.js'
import type { RawKind } from '../../src/market/raw-kinds.js'
import { asNumbers, exchangeArguments, merged, rawRows, sluiceAt, startSluiceAt } from '../support/download.js'
import { type Exchange, startExchange } from '../support/exchange/exchange.js'
import type { Switches } from '../support/exchange/switches.js'
import { createTruth } from '../support/exchange/truth.js'
import { scratchFolder } from '../support/scratch.js'
import { filesUnder, sluice, stateFolder } from '../support/sluice.js'

const DAY = (day: number) => Date.UTC(2024, 7, day)
/** Noon: yesterday's files are published, those of today are not. */
const NOW = Date.UTC(2024, 7, 4, 12, 0, 30)
const CLOSED = Math.floor(NOW / MINUTE) * MINUTE
const GAP = { from: Date.UTC(2024, 7, 2, 3), to: Date.UTC(2024, 7, 2, 3, 20) }
const truth = createTruth({ seed: 5, pairs: ['BTCUSDT', 'ETHUSDT'], from: DAY(1), to: DAY(8), gaps: [GAP] })

const BARS: readonly RawKind[] = ['klines', 'markPriceKlines', 'indexPriceKlines', 'premiumIndexKlines']
const STATISTICS: readonly RawKind[] = [
  'openInterestHist',
  'topLongShortAccountRatio',
  'topLongShortPositionRatio',
  'globalLongShortAccountRatio',
  'takerlongshortRatio',
]
const DOWNLOAD = ['download', '--pair', 'BTCUSDT', '--set', 'data.from=2024-08-01', '--set', 'data.to=2024-08-05']

let exchange: Exchange
async function start(switches: Partial<Switches> = {}, now = NOW): Promise<string> {
  exchange = await startExchange({ truth, now, switches: { listingEtags: 'placeholder', ...switches } })
  return scratchFolder()
}
afterEach(() => exchange.close())

type Written = {
  startedAt: string
  readonly notes: { skewMs: number }
  readonly facts: { readonly sources: { rows: number }[] }
}

/** Changes a manifest or the record of a run. */
async function changeJson(path: string, change: (value: Written) => void): Promise<void> {
  const value = JSON.parse(await readFile(path, 'utf8')) as Written
  change(value)
  await writeFile(path, JSON.stringify(value))
}

const isFile = ({ path, method, status }: Exchange['requests'][number]) =>
  method === 'GET' && path.endsWith('.zip') && status === 200
const inSilence = () => exchange.requests.filter(({ retryAfterUntil }) => retryAfterUntil !== null)

/** Every kind on disk against the truth, up to the last row that had closed. */
async function expectTruth(root: string, closed = CLOSED, kinds: readonly RawKind[] = BARS): Promise<void> {
  for (const kind of kinds) {
    const onDisk = merged(await rawRows(root, 'BTCUSDT', kind, { timeframe: '1m' }))
    const query = { from: DAY(1), to: closed, timeframe: '1m' as const }
    expect(onDisk, kind).toEqual(asNumbers(truth.rows(kind as 'klines', 'BTCUSDT', query), kind))
  }
}

describe('download from an exchange', () => {
  it('brings archive and REST together to the truth, row for row, and then asks for nothing', async () => {
    const root = await start()
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root)
    const metrics = asNumbers(truth.rows('metrics', 'BTCUSDT', { from: DAY(1), to: DAY(4) }), 'metrics')
    expect((await rawRows(root, 'BTCUSDT', 'metrics')).archive, 'metrics').toEqual(metrics)
    for (const kind of STATISTICS) {
      const { archive } = await rawRows(root, 'BTCUSDT', kind)
      // A period is known to be over only another one later, since its label may be its end.
      const rows = truth.rows(kind as 'openInterestHist', 'BTCUSDT', { from: DAY(1), to: CLOSED - 5 * MINUTE })
      const time = archive[0].length - 1
      const known = archive.filter((row) => row[time] < CLOSED - 5 * MINUTE)
      expect(known, kind).toEqual(asNumbers(rows, kind))
    }
    const prints = (await rawRows(root, 'BTCUSDT', 'fundingRate')).rest
    const funding = truth
      .rows('fundingRate', 'BTCUSDT', { from: DAY(1), to: NOW })
      .map(([time, , rate]) => [Number(time), Number(rate)])
    expect(prints.map(([time, rate]) => [time, rate])).toEqual(funding)
    expect(new Set(exchange.requests.filter(isFile).map(({ path }) => path)).size).toBe(
      exchange.requests.filter(isFile).length,
    )
    const asked = exchange.requests.length
    const again = await sluiceAt(root, exchange, DOWNLOAD)
    expect(again.stderr).toContain('everything is fresh')
    expect(exchange.requests.length - asked, 'requests of a second run').toBe(0)
  })

  it('answers for every file: where from, with which hash, ETag, rows, span, unit and header, and when', async () => {
    const root = await start()
    await sluiceAt(root, exchange, [...DOWNLOAD, '--set', 'download.kinds=klines'])
    const ledger = join(root, 'data/raw/metadata/binance-um-BTCUSDT')
    const { files } = JSON.parse(await readFile(`${ledger}.json`, 'utf8'))
    const [klines] = files
    expect(klines).toMatchObject({
      kind: 'klines',
      timeframe: '1m',
      month: '2024-08',
      first: DAY(1),
      absentDays: ['2024-08-04'],
    })
    expect(klines.sources.map(({ key }: { key: string }) => key)).toEqual(
      [1, 2, 3].map((day) => `data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08-0${day}.zip`),
    )
    for (const source of klines.sources) {
      expect(source).toMatchObject({ via: 'daily', verified: true, header: true, timeUnit: 'ms' })
      expect(source.sha256).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(klines.sources.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0)).toBe(klines.rows)
    expect(klines.rest.asked.at(-1).from <= '2024-08-04T00:00:00.000Z').toBe(true)
    const { notes } = JSON.parse(await readFile(`${ledger}.run.json`, 'utf8'))
    const [fetched] = notes.fetched
    expect(fetched.unit).toBe(klines.unit)
    expect(Number.isNaN(Date.parse(fetched.fetchedAt))).toBe(false)
    expect(fetched.etags.every((etag: string) => /^[0-9a-f]{32}$/.test(etag))).toBe(true)
  })

  it.each<[string, Partial<Switches>]>([
    [
      'all turned round',
      {
        ...{
          weights: 'measured',
          weightHeader: false,
          retryAfterHeader: false,
          limitBody: 'html',
          banSpansVenues: true,
        },
        ...{ gzip: false, formingBar: false, zoo: false, lowerCaseSymbol: false, spotLimitAboveMax: 'error' },
        ...{ aggTradesMaxSpan: '1h', aggTradesMixed: 'fromId', nq: false },
        ...{ fundingStartZero: 'earliest', fundingNewest: 200, rateType: false, archiveSpecialFunding: true },
        ...{
          dataTimestamp: 'string',
          dataLabel: 'end',
          takerLabel: 'end',
          dataBothBounds: 'newest',
          dataLagMs: 300_000,
        },
        ...{ dataDays: 31, timeSkewMs: -43_000, dailyHour: 1, monthlyDay: 14, metricsLabel: 'start' },
        ...{ header: 'never', spotTimeUnit: 'ms', bookDepthPercent: 'decimal', notFoundBody: 'empty', range: 'ignore' },
        ...{ listType2: 'ignore', nextMarker: 'never', listingPageSize: 2 },
        listingStale: [{ match: /klines/, after: '2024-08-01' }],
      },
    ],
    [
      'other answers',
      {
        notFoundBody: 'html',
        header: 'always',
        limitBody: 'empty',
        nextMarker: 'always',
        metricsLabel: 'end',
        takerLabel: 'end',
      },
    ],
  ])('is not tied to contested facts: %s', async (_, switches) => {
    const root = await start(switches)
    const kinds = [...BARS, 'fundingRate', 'metrics', 'aggTrades', 'bookDepth'].join(',')
    const [, ...rest] = DOWNLOAD
    const args = ['run', '--to', 'clean', ...rest, '--set', `download.kinds=${kinds}`]
    const outcome = await sluiceAt(root, exchange, args)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root, Math.floor((NOW + (switches.timeSkewMs ?? 0)) / MINUTE) * MINUTE)
    for (const kind of ['aggTrades', 'bookDepth'] as const) {
      const { archive } = await rawRows(root, 'BTCUSDT', kind)
      expect(archive, kind).toEqual(asNumbers(truth.rows(kind, 'BTCUSDT', { from: DAY(1), to: DAY(4) }), kind))
    }
    // Whatever the labels mean: no value of metrics may be used before its five minutes are over.
    const path = join(root, 'data/clean/binance-um/BTCUSDT/metrics/2024-08.parquet')
    const { numbers, rows } = await readParquet([path], ['available_time', 'sum_open_interest'])
    const ends = new Map<number, number>()
    for (const [i, row] of truth.rows('metrics', 'BTCUSDT', { from: DAY(1), to: CLOSED }).entries()) {
      if (!ends.has(Number(row[2]))) ends.set(Number(row[2]), DAY(1) + (i + 1) * 5 * MINUTE)
    }
    let known = 0
    for (let i = 0; i < rows; i++) {
      const end = ends.get(numbers.sum_open_interest[i])
      if (end === undefined) continue
      known++
      expect(numbers.available_time[i]).toBeGreaterThanOrEqual(end)
    }
    expect(known).toBeGreaterThan(800)
  })

  it('mends a flaky, truncating, rate-limiting exchange, and keeps silent when it is told to', async () => {
    const root = await start({
      retryAfter: 1,
      faults: [
        { match: /klines.*08-01\.zip$/, how: 'truncate', times: 1 },
        { match: /markPriceKlines.*08-02\.zip$/, how: 'reset', times: 2 },
        { match: /indexPriceKlines.*zip$/, how: 'html502', times: 1 },
        { match: /fapi\/v1\/klines/, how: 'truncatedGzip', times: 1 },
        { match: /fapi\/v1\/markPriceKlines/, how: '429', seconds: 1, times: 1 },
        { match: /fapi\/v1\/premiumIndexKlines/, how: 'status503', times: 1 },
        { match: /futures\/data\/openInterestHist/, how: '429', seconds: 1, times: 1 },
        { match: /metrics.*08-03\.zip$/, how: '429', seconds: 1, times: 1 },
      ],
      checksums: [
        { match: /klines.*08-02/, how: 'mismatch', times: 1 },
        { match: /klines.*08-03/, how: 'crlf' },
        { match: /metrics/, how: 'noNewline' },
        { match: /markPriceKlines/, how: 'star' },
      ],
      defects: [
        { match: /markPriceKlines.*08-01/, how: 'crlf' },
        { match: /indexPriceKlines.*08-01/, how: 'noFinalNewline' },
        { match: /premiumIndexKlines.*08-02/, how: 'noHeader' },
      ],
    })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root)
    // REST goes one request at a time. A file may be on its way from another worker when the archive says stop.
    expect(inSilence().filter(({ host }) => host !== 'archive')).toEqual([])
    expect(inSilence().filter(({ time, retryAfterUntil }) => time - ((retryAfterUntil ?? 0) - 1000) > 250)).toEqual([])
  })

  it('stays within the limits that exchangeInfo names', async () => {
    const root = await start({ weightLimit: 60, retryAfter: 1, weightWindowMs: 60_000 })
    const only = ['--set', 'download.kinds=klines', '--set', 'data.from=2024-08-03']
    const outcome = await sluiceAt(root, exchange, [...DOWNLOAD, ...only])
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(exchange.requests.filter(({ status }) => status === 429)).toEqual([])
  })

  it('fills rows that a file lacks from REST, and tells what neither has', async () => {
    const root = await start({
      defects: [
        { match: /\/klines.*08-01/, how: 'missingRows', rows: [0, 50] },
        { match: /\/klines.*08-02/, how: 'missingRows', rows: [600, 700] },
      ],
      missing: [{ match: /\/klines.*08-03/, what: 'both' }],
    })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root, CLOSED, ['klines'])
    const { rest } = await rawRows(root, 'BTCUSDT', 'klines', { timeframe: '1m' })
    expect(rest.length).toBeGreaterThan(50 + 100 + 1440)
  })

  it('finds a file that was replaced, fetches it alone, and makes what stands behind it anew', async () => {
    const root = await start()
    await sluiceAt(root, exchange, DOWNLOAD)
    const key = 'data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08-02.zip'
    let changed = 0
    exchange.rewrite(key, (csv) =>
      csv.replace(/^(\d+),([\d.]+),/m, (_, time, open) => {
        changed = Number(time)
        return `${time},${(Number(open) + 0.1).toFixed(2)},`
      }),
    )
    const before = exchange.requests.length
    const plain = await sluiceAt(root, exchange, DOWNLOAD)
    expect(plain.stderr).toContain('everything is fresh')
    expect(exchange.requests.length).toBe(before)
    const outcome = await sluiceAt(root, exchange, [...DOWNLOAD, '--revise'])
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(outcome.stderr).toContain('the archive has replaced BTCUSDT-1m-2024-08-02.zip')
    const fetched = exchange.requests
      .slice(before)
      .filter(isFile)
      .filter(({ path }) => path.includes('/klines/'))
    expect(fetched.map(({ path }) => path)).toEqual([`/${key}`])
    const { archive } = await rawRows(root, 'BTCUSDT', 'klines', { timeframe: '1m' })
    const [true_] = asNumbers(truth.rows('klines', 'BTCUSDT', { from: changed, to: changed + MINUTE }), 'klines')
    expect(archive.find(([time]) => time === changed)?.[1]).toBeCloseTo(true_[1] + 0.1, 9)
  })

  it('loses nothing when it is killed twenty times, and fetches little twice', async () => {
    // All of the span has closed, so that two runs at different moments see the same.
    const root = await start({ missing: [{ match: /lines.*08-03/, what: 'both' }] })
    const args = [...DOWNLOAD, '--set', 'data.to=2024-08-04']
    const random = createRandom(3, 'kills')
    for (let kill = 0; kill < 20; kill++) {
      const running = startSluiceAt(root, exchange, args)
      await new Promise((resolve) => setTimeout(resolve, 200 + random.below(900)))
      running.killGroup()
      await running.done
    }
    const outcome = await sluiceAt(root, exchange, args)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root, DAY(4))
    const files = exchange.requests.filter(isFile)
    const twice = files.length - new Set(files.map(({ path }) => path)).size
    // A kill may cost what was on its way: four files in each of two workers.
    expect(twice, 'files fetched again').toBeLessThanOrEqual(20 * 8)
    const whole = await scratchFolder()
    await sluiceAt(whole, exchange, args)
    const checked = async (at: string) => (await sluice(['verify', 'data', '--json', '--root', at], { cwd: at })).stdout
    expect(JSON.parse(await checked(root)).findings).toEqual([])
    expect(await checked(root)).toBe(await checked(whole))
  }, 240_000)

  it('fetches trades, the book and its depth, each column as published', async () => {
    const root = await start()
    const kinds = ['aggTrades', 'trades', 'bookDepth', 'depth'] as const
    const args = [...DOWNLOAD, '--set', 'data.from=2024-08-03', '--set', `download.kinds=${kinds.join(',')}`]
    const outcome = await sluiceAt(root, exchange, args)
    expect(outcome.code, outcome.stderr).toBe(0)
    const day = { from: DAY(3), to: DAY(4) }
    for (const kind of ['aggTrades', 'trades', 'bookDepth'] as const) {
      const { archive } = await rawRows(root, 'BTCUSDT', kind)
      expect(archive, kind).toEqual(asNumbers(truth.rows(kind, 'BTCUSDT', day), kind))
    }
    // What REST still has of today's trades goes on from yesterday's file without a gap or a repetition.
    const { rest } = await rawRows(root, 'BTCUSDT', 'aggTrades')
    const today = asNumbers(truth.rows('aggTrades', 'BTCUSDT', { from: DAY(4), to: NOW }), 'aggTrades')
    expect(rest.slice(0, today.length).map((row) => row.slice(0, 7))).toEqual(today)
    const book = (await rawRows(root, 'BTCUSDT', 'depth')).archive
    const [best, second] = book.map((row) => row[row.length - 2])
    expect(best, 'the best bid comes first').toBeGreaterThan(second)
  })

  it.each(['doubled', 'single', 'gone'] as const)('reads liquidations whose files are %s', async (liquidations) => {
    const [from, to] = [Date.UTC(2024, 2, 30), Date.UTC(2024, 3, 3)]
    const old = createTruth({ seed: 7, pairs: ['BTCUSDT'], from, to })
    exchange = await startExchange({
      ...{ truth: old, now: to + 30 * MINUTE },
      switches: {
        listingEtags: 'placeholder',
        liquidations,
        missing: [{ match: /Snapshot-2024-03-30/, what: 'both' }],
      },
    })
    const root = await scratchFolder()
    const span = ['--set', 'data.from=2024-03-30', '--set', 'data.to=2024-04-02']
    const args = ['run', '--to', 'clean', '--pair', 'BTCUSDT', ...span]
    const outcome = await sluiceAt(root, exchange, [...args, '--set', 'download.kinds=liquidationSnapshot'])
    expect(outcome.code, outcome.stderr).toBe(0)
    const folder = join(root, 'data/clean/binance-um/BTCUSDT/liquidation_bars')
    if (liquidations === 'gone') return expect(existsSync(folder)).toBe(false)
    const published = old.rows('liquidationSnapshot', 'BTCUSDT', {
      from: Date.UTC(2024, 2, 31),
      to: Date.UTC(2024, 3, 1),
    })
    const { numbers, rows } = await readParquet([join(folder, '2024-03.parquet')], null)
    expect(rows).toBe(2 * 1440)
    // No file: not known. A file: every minute is, and the orders are those that were published, each once.
    expect(numbers.long_orders.subarray(0, 1440).every((orders) => Number.isNaN(orders))).toBe(true)
    for (const [side, name] of [
      ['SELL', 'long'],
      ['BUY', 'short'],
    ] as const) {
      const own = published.filter((row) => row[1] === side)
      const total = (x: Float64Array) => x.subarray(1440).reduce((sum, value) => sum + value, 0)
      expect(total(numbers[`${name}_orders`])).toBe(own.length)
      expect(total(numbers[`${name}_volume`])).toBeCloseTo(
        own.reduce((sum, row) => sum + Number(row[9]), 0),
        6,
      )
    }
    // April has no file at all, so there is no series of it.
    expect(existsSync(join(folder, '2024-04.parquet'))).toBe(false)
  })

  it('reads spot: no header, microseconds since 2025, its own REST', async () => {
    const [from, to] = [Date.UTC(2024, 11, 31), Date.UTC(2025, 0, 3)]
    const spot = createTruth({ seed: 6, pairs: ['BTCUSDT'], from, to })
    // The last bar but one closed five seconds ago, beyond the margin; the last has not closed.
    exchange = await startExchange({ truth: spot, now: to - 55_000, switches: { listingEtags: 'placeholder' } })
    const root = await scratchFolder()
    const span = ['--set', 'data.from=2024-12-31', '--set', 'data.to=2025-01-03', '--set', 'data.venue=binance-spot']
    const outcome = await sluiceAt(root, exchange, ['download', '--pair', 'BTCUSDT', ...span])
    expect(outcome.code, outcome.stderr).toBe(0)
    const onDisk = merged(await rawRows(root, 'BTCUSDT', 'klines', { venue: 'binance-spot', timeframe: '1m' }))
    const rows = spot.rows('klines', 'BTCUSDT', { from, to: to - 60_000, timeframe: '1m', venue: 'spot' })
    expect(onDisk).toEqual(asNumbers(rows, 'klines'))
  })

  it('goes up to the end of yesterday with data.to=now', async () => {
    const root = await start()
    const args = [
      'download',
      '--pair',
      'BTCUSDT',
      '--set',
      'data.from=2024-08-01',
      '--set',
      'data.to=now',
      '--set',
      'download.kinds=klines',
    ]
    const outcome = await sluiceAt(root, exchange, args)
    expect(outcome.code, outcome.stderr).toBe(0)
    await expectTruth(root, DAY(4), ['klines'])
    expect((await sluiceAt(root, exchange, args)).stderr).toContain('everything is fresh')
  })

  it('asks again for the newest bars when they have settled, the same day', async () => {
    let now = DAY(4) + 1000
    exchange = await startExchange({ truth, clock: () => now, switches: { listingEtags: 'placeholder' } })
    const root = await scratchFolder()
    const args = ['download', '--pair', 'BTCUSDT', '--set', 'data.from=2024-08-01', '--set', 'data.to=now']
    const only = [...args, '--set', 'download.kinds=klines']
    const early = await sluiceAt(root, exchange, only)
    expect(early.code, early.stderr).toBe(0)
    expect(early.stderr).toContain('run again after 2024-08-04 00:01 UTC')
    expect((await sluiceAt(root, exchange, only)).stderr).toContain('everything is fresh')
    // Two minutes later, by the exchange's clock, by which the program knows when it asked.
    now += 2 * MINUTE
    await rm(join(stateFolder(root), 'sluice/limits.sqlite'))
    const folder = join(root, 'data/raw/binance-um/BTCUSDT')
    await changeJson(join(folder, 'instrument.run.json'), (record) => {
      record.notes.skewMs += 2 * MINUTE
    })
    await changeJson(join(folder, 'klines/1m/2024-08.run.json'), (record) => {
      record.startedAt = new Date(Date.parse(record.startedAt) - 2 * MINUTE).toISOString()
    })
    const late = await sluiceAt(root, exchange, only)
    expect(late.stderr).toContain('its newest rows had not settled when it was asked for')
    await expectTruth(root, DAY(4), ['klines'])
    expect((await sluiceAt(root, exchange, only)).stderr).toContain('everything is fresh')
  })

  it('cleans archive and REST into one truth, and says of every gap why it is there', async () => {
    const lost = [600, 700] as const
    const wrong = DAY(4) - 30 * MINUTE
    const root = await start({
      defects: [{ match: /\/klines.*08-02/, how: 'missingRows', rows: lost }],
      disagreements: [
        {
          side: 'rest',
          kind: 'klines',
          pair: 'BTCUSDT',
          times: [wrong],
          change: (row) => row.map((cell, i) => (i === 4 ? '1.0' : cell)),
        },
      ],
    })
    const [, ...rest] = DOWNLOAD
    const outcome = await sluiceAt(root, exchange, ['run', '--to', 'clean', ...rest])
    expect(outcome.code, outcome.stderr).toBe(0)
    const folder = join(root, 'data/clean/binance-um/BTCUSDT')
    const { numbers, rows } = await readParquet(
      [join(folder, 'bars/1m/2024-08.parquet')],
      ['open_time', 'close', 'volume'],
    )
    const known = Array.from({ length: rows }, (_, i) => [
      numbers.open_time[i],
      numbers.close[i],
      numbers.volume[i],
    ]).filter(([, close]) => !Number.isNaN(close))
    const truly = asNumbers(truth.rows('klines', 'BTCUSDT', { from: DAY(1), to: CLOSED, timeframe: '1m' }), 'klines')
    expect(known).toEqual(truly.map((row) => [row[0], row[4], row[5]]))
    const quality = JSON.parse(await readFile(join(folder, 'quality.json'), 'utf8'))
    const gaps = quality.timeframes[0].gaps.map(({ from, to, cause }: { from: number; to: number; cause: string }) => ({
      from,
      to,
      cause,
    }))
    expect(gaps).toContainEqual({ ...GAP, cause: 'absent in both' })
    expect(JSON.stringify(quality), 'the archive and REST disagree on one bar').toContain(String(wrong))
  })

  it('lists what is traded most, by the volume of the last 24 hours', async () => {
    const root = await start()
    const { code, stdout, stderr } = await sluiceAt(root, exchange, ['pairs', '--top', '2', '--json'])
    expect(code, stderr).toBe(0)
    const listed = JSON.parse(stdout) as { pair: string; quoteVolume: number }[]
    expect(listed.map(({ pair }) => pair).sort()).toEqual(['BTCUSDT', 'ETHUSDT'])
    const day = { from: CLOSED - 24 * 60 * MINUTE, to: CLOSED, timeframe: '1m' as const }
    for (const { pair, quoteVolume } of listed) {
      const sum = truth.rows('klines', pair, day).reduce((total, row) => total + Number(row[7]), 0)
      expect(Math.abs(quoteVolume / sum - 1), pair).toBeLessThan(1e-3)
    }
    expect(listed[0].quoteVolume).toBeGreaterThanOrEqual(listed[1].quoteVolume)
  })

  it('refuses an unknown pair at once, with a suggestion, and goes on with the others', async () => {
    const root = await start()
    const outcome = await sluiceAt(root, exchange, [...DOWNLOAD, '--pair', 'BTCUSD'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/BTCUSD is not a pair of binance-um: .*did you mean BTCUSDT\?/)
    expect(exchange.requests.filter(({ path }) => /\/BTCUSD\//.test(path))).toEqual([])
    await expectTruth(root, CLOSED, ['klines'])
  })

  it('refuses an unknown pair by the listing where the exchange is not asked, or does not answer', async () => {
    const root = await start({ faults: [{ match: /^\/(fapi|futures)\//, how: '451' }], listingPageSize: 1 })
    const wrong = ['download', '--pair', 'BTCUSTD', '--set', 'data.from=2024-06-01', '--set', 'data.to=2024-08-05']
    const silent = await sluiceAt(root, exchange, wrong)
    const never = ['--set', 'download.rest=never', '--root', root]
    const off = await sluice([...wrong, ...exchangeArguments(exchange), ...never], { cwd: root })
    for (const { code, stderr } of [silent, off]) {
      expect(code, stderr).toBe(1)
      expect(stderr).toMatch(/BTCUSTD is not a pair of binance-um: not in the archive, did you mean BTCUSDT\?/)
    }
    expect(exchange.requests.filter(({ path }) => path.endsWith('.zip'))).toEqual([])
    const right = wrong.map((word) => (word === 'BTCUSTD' ? 'ETHUSDT' : word))
    const only = ['--set', 'download.kinds=klines', ...never]
    expect((await sluice([...right, ...exchangeArguments(exchange), ...only], { cwd: root })).code).toBe(0)
  })

  it('writes the password of no address anywhere, and tells it to nobody but its host', async () => {
    const root = await start({ missing: [{ match: /klines.*08-01/, what: 'both' }] })
    const secret = (address: string) => address.replace('//', '//zoe:s3cr%40t@')
    const args = ['--root', root, '--set', 'download.rest=always', '--set', 'download.kinds=klines,metrics']
    for (const name of ['archiveUrl', 'futuresUrl', 'spotUrl', 'listingUrl'] as const) {
      const address = name === 'archiveUrl' ? exchange.url : exchange[name]
      args.push('--set', `exchange.${name}=${secret(address)}`)
    }
    const said: string[] = []
    const say = async (words: readonly string[]) => {
      const { code, stdout, stderr } = await sluice([...words, ...args], { cwd: root })
      said.push(stdout, stderr)
      return code
    }
    expect(await say(DOWNLOAD)).toBe(0)
    expect(await say(DOWNLOAD)).toBe(0)
    await expectTruth(root, CLOSED, ['klines'])
    expect(await say([...DOWNLOAD, '--pair', 'BTCUSD', '--revise'])).toBe(1)
    for (const words of [['config'], ['config', '--json'], ['status', '--json'], ['pairs']]) await say(words)
    await exchange.close()
    expect(await say([...DOWNLOAD, '--force'])).toBe(1)
    const written = await Promise.all(filesUnder(root).map((name) => readFile(join(root, name), 'latin1')))
    const shown = [...said, ...written].filter((text) => /s3cr|zoe/.test(text))
    expect(shown.map((text) => text.slice(Math.max(0, text.search(/s3cr|zoe/) - 100)).slice(0, 200))).toEqual([])
    const cannot = said.at(-1)?.match(/cannot reach/g) ?? []
    expect(
      cannot.length,
      'one cause: by the unit that met it first, by the instrument, and in the summary',
    ).toBeLessThanOrEqual(3)
  })

  it('says what is missing of a month before the listing and of one that has not come yet', async () => {
    const root = await start()
    const early = ['download', '--pair', 'BTCUSDT', '--set', 'data.from=2024-05-01', '--set', 'data.to=2024-06-01']
    const before = await sluiceAt(root, exchange, early)
    expect(before.code).toBe(1)
    expect(before.stderr).toMatch(/BTCUSDT has no klines in the archive .*2024-05 to 2024-05/)
    const late = ['download', '--pair', 'BTCUSDT', '--set', 'data.from=2024-08-01', '--set', 'data.to=2024-10-01']
    const after = await sluiceAt(root, exchange, [...late, '--set', 'download.kinds=klines'])
    expect(after.code, after.stderr).toBe(0)
    expect(after.stderr).toContain('klines absent in the archive: 2024-09')
    await expectTruth(root, CLOSED, ['klines'])
  })

  it('lets REST stand in for a file whose checksum never agrees, lists the quarrel, and takes the file when it is mended', async () => {
    const root = await start({ checksums: [{ match: /\/klines.*08-02/, how: 'mismatch' }] })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(outcome.stderr).toMatch(/08-02\.zip does not match its checksum: it is left out, and REST stands in for it/)
    await expectTruth(root, CLOSED, ['klines'])
    const ledger = join(root, 'data/raw/metadata/binance-um-BTCUSDT.json')
    const klines = async () => JSON.parse(await readFile(ledger, 'utf8')).files[0]
    const [quarrel] = (await klines()).quarrels
    expect(quarrel.key).toBe('data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08-02.zip')
    expect(quarrel.reason).toMatch(/SHA-256 of the file [0-9a-f]{64} SHA-256 in \.CHECKSUM [0-9a-f]{64}/)
    exchange.switches.checksums = []
    const before = exchange.requests.length
    expect((await sluiceAt(root, exchange, [...DOWNLOAD, '--revise'])).code).toBe(0)
    const again = exchange.requests.slice(before).filter(isFile)
    expect(again.map(({ path }) => path).filter((path) => path.includes('/klines/'))).toEqual([`/${quarrel.key}`])
    expect(await klines()).toMatchObject({ absentDays: ['2024-08-04'] })
    expect((await klines()).quarrels).toBeUndefined()
    await expectTruth(root)
  })

  it('fails where nothing stands in for such a file, keeps the rest, and goes on where it was', async () => {
    const root = await start({ checksums: [{ match: /\/trades.*08-02/, how: 'mismatch' }] })
    const args = [...DOWNLOAD, '--set', 'download.kinds=trades']
    const outcome = await sluiceAt(root, exchange, args)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/BTCUSDT-trades-2024-08-02\.zip does not match its checksum/)
    expect(outcome.stderr).toMatch(/klines 1m 2024-08 +done/)
    exchange.switches.checksums = []
    const before = exchange.requests.length
    expect((await sluiceAt(root, exchange, args)).code).toBe(0)
    const again = exchange.requests.slice(before).filter(isFile)
    expect(again.map(({ path }) => path.slice(-14))).toEqual(['2024-08-02.zip'])
    await expectTruth(root, CLOSED, ['klines'])
  })

  it('asks for nothing while it is banned, in later runs too', async () => {
    const root = await start({ faults: [{ match: /fapi\/v1\/klines/, how: '418', seconds: 3600, times: 1 }] })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/has banned this address for too many requests .*until 20/)
    const before = exchange.requests.length
    const again = await sluiceAt(root, exchange, DOWNLOAD)
    expect(again.code).toBe(1)
    expect(exchange.requests.slice(before).filter(({ host }) => host === 'futures')).toEqual([])
  })

  it('does without the exchange where it does not serve this place', async () => {
    const root = await start({ faults: [{ match: /^\/(fapi|futures)\//, how: '451' }] })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(outcome.stderr).toMatch(/does not serve this location \(status 451\)/)
    await expectTruth(root, DAY(4), ['klines'])
  })

  it('keeps what it has fetched when the exchange has let go of it since', async () => {
    let now = NOW
    exchange = await startExchange({ truth, clock: () => now, switches: { listingEtags: 'placeholder' } })
    const root = await scratchFolder()
    const kinds = ['--set', 'download.kinds=metrics,aggTrades']
    await sluiceAt(root, exchange, [...DOWNLOAD, ...kinds])
    const had = async () => {
      const path = join(root, 'data/raw/binance-um/BTCUSDT/open_interest_hist/2024-08.manifest.json')
      const { files, facts } = JSON.parse(await readFile(path, 'utf8'))
      return { files, rows: facts.rows, first: facts.first, last: facts.last }
    }
    const before = await had()
    expect(before.rows).toBeGreaterThan(700)
    now += 60 * (DAY(2) - DAY(1))
    await rm(join(stateFolder(root), 'sluice/limits.sqlite')) // where the exchange's clock is kept for ten minutes
    const outcome = await sluiceAt(root, exchange, [...DOWNLOAD, ...kinds, '--force'])
    expect(outcome.code, outcome.stderr).toBe(0)
    expect(await had()).toEqual(before)
    // Of another exchange these rows are none, though it has none itself.
    const other = exchange.futuresUrl.replace('127.0.0.1', 'localhost')
    const args = [...DOWNLOAD, ...kinds, ...exchangeArguments(exchange), '--set', `exchange.futuresUrl=${other}`]
    await sluice([...args, '--root', root], { cwd: root })
    expect(await had()).toMatchObject({ files: [], rows: 0 })
  })

  it('stands by what the exchange said of the pair when it does not answer another day', async () => {
    const root = await start()
    await sluiceAt(root, exchange, DOWNLOAD)
    const folder = join(root, 'data/raw/binance-um/BTCUSDT')
    const [manifest, entry] = [join(folder, 'instrument.manifest.json'), join(folder, 'instrument.json')]
    const factsOf = async () => JSON.parse(await readFile(manifest, 'utf8')).facts
    const before = { facts: await factsOf(), entry: await readFile(entry, 'utf8') }
    expect(before.facts.onboardDate).toBe(DAY(1))
    const record = join(folder, 'instrument.run.json')
    const text = await readFile(record, 'utf8')
    await writeFile(record, text.replace(/("startedAt": ")\d{4}/, '$12024'))
    exchange.switches.faults = [{ match: /^\/fapi\//, how: '451' }]
    const asked = exchange.requests.length
    const outcome = await sluiceAt(root, exchange, [...DOWNLOAD, '--revise'])
    expect(outcome.stderr).toContain('what it said before holds')
    expect({ facts: await factsOf(), entry: await readFile(entry, 'utf8') }).toEqual(before)
    expect(exchange.requests.slice(asked).filter(isFile)).toEqual([])
    await expectTruth(root)
  })

  it('fails what needs a server that has gone, and finishes when it is back', async () => {
    const root = await start({ faults: [{ match: /\/klines.*08-03\.zip$/, how: 'reset' }] })
    const outcome = await sluiceAt(root, exchange, DOWNLOAD)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/2024-08-03\.zip failed 5 times/)
    exchange.switches.faults = []
    expect((await sluiceAt(root, exchange, DOWNLOAD)).code).toBe(0)
    await expectTruth(root)
  })

  it('finds every damage to what it has stored', async () => {
    const root = await start()
    await sluiceAt(root, exchange, DOWNLOAD)
    const verify = () =>
      sluice(['verify', 'data', '--root', root], { cwd: root }).then(({ code, stdout }) => ({ code, stdout }))
    expect(await verify()).toEqual({ code: 0, stdout: '' })
    const folder = join(root, 'data/raw/binance-um/BTCUSDT')
    await changeJson(join(folder, 'mark_price_klines/1m/2024-08.manifest.json'), ({ facts }) => {
      facts.sources[1].rows += 7
    })
    const path = join(folder, 'klines/1m/2024-08.parquet')
    const whole = await readFile(path)
    await writeFile(path, whole.subarray(0, whole.length - 100))
    await writeFile(join(folder, 'metrics/notes.txt'), 'mine')
    const { code, stdout } = await verify()
    expect(code).toBe(3)
    expect(stdout).toContain('klines/1m/2024-08.parquet is not the file that was written')
    expect(stdout).toContain('metrics/notes.txt is in no manifest')
    expect(stdout).toMatch(/mark_price_klines\S+ has 4,?320 rows, the files that it was made from 4,?327/)
  })
})
