/** Liquidations of each bar, by hand. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../src/core/time.js'
import { liquidationBars, type RawLiquidations } from '../../src/market/liquidations.js'

const FROM = Date.UTC(2024, 2, 1)
const MARCH = { from: FROM, to: FROM + 31 * DAY }

type Order = {
  readonly at: number // ms after FROM
  readonly side?: string
  readonly quantity?: number
  readonly price?: number
  readonly average?: number
  readonly filled?: number
}

function rawOf(orders: readonly Order[]): RawLiquidations {
  const column = (pick: (order: Order) => number) => Float64Array.from(orders, pick)
  return {
    rows: orders.length,
    time: column(({ at }) => FROM + at),
    side: orders.map(({ side = 'SELL' }) => side),
    quantity: column(({ quantity = 2 }) => quantity),
    price: column(({ price = 99 }) => price),
    averagePrice: column(({ average = 100 }) => average),
    filled: column(({ filled = 2 }) => filled),
  }
}

const barsOf = (orders: readonly Order[], { minutes = 5, absentDays = [] as string[] } = {}) =>
  liquidationBars(rawOf(orders), {
    ...{ span: { from: FROM, to: FROM + minutes * MINUTE }, period: MARCH, timeframe: '1m', absentDays },
  })

describe('liquidations of a bar', () => {
  it('are longs where the order sells and shorts where it buys, at the price of the fills', () => {
    const { bars } = barsOf([
      { at: 10_000 },
      { at: 20_000, filled: 1, average: 101 },
      { at: 70_000, side: 'BUY', filled: 3, average: 102 },
    ])
    expect([...bars.values.long_orders]).toEqual([2, 0, 0, 0, 0])
    expect([...bars.values.long_volume]).toEqual([3, 0, 0, 0, 0])
    expect([...bars.values.long_value]).toEqual([2 * 100 + 1 * 101, 0, 0, 0, 0])
    expect([...bars.values.short_orders]).toEqual([0, 1, 0, 0, 0])
    expect([...bars.values.short_value]).toEqual([0, 3 * 102, 0, 0, 0])
  })

  it('count one second after the order, when the stream has told of it', () => {
    const last = (at: number) => [...barsOf([{ at }]).bars.values.long_orders]
    expect(last(MINUTE - SECOND - 1)).toEqual([1, 0, 0, 0, 0])
    expect(last(MINUTE - SECOND)).toEqual([0, 1, 0, 0, 0])
    expect(barsOf([{ at: 5 * MINUTE - 1 }]).findings.dropped, 'told of after the span').toBe(1)
  })

  it('are each one order, however often it stands in the file', () => {
    const { bars, findings } = barsOf([
      ...[{ at: 5 }, { at: 5 }], // every row twice, as the archive had it
      ...[
        { at: 9000, quantity: 5, filled: 3 },
        { at: 9000, quantity: 5, filled: 5 },
        { at: 9000, quantity: 5, filled: 3 },
      ],
      { at: 5, side: 'BUY' },
    ])
    expect([bars.values.long_orders[0], bars.values.long_volume[0], bars.values.short_orders[0]]).toEqual([2, 7, 1])
    expect(findings).toMatchObject({
      rows: 6,
      duplicates: 1,
      conflicts: { count: 2, first: [FROM + 9000, FROM + 9000] },
    })
    expect(findings.outOfOrder).toBe(1)
  })

  it('leave out what is impossible, and take the order’s price where that of the fills lacks', () => {
    const { bars, findings } = barsOf([
      { at: 1, side: '' },
      { at: 2, filled: 0 },
      { at: 3, filled: Number.NaN },
      { at: Number.NaN },
      { at: 4, average: 0, price: 0 },
      { at: 5, average: 0 },
      { at: 2000, average: Number.NaN },
    ])
    expect(findings.impossible).toBe(5)
    expect(bars.values.long_value[0]).toBe(2 * 99 + 2 * 99)
  })

  it('are zero on a day that has a file, and not known on one that has none', () => {
    const { bars, findings } = liquidationBars(rawOf([{ at: DAY + 5 }, { at: 2 * DAY + 5 }]), {
      ...{ span: { from: FROM, to: FROM + 3 * DAY }, period: MARCH, timeframe: '1h' },
      absentDays: ['2024-03-02'],
    })
    const known = [...bars.values.short_value].map((value) => !Number.isNaN(value))
    expect(known).toEqual([...new Array(24).fill(true), ...new Array(24).fill(false), ...new Array(24).fill(true)])
    expect([...bars.values.long_orders.subarray(0, 24)]).toEqual(new Array(24).fill(0))
    expect(bars.values.long_orders[48]).toBe(1)
    expect(findings).toMatchObject({
      ...{ kept: 48, dropped: 1, gaps: [{ from: FROM + DAY, to: FROM + 2 * DAY, bars: 24 }] },
      counts: { 'days without a file': 1, 'orders that closed longs': 1, 'bars with a liquidation': 1 },
      largest: { 'hours without a liquidation, at most': 24 },
    })
  })

  it('do not depend on the order of rows, nor on how often each stands there', () => {
    const orders = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 4 * MINUTE }),
        side: fc.constantFrom('SELL', 'BUY'),
        quantity: fc.integer({ min: 1, max: 9 }),
        filled: fc.constant(1),
        price: fc.integer({ min: 90, max: 110 }),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(orders, fc.integer({ min: 0, max: 40 }), (list, cut) => {
        const turned = [...list.slice(cut), ...list, ...list.slice(0, cut)]
        expect(barsOf(turned).bars).toEqual(barsOf(list).bars)
      }),
    )
  })
})
