import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/core/time.js'
import { LABELS_SCHEMA } from '../../src/datasets/label-table.js'
import { readParquet, writeParquet } from '../../src/datasets/parquet.js'
import { readTrainingTable } from '../../src/datasets/training-table.js'
import { scratchFolder } from '../support/scratch.js'

const START = Date.UTC(2024, 0, 31, 20)
const { NaN: unknown } = Number

const times = (rows: number, first = 0) => Float64Array.from({ length: rows }, (_, i) => START + (first + i) * HOUR)

/** One file: a column for each name, a row for each list of values. */
async function writeFeatures(path: string, names: readonly string[], rows: readonly (readonly number[])[], first = 0) {
  const openTime = times(rows.length, first)
  const schema = {
    open_time: 'time' as const,
    available_time: 'time' as const,
    ...Object.fromEntries(names.map((name) => [name, 'float' as const])),
  }
  const numbers = {
    open_time: openTime,
    available_time: openTime.map((time) => time + HOUR),
    ...Object.fromEntries(names.map((name, c) => [name, Float32Array.from(rows, (row) => row[c])])),
  }
  await writeParquet(path, schema, { rows: rows.length, numbers })
}

/** `label` is the row's number, so that rows can be told apart. */
async function writeLabels(path: string, rows: number, first = 0) {
  const numbers = Object.fromEntries(Object.keys(LABELS_SCHEMA).map((name) => [name, new Float64Array(rows)]))
  const openTime = times(rows, first)
  await writeParquet(path, LABELS_SCHEMA, {
    rows,
    numbers: {
      ...numbers,
      open_time: openTime,
      available_time: openTime.map((time) => time + HOUR),
      t0: openTime.map((time) => time + HOUR),
      t1: openTime.map((time, i) => (i === 1 ? unknown : time + 3 * HOUR)),
      label: Float64Array.from({ length: rows }, (_, i) => i),
      profit: new Float64Array(rows).fill(0.02),
      stop: new Float64Array(rows).fill(0.01),
    },
  })
}

describe('the training table', () => {
  it('drops rows of which fewer than half of the features are known, and keeps the order', async () => {
    const folder = await scratchFolder()
    const [a, b, labels] = ['2024-01', '2024-02', 'labels'].map((name) => join(folder, `${name}.parquet`))
    const names = ['first', 'second', 'third', 'fourth']
    await writeFeatures(a, names, [
      [unknown, unknown, unknown, unknown],
      [1, unknown, unknown, unknown],
      [1.5, 2, unknown, unknown],
      [3, 4, 5, unknown],
    ])
    await writeFeatures(
      b,
      names,
      [
        [unknown, unknown, 0, unknown],
        [6, 7, 8, 0.1],
        [unknown, 9, unknown, 10],
      ],
      4,
    )
    await writeLabels(labels, 7)
    const table = await readTrainingTable([a, b], [labels])
    expect(table.featureNames).toEqual(names)
    expect([...table.label]).toEqual([2, 3, 5, 6])
    expect(table.x).toMatchObject({ rows: 4, columns: 4 })
    expect([...table.x.values]).toEqual(
      [
        [1.5, 2, unknown, unknown],
        [3, 4, 5, unknown],
        [6, 7, 8, Math.fround(0.1)],
        [unknown, 9, unknown, 10],
      ].flat(),
    )
    expect([...table.openTime]).toEqual([2, 3, 5, 6].map((row) => START + row * HOUR))
    expect([...table.t0]).toEqual([2, 3, 5, 6].map((row) => START + (row + 1) * HOUR))
    expect([...table.profit]).toEqual(new Array(4).fill(0.02))
    expect(table.stepMs).toBe(HOUR)
  })

  it('keeps a row whose outcome is not known, for the scoring parts to predict', async () => {
    const folder = await scratchFolder()
    const [features, labels] = ['features', 'labels'].map((name) => join(folder, `${name}.parquet`))
    await writeFeatures(features, ['only'], [[1], [2], [3]])
    await writeLabels(labels, 3)
    const table = await readTrainingTable([features], [labels])
    expect([...table.t1]).toEqual([START + 3 * HOUR, unknown, START + 5 * HOUR])
  })

  it('reads more columns than it holds at a time', async () => {
    const folder = await scratchFolder()
    const [features, labels] = ['features', 'labels'].map((name) => join(folder, `${name}.parquet`))
    const names = Array.from({ length: 37 }, (_, c) => `feature_${36 - c}`)
    const rows = [0, 1, 2].map((row) => names.map((_, c) => 100 * row + c))
    await writeFeatures(features, names, rows)
    await writeLabels(labels, 3)
    const table = await readTrainingTable([features], [labels])
    expect(table.featureNames).toEqual(names)
    expect([...table.x.values]).toEqual(rows.flat())
  })

  it('refuses features and labels of different bars, with both numbers', async () => {
    const folder = await scratchFolder()
    const [features, longer, later] = ['features', 'longer', 'later'].map((name) => join(folder, `${name}.parquet`))
    await writeFeatures(features, ['only'], [[1], [2], [3]])
    await writeLabels(longer, 4)
    await writeLabels(later, 3, 1)
    await expect(readTrainingTable([features], [longer])).rejects.toMatchObject({
      name: 'UserError',
      message: 'the feature table has 3 rows and the labels 4',
    })
    await expect(readTrainingTable([features], [later])).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^row 0 is of .*20:00.* in the feature table and .*21:00.* in the labels$/),
    })
  })

  it('refuses months in the wrong order', async () => {
    const folder = await scratchFolder()
    const [a, b, labels] = ['a', 'b', 'labels'].map((name) => join(folder, `${name}.parquet`))
    await writeFeatures(a, ['only'], [[1], [2]])
    await writeFeatures(b, ['only'], [[3], [4]], 2)
    await writeLabels(labels, 4)
    expect((await readTrainingTable([a, b], [labels])).x.rows).toBe(4)
    await expect(readTrainingTable([b, a], [labels])).rejects.toThrow('row 0 is of')
  })
})

describe('an infinite cell', () => {
  const made = async (change: (features: number[][]) => void, stop?: number) => {
    const folder = await scratchFolder()
    const [features, labels] = ['features', 'labels'].map((name) => join(folder, `${name}.parquet`))
    const rows = Array.from({ length: 6 }, (_, i) => [i, 10 * i, 1])
    change(rows)
    const openTime = times(6)
    const doubles = Object.fromEntries(
      ['a', 'b', 'c'].map((name, c) => [name, Float64Array.from(rows, (row) => row[c])]),
    )
    await writeParquet(
      features,
      { open_time: 'time', available_time: 'time', a: 'double', b: 'double', c: 'double' },
      { rows: 6, numbers: { open_time: openTime, available_time: openTime, ...doubles } },
    )
    await writeLabels(labels, 6)
    if (stop !== undefined) {
      const { numbers } = await readParquet([labels], null)
      numbers.stop[4] = stop
      await writeParquet(labels, LABELS_SCHEMA, { rows: 6, numbers })
    }
    return readTrainingTable([features], [labels])
  }

  it.each([
    [Number.POSITIVE_INFINITY, /^b of the features is Infinity in row 3, 2024-01-31 23:00/],
    [Number.NEGATIVE_INFINITY, /^b of the features is -Infinity in row 3, 2024-01-31 23:00/],
    [1e39, /^b of the features is 1e\+39, more than a feature can hold \(3\.4e38\) in row 3, 2024-01-31 23:00/],
  ])('%d of a feature is refused with its column, row and time', async (value, message) => {
    const refused = made((rows) => {
      rows[3][1] = value
    })
    await expect(refused).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('features.exclude'),
    })
  })

  it('of the labels is refused too; numbers that fit are not', async () => {
    const none = () => {}
    await expect(made(none, Number.POSITIVE_INFINITY)).rejects.toThrow(
      /^stop of the labels is Infinity in row 4, 2024-02-01 00:00/,
    )
    const fits = await made((rows) => {
      rows[3][1] = 3.4e38
    })
    expect(fits.x.values[3 * 3 + 1]).toBe(Math.fround(3.4e38))
  })
})
