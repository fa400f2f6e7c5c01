/**
 * Trades, open interest and recorded messages of somebody, from the tables to the features that are made of them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../src/core/time.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { project, sluice, suiteFolder } from '../support/sluice.js'
import { csvOfZip } from '../support/unzip.js'

const cwd = suiteFolder()
const data = join(project, '../shared/data')
const isThere = existsSync(data)
if (!isThere)
  console.log('skipped: features of real trades, books and open interest, because ../shared/data is not there')

async function done(args: readonly string[]): Promise<string> {
  const { code, stderr } = await sluice(args, { cwd })
  expect(code, stderr).toBe(0)
  return stderr
}

type Wish = {
  readonly pair: string
  readonly archive: string
  readonly settings: readonly string[]
  readonly more?: readonly string[]
}

/** Columns of the feature table of a pair, which lies in a folder of its own. */
async function featuresOf({ pair, archive, settings, more = [] }: Wish, columns: readonly string[]) {
  const root = `root_${archive}`
  const all = [`exchange.archiveUrl=${archive}`, ...settings].flatMap((text) => ['--set', text])
  await done(['run', '--to', 'features', '--pair', pair, '--root', root, '--quiet', ...more, ...all])
  const of = (name: string) => settings.find((text) => text.startsWith(name))?.slice(name.length + 1)
  const folder = join(cwd, root, 'data/features', of('data.venue') ?? 'binance-um', pair, of('bars.decision') ?? '5m')
  const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'))
  const table = await readParquet(
    files.sort().map((name) => join(folder, name)),
    ['available_time', ...columns],
  )
  return table.numbers
}

const csvIn = async (path: string) => (await csvOfZip(join(cwd, path))).trim().split('\n')
const FROM = Date.UTC(2024, 0, 2)

describe('tables of trades', () => {
  const rows = Array.from({ length: 300 }, (_, i) => [
    FROM + i * 20_000 + 5,
    100 + i,
    i % 3 === 0 ? 'sell' : 'buy',
    10 + (i % 7),
    0.5,
  ])
  writeFileSync(
    join(cwd, 'BTC_USDT-trades.csv'),
    `timestamp,trade_id,side,price,amount\n${rows.map((row) => row.join(',')).join('\n')}\n`,
  )

  it('become trades by the day and bars of whole minutes', async () => {
    const said = await done(['import', 'BTC_USDT-trades.csv', '--out', 'trades'])
    expect(said).toContain('98 bars of 1m made from the trades')
    const trades = await csvIn('trades/data/futures/um/daily/trades/BTCUSDT/BTCUSDT-trades-2024-01-02.zip')
    expect(trades.slice(0, 3)).toEqual([
      'id,price,qty,quote_qty,time,is_buyer_maker',
      `100,10,0.5,,${FROM + 5},true`,
      `101,11,0.5,,${FROM + 20_005},false`,
    ])
    expect(trades).toHaveLength(301)
    // Minute 1 holds rows 3, 4 and 5: prices 13, 14, 15, of which the first was sold.
    const [, first] = await csvIn('trades/data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip')
    expect(first).toBe(`${FROM + MINUTE},13,15,13,15,1.5,${FROM + 2 * MINUTE - 1},21,3,1,14.5,0`)
  })

  it('make no bars where candles are given, and only bars without numbers or sides', async () => {
    const candles = Array.from({ length: 100 }, (_, i) => `${FROM + i * MINUTE},1,1,1,1,1`).join('\n')
    writeFileSync(join(cwd, 'BTC_USDT-1m.csv'), `date,open,high,low,close,volume\n${candles}\n`)
    expect(await done(['import', 'BTC_USDT-1m.csv', 'BTC_USDT-trades.csv', '--out', 'both'])).not.toContain('made from')
    writeFileSync(
      join(cwd, 'tape.csv'),
      `time,price,size\n${rows.map(([time, , , price]) => `${time},${price},1`).join('\n')}\n`,
    )
    const said = await done(['import', 'tape.csv', '--pair', 'SPYUSD', '--out', 'tape'])
    expect(said).toContain('only bars are made of them: it has no numbers of the trades and no sides of the takers')
    expect(existsSync(join(cwd, 'tape/data/futures/um/daily'))).toBe(false)
    expect(existsSync(join(cwd, 'tape/data/futures/um/monthly/klines/SPYUSD'))).toBe(true)
  })

  it('with a side that is none are refused', async () => {
    writeFileSync(join(cwd, 'X_USDT.csv'), `timestamp,id,side,price,amount\n${FROM},1,up,1,1\n`)
    const { code, stderr } = await sluice(['import', 'X_USDT.csv', '--out', 'x'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('the text in side is no side in 1 of 1 rows')
  })
})

describe('tables of positions', () => {
  it('are joined by time, and a longer period stands for its last five minutes', async () => {
    const at = (hour: number) => FROM + hour * HOUR
    writeFileSync(join(cwd, 'BTCUSDT-oi.csv'), `timestamp,sumOpenInterest\n${at(0)},5\n${at(4)},6\n${at(8)},7\n`)
    writeFileSync(
      join(cwd, 'BTCUSDT-globalLongShort.csv'),
      `timestamp,longShortRatio\n${at(4)},1.5\n${at(8)},2\n${at(12)},1\n`,
    )
    const said = await done(['import', 'BTCUSDT-oi.csv', 'BTCUSDT-globalLongShort.csv', '--out', 'positions'])
    expect(said).toContain('each row is known 4h after its time, and counts for a quarter of an hour: decide at 4h')
    const rows = await csvIn('positions/data/futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2024-01-02.zip')
    expect(rows.slice(1)).toEqual([
      '2024-01-02 03:55:00,BTCUSDT,5,,,,,',
      '2024-01-02 07:55:00,BTCUSDT,6,,,,1.5,',
      '2024-01-02 11:55:00,BTCUSDT,7,,,,2,',
      '2024-01-02 15:55:00,BTCUSDT,,,,,1,',
    ])
  })

  it('are refused where it is not known whose they are, or where they say something else', async () => {
    writeFileSync(join(cwd, 'BTCUSDT-top.csv'), `timestamp,longShortRatio\n${FROM},5\n`)
    writeFileSync(join(cwd, 'BTCUSDT-taker-4h.csv'), `timestamp,buySellRatio\n${FROM},5\n${FROM + 4 * HOUR},5\n`)
    const { code, stderr } = await sluice(['import', 'BTCUSDT-top.csv', 'BTCUSDT-taker-4h.csv', '--out', 'x'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('longShortRatio could be of all accounts or of top traders')
    expect(stderr).toContain('takers’ ratios of 4h'.replace('’', "'"))
  })
})

describe('recorded messages', () => {
  const line = (stream: string, message: object) =>
    `1704153600000000 ${JSON.stringify({ stream: `btcusdt@${stream}`, data: message })}`
  const trade = (i: number, more: object = {}) =>
    line('trade', {
      ...{ e: 'trade', s: 'BTCUSDT', t: i, p: '10.5', q: '2', X: 'MARKET', m: i % 2 === 0 },
      T: FROM + i * 10_000,
      ...more,
    })

  it('become trades and best prices; what the archive has no kind for is counted', async () => {
    const lines = [
      ...[trade(1), trade(2), trade(900, { X: 'INSURANCE_FUND' }), '1704153600000000 {"lastUpdateId":1,"bids":[]}'],
      line('aggTrade', { s: 'BTCUSDT', a: 7, p: '10.5', q: '4', f: 1, l: 2, T: FROM, m: true }),
      line('bookTicker', { s: 'BTCUSDT', u: 9, b: '10', B: '1', a: '11', A: '2', T: FROM, E: FROM + 3 }),
      line('depth@100ms', { s: 'BTCUSDT', U: 1, u: 2, pu: 0, b: [], a: [] }),
      line('forceOrder', { o: { s: 'BTCUSDT' } }),
      trade(3).slice(0, 60), // the recorder was killed
    ]
    writeFileSync(join(cwd, 'recorded.gz'), gzipSync(`${lines.join('\n')}\n`))
    const said = await done(['import', 'recorded.gz', '--out', 'recorded'])
    expect(said).toContain('messages left out: 1 of depth, 1 of forceOrder')
    expect(said).toContain('no message of a stream left out: 2')
    const of = async (kind: string) =>
      (await csvIn(`recorded/data/futures/um/daily/${kind}/BTCUSDT/BTCUSDT-${kind}-2024-01-02.zip`)).slice(1)
    expect(await of('trades')).toEqual([`1,10.5,2,,${FROM + 10_000},false`, `2,10.5,2,,${FROM + 20_000},true`])
    expect(await of('aggTrades')).toEqual([`7,10.5,4,1,2,${FROM},true`])
    expect(await of('bookTicker')).toEqual([`9,10,1,11,2,${FROM},${FROM + 3}`])
  })

  it('of the book alone are refused', async () => {
    writeFileSync(join(cwd, 'book.txt'), `${line('depth@100ms', { s: 'BTCUSDT', u: 2, b: [], a: [] })}\n`)
    const { code, stderr } = await sluice(['import', 'book.txt', '--out', 'x'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('it has no messages of trades or best prices, but 1 of depth')
  })
})

describe.skipIf(!isThere)('features of real', () => {
  const near = (value: number, expected: number) =>
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected))

  it('trades are those of the trades themselves', async () => {
    const path = join(data, 'binance/spot/trades/XRPETH/XRPETH-trades-2019-10.parquet')
    await done(['import', path, '--venue', 'binance-spot', '--pair', 'XRPETH', '--out', 'xrp'])
    const settings = ['data.venue=binance-spot', 'bars.base=1m', 'data.from=2019-10-12', 'data.to=2019-10-13']
    const columns = ['trade_imbalance_1', 'print_size', 'true_vwap_20']
    const include = [`features.include=[${columns.join(',')}]`, 'bars.context=[]', 'download.kinds=[klines,trades]']
    const table = await featuresOf({ pair: 'XRPETH', archive: 'xrp', settings: [...settings, ...include] }, columns)
    const { numbers, texts, rows } = await readParquet([path], ['timestamp', 'side', 'price', 'amount'])
    const sums = (from: number, to: number) => {
      let [bought, volume, quote, count] = [0, 0, 0, 0]
      for (let i = 0; i < rows; i++) {
        if (numbers.timestamp[i] < from || numbers.timestamp[i] >= to) continue
        bought += texts.side[i] === 'buy' ? numbers.amount[i] : 0
        volume += numbers.amount[i]
        quote += numbers.amount[i] * numbers.price[i]
        count++
      }
      return { bought, volume, quote, count }
    }
    let compared = 0
    for (let row = 100; row < table.available_time.length; row += 17) {
      const end = table.available_time[row]
      const { bought, volume, count } = sums(end - 5 * MINUTE, end)
      if (volume === 0) continue
      expect(table.trade_imbalance_1[row]).toBeCloseTo((2 * bought - volume) / volume, 5)
      near(table.print_size[row], volume / count)
      const hundred = sums(end - 100 * MINUTE, end)
      near(table.true_vwap_20[row], hundred.quote / hundred.volume)
      compared++
    }
    expect(compared).toBeGreaterThan(8)
  })

  it('best prices and trades are those of the recorded messages', async () => {
    const folder = join(data, 'binance/futures/um/websocket-raw')
    const paths = ['btcusdt_20240718.gz', 'btcusdt_20240719.gz'].map((name) => join(folder, name))
    await done(['import', ...paths, '--out', 'book'])
    const columns = ['spread', 'best_imbalance', 'trade_imbalance_1', 'print_size']
    const table = await featuresOf(
      {
        ...{ pair: 'BTCUSDT', archive: 'book' },
        settings: [
          ...['data.from=2024-07-18', 'data.to=2024-07-20', 'bars.decision=1m', 'bars.context=[]'],
          ...['download.kinds=[klines,trades,bookTicker]', `features.include=[${columns.join(',')}]`],
        ],
      },
      columns,
    )
    type Message = {
      e: string
      T: number
      E: number
      u: number
      b: string
      B: string
      a: string
      A: string
      q: string
      m: boolean
    }
    const messages = paths
      .flatMap((path) => gunzipSync(readFileSync(path)).toString().trim().split('\n'))
      .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)).data as Message | undefined)
    let compared = 0
    for (const [row, end] of table.available_time.entries()) {
      if (Number.isNaN(table.spread[row]) || end > Date.UTC(2024, 6, 19, 0, 5)) continue
      let last: Message | null = null
      let [sold, volume, count] = [0, 0, 0]
      for (const message of messages) {
        if (message?.e === 'bookTicker' && Math.max(message.T, message.E) < end && message.u >= (last?.u ?? 0))
          last = message
        if (message?.e !== 'trade' || message.T < end - MINUTE || message.T >= end) continue
        sold += message.m ? Number(message.q) : 0
        volume += Number(message.q)
        count++
      }
      expect(table.spread[row]).toBeCloseTo(Number(last?.a) - Number(last?.b), 6)
      const [bid, ask] = [Number(last?.B), Number(last?.A)]
      expect(table.best_imbalance[row]).toBeCloseTo((bid - ask) / (bid + ask), 6)
      expect(table.trade_imbalance_1[row]).toBeCloseTo((volume - 2 * sold) / volume, 6)
      near(table.print_size[row], volume / count)
      compared++
    }
    expect(compared).toBeGreaterThanOrEqual(6)
  })

  it('open interest and ratios at 4 hours are those of the tables', async () => {
    const folder = join(data, 'binance/futures/um/openInterest-ratios/BTCUSDT')
    const of = (name: string) => join(folder, `BTCUSDT-${name}-4h.parquet`)
    const from = Date.UTC(2026, 2, 3)
    // No bars of these days are at hand; what is asked of the table needs none.
    const candles = Array.from(
      { length: 18 * 6 },
      (_, i) => `${from + i * 4 * HOUR},1,2,0.5,${1 + (i % 5) / 10},9`,
    ).join('\n')
    writeFileSync(join(cwd, 'BTCUSDT-4h.csv'), `open_time,open,high,low,close,volume\n${candles}\n`)
    await done(['import', 'BTCUSDT-4h.csv', of('openInterestHist'), of('globalLongShortAccountRatio'), '--out', 'oi'])
    const columns = ['open_interest', 'oi_pct_change_1', 'oi_percentile_100', 'ls_ratio', 'ls_ratio_change_24h']
    const table = await featuresOf(
      {
        ...{ pair: 'BTCUSDT', archive: 'oi' },
        settings: [
          ...['data.from=2026-03-03', 'data.to=2026-03-21', 'bars.base=4h', 'bars.decision=4h', 'bars.context=[]'],
          'labels.horizon=32h',
          ...['download.kinds=[klines,metrics]', `features.include=[${columns.join(',')}]`],
        ],
      },
      columns,
    )
    const interest = await readParquet([of('openInterestHist')], ['timestamp', 'sumOpenInterest'])
    const ratio = await readParquet([of('globalLongShortAccountRatio')], ['timestamp', 'longShortRatio'])
    let compared = 0
    for (const [row, end] of table.available_time.entries()) {
      const at = (time: number) => interest.numbers.sumOpenInterest[interest.numbers.timestamp.indexOf(time)]
      // A row of four hours is known when they are over, whatever its time names.
      const now = at(end - 4 * HOUR)
      if (now === undefined) {
        expect(table.open_interest[row]).toBeNaN()
        continue
      }
      near(table.open_interest[row], now)
      near(table.ls_ratio[row], ratio.numbers.longShortRatio[ratio.numbers.timestamp.indexOf(end - 4 * HOUR)])
      const before = at(end - 8 * HOUR)
      if (before === undefined) continue
      expect(table.oi_pct_change_1[row]).toBeCloseTo(now / before - 1, 6)
      compared++
    }
    expect(compared).toBeGreaterThan(90)
    expect(table.ls_ratio_change_24h.filter((value) => !Number.isNaN(value)).length).toBeGreaterThan(90)
  })

  it('shares beside a currency are compared from one trading day to the next', async () => {
    const path = (name: string) => join(data, `${name}-1h.parquet`)
    const sides = ['open', 'high', 'low', 'close'].map((price) => `${price}=bid_${price}`).join(',')
    await done(['import', path('stocks/us/hour/SPY'), '--pair', 'SPYUSD', '--out', 'macro'])
    await done(['import', path('forex/hour/EURUSD'), '--pair', 'EURUSD', '--out', 'macro', '--columns', sides])
    const columns = ['spy_beta_30d', 'spy_correlation_30d']
    const table = await featuresOf(
      {
        ...{ pair: 'EURUSD', archive: 'macro' },
        settings: [
          ...['data.from=2015-11-01', 'data.to=2016-02-01', 'bars.base=1h', 'bars.decision=1h', 'bars.context=[]'],
          ...['download.kinds=[klines]', 'features.spy=SPYUSD', `features.include=[return,${columns.join(',')}]`],
        ],
        more: ['--pair', 'SPYUSD'],
      },
      columns,
    )
    const closes = async (name: string, column: string) => {
      const { numbers } = await readParquet([path(name)], ['open_time', column])
      return new Map([...numbers.open_time].map((time, i) => [time + HOUR, numbers[column][i]]))
    }
    const [spy, euro] = [await closes('stocks/us/hour/SPY', 'close'), await closes('forex/hour/EURUSD', 'bid_close')]
    /** The last price of the day that ends here, nothing on a holiday. */
    const priceOf = (midnight: number) => {
      const hours = Array.from({ length: 24 }, (_, i) => spy.get(midnight - i * HOUR))
      return hours.find((price) => price !== undefined)
    }
    let compared = 0
    for (const [row, now] of table.available_time.entries()) {
      // A row without a bar of the pair itself has no values at all.
      if (row < 31 * 24 - 1 || row % 11 !== 0 || !euro.has(now)) continue
      const last = Math.floor(now / (24 * HOUR)) * 24 * HOUR
      const looks = Array.from({ length: 31 }, (_, i) => last - (30 - i) * 24 * HOUR)
        .map((midnight) => [priceOf(midnight), euro.get(midnight)] as const)
        .filter((pair): pair is readonly [number, number] => pair[0] !== undefined && pair[1] !== undefined)
      const [x, y] = [0, 1].map((side) => looks.slice(1).map((look, i) => Math.log(look[side] / looks[i][side])))
      const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
      const moment = (a: readonly number[], b: readonly number[]) =>
        mean(a.map((value, i) => (value - mean(a)) * (b[i] - mean(b))))
      if (x.length < 15) {
        expect(table.spy_beta_30d[row]).toBeNaN()
        continue
      }
      expect(table.spy_beta_30d[row], new Date(now).toISOString()).toBeCloseTo(moment(x, y) / moment(x, x), 6)
      expect(table.spy_correlation_30d[row]).toBeCloseTo(moment(x, y) / Math.sqrt(moment(x, x) * moment(y, y)), 6)
      compared++
    }
    expect(compared).toBeGreaterThan(50)
  })
})
