import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importedCsv, importedKlinesCsv, importedMetricsCsv } from '../../src/sources/import-csv.js'
import { type ImportMonth, readImportMarker, writeImport } from '../../src/sources/import-writer.js'
import { archiveKey } from '../../src/sources/keys.js'
import { scratchFolder } from '../support/scratch.js'

const SERIES = { venue: 'binance-um', kind: 'klines', pair: 'BTCUSDT', timeframe: '5m' } as const
const FROM = Date.UTC(2024, 0, 1)
const STEP = 300_000

/** Rows `first` to `last` of January 2024. */
function january(first: number, last: number, price = 1): ImportMonth {
  const times = Float64Array.from({ length: last - first + 1 }, (_, i) => FROM + (first + i) * STEP)
  const flat = times.map(() => price)
  const rows = { time: times, open: flat, high: flat, low: flat, close: flat }
  return {
    key: archiveKey(SERIES, '2024-01'),
    rows: times.length,
    span: { from: times[0], to: times[times.length - 1] },
    sources: [`source ${price}`],
    csv: async () => importedKlinesCsv([rows], '5m'),
  }
}

const none = { sources: [], force: false }
const states = async (...asked: Parameters<typeof writeImport>) =>
  (await writeImport(...asked)).map(({ state }) => state)

describe('an imported month', () => {
  it('is kept when it is the same, and replaced when no row is lost', async () => {
    const folder = await scratchFolder()
    expect(await states(folder, [january(5, 10)], none)).toEqual(['written'])
    expect(await states(folder, [january(5, 10)], none)).toEqual(['kept'])
    expect(await states(folder, [january(5, 10, 2)], none)).toEqual(['replaced'])
    expect(await states(folder, [january(4, 11, 2)], none)).toEqual(['replaced'])
    expect((await readImportMarker(folder)).files).toMatchObject({
      [archiveKey(SERIES, '2024-01')]: { rows: 8, first: FROM + 4 * STEP, last: FROM + 11 * STEP },
    })
  })

  it.each([
    ['begins later', january(6, 12)],
    ['ends earlier', january(0, 9)],
    ['has fewer rows', { ...january(5, 10), rows: 5 }],
  ])('is not replaced by one that %s, unless forced', async (_, month) => {
    const folder = await scratchFolder()
    await writeImport(folder, [january(5, 10)], none)
    const path = join(folder, month.key)
    const before = await readFile(path)
    await expect(writeImport(folder, [month], none)).rejects.toThrow(
      /would be lost\n.*: 6 rows from 2024-01-01 00:25 UTC/,
    )
    expect(await readFile(path)).toEqual(before)
    await writeImport(folder, [{ ...month, csv: january(0, 1, 3).csv }], { ...none, force: true })
    expect(await readFile(path)).not.toEqual(before)
  })

  it('is written anew where its zip was damaged', async () => {
    const folder = await scratchFolder()
    const month = january(0, 3)
    await writeImport(folder, [month], none)
    const good = await readFile(join(folder, month.key))
    await writeFile(join(folder, month.key), good.subarray(0, 40))
    expect(await states(folder, [month], none)).toEqual(['written'])
    expect(await readFile(join(folder, month.key))).toEqual(good)
  })
})

describe('an import that is broken off', () => {
  it('leaves whole files and what it was about to write, and is taken up', async () => {
    const folder = await scratchFolder()
    const february = { ...january(0, 1), key: archiveKey(SERIES, '2024-02') }
    const broken = { ...february, csv: () => Promise.reject(new Error('power cut')) }
    await expect(writeImport(folder, [january(0, 1), broken], none)).rejects.toThrow('power cut')
    expect((await readImportMarker(folder)).pending).toEqual([january(0, 1).key, february.key])
    const files = await readdir(folder, { recursive: true })
    expect(files.filter((name) => name.includes('.part'))).toEqual([])
    expect(files.filter((name) => name.endsWith('.zip'))).toHaveLength(1)
    expect(await states(folder, [january(0, 1), february], none)).toEqual(['kept', 'written'])
    expect((await readImportMarker(folder)).pending).toEqual([])
  })

  it('keeps its claim on files that the next import does not write', async () => {
    const folder = await scratchFolder()
    const broken = {
      ...january(0, 1),
      key: archiveKey(SERIES, '2024-02'),
      csv: () => Promise.reject(new Error('power cut')),
    }
    await expect(writeImport(folder, [january(0, 1), broken], none)).rejects.toThrow('power cut')
    await writeImport(folder, [{ ...january(0, 1), key: archiveKey(SERIES, '2024-03') }], none)
    expect((await readImportMarker(folder)).pending).toEqual([january(0, 1).key, broken.key])
  })
})

describe('what was not imported', () => {
  it.each(['SIMULATED.json', 'SIMULATED.json.draft', 'data/spot/a.zip'])(
    'is not touched: a folder with %s',
    async (name) => {
      const folder = await scratchFolder()
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), '{}')
      await expect(writeImport(folder, [january(0, 1)], { ...none, force: true })).rejects.toThrow(/holds an? /)
      expect(existsSync(join(folder, 'IMPORTED.json'))).toBe(false)
    },
  )

  it('is not touched: a zip that somebody put beside imported ones', async () => {
    const folder = await scratchFolder()
    await writeImport(folder, [january(0, 1)], none)
    const key = archiveKey(SERIES, '2024-02')
    await writeFile(join(folder, key), 'real')
    const month = { ...january(0, 1), key }
    await expect(writeImport(folder, [month], { ...none, force: true })).rejects.toThrow(
      'holds files that were not imported',
    )
    expect(await readFile(join(folder, key), 'utf8')).toBe('real')
  })
})

describe('the printed rows', () => {
  it('are those of the archive, with empty cells for what is not known', () => {
    const one = (x: number) => Float64Array.of(x)
    const klines = { time: one(FROM), open: one(0.1), high: one(1e-7), low: one(1e21), close: one(-0), count: one(3) }
    // Closing time: the last millisecond of the five minutes.
    expect(importedKlinesCsv([klines], '5m').toString().split('\n')[1]).toBe(
      '1704067200000,0.1,1e-7,1e+21,-0,,1704067499999,,3,,,0',
    )
    expect(importedCsv('fundingRate', 'binance-um', [{ time: one(FROM), rate: one(0.0001) }]).toString()).toBe(
      'calc_time,funding_interval_hours,last_funding_rate\n1704067200000,,0.0001\n',
    )
  })

  it('of metrics are one a time, and two where tables contradict each other', () => {
    const times = Float64Array.of(FROM, FROM + STEP)
    const interest = { time: times, open_interest: Float64Array.of(5, Number.NaN) }
    const ratio = { time: times, account_ratio: Float64Array.of(2, 3) }
    const other = { time: times.subarray(0, 1), open_interest: Float64Array.of(6) }
    const rows = importedMetricsCsv([interest, ratio, other], 'BTCUSDT').toString().trim().split('\n').slice(1)
    expect(rows).toEqual([
      '2024-01-01 00:00:00,BTCUSDT,5,,,,2,',
      '2024-01-01 00:00:00,BTCUSDT,6,,,,,',
      '2024-01-01 00:05:00,BTCUSDT,,,,,3,',
    ])
  })
})
