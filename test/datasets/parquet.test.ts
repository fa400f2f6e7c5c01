import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/canonical.js'
import { duckdb, literal } from '../../src/datasets/duckdb.js'
import { type Frame, readParquet, type Schema, writeParquet } from '../../src/datasets/parquet.js'
import { scratchFolder } from '../support/scratch.js'

const schema: Schema = { open_time: 'time', value: 'double', small: 'float', side: 'integer', name: 'text' }
const frame: Frame = {
  rows: 3,
  numbers: {
    open_time: Float64Array.of(Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1, 0, 0, 0, 1), Number.NaN),
    value: Float64Array.of(0.1, Number.NaN, -1e300),
    small: Float32Array.of(0.1, Number.NaN, 3),
    side: Int32Array.of(-1, 0, 1),
  },
  texts: { name: ['a', "it's", 'ü 😀'] },
}

/** More rows than a row group and many vectors, so that the borders between them are seen. */
function long(rows: number): Frame {
  const value = Float64Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? Number.NaN : i / 3))
  return { rows, numbers: { open_time: Float64Array.from({ length: rows }, (_, i) => i * 60_000), value } }
}
const longSchema: Schema = { open_time: 'time', value: 'double' }

describe('Parquet', () => {
  it('reads right when two files are read at once', async () => {
    const folder = await scratchFolder()
    const paths = [join(folder, 'a.parquet'), join(folder, 'b.parquet')]
    const [a, b] = [long(6000), long(9000)]
    await Promise.all([writeParquet(paths[0], longSchema, a), writeParquet(paths[1], longSchema, b)])
    const [readA, readB] = await Promise.all(paths.map((path) => readParquet([path], null)))
    expect(sha256(new Uint8Array(readA.numbers.value.buffer))).toBe(sha256(new Uint8Array(a.numbers.value.buffer)))
    expect(sha256(new Uint8Array(readB.numbers.value.buffer))).toBe(sha256(new Uint8Array(b.numbers.value.buffer)))
  })

  it('gives back what was written: NaN, times, text', async () => {
    const path = join(await scratchFolder(), 'x.parquet')
    await writeParquet(path, schema, frame)
    const { rows, numbers, texts } = await readParquet([path], null)
    expect(rows).toBe(3)
    expect(numbers.open_time).toEqual(frame.numbers.open_time)
    expect(numbers.value).toEqual(frame.numbers.value)
    expect(numbers.small).toEqual(Float64Array.of(Math.fround(0.1), Number.NaN, 3))
    expect(numbers.side).toEqual(Float64Array.of(-1, 0, 1))
    expect(texts.name).toEqual(frame.texts?.name)
  })

  it('stores NaN as null and times as UTC timestamps, as another reader sees them', async () => {
    const path = join(await scratchFolder(), 'x.parquet')
    await writeParquet(path, schema, frame)
    const connection = await duckdb()
    const result = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER AS n, count(value)::INTEGER AS known, count(small)::INTEGER AS small, strftime(max(open_time), '%Y-%m-%dT%H:%M:%S.%g') AS last FROM ${literal(path)}`,
    )
    expect(result.getRowObjects()).toEqual([{ n: 3, known: 2, small: 2, last: '2024-01-01T00:00:00.001' }])
  })

  it('has the same bytes every time', async () => {
    const folder = await scratchFolder()
    const hashes = []
    for (const name of ['a', 'b']) {
      await writeParquet(join(folder, name), longSchema, long(70_000))
      hashes.push(sha256(await readFile(join(folder, name))))
    }
    expect(hashes[0]).toBe(hashes[1])
  })

  it('keeps order and length over several row groups and files', async () => {
    const folder = await scratchFolder()
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    await writeParquet(a, longSchema, long(61_441))
    await writeParquet(b, longSchema, long(5))
    const { rows, numbers } = await readParquet([a, b], ['value', 'open_time'])
    expect(rows).toBe(61_446)
    expect(numbers.open_time.subarray(0, 61_441)).toEqual(long(61_441).numbers.open_time)
    expect(numbers.value.subarray(61_441)).toEqual(long(5).numbers.value)
  })

  it('may be empty', async () => {
    const path = join(await scratchFolder(), 'x.parquet')
    await writeParquet(path, longSchema, long(0))
    expect(await readParquet([path], null)).toEqual({
      rows: 0,
      numbers: { open_time: new Float64Array(0), value: new Float64Array(0) },
      texts: {},
    })
  })

  it('without a wanted column says which, and what to do', async () => {
    const path = join(await scratchFolder(), 'x.parquet')
    await writeParquet(path, longSchema, long(2))
    await expect(readParquet([path], ['value', 'volume', 'close'])).rejects.toMatchObject({
      name: 'UserError',
      message: `${path} has no column volume, close`,
      hint: 'it was written by another version: run the stage that makes it with --force',
    })
  })

  it.each([
    ['cut off', (path: string) => truncate(path, 300)],
    ['empty', (path: string) => truncate(path, 0)],
    ['something else', (path: string) => writeFile(path, 'open_time,value\n1,2\n')],
  ])('that is %s is named as unreadable', async (_, damage) => {
    const path = join(await scratchFolder(), 'x.parquet')
    await writeParquet(path, longSchema, long(100))
    await damage(path)
    await expect(readParquet([path], null)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(`${path} is not a readable Parquet file: `),
      hint: expect.stringContaining('sluice status'),
    })
  })

  it('does not take a column of another length', async () => {
    const path = join(await scratchFolder(), 'x.parquet')
    await expect(writeParquet(path, longSchema, { ...long(3), rows: 4 })).rejects.toThrow('has 3 of 4 rows')
  })

  it('into a folder that is not there fails and leaves the next write in order', async () => {
    const folder = await scratchFolder()
    await expect(writeParquet(join(folder, 'no/x.parquet'), longSchema, long(2))).rejects.toThrow()
    await writeParquet(join(folder, 'x.parquet'), longSchema, long(2))
    expect((await readParquet([join(folder, 'x.parquet')], null)).rows).toBe(2)
  })
})
