import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { csvToParquet } from '../../src/datasets/raw-csv.js'
import { archiveColumns, RAW_KIND_NAMES, rawKind } from '../../src/market/raw-kinds.js'
import { instrumentOf } from '../../src/simulate/instruments.js'
import type { Publication } from '../../src/simulate/publication.js'
import { csvLines } from '../../src/sources/csv-lines.js'
import { csvShape } from '../../src/sources/csv-shape.js'
import {
  DEFAULT_MIRROR_KINDS,
  keysOfMonth,
  MIRROR_KIND_NAMES,
  MIRROR_KINDS,
  type MirrorKind,
  type MirrorKindName,
  mirrorKinds,
} from '../../src/sources/mirror-kinds.js'
import { zipStream } from '../../src/sources/zip.js'
import { publish, THIN } from '../simulate/publish.js'
import { scratchFolder } from '../support/scratch.js'

const DAY: Publication = publish({ pair: THIN, days: [1] })[0]

function csvOf(kind: MirrorKindName, part = DAY): Buffer {
  const { csv }: MirrorKind = MIRROR_KINDS[kind]
  const content = csv(part)
  return Buffer.isBuffer(content) ? content : Buffer.concat([...content])
}

function rowsOf(kind: MirrorKindName, part = DAY): string[][] {
  const [, ...rows] = csvOf(kind, part).toString().trimEnd().split('\n')
  return rows.map((row) => row.split(','))
}

const KLINE_VALUES = String.raw`(-?\d+\.\d{8},){4}0,\d{13},0,(60|12),0,0,0`
/** A row of each kind as the exchange prints it: docs of the archive and published rows. Price 123.22, tick 0.01, lot 0.1. */
const ROWS: Readonly<Record<MirrorKindName, RegExp>> = {
  klines: /^\d{13},(\d+\.\d{2},){4}\d+\.\d,\d{13},\d+\.\d{5},\d+,\d+\.\d,\d+\.\d{5},0$/,
  fundingRate: /^\d{13},8,-?0\.\d{8}$/,
  markPriceKlines: new RegExp(String.raw`^\d{13},${KLINE_VALUES}$`),
  indexPriceKlines: new RegExp(String.raw`^\d{13},${KLINE_VALUES}$`),
  premiumIndexKlines: new RegExp(String.raw`^\d{13},${KLINE_VALUES}$`),
  metrics: /^2024-01-0[12] \d{2}:\d[05]:00,ADUSDT,\d+\.\d{8},\d+\.\d{8},(\d+\.\d{10},){3}\d+\.\d{10}$/,
  aggTrades: /^\d+,\d+\.\d{2},\d+\.\d,\d+,\d+,\d{13},(true|false)$/,
  trades: /^\d+,\d+\.\d{2},\d+\.\d,\d+\.\d{3},\d{13},(true|false)$/,
  bookDepth: /^2024-01-01 \d{2}:\d{2}:\d{2},-?[1-5],\d+\.\d{8},\d+\.\d{8}$/,
  liquidationSnapshot: /^\d{13},(SELL|BUY),LIMIT,IOC,\d+\.\d,\d+\.\d{2},\d+\.\d{2},FILLED,(\d+\.\d),\2$/,
  bookTicker: /^\d+,\d+\.\d{2},\d+\.\d,\d+\.\d{2},\d+\.\d,\d{13},\d{13}$/,
}

describe('the kinds of a simulated archive', () => {
  it('are all that the futures archive has', () => {
    const archived = RAW_KIND_NAMES.filter((kind) => rawKind(kind).monthly || rawKind(kind).daily)
    expect(MIRROR_KIND_NAMES.toSorted()).toEqual(archived.toSorted())
    for (const kind of MIRROR_KIND_NAMES) expect(rawKind(kind).venues).toContain('binance-um')
  })

  it('are chosen by name, all of them by one word, the light ones by none', () => {
    expect(mirrorKinds(['trades', 'klines'])).toEqual(['klines', 'trades'])
    expect(mirrorKinds(['all'])).toEqual(MIRROR_KIND_NAMES)
    expect(mirrorKinds([])).toEqual(DEFAULT_MIRROR_KINDS)
    expect(DEFAULT_MIRROR_KINDS).not.toContain('trades')
    expect(() => mirrorKinds(['trade'])).toThrow('there is no kind trade, did you mean trades?')
  })

  it('are cut by month where the archive has months and they are small, by day elsewhere', () => {
    expect(keysOfMonth('markPriceKlines', 'BTCUSDT', '2024-02')).toEqual([
      'data/futures/um/monthly/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2024-02.zip',
    ])
    const days = keysOfMonth('metrics', 'BTCUSDT', '2024-02')
    expect(days).toHaveLength(29)
    expect(days[28]).toBe('data/futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2024-02-29.zip')
  })

  it.each(MIRROR_KIND_NAMES)(
    '%s is printed as the exchange prints it, and read by what reads the archive',
    async (kind) => {
      const csv = csvOf(kind)
      const of = { kind, venue: 'binance-um', name: 'a.zip' } as const
      expect(csvShape(csv.toString('utf8', 0, 4096), of).header).toBe(true)
      const rows = rowsOf(kind)
      const wrong = rows.filter((row) => !ROWS[kind].test(row.join(',')))
      expect(wrong.slice(0, 3)).toEqual([])

      const folder = await scratchFolder()
      const zip = join(folder, 'a.zip')
      const { csv: make }: MirrorKind = MIRROR_KINDS[kind]
      await pipeline(zipStream([{ name: 'a.csv', content: make(DAY) }]), createWriteStream(zip))
      const columns = archiveColumns(kind, 'binance-um')
      const lines = csvLines(zip, { ...of, isCounted: true }, () => {})
      const facts = await csvToParquet(
        { lines, columns, time: rawKind(kind).time, name: 'a.zip' },
        join(folder, 'a.parquet'),
      )
      const from = DAY.bars.openTime[0]
      expect(facts.rows).toBe(rows.length)
      expect(facts.first).toBeGreaterThanOrEqual(from)
      if (kind === 'liquidationSnapshot') return // whenever the price moves
      expect(facts.first).toBeLessThan(from + 10 * 60_000)
      expect(facts.last).toBeLessThanOrEqual(from + 86_400_000)
      expect(facts.last).toBeGreaterThanOrEqual(from + (kind === 'fundingRate' ? 57_600_000 : 86_280_000))
    },
  )

  it('make the bars again from the text of the trades', () => {
    const { bars } = DAY
    const made = new Map<number, { prices: number[]; volume: number; bought: number; count: number }>()
    let id = DAY.firstTrade
    for (const [trade, price, quantity, quote, time, isBuyerMaker] of rowsOf('trades')) {
      if (Number(trade) !== id++) expect.fail(`trade ${trade} after ${id - 2}`)
      if (Math.abs(Number(price) * Number(quantity) - Number(quote)) > 1e-6) expect.fail(`quote of ${trade}`)
      const minute = Math.floor(Number(time) / 60_000) * 60_000
      const bar = made.get(minute) ?? { prices: [], volume: 0, bought: 0, count: 0 }
      made.set(minute, bar)
      const lots = Math.round(Number(quantity) * 10)
      bar.prices.push(Number(price))
      bar.volume += lots
      bar.bought += isBuyerMaker === 'false' ? lots : 0
      bar.count++
    }
    expect(made.size).toBe(1440)
    for (const [i, time] of bars.openTime.entries()) {
      const { prices = [], volume = 0, bought = 0, count = 0 } = made.get(time) ?? {}
      expect(
        [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1), volume / 10, bought / 10, count],
        `minute ${i}`,
      ).toEqual([
        bars.open[i],
        bars.high[i],
        bars.low[i],
        bars.close[i],
        bars.volume[i],
        bars.takerBuyVolume[i],
        bars.count[i],
      ])
    }
  })

  it('have as aggTrades the trades of one order as one', () => {
    const trades = rowsOf('trades')
    const orders = rowsOf('aggTrades')
    let at = 0
    for (const [k, [id, price, quantity, first, last, time, isBuyerMaker]] of orders.entries()) {
      let lots = 0
      const start = at
      // One order: the same moment, price and side.
      while (at < trades.length && trades[at][4] === time && trades[at][1] === price && trades[at][5] === isBuyerMaker)
        lots += Math.round(Number(trades[at++][2]) * 10)
      const isRight =
        at > start &&
        Number(id) === DAY.firstOrder + k &&
        trades[start][0] === first &&
        trades[at - 1][0] === last &&
        lots === Math.round(Number(quantity) * 10)
      if (!isRight) expect.fail(`order ${id}`)
    }
    expect(at).toBe(trades.length)
    expect(orders.length).toBeLessThan(trades.length)
  })

  it('name five minutes by their end, and from 2026-06-25 on by their begin', () => {
    const labels = (from: number) => {
      const time = DAY.positions.time.map((value) => value - DAY.positions.time[0] + from)
      const rows = rowsOf('metrics', { ...DAY, positions: { ...DAY.positions, time } })
      return [rows.length, rows[0][0], rows[287][0]]
    }
    expect(labels(Date.UTC(2026, 5, 24))).toEqual([288, '2026-06-24 00:05:00', '2026-06-25 00:00:00'])
    expect(labels(Date.UTC(2026, 5, 25))).toEqual([288, '2026-06-25 00:00:00', '2026-06-25 23:55:00'])
  })

  it('print numbers as long as they are, on any grid', () => {
    const instrument = { ...instrumentOf(THIN), ticksPerUnit: 10_000, lotsPerUnit: 1, lotDecimals: 0 }
    const bars = { ...DAY.bars }
    for (const name of ['volume', 'takerBuyVolume'] as const)
      bars[name] = DAY.bars[name].map((value) => Math.ceil(value) * 1000)
    for (const name of ['quoteVolume', 'takerBuyQuoteVolume'] as const)
      bars[name] = DAY.bars[name].map((value) => value * 1000)
    const part = { ...DAY, bars, instrument, firstTrade: 9_007_199_200_000_000 }
    const [row] = rowsOf('trades', part)
    expect(row[0]).toBe('9007199200000000')
    expect(row[1]).toBe(bars.open[0].toFixed(4))
    expect(row[2]).toMatch(/^[1-9]\d*$/)
    expect(Number(row[3])).toBeCloseTo(Number(row[1]) * Number(row[2]), 4)
  })
})
