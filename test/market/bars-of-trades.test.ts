/** Candles made of single trades, by hand. */
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { barsOfTrades, type TradedBar } from '../../src/market/bars-of-trades.js'

const bar = (minute: number, ids: readonly [number, number], more: Partial<TradedBar> = {}): TradedBar => ({
  ...{ time: minute * MINUTE, open: 10, high: 12, low: 9, close: 11, volume: 5, quote_volume: 50 },
  ...{ count: ids[1] - ids[0] + 1, taker_buy_volume: 2, taker_buy_quote_volume: 20 },
  ...{ first_id: ids[0], last_id: ids[1], ...more },
})
const minutesOf = (traded: readonly TradedBar[]) => [...barsOfTrades(traded, '1m').time].map((time) => time / MINUTE)

describe('bars of trades', () => {
  it('are whole: the first and the last are left out, for the trades may begin and end within them', () => {
    expect(minutesOf([bar(0, [1, 3]), bar(1, [4, 4]), bar(2, [5, 9]), bar(3, [10, 11])])).toEqual([1, 2])
    for (const few of [[], [bar(0, [1, 1])], [bar(0, [1, 1]), bar(1, [2, 2])]]) expect(minutesOf(few)).toEqual([])
  })

  it('are flat where the numbers say that nothing was traded', () => {
    const made = barsOfTrades([bar(0, [1, 3]), bar(3, [4, 5], { close: 12 }), bar(5, [6, 6])], '1m')
    expect([...made.time].map((time) => time / MINUTE)).toEqual([1, 2, 3, 4])
    expect([...made.open]).toEqual([11, 11, 10, 12])
    expect([...made.close]).toEqual([11, 11, 12, 12])
    expect([...made.volume]).toEqual([0, 0, 5, 0])
    expect([...made.count]).toEqual([0, 0, 2, 0])
    expect([...made.taker_buy_volume]).toEqual([0, 0, 2, 0])
  })

  it('are not made where trades lack: within a bar, or beside it', () => {
    expect(minutesOf([bar(0, [1, 1]), bar(1, [2, 5], { count: 3 }), bar(2, [6, 6]), bar(3, [7, 7])])).toEqual([2])
    // Number 6 may have been in minute 1, 2 or 3.
    expect(minutesOf([bar(0, [1, 1]), bar(1, [2, 5]), bar(3, [7, 8]), bar(4, [9, 9]), bar(5, [10, 10])])).toEqual([4])
  })

  it('of trades without numbers are those with trades', () => {
    const none = { first_id: Number.NaN, last_id: Number.NaN, taker_buy_volume: Number.NaN }
    const made = barsOfTrades(
      [0, 1, 4, 5].map((minute) => bar(minute, [1, 1], none)),
      '1m',
    )
    expect([...made.time].map((time) => time / MINUTE)).toEqual([1, 4])
    expect([...made.taker_buy_volume]).toEqual([NaN, NaN])
  })
})
