import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadFileHashes } from '../../src/datasets/file-hashes.js'
import { openWorkspace } from '../../src/datasets/workspace.js'
import { archiveColumns } from '../../src/market/raw-kinds.js'
import { createMarket } from '../../src/simulate/market.js'
import { openArchive } from '../../src/sources/archive.js'
import type { KnownHashes } from '../../src/sources/archive-files.js'
import { archiveKey } from '../../src/sources/keys.js'
import { DEFAULT_MIRROR_KINDS } from '../../src/sources/mirror-kinds.js'
import { type MirrorFile, type MirrorOptions, writeMirror } from '../../src/sources/mirror-writer.js'
import { csvInZip } from '../../src/sources/zip.js'
import { THIN } from '../simulate/publish.js'
import { scratchFolder } from '../support/scratch.js'

// February 2023: 28 days, the shortest month.
const FROM = Date.UTC(2023, 1, 1)
const OPTIONS: MirrorOptions = {
  seed: 7,
  edge: 0.5,
  pairs: ['BTCUSDT'],
  span: { from: FROM, to: Date.UTC(2023, 2, 1) },
  kinds: ['klines', 'fundingRate'],
}
const KLINES = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'klines', timeframe: '1m' }, '2023-02')
const FUNDING = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'fundingRate' }, '2023-02')

async function csvOf(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of csvInZip(path, path)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).sort()
  const found: Record<string, string> = {}
  for (const name of names) {
    const path = join(folder, name)
    if ((await stat(path)).isFile())
      found[name] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
  }
  return found
}

describe('a simulated archive', () => {
  it('holds exactly what was simulated, in the form of the exchange', async () => {
    const folder = await scratchFolder()
    const files: MirrorFile[] = []
    const mirror = await writeMirror(folder, { ...OPTIONS, onFile: (file) => files.push(file) })
    expect(mirror).toMatchObject({ written: 2, kept: 0 })
    expect(files).toEqual([
      { key: KLINES, state: 'written', done: 1, total: 2 },
      { key: FUNDING, state: 'written', done: 2, total: 2 },
    ])
    expect(Object.keys(await hashes(folder))).toEqual(
      ['SIMULATED.json', FUNDING, `${FUNDING}.CHECKSUM`, KLINES, `${KLINES}.CHECKSUM`].toSorted(),
    )

    const archive = await openArchive(folder)
    expect(await archive.simulation()).toEqual({
      seed: 7,
      edge: 0.5,
      generator: 1,
      from: '2023-02-01',
      to: '2023-03-01',
      pairs: ['BTCUSDT'],
      kinds: ['klines', 'fundingRate'],
    })
    expect(await archive.now({ venue: 'binance-um', pairs: ['BTCUSDT'], base: '1m' })).toBe(OPTIONS.span.to)
    const out = await scratchFolder()
    const rowsOf = async (key: string) => {
      expect(await archive.fetch(key, join(out, 'a.zip'))).toMatchObject({ verified: true })
      return (await csvOf(join(out, 'a.zip'))).toString().trimEnd().split('\n')
    }
    const [header, ...rows] = await rowsOf(KLINES)
    const names = Object.keys(archiveColumns('klines', 'binance-um'))
    expect(header).toBe(names.join(','))
    expect(rows).toHaveLength(28 * 1440)
    expect(rows[0]).toMatch(
      /^1675209600000,\d+\.\d{2},\d+\.\d{2},\d+\.\d{2},\d+\.\d{2},\d+\.\d{3},1675209659999,\d+\.\d{5},\d+,\d+\.\d{3},\d+\.\d{5},0$/,
    )
    // Parsing the text gives the simulated doubles back, bit for bit.
    const [{ bars, funding }] = createMarket({ seed: 7, edge: 0.5, pairs: ['BTCUSDT'], from: FROM }).advance(28 * 1440)
    const cells = rows.map((row) => row.split(',').map(Number))
    const columns = [
      bars.openTime,
      bars.open,
      bars.high,
      bars.low,
      bars.close,
      bars.volume,
      null,
      bars.quoteVolume,
      bars.count,
      bars.takerBuyVolume,
      bars.takerBuyQuoteVolume,
    ]
    columns.forEach((column, c) => {
      if (column !== null)
        expect(
          Float64Array.from(cells, (row) => row[c]),
          names[c],
        ).toEqual(column)
    })
    const [, ...prints] = await rowsOf(FUNDING)
    expect(prints.map((row) => row.split(',').map(Number))).toEqual(
      [...funding.time].map((time, i) => [time, 8, funding.rate[i]]),
    )
  })

  it('has the bars and funding that it had when there was nothing else', async () => {
    const folder = await scratchFolder()
    await writeMirror(folder, { ...OPTIONS, pairs: ['BTCUSDT', 'FILUSDT'], kinds: DEFAULT_MIRROR_KINDS })
    // SHA-256 of the CSV files as the first version wrote them: whatever is added has chance of its own.
    const first = {
      [KLINES]: '93b33a93dce11c434a14551e08875766ec29356d9807e21a5debf5b254143579',
      [FUNDING]: '7f4e98f0f0301f4f7e58375e73e9fe15dca8b82390807877c948ea441a7efea8',
      [KLINES.replaceAll('BTC', 'FIL')]: '0e234d0656585d68bba2fa0aefde06f96da61c607ab7d85f7cc4ef2341d529e4',
      [FUNDING.replaceAll('BTC', 'FIL')]: 'd887a490d00327ed9cd83b3a5c5dc8aeb904258ca1c8b40d52b0e793569b0e37',
    }
    for (const [key, hash] of Object.entries(first)) {
      const csv = await csvOf(join(folder, key))
      expect(createHash('sha256').update(csv).digest('hex'), key).toBe(hash)
    }
  })

  it('has the same bytes for the same options, and others for another seed', async () => {
    const [a, b, c] = [await scratchFolder(), await scratchFolder(), await scratchFolder()]
    await writeMirror(a, OPTIONS)
    await writeMirror(b, OPTIONS)
    await writeMirror(c, { ...OPTIONS, seed: 8 })
    expect(await hashes(b)).toEqual(await hashes(a))
    expect((await hashes(c))[KLINES]).not.toBe((await hashes(a))[KLINES])
  })

  it('is mended where a file is missing, damaged or was broken off, and only there', async () => {
    const folder = await scratchFolder()
    await writeMirror(folder, OPTIONS)
    const whole = await hashes(folder)
    expect(await writeMirror(folder, OPTIONS)).toMatchObject({ written: 0, kept: 2 })
    const zip = await readFile(join(folder, KLINES))
    zip[100] ^= 1
    await writeFile(join(folder, KLINES), zip)
    expect(await writeMirror(folder, OPTIONS)).toMatchObject({ written: 1, kept: 1 })
    expect(await hashes(folder)).toEqual(whole)
    await rm(join(folder, `${FUNDING}.CHECKSUM`))
    await rm(join(folder, 'SIMULATED.json'))
    await writeFile(
      join(folder, 'SIMULATED.json.draft'),
      JSON.stringify({
        simulated: true,
        seed: 7,
        edge: 0.5,
        generator: 1,
        from: '2023-02-01',
        to: '2023-03-01',
        pairs: ['BTCUSDT'],
      }),
    )
    expect(await writeMirror(folder, OPTIONS)).toMatchObject({ written: 1, kept: 1 })
    expect(await hashes(folder)).toEqual(whole)
  })

  it('reads no file again that it knows, and mends one that has changed since', async () => {
    const folder = await scratchFolder()
    const memory = loadFileHashes(openWorkspace(folder), Date.now)
    const asked: string[] = []
    const known: KnownHashes = {
      of: (path) => {
        asked.push(relative(folder, path))
        return memory.of(relative(folder, path))
      },
      learn: (path, sha256) => memory.learn(relative(folder, path), sha256),
    }
    expect(await writeMirror(folder, { ...OPTIONS, known })).toMatchObject({ written: 2, kept: 0 })
    const whole = await hashes(folder)
    const before = await stat(join(folder, 'SIMULATED.json'))
    expect(await writeMirror(folder, { ...OPTIONS, known })).toMatchObject({ written: 0, kept: 2 })
    expect(asked).toEqual([KLINES, FUNDING])
    // Where all is right, nothing is written, the marker neither.
    expect((await stat(join(folder, 'SIMULATED.json'))).mtimeMs).toBe(before.mtimeMs)
    await writeFile(join(folder, FUNDING), 'damaged')
    expect(await writeMirror(folder, { ...OPTIONS, known })).toMatchObject({ written: 1, kept: 1 })
    expect(await hashes(folder)).toEqual(whole)
  })

  it('goes on after it was stopped', async () => {
    const folder = await scratchFolder()
    const controller = new AbortController()
    const stopped = writeMirror(folder, {
      ...OPTIONS,
      signal: controller.signal,
      onFile: () => controller.abort(new Error('stopped')),
    })
    await expect(stopped).rejects.toThrow('stopped')
    expect(await readdir(folder)).toEqual(['SIMULATED.json.draft', 'data'])
    await expect(
      writeMirror(folder, { ...OPTIONS, seed: 9 }),
      'a half-written market is not another one',
    ).rejects.toThrow(/holds another simulated market/)
    // What was under way was finished; the marker was not written.
    expect(await writeMirror(folder, OPTIONS)).toMatchObject({ written: 0, kept: 2 })
    expect((await readdir(folder)).sort()).toEqual(['SIMULATED.json', 'data'])
  })

  it('takes in more kinds of the same market, keeps the ones it has, and names them all', async () => {
    const [folder, whole] = [await scratchFolder(), await scratchFolder()]
    await writeMirror(folder, OPTIONS)
    const before = await hashes(folder)
    expect(await writeMirror(folder, { ...OPTIONS, kinds: ['klines', 'metrics'] })).toMatchObject({
      written: 28,
      kept: 1,
    })
    const after = await hashes(folder)
    for (const name of [KLINES, FUNDING]) expect(after[name]).toBe(before[name])
    const marker = await (await openArchive(folder)).simulation()
    expect(marker?.kinds).toEqual(['klines', 'fundingRate', 'metrics'])
    await writeMirror(whole, { ...OPTIONS, kinds: ['metrics', 'fundingRate', 'klines'] })
    expect(await hashes(whole), 'in one go it is the same').toEqual(after)

    // As the first version wrote it: no kinds named.
    const { kinds: _, ...old } = JSON.parse(await readFile(join(folder, 'SIMULATED.json'), 'utf8'))
    await writeFile(join(folder, 'SIMULATED.json'), JSON.stringify(old))
    expect((await (await openArchive(folder)).simulation())?.kinds).toEqual(['klines', 'fundingRate'])
    expect(await writeMirror(folder, { ...OPTIONS, kinds: ['metrics'] })).toMatchObject({ written: 0, kept: 28 })
    expect(await hashes(folder)).toEqual(after)
  })

  it('comes to the same bytes wherever it was stopped, in the middle of a day of trades too', async () => {
    const [folder, whole] = [await scratchFolder(), await scratchFolder()]
    const options: MirrorOptions = { ...OPTIONS, pairs: [THIN], kinds: ['indexPriceKlines', 'metrics', 'bookDepth'] }
    await writeMirror(whole, options)
    const total = 1 + 28 + 28
    for (const stopAt of [1, 20, 45]) {
      const controller = new AbortController()
      const run = writeMirror(folder, {
        ...options,
        signal: controller.signal,
        onFile: ({ done }) => done === stopAt && controller.abort(new Error('stopped')),
      })
      await expect(run).rejects.toThrow('stopped')
    }
    // A process that is killed leaves its unfinished files.
    await writeFile(join(folder, 'data/futures/um/daily', 'BTCUSDT-metrics-2023-02-01.zip.0123abcd.part'), 'half')
    const { written, kept } = await writeMirror(folder, options)
    expect([written + kept, kept >= 45, written > 0]).toEqual([total, true, true])
    expect(await hashes(folder)).toEqual(await hashes(whole))

    const controller = new AbortController()
    const trades = writeMirror(folder, { ...options, kinds: ['trades'], signal: controller.signal })
    const day = join(folder, 'data/futures/um/daily/trades', THIN)
    await expect
      .poll(async () => (await readdir(day).catch(() => [])).some((name) => name.endsWith('.part')), { interval: 1 })
      .toBe(true)
    controller.abort(new Error('stopped'))
    await expect(trades).rejects.toThrow('stopped')
    expect((await readdir(day)).filter((name) => name.endsWith('.part'))).toEqual([])
    expect((await openArchive(folder).then((archive) => archive.simulation()))?.kinds).toEqual(options.kinds)
  })

  it('does not replace another market unless told to, and a real archive never', async () => {
    const folder = await scratchFolder()
    await writeMirror(folder, OPTIONS)
    await expect(writeMirror(folder, { ...OPTIONS, edge: 1 })).rejects.toThrow(
      /there {3}seed 7, edge 0\.5, .*\n {2}wanted {2}seed 7, edge 1,/,
    )
    await writeMirror(folder, { ...OPTIONS, edge: 1, pairs: ['ETHUSDT'], force: true })
    const names = Object.keys(await hashes(folder))
    expect(
      names.filter((name) => name.includes('BTC')),
      'nothing of the old market is left',
    ).toEqual([])
    expect(names).toHaveLength(5)

    const real = await scratchFolder()
    await mkdir(join(real, 'data'))
    await expect(writeMirror(real, { ...OPTIONS, force: true })).rejects.toThrow(/not simulated/)
  })

  it('spans whole months, has pairs, and an edge of 0 or more', async () => {
    const folder = await scratchFolder()
    const span = { from: FROM, to: FROM + 86_400_000 }
    await expect(writeMirror(folder, { ...OPTIONS, span })).rejects.toThrow(
      /spans whole months, not 2023-02-01 to 2023-02-02/,
    )
    await expect(writeMirror(folder, { ...OPTIONS, edge: -1 })).rejects.toThrow(/edge must be 0 or more, not -1/)
    await expect(writeMirror(folder, { ...OPTIONS, pairs: ['BTCUSDT', 'BTCUSDT'] })).rejects.toThrow(/BTCUSDT, BTCUSDT/)
    expect(await readdir(folder)).toEqual([])
  })
})
