/**
 * Real bars of FILUSDT: against higher bars that were made of the same minutes elsewhere, and against hours that another
 * repository recorded from the exchange.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { monthSpan, type Timeframe } from '../../src/core/time.js'
import type { Bars } from '../../src/market/bars.js'
import { type CleanedKlines, cleanKlines } from '../../src/market/clean.js'
import { cleanFunding } from '../../src/market/funding.js'
import { KLINE_VALUES, type RawKlines } from '../../src/market/impossible.js'
import { barFindings, combineFindings, qualityReport } from '../../src/market/quality.js'
import { resample } from '../../src/market/resample.js'
import { csvOfZip } from '../support/unzip.js'

const MONTHS = ['2023-08', '2023-09', '2023-10', '2023-11', '2024-09', '2024-10', '2024-11']
const MIRROR = '../shared/mirror/data/futures/um/monthly'
const HOURS = '../shared/data/binance/futures/um/klines/FILUSDT/1h'
const COMPARED = ['open', 'high', 'low', 'close', 'volume'] as const
const isAbsent = !existsSync(MIRROR)
if (isAbsent) console.log('skipped: ../shared is not there, so cleaning is not compared with real bars')

/** The columns of the CSV inside a zip of the mirror. */
async function columnsOf(key: string): Promise<Float64Array[]> {
  const lines = (await csvOfZip(join(MIRROR, `${key}.zip`), key)).trimEnd().split('\n').slice(1)
  const rows = lines.map((line) => line.split(',').map(Number))
  return rows[0].map((_, column) => Float64Array.from(rows, (row) => row[column]))
}

const minutes = new Map<string, CleanedKlines>()

/** The minutes of a month, read once. */
async function minutesOf(month: string): Promise<CleanedKlines> {
  const read = minutes.get(month) ?? (await published('1m', month))
  minutes.set(month, read)
  return read
}

async function published(timeframe: Timeframe, month: string): Promise<CleanedKlines> {
  const columns = await columnsOf(`klines/FILUSDT/${timeframe}/FILUSDT-${timeframe}-${month}`)
  const [openTime, open, high, low, close, volume, , quoteVolume, count, takerBuyVolume, takerBuyQuoteVolume] = columns
  const values = { open, high, low, close, volume, quoteVolume, count, takerBuyVolume, takerBuyQuoteVolume }
  const raw: RawKlines = { rows: openTime.length, openTime, ...values }
  return cleanKlines(raw, { timeframe, span: monthSpan(month), period: monthSpan(month) })
}

/** The largest difference over the larger value, of all columns that a published row has. */
function worstDifference(a: Bars, b: Bars): number {
  let worst = 0
  for (const column of KLINE_VALUES) {
    for (let i = 0; i < a.rows; i++) {
      const difference = Math.abs(a[column][i] - b[column][i]) / Math.max(Math.abs(a[column][i]), 1e-300)
      worst = a[column][i] === b[column][i] ? worst : Math.max(worst, Number.isNaN(difference) ? 1 : difference)
    }
  }
  return worst
}

describe.skipIf(isAbsent)('real bars', () => {
  for (const month of MONTHS) {
    it(`of ${month} resample to the published ones`, async () => {
      const { bars, findings } = await minutesOf(month)
      expect(findings).toMatchObject({ duplicates: 0, outOfOrder: 0, offGrid: { count: 0 }, impossible: { count: 0 } })
      for (const timeframe of ['5m', '1h', '4h', '1d'] as const) {
        const other = (await published(timeframe, month)).bars
        const ours = resample(bars, timeframe)
        expect([...ours.openTime]).toEqual([...other.openTime])
        expect(worstDifference(ours, other), timeframe).toBeLessThan(1e-9)
      }
    })
  }

  it('of FILUSDT stood still for 89 minutes on 2024-10-28', async () => {
    const { bars, findings } = await minutesOf('2024-10')
    // 16:21–16:34 (14), 16:36 (1) and 20:00–21:13 (74): all that October has.
    expect(findings.zeroVolume).toMatchObject({ bars: 89, longest: 74, longestFrom: Date.UTC(2024, 9, 28, 20) })
    // The bar before traded until it closed at the price that then stood still, and is not flat.
    expect(barFindings(bars, '1m').frozen).toMatchObject({ longest: 74, longestFrom: Date.UTC(2024, 9, 28, 20) })
  })

  it('of two years with ten months between them make one report', async () => {
    const months = await Promise.all(
      MONTHS.map(async (month) => {
        const { bars, findings } = await minutesOf(month)
        return { rows: findings, bars: [barFindings(bars, '1m'), barFindings(resample(bars, '1d'), '1m')] }
      }),
    )
    const span = { from: Date.UTC(2023, 7), to: Date.UTC(2024, 11) }
    const absent = [{ from: Date.UTC(2023, 11), to: Date.UTC(2024, 8) }]
    const report = qualityReport(combineFindings(months), { pair: 'FILUSDT', span, absent, funding: null })
    // 122 days of August to November 2023, 91 of September to November 2024, of 488 from 2023-08-01 to 2024-12-01.
    expect(report.timeframes[1]).toMatchObject({ expected: 488, present: 213, partial: 0, completeness: 213 / 488 })
    expect(report.timeframes[0].gaps).toEqual([{ ...absent[0], bars: 275 * 1440, cause: 'absent in archive' }])
    expect(report.timeframes[0].present).toBe(213 * 1440)
  })
})

describe.skipIf(isAbsent)('real funding', () => {
  it('of BTCUSDT has 8 hours between prints and no hole', async () => {
    const [time, intervalHours, rate] = await columnsOf('fundingRate/BTCUSDT/BTCUSDT-fundingRate-2023-10')
    const unknown = new Float64Array(time.length).fill(Number.NaN)
    for (const hours of [intervalHours, unknown]) {
      const { funding, findings } = cleanFunding({ time, rate, intervalHours: hours }, monthSpan('2023-10'))
      expect(findings).toMatchObject({ prints: 93, duplicates: 0, holes: [], missingBefore: null, missingAfter: null })
      expect(new Set(funding.intervalHours)).toEqual(new Set([8]))
      expect(funding.time.every((t) => t % (8 * 3_600_000) === 0)).toBe(true)
    }
  })
})

describe.skipIf(!existsSync(HOURS))('hours recorded by another repository', () => {
  it('equal the resampled minutes but for three in which the exchange disagrees with itself', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(
      `select open_time, open, high, low, close, volume from '${HOURS}/*.parquet' order by open_time`,
    )
    const hours = new Map(reader.getRows().map(([time, ...values]) => [Number(time), values.map(Number)]))
    let compared = 0
    const differing: Record<string, string[]> = {}
    for (const month of MONTHS) {
      const ours = resample((await minutesOf(month)).bars, '1h')
      for (let i = 0; i < ours.rows; i++) {
        const other = hours.get(ours.openTime[i])
        if (other === undefined) continue
        compared++
        for (const [j, column] of COMPARED.entries()) {
          if (Math.abs(ours[column][i] - other[j]) <= 1e-9 * Math.abs(other[j])) continue
          const hour = new Date(ours.openTime[i]).toISOString().slice(0, 13)
          differing[hour] = [...(differing[hour] ?? []), column]
        }
      }
    }
    expect(compared).toBe(213 * 24)
    // In the first, the minutes of the exchange's own archive sum to 4,773,536.1 and the recorded hour says 4,976,591.3;
    // the other two hold the minutes that stood still.
    expect(differing).toEqual({
      '2023-11-14T11': ['volume'],
      '2024-10-28T20': [...COMPARED],
      '2024-10-28T21': [...COMPARED],
    })
    connection.closeSync()
  })
})
