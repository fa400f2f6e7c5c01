import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../src/core/canonical.js'
import { openArchive } from '../../src/sources/archive.js'
import { fetchDays, fetchPeriod, keptFolder } from '../../src/sources/archive-period.js'
import { archiveKey } from '../../src/sources/keys.js'
import { startArchiveServer, writeArchiveFile } from '../support/archive-server.js'
import { scratchFolder } from '../support/scratch.js'

const series = { venue: 'binance-um', pair: 'BTCUSDT', kind: 'klines', timeframe: '1d' } as const
const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03']
const MONTHLY = archiveKey(series, '2024-01')
const csvOf = (price: number) => `1704067200000,${price},2,0.5,1.5,10,1704153599999,15,3,4,6,0\n`

/** An archive behind HTTP and the request for its January; zips are kept below `downloads`. */
async function scene(downloads: string, files: Readonly<Record<string, number>>) {
  const folder = await scratchFolder()
  for (const [period, price] of Object.entries(files)) {
    await writeArchiveFile(folder, archiveKey(series, period), csvOf(price))
  }
  const server = await startArchiveServer(folder)
  onTestFinished(() => server.close())
  const archive = await openArchive(server.url, { http: { attempts: 1 } })
  const kept = keptFolder(downloads, archive.address)
  const signal = new AbortController().signal
  const request = { archive, series, month: '2024-01', days: DAYS, folder: kept, signal, onProgress: () => {} }
  const zips = () => server.requests.splice(0).filter((path) => path.endsWith('.zip')).length
  return { folder, request, kept, zips }
}

const bytesOf = (files: readonly { readonly path: string }[]) => Promise.all(files.map(({ path }) => readFile(path)))

describe('the files of a month', () => {
  it('are kept, and taken again without being fetched while the archive vouches for them', async () => {
    const { request, zips } = await scene(await scratchFolder(), { '2024-01': 1 })
    const first = await fetchPeriod(request)
    expect([first.files[0].via, zips()]).toEqual(['monthly', 1])
    expect((await fetchPeriod(request)).files).toEqual(first.files)
    expect(zips()).toBe(0)
  })

  it('are never those of another archive, though it has the same keys', async () => {
    const downloads = await scratchFolder()
    const [one, other] = [await scene(downloads, { '2024-01': 1 }), await scene(downloads, { '2024-01': 7 })]
    const [a, b] = [await fetchPeriod(one.request), await fetchPeriod(other.request)]
    expect(one.kept).not.toBe(other.kept)
    expect(a.files[0].sha256).not.toBe(b.files[0].sha256)
    expect(await bytesOf(b.files)).toEqual([await readFile(join(other.folder, MONTHLY))])
    expect(keptFolder(downloads, 'https://zoe:s3cret@host')).toBe(keptFolder(downloads, 'https://host'))
  })

  it('are fetched again when the archive has replaced one by another of the same size', async () => {
    const { folder, request, zips } = await scene(await scratchFolder(), { '2024-01': 8 })
    const before = await fetchPeriod(request)
    await writeArchiveFile(folder, MONTHLY, csvOf(9))
    zips()
    const after = await fetchPeriod(request)
    expect([after.files[0].bytes, zips()]).toEqual([before.files[0].bytes, 1])
    expect(sha256((await bytesOf(after.files))[0])).toBe(after.files[0].sha256)
    expect(after.files[0].sha256).not.toBe(before.files[0].sha256)
  })

  it('are fetched again when a kept one was changed on disk, its size left as it was', async () => {
    const { request, kept, zips } = await scene(await scratchFolder(), { '2024-01': 1 })
    const [{ sha256: expected }] = (await fetchPeriod(request)).files
    const path = join(kept, MONTHLY)
    const bytes = await readFile(path)
    bytes[40] ^= 1
    await writeFile(path, bytes)
    zips()
    const { files } = await fetchPeriod(request)
    expect([files[0].sha256, sha256(await readFile(path)), zips()]).toEqual([expected, expected, 1])
  })

  it('are fetched again when nobody vouches for them', async () => {
    const { folder, request, zips } = await scene(await scratchFolder(), { '2024-01': 1 })
    await rm(join(folder, `${MONTHLY}.CHECKSUM`))
    expect((await fetchPeriod(request)).files[0].verified).toBe(false)
    await fetchPeriod(request)
    expect(zips()).toBe(2)
  })

  it.each([
    ['another hash', `${'0'.repeat(64)}  BTCUSDT-1d-2024-01.zip\n`],
    ['another name', `${'0'.repeat(64)}  ETHUSDT-1d-2024-01.zip\n`],
    ['no checksum', 'soon\n'],
  ])('are the daily ones where the monthly one is at odds with its checksum: %s', async (_, text) => {
    const { folder, request } = await scene(await scratchFolder(), { '2024-01': 1, '2024-01-01': 2, '2024-01-03': 3 })
    await writeFile(join(folder, `${MONTHLY}.CHECKSUM`), text)
    const { files, absentDays, quarrels } = await fetchPeriod(request)
    expect(files.map(({ via, name }) => `${via} ${name}`)).toEqual([
      'daily BTCUSDT-1d-2024-01-01.zip',
      'daily BTCUSDT-1d-2024-01-03.zip',
    ])
    expect(absentDays).toEqual(['2024-01-02'])
    expect(quarrels.map(({ key }) => key)).toEqual([MONTHLY])
  })

  it('leave out a day at odds with its checksum, by name', async () => {
    const { folder, request, kept } = await scene(await scratchFolder(), { '2024-01-01': 2, '2024-01-02': 3 })
    const key = archiveKey(series, '2024-01-02')
    await writeFile(join(folder, `${key}.CHECKSUM`), `${'0'.repeat(64)}  BTCUSDT-1d-2024-01-02.zip\n`)
    await mkdir(kept, { recursive: true })
    const { files, absentDays, quarrels } = await fetchDays(request)
    expect([files.length, absentDays, quarrels.map((one) => one.key)]).toEqual([1, ['2024-01-02', '2024-01-03'], [key]])
    expect(quarrels[0].message).toContain('does not match its checksum')
    const names = await readdir(kept, { recursive: true })
    expect(names.filter((name) => name.includes('01-02'))).toEqual([])
  })
})
