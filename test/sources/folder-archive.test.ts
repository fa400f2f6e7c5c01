import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../../src/sources/archive.js'
import { csvShape } from '../../src/sources/csv-shape.js'
import { archiveKey } from '../../src/sources/keys.js'
import { writeArchiveFile } from '../support/archive-server.js'
import { scratchFolder } from '../support/scratch.js'
import { csvOfZip } from '../support/unzip.js'

const keyOf = (pair: string, month: string) =>
  archiveKey({ venue: 'binance-um', pair, kind: 'klines', timeframe: '1m' }, month)

async function scene(files: Record<string, string[]>) {
  const folder = await scratchFolder()
  for (const [pair, months] of Object.entries(files))
    for (const month of months) await writeArchiveFile(folder, keyOf(pair, month), '1704067200000,1\n')
  const out = join(folder, 'out')
  await mkdir(out)
  return { folder, out, archive: await openArchive(folder) }
}

describe('an archive in a folder', () => {
  it('delivers a file that agrees with its checksum', async () => {
    const { folder, out, archive } = await scene({ BTCUSDT: ['2024-01'] })
    const zip = await readFile(join(folder, keyOf('BTCUSDT', '2024-01')))
    expect(await archive.fetch(keyOf('BTCUSDT', '2024-01'), join(out, 'a.zip'))).toEqual({
      found: true,
      sha256: createHash('sha256').update(zip).digest('hex'),
      bytes: zip.length,
      verified: true,
      etag: null,
      lastModified: null,
    })
    expect(await readFile(join(out, 'a.zip'))).toEqual(zip)
    expect(await archive.fetch(keyOf('BTCUSDT', '2024-02'), join(out, 'b.zip'))).toEqual({ found: false })
  })

  it('says when there is no checksum, and refuses one that differs', async () => {
    const { folder, out, archive } = await scene({ BTCUSDT: ['2024-01', '2024-02'] })
    await rm(join(folder, `${keyOf('BTCUSDT', '2024-01')}.CHECKSUM`))
    expect(await archive.fetch(keyOf('BTCUSDT', '2024-01'), join(out, 'a.zip'))).toMatchObject({
      found: true,
      verified: false,
    })
    const damaged = join(folder, keyOf('BTCUSDT', '2024-02'))
    const zip = await readFile(damaged)
    const before = createHash('sha256').update(zip).digest('hex')
    zip[20] ^= 1
    await writeFile(damaged, zip)
    const after = createHash('sha256').update(zip).digest('hex')
    const failed = archive.fetch(keyOf('BTCUSDT', '2024-02'), join(out, 'b.zip'))
    await expect(failed).rejects.toThrow(before)
    await expect(failed).rejects.toThrow(after)
    await expect(failed).rejects.toMatchObject({
      name: 'UserError',
      hint: expect.stringContaining('into the mirror again'),
    })
    expect(await readdir(out)).toEqual(['a.zip'])
  })

  it('takes the end of the newest month that all pairs have for now', async () => {
    const { archive } = await scene({
      BTCUSDT: ['2023-11', '2023-12', '2024-01'],
      ETHUSDT: ['2023-11', '2023-12'],
      SOLUSDT: ['2022-01'],
    })
    const now = (...pairs: string[]) => archive.now({ venue: 'binance-um', pairs, base: '1m' })
    expect(await now('BTCUSDT')).toBe(Date.UTC(2024, 1, 1))
    expect(await now('BTCUSDT', 'ETHUSDT')).toBe(Date.UTC(2024, 0, 1))
    expect(await now('BTCUSDT', 'SOLUSDT')).toBeNull()
    expect(await now('NOSUCHUSDT')).toBeNull()
    expect(await archive.now({ venue: 'binance-um', pairs: ['BTCUSDT'], base: '5m' })).toBeNull()
  })

  it('lists its pairs', async () => {
    const { archive } = await scene({ ETHUSDT: ['2024-01'], BTCUSDT: ['2024-01'] })
    expect(await archive.pairs('binance-um')).toEqual(['BTCUSDT', 'ETHUSDT'])
    expect(await archive.pairs('binance-spot')).toEqual([])
  })

  it('is found by path and by file address', async () => {
    const { folder } = await scene({ BTCUSDT: ['2024-01'] })
    expect((await openArchive(`${folder}/`)).address).toBe(folder)
    expect((await openArchive(pathToFileURL(folder).href)).address).toBe(folder)
    expect(await (await openArchive(folder)).simulation()).toBeNull()
  })

  it('must exist and hold data', async () => {
    const folder = await scratchFolder()
    await expect(openArchive(join(folder, 'nowhere'))).rejects.toThrow(/nowhere does not exist/)
    await expect(openArchive(folder)).rejects.toThrow(/holds no data\/ folder/)
    await expect(openArchive('ftp://example.org/x')).rejects.toThrow(/neither an http\(s\) address nor a folder/)
  })
})

const MIRROR = join(import.meta.dirname, '../../../shared/mirror')
const present = existsSync(MIRROR)
if (!present) console.log('skipped: the tests on real archive files need ../shared/mirror')

describe.skipIf(!present)('the mirror of real files', () => {
  // First and last lines counted by hand: 31 days of 1,440 minutes, 31 of 96 quarters of an hour, 31 of 3 prints.
  const cases = [
    {
      series: { venue: 'binance-um', pair: 'FILUSDT', kind: 'klines', timeframe: '1m' },
      month: '2023-08',
      header: true,
      timeUnit: 'ms',
      rows: 44_640,
    },
    {
      series: { venue: 'binance-spot', pair: 'BTCUSDT', kind: 'klines', timeframe: '15m' },
      month: '2024-01',
      header: false,
      timeUnit: 'ms',
      rows: 2976,
    },
    {
      series: { venue: 'binance-spot', pair: 'BTCUSDT', kind: 'klines', timeframe: '15m' },
      month: '2025-01',
      header: false,
      timeUnit: 'us',
      rows: 2976,
    },
    {
      series: { venue: 'binance-um', pair: 'BTCUSDT', kind: 'fundingRate' },
      month: '2023-12',
      header: true,
      timeUnit: 'ms',
      rows: 93,
    },
  ] as const
  it.each(cases)(
    'reads $series.venue $series.pair $series.kind $month',
    async ({ series, month, header, timeUnit, rows }) => {
      const out = await scratchFolder()
      const archive = await openArchive(MIRROR)
      expect(await archive.fetch(archiveKey(series, month), join(out, 'a.zip'))).toMatchObject({
        found: true,
        verified: true,
      })
      const csv = await csvOfZip(join(out, 'a.zip'))
      const { kind, venue } = series
      expect(csvShape(csv.slice(0, 4096), { kind, venue, name: 'a.csv' })).toEqual({ header, timeUnit })
      expect(csv.trimEnd().split('\n')).toHaveLength(rows + (header ? 1 : 0))
    },
  )

  it('ends with November 2024 for its two altcoins, and knows what it does not have', async () => {
    const archive = await openArchive(MIRROR)
    expect(await archive.now({ venue: 'binance-um', pairs: ['FILUSDT', 'NEARUSDT'], base: '1m' })).toBe(
      Date.UTC(2024, 11, 1),
    )
    const out = await scratchFolder()
    const funding = archiveKey({ venue: 'binance-um', pair: 'FILUSDT', kind: 'fundingRate' }, '2023-08')
    expect(await archive.fetch(funding, join(out, 'a.zip'))).toEqual({ found: false })
  })
})
