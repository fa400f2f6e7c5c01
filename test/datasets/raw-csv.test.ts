import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { csvToParquet, withEarlier } from '../../src/datasets/raw-csv.js'
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
    const of = (text: string) =>
      (async function* () {
        yield Buffer.from(text)
      })()
    await csvToParquet(rowsOf(of('1000,1\n2000,2\n')), old)
    await csvToParquet(rowsOf(of('2000,9\n3000,3\n')), fresh)
    const facts = await withEarlier(fresh, old, { key: 'time', time: 'time' })
    expect(facts).toEqual({ rows: 3, first: 1000, last: 3000 })
    const { numbers } = await readParquet([fresh], ['price'])
    expect([...numbers.price], 'the new row wins').toEqual([1, 9, 3])
    expect(await withEarlier(fresh, join(folder, 'none.parquet'), { key: 'time', time: 'time' })).toEqual(facts)
  })
})
