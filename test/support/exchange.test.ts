/**
 * The tests' exchange keeps the laws of the real one: a client that it fools is a client that the exchange would fool.
 */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { gunzipSync, inflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/core/time.js'
import { type Exchange, type ExchangeOptions, startExchange } from './exchange/exchange.js'
import { FUTURES_ROUTES } from './exchange/futures.js'
import { RESTRICTED } from './exchange/replies.js'
import { COLUMNS, type Kind } from './exchange/rows.js'
import { SPOT_ROUTES } from './exchange/spot.js'
import type { Switches } from './exchange/switches.js'
import { createTruth, eventfulPairs, type TruthOptions } from './exchange/truth.js'

const FROM = Date.UTC(2026, 5, 20)
const TO = Date.UTC(2026, 5, 28)
const NOW = Date.UTC(2026, 5, 27, 12, 0, 30)
const MIDDLE = FROM + 4 * DAY

const open: Exchange[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((exchange) => exchange.close()))
})

async function start(
  switches: Partial<Switches> = {},
  more: { options?: Partial<ExchangeOptions>; truth?: Partial<TruthOptions> } = {},
) {
  const truth = createTruth({
    seed: 7,
    from: FROM,
    to: TO,
    pairs: eventfulPairs({ from: FROM, to: TO }),
    ...more.truth,
  })
  const time = { now: NOW }
  const exchange = await startExchange({ truth, clock: () => time.now, switches, ...more.options })
  open.push(exchange)
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(exchange.futuresUrl + path, { headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text }
  }
  const rows = async (path: string) => JSON.parse((await get(path)).text)
  return { truth, exchange, time, get, rows }
}

const klines = (query: string) => `/fapi/v1/klines?symbol=BTCUSDT&interval=1m${query}`

describe('klines over REST', () => {
  it('have twelve cells, strings where the exchange has strings, and no space', async () => {
    const { get } = await start()
    const { text } = await get(klines('&limit=1'))
    const number = '"\\d+\\.\\d+"'
    expect(text).toMatch(
      new RegExp(`^\\[\\[\\d{13},${`${number},`.repeat(5)}\\d{13},${number},\\d+,${number},${number},"0"\\]\\]$`),
    )
  })

  it('take both bounds as inclusive, the oldest rows first', async () => {
    const { rows } = await start()
    const at = FROM + DAY
    const found = await rows(klines(`&startTime=${at}&endTime=${at + 5 * MINUTE}`))
    expect(found.map(([time]: [number]) => (time - at) / MINUTE)).toEqual([0, 1, 2, 3, 4, 5])
    expect((await rows(klines(`&startTime=${at}&endTime=${at + DAY}&limit=2`))).map((row: number[]) => row[0])).toEqual(
      [at, at + MINUTE],
    )
    expect((await rows(klines(`&endTime=${at}&limit=2`))).map((row: number[]) => row[0])).toEqual([at - MINUTE, at])
  })

  it('give the newest without times, the first with startTime=0, none in the future', async () => {
    const { rows } = await start()
    const newest = await rows(klines('&limit=3'))
    expect(newest.map((row: number[]) => row[0])).toEqual([2, 1, 0].map((k) => NOW - 30_000 - k * MINUTE))
    expect((await rows(klines('&startTime=0&limit=1')))[0][0]).toBe(FROM)
    expect(await rows(klines(`&startTime=${NOW + HOUR}`))).toEqual([])
    const late = '/fapi/v1/klines?symbol=1000SHIBUSDT&interval=1m&startTime=0&limit=1'
    expect((await rows(late))[0][0]).toBe(MIDDLE + 17 * MINUTE)
    const gone = await rows('/fapi/v1/klines?symbol=OMGUSDT&interval=1h&limit=1')
    expect(gone[0][0]).toBe(MIDDLE - HOUR)
  })

  it('end with the bar that is being formed', async () => {
    const { rows, time, truth } = await start()
    const minute = NOW - 30_000
    const seen = new Set<string>()
    for (let second = 0; second < 60; second += 5) {
      time.now = minute + second * 1000
      const last = (await rows(klines('&limit=1')))[0]
      expect(last[0]).toBe(minute)
      expect(last[6]).toBe(minute + MINUTE - 1)
      seen.add(JSON.stringify(last))
    }
    expect(seen.size).toBeGreaterThan(2)
    time.now = minute + MINUTE
    const [closed] = await rows(klines(`&startTime=${minute}&limit=1`))
    expect(closed.map(String)).toEqual(truth.rows('klines', 'BTCUSDT', { from: minute, to: minute + MINUTE })[0])
  })

  it('leave out what was not traded at all, and keep minutes without a trade', async () => {
    const { rows } = await start()
    const found = await rows(klines(`&startTime=${FROM + 3 * HOUR}&endTime=${FROM + 3 * HOUR + 19 * MINUTE}`))
    // Eleven of twenty minutes, from the 7th to the 17th, are missing.
    expect(found.map((row: number[]) => (row[0] - FROM - 3 * HOUR) / MINUTE)).toEqual([0, 1, 2, 3, 4, 5, 6, 18, 19])
    const quiet = await rows(klines(`&startTime=${FROM + 5 * HOUR}&limit=9`))
    for (const row of quiet) expect([row[5], row[7], row[8]]).toEqual(['0.000', '0.00000', 0])
    expect(new Set(quiet.flatMap((row: string[]) => row.slice(1, 5))).size).toBe(1)
  })

  it('refuse in the words of the exchange', async () => {
    const { get } = await start()
    const at = FROM
    for (const [path, code, msg] of [
      [klines(`&startTime=${at + 1}&endTime=${at}`), -1023, 'Start time is greater than end time.'],
      [klines('&limit=1501'), -1130, "Data sent for parameter 'limit' is not valid."],
      [klines('&limit=0'), -1130, "Data sent for parameter 'limit' is not valid."],
      ['/fapi/v1/klines?symbol=BTCUSDT&interval=1s', -1120, 'Invalid interval.'],
      ['/fapi/v1/klines?symbol=NOPE&interval=1m', -1121, 'Invalid symbol.'],
      [
        '/fapi/v1/klines?interval=1m',
        -1102,
        "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
      ],
      [
        '/fapi/v1/indexPriceKlines?symbol=BTCUSDT&interval=1m',
        -1102,
        "Mandatory parameter 'pair' was not sent, was empty/null, or malformed.",
      ],
    ] as const) {
      const { status, text } = await get(path)
      expect([status, text], path).toEqual([400, JSON.stringify({ code, msg })])
    }
  })

  it('of mark prices have placeholders, eight decimals and sixty samples a minute', async () => {
    const { rows } = await start()
    const [row] = await rows(`/fapi/v1/markPriceKlines?symbol=BTCUSDT&interval=1m&startTime=${FROM}&limit=1`)
    expect([row[5], row[7], row[8], row[9], row[10], row[11]]).toEqual(['0', '0', 60, '0', '0', '0'])
    expect(row[1]).toMatch(/^\d+\.\d{8}$/)
    const [premium] = await rows(`/fapi/v1/premiumIndexKlines?symbol=BTCUSDT&interval=1m&startTime=${FROM}&limit=1`)
    expect(premium[8]).toBe(12)
  })
})

describe('the truth', () => {
  it('is what pages over REST add up to, across gaps, a listing and a delisting', async () => {
    const { truth, rows } = await start()
    for (const pair of ['BTCUSDT', '1000SHIBUSDT', 'OMGUSDT']) {
      const span = { from: MIDDLE - 20 * HOUR, to: MIDDLE + 20 * HOUR }
      const found: unknown[][] = []
      for (let at = span.from; at < span.to; ) {
        const path = `/fapi/v1/klines?symbol=${pair}&interval=1m&limit=499&startTime=${at}&endTime=${span.to - 1}`
        const page: unknown[][] = await rows(path)
        found.push(...page)
        at = page.length === 0 ? span.to : Number(page.at(-1)![0]) + MINUTE
      }
      expect(found.map((row) => row.map(String))).toEqual(truth.rows('klines', pair, span))
    }
  })

  it('is the same for the same seed, in whatever order it is asked, and another for another', async () => {
    const one = (seed: number) => createTruth({ seed, pairs: ['BTCUSDT', 'ETHUSDT'], from: FROM, to: TO })
    const hour = { from: FROM + 3 * DAY, to: FROM + 3 * DAY + HOUR }
    const [first, second] = [one(1), one(1)]
    second.rows('trades', 'ETHUSDT', { from: FROM, to: FROM + HOUR })
    second.rows('klines', 'BTCUSDT', { from: FROM, to: TO, timeframe: '4h' })
    for (const kind of ['klines', 'aggTrades', 'metrics', 'fundingRate'] as const) {
      const span = kind === 'fundingRate' ? { from: FROM, to: TO } : hour
      expect(first.rows(kind, 'BTCUSDT', span)).toEqual(second.rows(kind, 'BTCUSDT', span))
      expect(first.rows(kind, 'BTCUSDT', span)).not.toEqual(one(2).rows(kind, 'BTCUSDT', span))
    }
  })

  it('adds one-minute bars up to every longer one, and trades up to one-minute bars', async () => {
    const { truth } = await start()
    const day = { from: FROM, to: FROM + DAY }
    const minutes = truth.rows('klines', 'BTCUSDT', day)
    expect(minutes).toHaveLength(1440 - 11)
    const cents = (text: string) => Number(text.replace('.', ''))
    for (const [timeframe, length] of [
      ['15m', 15 * MINUTE],
      ['1h', HOUR],
      ['1d', DAY],
    ] as const) {
      for (const bar of truth.rows('klines', 'BTCUSDT', { ...day, timeframe })) {
        const parts = minutes.filter(
          ([time]) => Number(time) >= Number(bar[0]) && Number(time) < Number(bar[0]) + length,
        )
        const sum = (column: number) => parts.reduce((total, part) => total + cents(part[column]), 0)
        expect([bar[1], bar[4]]).toEqual([parts[0][1], parts.at(-1)![4]])
        expect(cents(bar[2])).toBe(Math.max(...parts.map((part) => cents(part[2]))))
        expect(cents(bar[3])).toBe(Math.min(...parts.map((part) => cents(part[3]))))
        expect([5, 7, 8, 9, 10].map((column) => cents(bar[column]))).toEqual([5, 7, 8, 9, 10].map(sum))
      }
    }
    const hour = { from: FROM + HOUR, to: FROM + 2 * HOUR }
    const [bar] = truth.rows('klines', 'BTCUSDT', { ...hour, timeframe: '1h' })
    const trades = truth.rows('trades', 'BTCUSDT', hour)
    expect(trades).toHaveLength(Number(bar[8]))
    expect(trades.reduce((sum, row) => sum + cents(row[3]), 0)).toBe(cents(bar[7]))
    expect(trades.map(([id]) => Number(id) - Number(trades[0][0]))).toEqual(trades.map((_, i) => i))
  })

  it('gives every kind the columns it names', async () => {
    const { truth } = await start()
    for (const kind of Object.keys(COLUMNS) as Kind[]) {
      const found = truth.rows(kind, 'ETHUSDT', { from: FROM, to: FROM + 9 * HOUR })
      expect(found.length, kind).toBeGreaterThan(0)
      for (const row of found) expect(row.length, kind).toBe(COLUMNS[kind].split(',').length)
    }
  })
})

describe('weights', () => {
  const used = async (get: Awaited<ReturnType<typeof start>>['get'], paths: readonly string[]) => {
    const seen: (string | null)[] = []
    for (const path of paths) seen.push((await get(path)).headers.get('x-mbx-used-weight-1m'))
    return seen
  }

  it('follow the limit, in errors too, and begin anew with the UTC minute', async () => {
    const { get, time } = await start()
    const limits = [
      '&limit=99',
      '&limit=100',
      '&limit=499',
      '&limit=500',
      '&limit=1000',
      '&limit=1001',
      '',
      '&limit=1501',
    ]
    // 1, 2, 2, 5, 5, 10, 5 and 10 for the refused one, summed.
    expect(await used(get, limits.map(klines))).toEqual(['1', '3', '5', '10', '15', '25', '30', '40'])
    time.now = NOW + 30_000
    expect(await used(get, [klines('&limit=1')])).toEqual(['1'])
  })

  it('have other edges as measured', async () => {
    const { get } = await start({ weights: 'measured' })
    expect(await used(get, ['&limit=100', '&limit=101', '&limit=500', '&limit=501'].map(klines))).toEqual([
      '1',
      '3',
      '5',
      '10',
    ])
  })

  it('are silent on funding and statistics, and lie on trades', async () => {
    const { get } = await start()
    const paths = [
      '/fapi/v1/fundingRate',
      '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m',
      '/fapi/v1/trades?symbol=BTCUSDT',
    ]
    expect(await used(get, paths)).toEqual([null, null, '-1'])
  })

  it('beyond the limit lead to 429, then to a ban of every route that doubles', async () => {
    const { get, exchange, time } = await start({ weightLimit: 10, callsUntilBan: 2, banSeconds: 2 })
    for (const limit of [1000, 1000]) expect((await get(klines(`&limit=${limit}`))).status).toBe(200)
    const first = await get(klines('&limit=1'))
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '30'])
    expect(first.text).toContain('{"code":-1003,"msg":"Too many requests; current limit of IP(')
    expect((await get(klines('&limit=1'))).status).toBe(429)
    const ban = await get(klines('&limit=1'))
    expect([ban.status, ban.headers.get('retry-after')]).toEqual([418, '2'])
    expect(ban.text).toContain(`banned until ${NOW + 2000}.`)
    expect((await get('/futures/data/openInterestHist?symbol=BTCUSDT&period=5m')).status).toBe(418)
    expect((await get('/fapi/v1/ping')).headers.get('retry-after')).toBe('4')
    expect(exchange.requests.map(({ retryAfterUntil }) => retryAfterUntil)).toEqual([
      null,
      null,
      null,
      NOW + 30_000,
      NOW + 30_000,
      NOW + 2000,
      NOW + 2000,
    ])
    time.now = NOW + 4000
    expect((await get('/fapi/v1/ping')).status).toBe(200)
  })

  it('are forgiven after a wait of so many seconds when a test has no minute to lose', async () => {
    const { get, time } = await start({ weightLimit: 5, retryAfter: 1 })
    const status = async () => (await get(klines('&limit=1000'))).status
    expect([await status(), await status()]).toEqual([200, 429])
    time.now = NOW + 999
    expect(await status()).toBe(429)
    time.now = NOW + 1000
    expect([await status(), await status()]).toEqual([200, 429])
  })

  it('can be without Retry-After, and funding has a bucket of its own', async () => {
    const { get } = await start({ retryAfterHeader: false, fundingLimit: 1 })
    expect((await get('/fapi/v1/fundingRate')).status).toBe(200)
    const refused = await get('/fapi/v1/fundingInfo')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null])
    expect((await get(klines('&limit=1'))).status).toBe(200)
  })
})

describe('other series over REST', () => {
  it('aggTrades end at a wall of 48 hours, and can be paged by number', async () => {
    const { get, rows, truth } = await start()
    const path = '/fapi/v1/aggTrades?symbol=BTCUSDT'
    expect((await get(`${path}&startTime=${NOW - 49 * HOUR}&endTime=${NOW - 48.5 * HOUR}`)).text).toBe(
      '{"code":-4166,"msg":"Search window is restricted to recent 2 days only."}',
    )
    const from = NOW - 2 * HOUR
    const page = await rows(`${path}&startTime=${from}&endTime=${from + HOUR}&limit=50`)
    const next = await rows(`${path}&fromId=${page.at(-1).a + 1}&limit=50`)
    const want = truth.rows('aggTrades', 'BTCUSDT', { from, to: from + HOUR }).slice(0, 100)
    expect([...page, ...next].map(({ a, p, q, f, l, T, m }) => [a, p, q, f, l, T, m].map(String))).toEqual(want)
    expect(Object.keys(page[0])).toEqual(['a', 'p', 'q', 'nq', 'f', 'l', 'T', 'm'])
  })

  it('funding prints jitter, change their interval, and give the latest for startTime=0', async () => {
    const { rows, truth } = await start({}, { truth: { markPriceSince: FROM + DAY } })
    const prints = await rows(`/fapi/v1/fundingRate?symbol=ETHUSDT&startTime=${FROM}&limit=1000`)
    const hours = prints.map(({ fundingTime }: { fundingTime: number }) => Math.round(fundingTime / HOUR))
    const steps = hours.slice(1).map((hour: number, i: number) => hour - hours[i])
    expect([...new Set(steps)]).toEqual([8, 4, 1])
    expect(new Set(prints.map(({ fundingTime }: { fundingTime: number }) => fundingTime % HOUR)).size).toBeGreaterThan(
      5,
    )
    expect([prints[0].markPrice, prints[0].rateType]).toEqual(['', 'Regular'])
    expect(prints.map((print: { fundingRate: string }) => print.fundingRate)).toEqual(
      truth.rows('fundingRate', 'ETHUSDT', { from: FROM, to: NOW }).map((row) => row[2]),
    )
    const quirk = await rows('/fapi/v1/fundingRate?symbol=ETHUSDT&startTime=0&limit=1')
    expect(quirk).toEqual(prints.slice(-1))
    const special = await rows(`/fapi/v1/fundingRate?symbol=${encodeURIComponent('币安人生USDT')}`)
    expect(special.filter(({ rateType }: { rateType: string }) => rateType === 'Special')).toHaveLength(1)
  })

  it('statistics end at a wall of 30 days, with the message first, and at the newest when a bound is missing', async () => {
    const { get, rows } = await start()
    const path = '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m'
    const old = await get(`${path}&startTime=${NOW - 35 * DAY}`)
    expect([old.status, old.text]).toEqual([400, `{"msg":"parameter 'startTime' is invalid.","code":-1130}`])
    const from = NOW - 30_000 - DAY
    const times = async (more: string) => (await rows(path + more)).map((row: { timestamp: number }) => row.timestamp)
    expect(await times(`&startTime=${from}&limit=2`)).toEqual([NOW - 30_000 - 10 * MINUTE, NOW - 30_000 - 5 * MINUTE])
    expect(await times(`&startTime=${from}&endTime=${from + 5 * MINUTE}&limit=2`)).toEqual([from, from + 5 * MINUTE])
    expect(Object.keys((await rows('/futures/data/takerlongshortRatio?symbol=BTCUSDT&period=1h'))[0])).toEqual([
      'buySellRatio',
      'sellVol',
      'buyVol',
      'timestamp',
    ])
  })

  it('exchangeInfo lists what a client must not stumble over', async () => {
    const { rows } = await start()
    const { symbols } = await rows('/fapi/v1/exchangeInfo')
    const of = (symbol: string) => symbols.find((one: { symbol: string }) => one.symbol === symbol)
    expect([of('OMGUSDT').status, of('OMGUSDT').deliveryDate]).toEqual(['SETTLING', MIDDLE - 23 * MINUTE])
    expect(of('NEWUSDT').status).toBe('PENDING_TRADING')
    expect(of('BTCUSDT_261225').contractType).toBe('NEXT_QUARTER')
    expect(of('币安人生USDT').status).toBe('TRADING')
    expect(
      new Set(symbols.map(({ filters }: { filters: object[] }) => Object.keys(filters[0])[0])).size,
    ).toBeGreaterThan(1)
  })

  it('every route answers compact JSON, also for contracts that are yet to come or without history', async () => {
    const pending = { name: 'LATEUSDT', listing: TO + 30 * DAY }
    const { exchange } = await start({}, { truth: { pairs: ['BTCUSDT', pending] } })
    const query = 'interval=1h&period=1h&contractType=PERPETUAL&limit=5'
    for (const symbol of ['BTCUSDT', 'btcusdt', 'LATEUSDT', 'NEWUSDT']) {
      const paths = [
        ...Object.keys(FUTURES_ROUTES).map((path) => exchange.futuresUrl + path),
        ...(symbol === 'NEWUSDT' ? [] : Object.keys(SPOT_ROUTES).map((path) => exchange.spotUrl + path)),
      ]
      for (const path of paths) {
        const headers = { 'x-mbx-apikey': 'k' }
        const text = await (await fetch(`${path}?symbol=${symbol}&pair=${symbol}&${query}`, { headers })).text()
        expect(JSON.stringify(JSON.parse(text)), path).toBe(text)
        expect(text, path).not.toMatch(/NaN|Infinity|undefined|"code"/)
      }
    }
    const { symbols } = (await (await fetch(`${exchange.futuresUrl}/fapi/v1/exchangeInfo`)).json()) as {
      symbols: { symbol: string; status: string }[]
    }
    expect(symbols.find(({ symbol }) => symbol === 'LATEUSDT')?.status).toBe('PENDING_TRADING')
  })

  it('depth knows its limits', async () => {
    const { get, rows } = await start()
    expect((await get('/fapi/v1/depth?symbol=BTCUSDT&limit=7')).text).toBe(
      '{"code":-4021,"msg":"7 is not valid depth limit"}',
    )
    const { bids, asks } = await rows('/fapi/v1/depth?symbol=BTCUSDT&limit=5')
    expect([bids.length, asks.length, Number(bids[0][0]) < Number(asks[0][0])]).toEqual([5, 5, true])
  })
})

describe('spot', () => {
  it('has prices of its own for weights, limits and words', async () => {
    const { exchange, truth } = await start({ spotWeightLimit: 9 })
    const get = (path: string) => fetch(`${exchange.spotUrl}/api/v3/${path}`)
    const first = await get(`klines?symbol=BTCUSDT&interval=1m&limit=5000&startTime=${FROM}`)
    expect([first.headers.get('x-mbx-used-weight'), first.headers.get('x-mbx-used-weight-1m')]).toEqual(['2', '2'])
    const bars = (await first.json()) as unknown[][]
    expect(bars).toHaveLength(1000)
    const want = truth.rows('klines', 'BTCUSDT', { from: FROM, to: FROM + DAY, venue: 'spot' }).slice(0, 1000)
    expect(bars.map((row) => row.map(String))).toEqual(want)
    expect(await (await get('klines?symbol=BTCUSDT&interval=1m&startTime=2&endTime=1')).json()).toEqual([])
    const trades = (await (await get('aggTrades?symbol=BTCUSDT&fromId=1000&limit=3')).json()) as {
      a: number
      M: boolean
    }[]
    expect(trades.map(({ a, M }) => [a, M])).toEqual([1000, 1001, 1002].map((id) => [id, true]))
    const refused = await get('klines?symbol=BTCUSDT&interval=1m')
    expect([refused.status, await refused.text()]).toEqual([
      429,
      '{"code":-1003,"msg":"Too much request weight used; current limit is 9 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."}',
    ])
    expect((await fetch(`${exchange.futuresUrl}/fapi/v1/ping`)).status).toBe(200)
  })
})

describe('refusals and faults', () => {
  it("451 is the exchange's, byte for byte", async () => {
    const { get } = await start({ faults: [{ match: /klines/, how: '451', times: 1 }] })
    expect(createHash('sha256').update(RESTRICTED).digest('hex')).toBe(
      '79c1db471a4cdc1c8565b5dfc52e0ed2d29962738ee4d28597696fcd0920e348',
    )
    const { status, text, headers } = await get(klines(''))
    expect([status, text, Buffer.byteLength(text), headers.get('x-mbx-used-weight-1m')]).toEqual([
      451,
      RESTRICTED,
      224,
      null,
    ])
    expect((await get(klines('&limit=1'))).status).toBe(200)
  })

  it('breaks the transport as told, and no more often', async () => {
    for (const how of ['reset', 'truncate'] as const) {
      const { get, exchange } = await start({ faults: [{ match: /klines/, how, times: 1 }] })
      await expect(get(klines('&limit=9'))).rejects.toThrow()
      expect((await get(klines('&limit=9'))).status).toBe(200)
      expect(exchange.requests.map(({ fault }) => fault)).toEqual([how, null])
    }
    // Lenient decoders give back the part that they could read: only the JSON shows that it is not whole.
    const { rows } = await start({ faults: [{ match: /klines/, how: 'truncatedGzip', times: 1 }] })
    await expect(rows(klines('&limit=99'))).rejects.toThrow()
    expect(await rows(klines('&limit=99'))).toHaveLength(99)
    const page = await start({ faults: [{ match: /klines/, how: '403' }] })
    expect((await page.get(klines(''))).text).toMatch(
      /^<!DOCTYPE HTML PUBLIC "-\/\/W3C\/\/DTD HTML 4\.01 Transitional\/\/EN"/,
    )
  })

  it('sends byte by byte, stops in the middle, or never answers', async () => {
    const { exchange, rows } = await start({ faults: [{ match: /klines/, how: 'slow', times: 1, seconds: 0.2 }] })
    const begun = performance.now()
    expect(await rows(klines('&limit=9'))).toHaveLength(9)
    expect(performance.now() - begun).toBeGreaterThan(190)
    for (const how of ['stall', 'silent'] as const) {
      exchange.switches.faults = [{ match: /klines/, how }]
      const given = fetch(exchange.futuresUrl + klines('&limit=9'), { signal: AbortSignal.timeout(150) })
      await expect(given.then((response) => response.text())).rejects.toThrow('timeout')
    }
  })

  it('refuses out of the blue, and then holds the client to it', async () => {
    const { get, exchange, time } = await start({ faults: [{ match: /klines/, how: '418', times: 1, seconds: 2 }] })
    const first = await get(klines('&limit=1'))
    expect([first.status, first.headers.get('retry-after'), first.text.includes(String(NOW + 2000))]).toEqual([
      418,
      '2',
      true,
    ])
    expect((await get('/fapi/v1/ping')).status).toBe(418)
    time.now = NOW + 2000
    expect((await get(klines('&limit=1'))).status).toBe(200)
    expect(exchange.requests.map(({ retryAfterUntil }) => retryAfterUntil)).toEqual([null, NOW + 2000, null])
  })

  it('packs what it sends when asked, and only then', async () => {
    const { exchange } = await start()
    const raw = (headers: Record<string, string>) =>
      new Promise<{ encoding: string | undefined; body: Buffer }>((resolve) => {
        httpRequest(exchange.futuresUrl + klines('&limit=5'), { headers }, (response) => {
          const parts: Buffer[] = []
          response.on('data', (part) => parts.push(part))
          response.on('end', () =>
            resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(parts) }),
          )
        }).end()
      })
    const [packed, plain] = [await raw({ 'accept-encoding': 'gzip, deflate' }), await raw({})]
    expect([packed.encoding, plain.encoding]).toEqual(['gzip', undefined])
    expect(gunzipSync(packed.body)).toEqual(plain.body)
  })
})

describe('the archive', () => {
  const DAILY = 'data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-06-21.zip'
  const METRICS = (day: number) => `data/futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2026-06-${day}.zip`
  const fetched = async (exchange: Exchange, key: string) => {
    const response = await fetch(`${exchange.url}/${key.split('/').map(encodeURIComponent).join('/')}`)
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
  }
  /** The only member of a zip, read by the format itself. */
  const inside = (zip: Buffer) => {
    const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
    const entry = zip.readUInt32LE(end + 16)
    expect([zip.readUInt16LE(end + 10), zip.readUInt16LE(entry + 10)]).toEqual([1, 8]) // one member, deflated
    const name = zip.subarray(entry + 46, entry + 46 + zip.readUInt16LE(entry + 28)).toString()
    const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
    return { name, text: inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(entry + 20))).toString() }
  }
  const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex')

  it('holds the truth in a zip, with its checksum and md5 as etag', async () => {
    const { exchange, truth } = await start()
    const { body, headers } = await fetched(exchange, DAILY)
    const { name, text } = inside(body)
    expect(name).toBe('BTCUSDT-1m-2026-06-21.csv')
    const rows = truth.rows('klines', 'BTCUSDT', { from: FROM + DAY, to: FROM + 2 * DAY })
    expect(text).toBe(`${[COLUMNS.klines, ...rows.map((row) => row.join(','))].join('\n')}\n`)
    expect(headers.get('etag')).toBe(`"${createHash('md5').update(body).digest('hex')}"`)
    expect(headers.get('last-modified')).toBe('Mon, 22 Jun 2026 09:00:00 GMT')
    const sum = await fetched(exchange, `${DAILY}.CHECKSUM`)
    expect(sum.body.toString()).toBe(`${sha256(body)}  BTCUSDT-1m-2026-06-21.zip\n`)
    expect(sum.body).toHaveLength(92)
  })

  it('publishes a day after it, a month later still, and funding by the month only', async () => {
    const { exchange, time } = await start({}, { truth: { to: FROM + 40 * DAY } })
    const status = async (key: string) => (await fetched(exchange, key)).status
    const yesterday = DAILY.replace('06-21', '06-26')
    const month = 'data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2026-06.zip'
    time.now = Date.UTC(2026, 5, 27, 8, 59)
    expect(await status(yesterday)).toBe(404)
    time.now = Date.UTC(2026, 5, 27, 9)
    expect(await status(yesterday)).toBe(200)
    expect(await status(month)).toBe(404)
    time.now = Date.UTC(2026, 6, 2, 10)
    expect(await status(month)).toBe(200)
    expect(await status('data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-06.zip')).toBe(200)
    expect(await status('data/futures/um/daily/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-06-21.zip')).toBe(404)
    expect(await status('data/futures/um/daily/bookTicker/BTCUSDT/BTCUSDT-bookTicker-2026-06-21.zip')).toBe(404)
  })

  it('moves the label of metrics from the end to the start, so that one is there twice', async () => {
    const { exchange, truth } = await start()
    const labels = async (day: number) => {
      const { text } = inside((await fetched(exchange, METRICS(day))).body)
      return text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.slice(0, 19))
    }
    const [before, after] = [await labels(24), await labels(25)]
    expect([before[0], before.at(-1), before.length]).toEqual(['2026-06-24 00:05:00', '2026-06-25 00:00:00', 288])
    expect([after[0], after.at(-1), after.length]).toEqual(['2026-06-25 00:00:00', '2026-06-25 23:55:00', 288])
    // What REST says of the period that begins at 23:55 is what the old label calls midnight.
    const period = { from: Date.UTC(2026, 5, 24, 23, 55), to: Date.UTC(2026, 5, 25) }
    const [archived] = truth.rows('metrics', 'BTCUSDT', period)
    const [live] = truth.rows('openInterestHist', 'BTCUSDT', period)
    expect([archived[0], archived[2]]).toEqual(['2026-06-25 00:00:00', live[1]])
  })

  it('spoils checksums and files as told', async () => {
    const { exchange } = await start({
      checksums: [
        { match: /06-21/, how: 'mismatch', times: 2 },
        { match: /06-22/, how: 'star' },
      ],
      missing: [{ match: /06-23/, what: 'zip' }],
      defects: [
        { match: /06-24/, how: 'duplicateRows' },
        { match: /metrics/, how: 'doubled' },
      ],
    })
    const zip = sha256((await fetched(exchange, DAILY)).body)
    const sums: string[] = []
    for (let i = 0; i < 3; i++) sums.push((await fetched(exchange, `${DAILY}.CHECKSUM`)).body.toString().slice(0, 64))
    expect(sums.map((sum) => sum === zip)).toEqual([false, false, true])
    const on = (day: number) => DAILY.replace('06-21', `06-${day}`)
    expect((await fetched(exchange, `${on(22)}.CHECKSUM`)).body.toString()).toMatch(/^[0-9a-f]{64} \*BTC/)
    expect([(await fetched(exchange, on(23))).status, (await fetched(exchange, `${on(23)}.CHECKSUM`)).status]).toEqual([
      404, 200,
    ])
    const lines = (text: string) => text.trim().split('\n').length
    expect(lines(inside((await fetched(exchange, on(24))).body).text)).toBe(1 + 1440 + 10)
    expect(lines(inside((await fetched(exchange, METRICS(22))).body).text)).toBe(1 + 2 * 288)
  })

  it('replaces a file with another that has its own checksum', async () => {
    const { exchange } = await start()
    const before = await fetched(exchange, DAILY)
    exchange.rewrite(DAILY)
    const after = await fetched(exchange, DAILY)
    expect(inside(after.body).text).toBe(inside(before.body).text)
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'))
    expect(after.headers.get('last-modified')).toBe(new Date(NOW).toUTCString())
    expect((await fetched(exchange, `${DAILY}.CHECKSUM`)).body.toString().slice(0, 64)).toBe(sha256(after.body))
    exchange.rewrite(DAILY, (csv) => csv.replace(/\n[^\n]*\n$/, '\n'))
    expect(exchange.csv(DAILY).split('\n')).toHaveLength(inside(before.body).text.split('\n').length - 1)
  })

  it('answers HEAD and ranges', async () => {
    const { exchange } = await start()
    const { body } = await fetched(exchange, DAILY)
    const head = await fetch(`${exchange.url}/${DAILY}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), (await head.text()).length]).toEqual([
      200,
      String(body.length),
      0,
    ])
    const part = await fetch(`${exchange.url}/${DAILY}`, { headers: { range: 'bytes=10-19' } })
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, body.subarray(10, 20)])
  })

  it('writes spot without a header, in microseconds and with its own words', async () => {
    const { exchange } = await start()
    const file = (kind: string) => fetched(exchange, `data/spot/daily/${kind}/BTCUSDT/BTCUSDT-${kind}-2026-06-21.zip`)
    const [line] = inside((await file('aggTrades')).body).text.split('\n')
    expect(line).toMatch(/^\d+,\d+\.\d{8},\d+\.\d{8},\d+,\d+,\d{16},(True|False),True$/)
    const bars = await fetched(exchange, 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2026-06-21.zip')
    expect(inside(bars.body).text.split('\n')[0]).toMatch(/^\d{16},.*,\d{13}999,/)
  })

  it('had no header before 2022-08, no order book before 2023, and best prices until 2024-03-30', async () => {
    const old = async (year: number, key: string) => {
      const truth = { pairs: ['BTCUSDT'], from: Date.UTC(year, 2, 28), to: Date.UTC(year, 3, 2) }
      const { exchange } = await start({}, { truth })
      return (await fetched(exchange, `data/futures/um/${key}`)).status === 200
        ? exchange.csv(`data/futures/um/${key}`)
        : null
    }
    const bars = 'daily/klines/BTCUSDT/1h/BTCUSDT-1h-2022-03-29.zip'
    expect([
      (await old(2022, bars))?.slice(0, 4),
      (await old(2023, bars.replace('2022', '2023')))?.slice(0, 4),
    ]).toEqual(['1648', 'open'])
    expect(await old(2022, 'daily/bookDepth/BTCUSDT/BTCUSDT-bookDepth-2022-03-29.zip')).toBeNull()
    const ticker = (day: string) => old(2024, `daily/bookTicker/BTCUSDT/BTCUSDT-bookTicker-2024-03-${day}.zip`)
    expect((await ticker('30'))?.slice(0, 9)).toBe('update_id')
    expect(await ticker('31')).toBeNull()
  })

  it('is listed in pages, by marker, with folders and the echo of the prefix', async () => {
    const { exchange } = await start({ listingPageSize: 5 })
    const prefix = 'data/futures/um/daily/klines/BTCUSDT/1d/'
    const keys: string[] = []
    let pages = 0
    for (let more = true; more; pages++) {
      const text = await (await fetch(`${exchange.listingUrl}?prefix=${prefix}&marker=${keys.at(-1) ?? ''}`)).text()
      expect(text).toContain(`<Name>data.binance.vision</Name><Prefix>${prefix}</Prefix>`)
      keys.push(...[...text.matchAll(/<Key>(.*?)<\/Key>/g)].map((match) => match[1]))
      more = text.includes('<IsTruncated>true</IsTruncated>')
    }
    // Seven whole days, 20 to 26 June, each with its checksum: 14 keys on three pages.
    expect([keys.length, pages, keys[1]]).toEqual([14, 3, `${prefix}BTCUSDT-1d-2026-06-20.zip.CHECKSUM`])
    const folders = await (
      await fetch(`${exchange.listingUrl}?prefix=data/futures/um/daily/klines/&delimiter=/`)
    ).text()
    expect(
      [...folders.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map((match) => match[1].split('/').at(-2)),
    ).toEqual(['1000SHIBUSDT', 'BTCUSDT', 'ETHUSDT', 'OMGUSDT', '币安人生USDT'])
    const empty = await fetch(`${exchange.listingUrl}?prefix=data/nothing/`)
    expect([empty.status, (await empty.text()).includes('<Contents>')]).toEqual([200, false])
  })

  it('is listed by token in version 2, and can be stale or cheap', async () => {
    const prefix = 'data/futures/um/daily/metrics/BTCUSDT/'
    const { exchange } = await start({ listingPageSize: 6, listingEtags: 'placeholder' })
    const list = async (more: string) => (await fetch(`${exchange.listingUrl}?prefix=${prefix}${more}`)).text()
    const keysOf = (text: string) => [...text.matchAll(/<Key>.*?-(\d\d\.zip[.A-Z]*)<\/Key>/g)].map((match) => match[1])
    const first = await list('&list-type=2')
    const token = /<NextContinuationToken>(.*?)</.exec(first)![1]
    const second = await list(`&list-type=2&continuation-token=${encodeURIComponent(token)}`)
    expect([keysOf(first).at(-1), keysOf(second)[0]]).toEqual(['22.zip.CHECKSUM', '23.zip'])
    exchange.switches.listingStale = [{ match: /metrics/, after: '2026-06-20' }]
    expect(keysOf(await list(''))).toEqual(['20.zip', '20.zip.CHECKSUM'])
    expect((await fetched(exchange, METRICS(21))).status).toBe(200)
  })

  it('keeps every other file as the truth has it, and spoils only what it is told to', async () => {
    const day = { from: FROM + DAY, to: FROM + 2 * DAY }
    for (const kind of ['aggTrades', 'trades', 'metrics', 'bookDepth', 'markPriceKlines'] as const) {
      const { exchange, truth } = await start()
      const bars = kind === 'markPriceKlines'
      const key = `data/futures/um/daily/${kind}/ETHUSDT/${bars ? '4h/' : ''}ETHUSDT-${bars ? '4h' : kind}-2026-06-21.zip`
      const rows = truth.rows(kind, 'ETHUSDT', { ...day, ...(bars ? { timeframe: '4h' as const } : {}) })
      const lines = rows.map((row) => row.join(','))
      expect(exchange.csv(key)).toBe(`${[COLUMNS[kind], ...lines].join('\n')}\n`)
      exchange.switches.defects = [
        { match: /-06-21/, how: 'unsortedRows', rows: [0, 2] },
        { match: /-06-21/, how: 'noHeader' },
      ]
      expect(exchange.csv(key)).toBe(`${[lines[1], lines[0], ...lines.slice(2)].join('\n')}\n`)
    }
  })

  it('disagrees with REST on the rows that are named', async () => {
    const at = FROM + DAY + HOUR
    const change = (row: readonly string[]) => row.map((cell, i) => (i === 5 ? '1.000' : cell))
    const { exchange, rows, truth } = await start({
      disagreements: [{ side: 'archive', kind: 'klines', pair: 'BTCUSDT', times: [at], change }],
    })
    const [real] = truth.rows('klines', 'BTCUSDT', { from: at, to: at + MINUTE })
    expect((await rows(klines(`&startTime=${at}&limit=1`)))[0][5]).toBe(real[5])
    expect(exchange.csv(DAILY)).toContain(change(real).join(','))
  })
})
