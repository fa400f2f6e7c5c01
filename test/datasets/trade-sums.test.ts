/** Sums of trades against a loop over the same rows. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE } from '../../src/core/time.js'
import { sumTrades } from '../../src/datasets/trade-sums.js'
import { type RawRow, writeArchive } from '../support/raw-parquet.js'
import { scratchFolder } from '../support/scratch.js'

const START = Date.UTC(2024, 0, 1)
const SPAN = { from: START, to: START + 2 * DAY }

/** agg_trade_id, price, quantity, first_trade_id, last_trade_id, transact_time, is_buyer_maker */
type Trade = { id: number; price: number; quantity: number; n: number; at: number; maker: boolean }
const rowOf = ({ id, price, quantity, n, at, maker }: Trade): RawRow => [
  id,
  price,
  quantity,
  10 * id,
  10 * id + n - 1,
  at,
  maker,
]

async function sumsOf(archive: readonly Trade[], rest: readonly Trade[] | null = null) {
  const folder = await scratchFolder()
  const files = {
    kind: 'aggTrades' as const,
    archive: [await writeArchive(join(folder, 'a.parquet'), 'aggTrades', archive.map(rowOf))],
    period: { from: START, to: START + 31 * DAY },
    rest: rest === null ? [] : [await writeArchive(join(folder, 'b.parquet'), 'aggTrades', rest.map(rowOf))],
  }
  return sumTrades(files, SPAN, MINUTE)
}

const trade = (id: number, seconds: number, more: Partial<Trade> = {}): Trade => ({
  ...{ id, price: 100, quantity: 1, n: 1, at: START + seconds * 1000, maker: false },
  ...more,
})

describe('sums of trades', () => {
  it('are those of hand arithmetic', async () => {
    const { sums, counts } = await sumsOf([
      trade(1, 0, { price: 100, quantity: 2, n: 3 }),
      trade(2, 59.999, { price: 101, quantity: 1, maker: true }),
      trade(3, 60, { price: 102, quantity: 4, maker: true }),
    ])
    expect(sums).toEqual([
      {
        ...{ open_time: START, trade_count: 4, prints: 2, buy_prints: 1, volume: 3, quote_volume: 301 },
        ...{
          buy_volume: 2,
          sell_volume: 1,
          max_quantity: 2,
          price_squares: 2 * 10_000 + 10_201,
          first_id: 1,
          last_id: 2,
        },
      },
      {
        ...{ open_time: START + MINUTE, trade_count: 1, prints: 1, buy_prints: 0, volume: 4, quote_volume: 408 },
        ...{ buy_volume: 0, sell_volume: 4, max_quantity: 4, price_squares: 4 * 10_404, first_id: 3, last_id: 3 },
      },
    ])
    expect(counts).toEqual({
      ...{
        rows: 3,
        restRows: 0,
        restUsed: 0,
        dropped: 0,
        foreign: 0,
        impossible: 0,
        duplicates: 0,
        conflicts: 0,
        outOfOrder: 0,
      },
    })
  })

  it('count an id once, and say what was repeated, late, impossible or outside of the span', async () => {
    const { sums, counts } = await sumsOf([
      trade(0, -1),
      trade(1, 0),
      trade(1, 0),
      trade(2, 1),
      trade(2, 1, { price: 105 }),
      trade(3, 2, { quantity: 0 }),
      trade(5, 4),
      trade(4, 3),
      trade(6, 86_400, { price: Number.NaN }),
      trade(7, 86_401),
      trade(7, 86_401),
      trade(8, 2 * 86_400),
    ])
    expect(sums.map(({ open_time: time, prints, quote_volume: quote }) => [time - START, prints, quote])).toEqual([
      [0, 4, 400],
      [DAY, 1, 100],
    ])
    expect(counts).toMatchObject({ rows: 12, dropped: 2, impossible: 2, duplicates: 2, conflicts: 1, outOfOrder: 1 })
  })

  it('take from REST the ids that the archive lacks', async () => {
    const { sums, counts } = await sumsOf(
      [trade(1, 0), trade(3, 2)],
      [trade(1, 0), trade(2, 1, { price: 50 }), trade(3, 2, { price: 99 })],
    )
    expect(sums.map(({ prints, quote_volume: quote }) => [prints, quote])).toEqual([[3, 250]])
    expect(counts).toMatchObject({ rows: 2, restRows: 3, restUsed: 1, duplicates: 0, conflicts: 1 })
  })

  it('equal a loop over the rows, in whatever order and however often they come', async () => {
    const someTrade = fc.record({
      id: fc.integer({ min: 0, max: 400 }),
      price: fc.integer({ min: 1, max: 9 }),
      quantity: fc.integer({ min: 1, max: 5 }),
      maker: fc.boolean(),
      isTwice: fc.boolean(),
    })
    const some = fc.uniqueArray(someTrade, { selector: ({ id }) => id, minLength: 1, maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(some, fc.boolean(), async (drawn, isSorted) => {
        const trades = drawn.map((one) => ({ ...one, n: 1, at: START + one.id * 400_000 }))
        if (isSorted) trades.sort((a, b) => a.id - b.id)
        const { sums, counts } = await sumsOf(trades.flatMap((one) => (one.isTwice ? [one, one] : [one])))
        const expected = new Map<number, [prints: number, volume: number, squares: number, bought: number]>()
        for (const { at, price, quantity, maker } of trades) {
          const time = Math.floor(at / MINUTE) * MINUTE
          const [prints, volume, squares, bought] = expected.get(time) ?? [0, 0, 0, 0]
          expected.set(time, [
            ...([prints + 1, volume + quantity, squares + price * price * quantity] as const),
            bought + (maker ? 0 : quantity),
          ])
        }
        expect(sums.map((sum) => [sum.open_time, [sum.prints, sum.volume, sum.price_squares, sum.buy_volume]])).toEqual(
          [...expected].sort(([a], [b]) => a - b),
        )
        expect(counts.duplicates).toBe(trades.filter(({ isTwice }) => isTwice).length)
      }),
      { numRuns: 25 },
    )
  }, 60_000)
})
