import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { type ZipEntry, zipStream } from '../../src/sources/zip.js'
import { scratchFolder } from '../support/scratch.js'
import { csvOfZip } from '../support/unzip.js'

const CSV = Array.from({ length: 200 }, (_, i) => `${1704067200000 + i * 60_000},1,2,0.5,1.5,10\n`).join('')
const zipped = (...entries: ZipEntry[]) => buffer(zipStream(entries))
const one = { name: 'a.csv', content: Buffer.from(CSV) }

async function extract(zip: Buffer) {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'a.zip'), zip)
  return csvOfZip(join(folder, 'a.zip'), 'a.zip').catch((error: unknown) => error)
}

describe('a zip', () => {
  it('gives back its CSV', async () => {
    expect(await extract(await zipped(one))).toBe(CSV)
  })

  it('has the same bytes in every time zone', async () => {
    const zone = process.env.TZ
    onTestFinished(() => {
      process.env.TZ = zone ?? 'UTC'
    })
    const zips = new Map<number, string>()
    for (const name of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
      process.env.TZ = name
      zips.set(new Date(2024, 0, 1).getTimezoneOffset(), (await zipped(one)).toString('hex'))
    }
    expect([...zips.keys()], 'the zones took effect').toEqual([0, -540, 300])
    expect(new Set(zips.values()).size).toBe(1)
  })

  it('is refused when it is no zip', async () => {
    const result = await extract(Buffer.from('<html>not a zip</html>'))
    expect(result).toBeInstanceOf(UserError)
    expect(String(result)).toMatch(/a\.zip is not a readable zip/)
    expect((result as UserError).hint).toMatch(/download it again/)
  })

  it('is refused when cut short', async () => {
    const zip = await zipped(one)
    expect(String(await extract(zip.subarray(0, zip.length - 30)))).toMatch(/a\.zip is not a readable zip/)
  })

  it('is refused for any flipped bit in its data', async () => {
    const zip = await zipped(one)
    const start = 30 + 'a.csv'.length // local header and name come first
    for (let at = start; at < start + 200; at += 7) {
      const flipped = Buffer.from(zip)
      flipped[at] ^= 4
      expect(String(await extract(flipped)), `byte ${at}`).toMatch(/a\.zip is not a readable zip/)
    }
  })

  it('says so when only the CRC tells', async () => {
    // CRC-32 in the central directory: 16 bytes after its signature PK 01 02.
    const zip = await zipped(one)
    zip[zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 16] ^= 1
    expect(String(await extract(zip))).toMatch(/CRC-32 of a\.csv is [0-9a-f]{8}, the zip says [0-9a-f]{8}/)
  })

  it('must hold exactly one CSV', async () => {
    expect(String(await extract(await zipped(one, { name: 'b.csv', content: one.content })))).toMatch(
      /holds 2 files \(a\.csv, b\.csv\)/,
    )
    expect(String(await extract(await zipped({ name: 'a.txt', content: one.content })))).toMatch(
      /holds 1 files? \(a\.txt\), expected one \.csv/,
    )
  })

  it('leaves system errors alone: a missing file is not a damaged zip', async () => {
    await expect(csvOfZip(join(await scratchFolder(), 'a.zip'))).rejects.toThrow(/ENOENT/)
  })
})
