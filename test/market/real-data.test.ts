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
import { combineCompared, comparePublished } from '../../src/market/compare-bars.js'
import { cleanFunding } from '../../src/market/funding.js'
import { NO_EVIDENCE } from '../../src/market/gaps.js'
import { KLINE_VALUES, type RawKlines } from '../../src/market/impossible.js'
import { findOutliers } from '../../src/market/outliers.js'
import { barFindings, qualityReport } from '../../src/market/quality.js'
import { resample } from '../../src/market/resample.js'
import { csvOfZip } from '../support/unzip.js'

const MONTHS = ['2023-08', '2023-09', '2023-10', '2023-11', '2024-09', '2024-10', '2024-11']
const MIRROR = '../shared/mirror/data/futures/um/monthly'
const HOURS = '../shared/data/binance/futures/um/klines/FILUSDT/1h'
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
    expect(findings.zeroVolume.runs).toEqual([
      { from: Date.UTC(2024, 9, 28, 16, 21), bars: 14 },
      { from: Date.UTC(2024, 9, 28, 20), bars: 74 },
    ])
    // The price jumps when trading goes on: from 3.572 to 3.591, the only such step of the month.
    const { jumps } = findOutliers(bars)
    expect(jumps).toMatchObject({ count: 1, largest: [{ time: Date.UTC(2024, 9, 28, 21, 14) }] })
    expect(jumps.largest[0].logReturn).toBeCloseTo(Math.log(3.591 / 3.572), 9)
    expect(barFindings(bars, '1m').frozen).toMatchObject({ longest: 74, longestFrom: Date.UTC(2024, 9, 28, 20) })
  })

  it('of two years with ten months between them make one report', async () => {
    const months = await Promise.all(
      MONTHS.map(async (month) => {
        const { bars, findings } = await minutesOf(month)
        return {
          rows: findings,
          bars: [barFindings(bars, '1m'), barFindings(resample(bars, '1d'), '1m')],
          published: [],
        }
      }),
    )
    const span = { from: Date.UTC(2023, 7), to: Date.UTC(2024, 11) }
    const absent = { from: Date.UTC(2023, 11), to: Date.UTC(2024, 8) }
    const evidence = { ...NO_EVIDENCE, searched: [span] }
    const report = qualityReport(months, { pair: 'FILUSDT', span, evidence, funding: null })
    // 122 days of August to November 2023, 91 of September to November 2024, of 488 from 2023-08-01 to 2024-12-01.
    expect(report.timeframes[1]).toMatchObject({ expected: 488, present: 213, partial: 0, completeness: 213 / 488 })
    const minutes = (from: number, bars: number) => ({
      ...{ from, to: from + bars * 60_000, bars, cause: 'zero-volume' },
    })
    expect(report.timeframes[0].gaps).toEqual([
      minutes(Date.UTC(2023, 8, 12, 8, 34), 19),
      { ...absent, bars: 275 * 1440, cause: 'absent in archive' },
      minutes(Date.UTC(2024, 9, 28, 16, 21), 14),
      minutes(Date.UTC(2024, 9, 28, 20), 74),
    ])
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
    connection.closeSync()
    const rows = reader.getRows().map((row) => row.map(Number))
    const column = (i: number) => Float64Array.from(rows, (row) => row[i])
    const unknown = column(0).fill(Number.NaN)
    const raw: RawKlines = {
      ...{ rows: rows.length, openTime: column(0), open: column(1), high: column(2), low: column(3) },
      ...{ close: column(4), volume: column(5), quoteVolume: unknown, count: unknown },
      ...{ takerBuyVolume: unknown, takerBuyQuoteVolume: unknown },
    }
    const found = combineCompared(
      await Promise.all(
        MONTHS.map(async (month) => {
          const hours = cleanKlines(raw, { timeframe: '1h', span: monthSpan(month) }).bars
          return comparePublished(hours, resample((await minutesOf(month)).bars, '1h'), '1m')
        }),
      ),
    )
    expect(found).toMatchObject({ compared: 213 * 24, partial: 0, onlyPublished: { count: 0 } })
    // In the first, the minutes of the exchange's own archive sum to 4,773,536.1 and the recorded hour says 4,976,591.3;
    // the other two hold the minutes that stood still.
    const [november, eight, nine] = [Date.UTC(2023, 10, 14, 11), Date.UTC(2024, 9, 28, 20), Date.UTC(2024, 9, 28, 21)]
    expect(found.differing).toEqual({ count: 3, first: [november, eight, nine] })
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      expect(
        found.columns[name].first.map(({ time }) => time),
        name,
      ).toEqual([eight, nine])
    }
    expect(found.columns.volume.first[0]).toEqual({
      ...{ time: november, published: 4_976_591.3 },
      resampled: expect.closeTo(4_773_536.1, 6),
    })
    expect(found.columns.volume.first[1], 'all of that hour stood still').toMatchObject({
      published: 377_165,
      resampled: 0,
    })
    expect(found.largestDifference).toBe(1)
    expect(found.columns.count.count, 'what one of the two does not know').toBe(0)
  })
})
