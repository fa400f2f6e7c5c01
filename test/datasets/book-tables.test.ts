/** The order book's archives, by hand. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../../src/core/time.js'
import { readSnapshots, sumTicker } from '../../src/datasets/book-tables.js'
import { type RawRow, writeArchive } from '../support/raw-parquet.js'
import { scratchFolder } from '../support/scratch.js'

const START = Date.UTC(2024, 0, 1)
const JANUARY = { from: START, to: START + 31 * DAY }
const at = (seconds: number) => START + seconds * 1000

describe('snapshots of the depth', () => {
  const read = async (rows: readonly RawRow[]) =>
    readSnapshots([await writeArchive(join(await scratchFolder(), 'depth.parquet'), 'bookDepth', rows)], JANUARY)

  it('are one a time with a column a band, in the order of time', async () => {
    const { snapshots, counts } = await read([
      [at(30), -5, 50, 5000],
      [at(30), 5, 60, 6000],
      [at(0), -5, 40, 4000],
      [at(0), 1, 9, 900],
      [at(0), 0.2, 1, 100],
    ])
    expect([...snapshots.time]).toEqual([at(0), at(30)])
    expect([...snapshots.depth[0]]).toEqual([40, 50])
    expect([...snapshots.depth[9]]).toEqual([Number.NaN, 60])
    expect([...snapshots.notional[5]]).toEqual([900, Number.NaN])
    expect(counts).toEqual({
      rows: 5,
      outOfOrder: 3,
      duplicates: 0,
      conflicts: 0,
      impossible: 0,
      otherBands: 1,
      unknownBands: 0,
      foreign: 0,
    })
  })

  it('keep the last published of a time and band', async () => {
    const { snapshots, counts } = await read([
      [at(0), -1, 1, 10],
      [at(0), -1, 1, 10],
      [at(0), -1, 2, 20],
      [at(0), 1, -3, 30],
      [at(0), 2, null, 30],
    ])
    expect(snapshots.depth[4][0]).toBe(2)
    expect(snapshots.depth[5][0]).toBeNaN()
    expect(counts).toMatchObject({ rows: 5, duplicates: 1, conflicts: 1, impossible: 2 })
  })

  it('count rows of bands that there are not, and of another month', async () => {
    const { counts } = await read([
      [at(0), -0.05, 1, 10],
      [at(0), 0.2, 1, 10],
      [at(-1), 1, 1, 10],
      [JANUARY.to, 1, 1, 10],
    ])
    expect(counts).toMatchObject({ rows: 4, otherBands: 2, unknownBands: 1, foreign: 2 })
  })

  it('are none in an empty file', async () => {
    expect((await read([])).snapshots).toMatchObject({ rows: 0 })
  })
})

describe('best bid and ask', () => {
  /** update_id, bid, its quantity, ask, its quantity, transaction_time, event_time */
  const sum = async (rows: readonly RawRow[]) => {
    const path = await writeArchive(join(await scratchFolder(), 'ticker.parquet'), 'bookTicker', rows)
    return sumTicker([path], { from: START, to: START + 2 * DAY }, MINUTE, JANUARY)
  }

  it('are the last of each bar by update id, from when they were sent', async () => {
    const { sums, counts } = await sum([
      [1, 10, 1, 11, 2, at(0), at(0)],
      [3, 10.5, 3, 11, 4, at(59), at(59)],
      [2, 10, 5, 12, 6, at(58), at(58)],
      [4, 9, 7, 11, 8, at(59.999), at(60.002)],
      [5, 12, 1, 11, 1, at(61), at(61)],
      [6, 9, 1, 10, 1, at(86_399.999), at(86_400.001)],
      [6, 9, 1, 10, 1, at(86_399.999), at(86_400.001)],
      [7, 9, 1, 10, 1, at(-5), at(-4)],
    ])
    const bar = { bid_quantity: 3, ask_price: 11, ask_quantity: 4, mean_spread: (1 + 0.5 + 2) / 3, updates: 3 }
    expect(sums).toEqual([
      { open_time: START, bid_price: 10.5, ...bar },
      {
        ...{ open_time: START + MINUTE, bid_price: 9, bid_quantity: 7, ask_price: 11, ask_quantity: 8 },
        mean_spread: 2,
        updates: 1,
      },
      {
        ...{ open_time: START + DAY, bid_price: 9, bid_quantity: 1, ask_price: 10, ask_quantity: 1 },
        mean_spread: 1,
        updates: 1,
      },
    ])
    expect(counts).toEqual({ rows: 8, dropped: 1, foreign: 1, impossible: 1, duplicates: 1, outOfOrder: 1 })
  })
})
