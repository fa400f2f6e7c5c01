import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/canonical.js'
import { DAY, isoDay, monthStart } from '../../src/core/time.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { startArchiveServer, writeArchiveFile } from '../support/archive-server.js'
import { readJsonFile, SMALL, sluice, suiteFolder, unitsOf, writeMarket } from '../support/sluice.js'
import { csvOfZip } from '../support/unzip.js'

const cwd = suiteFolder()
const options = { cwd }
const klines = 'data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip'

beforeAll(() => writeMarket(cwd, SMALL, ['BTCUSDT', 'ETHUSDT'], 2))

/** A copy of the archive of one's own, and the arguments that use it in a workspace of its own. */
function archive(name: string): { path: string; args: string[] } {
  cpSync(join(cwd, 'archive'), join(cwd, name), { recursive: true })
  return { path: join(cwd, name), args: ['--root', `of-${name}`, '--set', `exchange.archiveUrl=${name}`] }
}

describe('a pair that the archive does not have', () => {
  it('is named, with what there is; the other pair goes on', async () => {
    const { code, stderr } = await sluice(
      ['run', '--root', 'pairs', '--to', 'clean', '--pair', 'NOSUCHUSDT', '--pair', 'ETHUSDT'],
      options,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('NOSUCHUSDT is not in the archive archive (binance-um, 1m, 2024-01 to 2024-01)')
    expect(stderr).toContain('hint: it has BTCUSDT, ETHUSDT')
    expect(stderr).toMatch(/clean +ETHUSDT 2024-01 +done/)
    expect(stderr.match(/NOSUCHUSDT +waiting/g)).toHaveLength(1)
  })

  it('but that is nearly one of its own is corrected', async () => {
    const { code, stderr } = await sluice(['download', '--root', 'pairs', '--pair', 'BTCUSTD'], options)
    expect(code).toBe(1)
    expect(stderr).toContain(', did you mean BTCUSDT?')
  })

  it('and is no name at all never leaves the workspace', async () => {
    const { code, stderr } = await sluice(['run', '--root', 'odd', '--pair', '../../evil'], options)
    expect(code).toBe(2)
    expect(stderr).toContain('--pair ../../evil is not the name of a pair')
    expect(existsSync(join(cwd, 'odd'))).toBe(false)
  })
})

describe('an archive that cannot be reached', () => {
  it('over HTTP: says what was tried, and what to do', async () => {
    const { code, stderr } = await sluice(
      ['run', '--root', 'deaf', '--set', 'exchange.archiveUrl=http://127.0.0.1:9'],
      options,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('cannot reach 127.0.0.1:9: connect ECONNREFUSED 127.0.0.1:9')
    expect(stderr).toContain('hint: check the network, or set exchange.archiveUrl to a local mirror')
    // Two months of two kinds fail for one reason: it is told by the first of them, and in the summary.
    expect(stderr.match(/cannot reach/g)).toHaveLength(2)
    expect(stderr).toMatch(/failed +download .* and 1 more: cannot reach/)
  })

  it('as a folder: says which, and what belongs there', async () => {
    const { code, stderr } = await sluice(
      ['run', '--root', 'nowhere', '--set', 'exchange.archiveUrl=absent/folder'],
      options,
    )
    expect(code).toBe(1)
    expect(stderr).toContain('the archive folder absent/folder does not exist')
    expect(stderr).toContain('hint: set exchange.archiveUrl to the folder that holds data/futures')
  })

  it('gives the same data over HTTP as from a folder; a second download asks for nothing', async () => {
    const server = await startArchiveServer(join(cwd, 'archive'))
    try {
      const set = ['--set', `exchange.archiveUrl=${server.url}`]
      expect((await sluice(['download', '--root', 'http', ...set], options)).code).toBe(0)
      await sluice(['download', '--root', 'folder'], options)
      const hashes = async (args: string[]) =>
        (await unitsOf(['status', ...args], options))
          .filter(({ stage }) => stage === 'download')
          .flatMap(({ files }) => files.map(({ sha256: hash }) => hash))
      expect(await hashes(['--root', 'http', ...set])).toEqual(await hashes(['--root', 'folder']))
      const asked = server.requests.length
      expect((await sluice(['download', '--root', 'http', ...set], options)).code).toBe(0)
      expect(server.requests.length).toBe(asked)
    } finally {
      await server.close()
    }
  })
})

describe('a zip with one flipped byte', () => {
  const flipped = (path: string) => {
    const bytes = readFileSync(path)
    bytes[Math.floor(bytes.length / 2)] ^= 1
    return bytes
  }

  it('is refused by its checksum, with both hashes; once mended, the run goes on', async () => {
    const { path, args } = archive('flipped')
    const right = readFileSync(join(path, klines))
    writeFileSync(join(path, klines), flipped(join(path, klines)))
    const { code, stderr } = await sluice(['download', ...args], options)
    expect(code).toBe(1)
    expect(stderr).toContain('BTCUSDT-1m-2024-01.zip does not match its checksum')
    expect(stderr).toMatch(/SHA-256 of the file {6}[0-9a-f]{64}\n {2}SHA-256 in \.CHECKSUM {5}[0-9a-f]{64}/)
    expect(stderr).toContain('hint: fetch flipped/data/futures')
    writeFileSync(join(path, klines), right)
    const mended = await sluice(['download', ...args], options)
    expect(mended.code).toBe(0)
    expect(mended.stderr).toMatch(/klines 1m 2024-01 +done/)
  })

  it('is refused by its CRC when the checksum vouches for it', async () => {
    const { path, args } = archive('vouched')
    const bytes = flipped(join(path, klines))
    writeFileSync(join(path, klines), bytes)
    writeFileSync(join(path, `${klines}.CHECKSUM`), `${sha256(bytes)}  BTCUSDT-1m-2024-01.zip\n`)
    const { code, stderr } = await sluice(['download', ...args], options)
    expect(code).toBe(1)
    expect(stderr).toMatch(/BTCUSDT-1m-2024-01\.zip is not a readable zip: /)
    expect(stderr).toContain('hint: ')
    expect(stderr).not.toContain('fault in Sluice')
  })
})

describe('a checksum that is missing', () => {
  it('is a warning, and named in the quality report', async () => {
    const { path, args } = archive('unverified')
    rmSync(join(path, `${klines}.CHECKSUM`))
    const { code, stderr } = await sluice(['run', '--to', 'clean', '--quiet', ...args], options)
    expect(code).toBe(0)
    expect(stderr).toContain('BTCUSDT-1m-2024-01.zip has no checksum in the archive')
    const quality = readJsonFile<{ unverified: string[] }>(
      join(cwd, 'of-unverified/data/clean/binance-um/BTCUSDT/quality.json'),
    )
    expect(quality.unverified).toEqual([klines])
  })
})

describe('a month that is absent', () => {
  const both = ['--set', 'data.to=2024-02-06']

  it('is made of daily files; a day that is absent is reported, and fetched when it appears', async () => {
    const { path, args } = archive('daily')
    const lines = (await csvOfZip(join(path, klines))).split('\n')
    rmSync(join(path, klines))
    const write = (n: number) => {
      const start = monthStart('2024-01') + n * DAY
      const rows = lines.filter(
        (line) => Number(line.split(',')[0]) >= start && Number(line.split(',')[0]) < start + DAY,
      )
      return writeArchiveFile(path, dayKey(isoDay(start)), `${rows.join('\n')}\n`)
    }
    for (const n of [0, 1, 2, 4, 5, 6, 7, 8, 9]) await write(n)
    const { code, stderr } = await sluice(['run', '--to', 'clean', ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/klines 1m 2024-01 +done +12,960 rows from 9 daily files/)
    expect(stderr).toContain('1 of 10 days are absent in the archive')
    expect(stderr).toMatch(/90\.00 % of 1m bars, 1 gaps?/)
    expect((await sluice(['download', ...args], options)).stderr).toContain('everything is fresh')
    await write(3)
    const later = await sluice(['run', '--to', 'clean', ...args], options)
    expect(later.stderr).toContain('the archive now has BTCUSDT-1m-2024-01-04.zip')
    expect(later.stderr).toContain('100.00 % of 1m bars, 0 gaps')
  })

  const dayKey = (day: string) => `data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`
  /** The monthly file of January without the days and hours named, and daily files of those days. */
  async function cutMonth(path: string, without: readonly string[]) {
    const lines = (await csvOfZip(join(path, klines))).split('\n').filter((line) => line !== '')
    const stamp = (line: string) => new Date(Number(line.split(',')[0]) || 0).toISOString()
    const isCut = (line: string) => without.some((begin) => stamp(line).startsWith(begin))
    await writeArchiveFile(path, klines, `${lines.filter((line) => !isCut(line)).join('\n')}\n`)
    for (const day of new Set(without.map((begin) => begin.slice(0, 10)))) {
      await writeArchiveFile(path, dayKey(day), `${lines.filter((line) => stamp(line).startsWith(day)).join('\n')}\n`)
    }
    return lines.length - 1 // the header
  }
  const barsIn = async (root: string) => {
    const { numbers } = await readParquet(
      [join(cwd, root, 'data/raw/binance-um/BTCUSDT/klines/1m/2024-01.parquet')],
      null,
    )
    return Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, [...values]]))
  }

  it('at its edges or inside is completed from daily files, row for row, each row once', async () => {
    const { path, args } = archive('edges')
    expect((await sluice(['download', ...args, '--root', 'of-whole'], options)).code).toBe(0)
    const rows = await cutMonth(path, ['2024-01-01', '2024-01-04T05', '2024-01-10T23:5', '2024-01-10T00'])
    const { code, stderr } = await sluice(['run', '--to', 'clean', ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`${rows.toLocaleString('en')} rows from the monthly and 3 daily files`)
    expect(stderr).toContain('100.00 % of 1m bars, 0 gaps')
    expect(await barsIn(args[1])).toEqual(await barsIn('of-whole'))
    const { sources, repeated } = readJsonFile<{ facts: { sources: { rows: number }[]; repeated: number } }>(
      join(cwd, args[1], 'data/raw/binance-um/BTCUSDT/klines/1m/2024-01.manifest.json'),
    ).facts
    // Missing were a day, an hour, and ten minutes and an hour of the third day: 1440 + 60 + 70.
    expect(sources.map((source) => source.rows)).toEqual([rows - 1570, 1440, 1440, 1440])
    expect(repeated).toBe(3 * 1440 - 1570)
    expect((await sluice(['download', ...args], options)).stderr).toContain('everything is fresh')
    expect((await sluice(['verify', 'data', '--root', args[1]], options)).code).toBe(0)
  })

  it('on a day says how many bars are in no file, and takes a daily file that comes later', async () => {
    const { path, args } = archive('later')
    await cutMonth(path, ['2024-01-03', '2024-01-05T07'])
    const kept = ['2024-01-03', '2024-01-05'].map((day) => ({ day, zip: readFileSync(join(path, dayKey(day))) }))
    for (const { day } of kept) rmSync(join(path, dayKey(day)))
    const { code, stderr } = await sluice(['download', ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/klines 1m 2024-01 +done +43,140 rows, 60 in no file/)
    expect(stderr).toContain('1 of 10 days are absent in the archive')
    expect((await sluice(['download', ...args], options)).stderr).toContain('everything is fresh')
    for (const { day, zip } of kept) writeFileSync(join(path, dayKey(day)), zip)
    const later = await sluice(['run', '--to', 'clean', ...args], options)
    expect(later.stderr).toContain('the archive now has BTCUSDT-1m-2024-01-03.zip')
    expect(later.stderr).toContain('100.00 % of 1m bars, 0 gaps')
  })

  it('for its checksum never agrees is made of daily files, and listed; mended, it is taken', async () => {
    const { path, args } = archive('quarrel')
    const lines = (await csvOfZip(join(path, klines))).split('\n')
    const write = (n: number) => {
      const day = isoDay(monthStart('2024-01') + n * DAY)
      const rows = lines.filter((line) => new Date(Number(line.split(',')[0]) || 0).toISOString().startsWith(day))
      return writeArchiveFile(path, dayKey(day), `${rows.join('\n')}\n`)
    }
    for (let n = 0; n < 9; n++) await write(n)
    const sidecar = readFileSync(join(path, `${klines}.CHECKSUM`), 'utf8')
    writeFileSync(join(path, `${klines}.CHECKSUM`), `${'0'.repeat(64)}  BTCUSDT-1m-2024-01.zip\n`)
    const short = await sluice(['download', ...args], options)
    expect(short.code, 'the tenth day is in the monthly file alone').toBe(1)
    expect(short.stderr).toContain('BTCUSDT-1m-2024-01.zip does not match its checksum')
    await write(9)
    const { code, stderr } = await sluice(['run', '--to', 'clean', ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/klines 1m 2024-01 +done +14,400 rows from 10 daily files/)
    expect(stderr).toContain('does not match its checksum: it is left out, and daily files stand in for it')
    expect(stderr).toContain('100.00 % of 1m bars, 0 gaps')
    expect((await sluice(['download', ...args], options)).stderr).toContain('everything is fresh')
    writeFileSync(join(path, `${klines}.CHECKSUM`), sidecar)
    expect((await sluice(['download', ...args], options)).stderr).toContain(
      'the archive now has BTCUSDT-1m-2024-01.zip',
    )
  })

  it('as a whole is reported, not fatal', async () => {
    const { path, args } = archive('month')
    rmSync(join(path, klines))
    const { code, stderr } = await sluice(['run', '--to', 'labels', ...both, ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('klines absent in the archive: 2024-01')
    expect(stderr).toMatch(/clean +BTCUSDT 2024-02 +done/)
  })

  it('of funding alone leaves the rest to go on, without funding', async () => {
    const { path, args } = archive('unfunded')
    rmSync(join(path, 'data/futures/um/monthly/fundingRate'), { recursive: true })
    const { code, stderr } = await sluice(['run', '--to', 'labels', ...args], options)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('no funding in the archive: every total will be marked "without funding"')
    expect(stderr).toMatch(/features absent: \d+ × /)
  })
})

describe('the span', () => {
  it('without dates is the last months that all pairs have, and stays when a pair gets more', async () => {
    const { path, args } = archive('span')
    writeFileSync(
      join(cwd, 'undated.yaml'),
      'exchange: {archiveUrl: span}\ndata: {pairs: [BTCUSDT, ETHUSDT], months: 1}\n',
    )
    rmSync(join(path, klines.replaceAll('BTCUSDT', 'ETHUSDT').replace('2024-01', '2024-02')))
    const status = async (root: string) => {
      const { stdout } = await sluice(['status', '--root', root, '--config', 'undated.yaml'], options)
      return stdout.split('\n')[0]
    }
    expect(await status(args[1])).toBe('2024-01-01 to 2024-02-01')
    cpSync(
      join(cwd, 'archive', klines.replaceAll('BTCUSDT', 'ETHUSDT').replace('2024-01', '2024-02')),
      join(path, klines.replaceAll('BTCUSDT', 'ETHUSDT').replace('2024-01', '2024-02')),
    )
    expect(await status(args[1])).toBe('2024-01-01 to 2024-02-01')
    expect(await status('span-anew')).toBe('2024-02-01 to 2024-03-01')
  })
})
