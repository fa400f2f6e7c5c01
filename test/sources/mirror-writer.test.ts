import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archiveColumns } from '../../src/market/raw-kinds.js'
import { createMarket } from '../../src/simulate/market.js'
import { openArchive } from '../../src/sources/archive.js'
import { archiveKey } from '../../src/sources/keys.js'
import { type MirrorFile, type MirrorOptions, writeMirror } from '../../src/sources/mirror-writer.js'
import { scratchFolder } from '../support/scratch.js'
import { csvOfZip } from '../support/unzip.js'

const COLUMNS = Object.keys(archiveColumns('klines', 'binance-um'))

// February 2023: 28 days, the shortest month.
const FROM = Date.UTC(2023, 1, 1)
const OPTIONS: MirrorOptions = {
  seed: 7,
  edge: 0.5,
  pairs: ['BTCUSDT'],
  span: { from: FROM, to: Date.UTC(2023, 2, 1) },
}
const KLINES = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'klines', timeframe: '1m' }, '2023-02')
const FUNDING = archiveKey({ venue: 'binance-um', pair: 'BTCUSDT', kind: 'fundingRate' }, '2023-02')

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
    })
    expect(await archive.now({ venue: 'binance-um', pairs: ['BTCUSDT'], base: '1m' })).toBe(OPTIONS.span.to)
    const out = await scratchFolder()
    const rowsOf = async (key: string) => {
      expect(await archive.fetch(key, join(out, 'a.zip'))).toMatchObject({ verified: true })
      return (await csvOfZip(join(out, 'a.zip'))).trimEnd().split('\n')
    }
    const [header, ...rows] = await rowsOf(KLINES)
    expect(header).toBe(COLUMNS.join(','))
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
          COLUMNS[c],
        ).toEqual(column)
    })
    const [, ...prints] = await rowsOf(FUNDING)
    expect(prints.map((row) => row.split(',').map(Number))).toEqual(
      [...funding.time].map((time, i) => [time, 8, funding.rate[i]]),
    )
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
    expect(await writeMirror(folder, OPTIONS)).toMatchObject({ written: 1, kept: 1 })
    expect((await readdir(folder)).sort()).toEqual(['SIMULATED.json', 'data'])
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
