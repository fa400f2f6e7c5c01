import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { createRandom } from '../../src/core/random.js'
import { readColumn, readColumns, writeColumns } from '../../src/datasets/column-file.js'
import { type FeatureGroup, writeFeatureMonth } from '../../src/datasets/feature-groups.js'
import { readParquet } from '../../src/datasets/parquet.js'
import { suiteFolder } from '../support/sluice.js'

const folder = suiteFolder()
const FROM = Date.UTC(2024, 0, 1)
const ROWS = 5000
const random = createRandom(1, 'columns')
const NAMES = Array.from({ length: 10 }, (_, i) => `column_${i}`)
const COLUMNS = NAMES.map(() =>
  Float32Array.from({ length: ROWS }, () => (random.below(10) === 0 ? Number.NaN : random.normal())),
)

/** The columns in groups of some size, and rows 1000 … 3999 of them as a month. */
async function monthOf(size: number): Promise<Buffer> {
  const groups: FeatureGroup[] = []
  const files: string[] = []
  for (let at = 0; at < NAMES.length; at += size) {
    const file = join(folder, `${size}-${at}.f32`)
    writeColumns(file, COLUMNS.slice(at, at + size))
    files.push(file)
    const features = NAMES.slice(at, at + size).map((name) => ({ name })) as unknown as FeatureGroup['features']
    groups.push({ rows: ROWS, from: FROM, features, absent: [] })
  }
  const path = join(folder, `${size}.parquet`)
  const month = { from: FROM + 1000 * 60_000, rows: 3000, stepMs: 60_000, groups, files }
  expect(await writeFeatureMonth(path, month)).toBe(NAMES.length)
  return readFileSync(path)
}

describe('one column of a group', () => {
  it('is what was written, and refused where the file is too short', () => {
    const file = join(folder, 'one.f32')
    writeColumns(file, COLUMNS)
    for (const column of [0, 9]) expect(readColumn(file, { rows: ROWS, column })).toEqual(COLUMNS[column])
    truncateSync(file, ROWS * NAMES.length * 4 - 1)
    expect(() => readColumn(file, { rows: ROWS, column: 9 })).toThrow(UserError)
  })
})

describe('a month of a feature table', () => {
  it('has the same bytes however its columns were grouped', async () => {
    const whole = await monthOf(10)
    expect(await monthOf(3)).toEqual(whole)
    expect(await monthOf(1)).toEqual(whole)
  })

  it('holds the rows of the month, value by value, with nothing made of what is not known', async () => {
    await monthOf(4)
    const { numbers } = await readParquet([join(folder, '4.parquet')], null)
    expect(numbers.open_time[0]).toBe(FROM + 1000 * 60_000)
    expect(numbers.available_time[2999]).toBe(FROM + 4000 * 60_000)
    for (const [i, name] of NAMES.entries()) {
      expect(numbers[name]).toEqual(Float64Array.from(COLUMNS[i].subarray(1000, 4000)))
    }
  })
})

describe('a file of columns', () => {
  it('that is not as long as it must be is refused', () => {
    const file = join(folder, 'short.f32')
    writeColumns(file, COLUMNS)
    truncateSync(file, ROWS * 10 * 4 - 4)
    const read = () => readColumns(file, { rows: ROWS, columns: 10, start: 0, end: 10 })
    expect(read).toThrow(UserError)
    expect(read).toThrow('has 199996 bytes, not 200000')
  })
})
