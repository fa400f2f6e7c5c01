import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { csvToParquet, withEarlier, withMissing } from '../../src/datasets/raw-csv.js'
import { scratchFolder } from '../support/scratch.js'

const COLUMNS = { time: 'epoch', price: 'double' } as const

/** Lines in pieces that are larger than a pipe holds. */
async function* pieces(rows: number, { wrongAt = -1, end = null as Error | null } = {}) {
  for (let i = 0; i < rows; i += 20_000) {
    const lines = Array.from({ length: Math.min(20_000, rows - i) }, (_, k) =>
      i + k === wrongAt ? 'no,number\n' : `${1_700_000_000_000 + i + k},${(i + k) / 8}\n`,
    )
    yield Buffer.from(lines.join(''))
  }
  if (end !== null) throw end
}

async function* linesOf(text: string) {
  yield Buffer.from(text)
}

const rowsOf = (lines: AsyncIterable<Uint8Array>) => ({ lines, columns: COLUMNS, time: 'time', name: 'a.csv' })

describe('CSV through a pipe', () => {
  it('arrives whole and in order', async () => {
    const folder = await scratchFolder()
    const facts = await csvToParquet(rowsOf(pieces(300_000)), join(folder, 'a.parquet'))
    expect(facts).toEqual({ rows: 300_000, first: 1_700_000_000_000, last: 1_700_000_299_999 })
    const { numbers } = await readParquet([join(folder, 'a.parquet')], ['price'])
    expect(numbers.price.every((price, i) => price === i / 8)).toBe(true)
    expect(await readdir(folder), 'the pipe is gone').toEqual(['a.parquet'])
  })

  it('has microseconds as milliseconds, and what is empty or "" as not known', async () => {
    const folder = await scratchFolder()
    async function* lines() {
      yield Buffer.from('1735689600010866,\n1735689600010,""\n1735689600011,7\n')
    }
    const facts = await csvToParquet(rowsOf(lines()), join(folder, 'a.parquet'))
    expect(facts).toEqual({ rows: 3, first: 1735689600010, last: 1735689600011 })
    const { numbers } = await readParquet([join(folder, 'a.parquet')], ['price'])
    expect([...numbers.price]).toEqual([Number.NaN, Number.NaN, 7])
  })

  it('says which rows cannot be read', async () => {
    const target = join(await scratchFolder(), 'a.parquet')
    await expect(csvToParquet(rowsOf(pieces(100_000, { wrongAt: 50 })), target)).rejects.toThrow(
      /a\.csv: the rows cannot be read: .*no,number/,
    )
  })

  it('gives the damage of the source as the reason, though the rows break off earlier', async () => {
    const target = join(await scratchFolder(), 'a.parquet')
    const end = new UserError('the zip is damaged')
    await expect(csvToParquet(rowsOf(pieces(2_000_000, { wrongAt: 50, end })), target)).rejects.toBe(end)
  })

  it('keeps what an earlier file had and the new one has not', async () => {
    const folder = await scratchFolder()
    const [old, fresh] = [join(folder, 'old.parquet'), join(folder, 'new.parquet')]
    const of = linesOf
    await csvToParquet(rowsOf(of('1700000001000,1\n1700000002000,2\n')), old)
    await csvToParquet(rowsOf(of('1700000002000,9\n1700000003000,3\n')), fresh)
    const facts = await withEarlier(fresh, old, { key: 'time', time: 'time' })
    expect(facts).toEqual({ rows: 3, first: 1_700_000_001_000, last: 1_700_000_003_000 })
    const { numbers } = await readParquet([fresh], ['price'])
    expect([...numbers.price], 'the new row wins').toEqual([1, 9, 3])
    expect(await withEarlier(fresh, null, { key: 'time', time: 'time' })).toEqual(facts)
  })

  it('takes from another file the rows that are missing, and says how many were there', async () => {
    const folder = await scratchFolder()
    const [own, other] = [join(folder, 'own.parquet'), join(folder, 'other.parquet')]
    await csvToParquet(rowsOf(linesOf('1700000002000,2\n1700000003000,3\n')), own)
    await csvToParquet(rowsOf(linesOf('1700000001000,1\n1700000002000,9\n1700000004000,4\n')), other)
    const { facts, repeated } = await withMissing(own, other, { key: 'time', time: 'time' })
    expect(facts).toEqual({ rows: 4, first: 1_700_000_001_000, last: 1_700_000_004_000 })
    expect(repeated).toBe(1)
    const { numbers } = await readParquet([own], ['price'])
    expect([...numbers.price], 'its own row stands').toEqual([1, 2, 3, 4])
    expect(await readdir(folder)).toEqual(['other.parquet', 'own.parquet'])
    await expect(withMissing(own, join(folder, 'none.parquet'), { key: 'time', time: 'time' })).rejects.toThrow()
  })

  it.each([
    ['opened in a number', '1700000000000,"1\n'],
    ['alone on its line', '"\n'],
    ['around a number', '1700000000000,"1"\n'],
  ])('never lets a quote swallow rows: %s', async (_, line) => {
    const text = `1699999999000,8\n${line}1700000001000,2\n1700000002000,3\n`
    const path = join(await scratchFolder(), 'a.parquet')
    await expect(csvToParquet(rowsOf(linesOf(text)), path)).rejects.toThrow(
      /^a\.csv: the rows cannot be read: .* on line 2 \(Original Line: .*"/,
    )
  })

  it('stores every line whose text holds a quote, and names the file in which one cannot be read', async () => {
    const folder = await scratchFolder()
    const columns = { time: 'epoch', side: 'text' } as const
    const text = '1700000000000,"BUY\n1700000001000,SELL\n\n1700000002000,B"UY\n'
    const rows = { ...rowsOf(linesOf(text)), columns }
    expect((await csvToParquet(rows, join(folder, 'a.parquet'))).rows).toBe(3)
    const name = (row: number) => ({ name: row > 2 ? 'b.csv' : 'a.csv', row: row > 2 ? row - 2 : row })
    const wrong = { ...rowsOf(linesOf('1700000000000,1\n1700000001000,2\n1700000002000,3\nx,4\n')), name }
    await expect(csvToParquet(wrong, join(folder, 'b.parquet'))).rejects.toThrow(/^b\.csv: .* on line 2 \(.*x,4/)
  })

  it('refuses a table that has not as many rows as there were lines', async () => {
    // Of a single column an empty line is a row for the reader, and none of ours.
    const rows = { ...rowsOf(linesOf('1700000000000\n\n1700000001000\n')), columns: { time: 'epoch' } as const }
    const path = join(await scratchFolder(), 'a.parquet')
    await expect(csvToParquet(rows, path)).rejects.toThrow('a.csv: 2 lines were read and 3 rows stored')
  })

  it('has a time in any unit as milliseconds', async () => {
    const path = join(await scratchFolder(), 'a.parquet')
    // 2023-10-01 00:00:00 UTC is 1,696,118,400 s after 1970.
    const text = ['1696118400', '1696118400000', '1696118400000999', '1696118400000999999'].map((time) => `${time},1\n`)
    const facts = await csvToParquet(rowsOf(linesOf(text.join(''))), path)
    expect(facts).toEqual({ rows: 4, first: Date.UTC(2023, 9, 1), last: Date.UTC(2023, 9, 1) })
  })
})
