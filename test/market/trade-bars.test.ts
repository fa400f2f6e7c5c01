import { describe, expect, it } from 'vitest'
import { emptyBars } from '../../src/market/bars.js'
import { bookBars, SNAPSHOT_AGE, type Snapshots } from '../../src/market/book-bars.js'
import { tickerBars } from '../../src/market/ticker-bars.js'
import { type TradeSums, tradeBars } from '../../src/market/trade-bars.js'
import { minute, START } from './make-rows.js'

const SPAN = { from: START, to: minute(8) }
const ON = { span: SPAN, timeframe: '1m' as const }
const NONE = {
  rows: 0,
  restRows: 0,
  restUsed: 0,
  dropped: 0,
  foreign: 0,
  impossible: 0,
  duplicates: 0,
  conflicts: 0,
  outOfOrder: 0,
}

const sum = (bar: number, first: number, last: number, prints = last - first + 1): TradeSums => ({
  ...{ open_time: minute(bar), trade_count: prints, prints, buy_prints: 1, volume: 4, quote_volume: 40 },
  ...{ buy_volume: 1, sell_volume: 3, max_quantity: 2, price_squares: 404, first_id: first, last_id: last },
})

describe('bars of trades', () => {
  it('are of no trades where the ids around them follow on each other, and not known where they do not', () => {
    // Bar 0 and 7 lie at the ends; 2 and 3 between ids 9 and 10; 5 between 12 and 15, so that two are missing.
    const { bars, findings } = tradeBars([sum(1, 8, 9), sum(4, 10, 12, 2), sum(6, 15, 15)], NONE, {
      ...ON,
      source: 'trades',
    })
    const { NaN: unknown } = Number
    expect([...bars.values.volume]).toEqual([unknown, 4, 0, 0, 4, unknown, 4, unknown])
    expect([...bars.values.vwap]).toEqual([unknown, 10, unknown, unknown, 10, unknown, 10, unknown])
    expect([...bars.values.missing_ids], 'one inside bar 4, two before bar 6').toEqual([
      ...[unknown, 0, 0, 0, 1, unknown, 2, unknown],
    ])
    expect([...bars.values.first_id]).toEqual([unknown, 8, unknown, unknown, 10, unknown, 15, unknown])
    expect(findings.counts).toMatchObject({ 'missing ids': 3, 'bars without trades': 2 })
    expect(findings).toMatchObject({ kept: 5, first: minute(1), last: minute(6) })
    expect(findings.gaps.map(({ from, bars: n, cause }) => [from, n, cause])).toEqual([
      [minute(0), 1, 'before first bar'],
      [minute(5), 1, 'unknown'],
      [minute(7), 1, 'after last bar'],
    ])
  })

  it('are compared with the klines where they lack no id', () => {
    const klines = emptyBars('1m', minute(1), 6)
    klines.volume.set([4, 0, 0.5, 4, 4, 4])
    const sums = [sum(1, 8, 9), sum(4, 10, 12, 2), sum(6, 13, 13)]
    // Bars 1, 2, 3, 5 and 6 lack no id; bar 3 has no trade and the klines say 0.5, bar 5 none and they say 4.
    expect(tradeBars(sums, NONE, { ...ON, source: 'trades', klines }).findings.counts).toMatchObject({
      ...{ 'bars compared with the klines': 5, 'bars whose volume differs from the klines': 2 },
    })
  })

  it('are all unknown where there is no trade', () => {
    const { bars, findings } = tradeBars([], NONE, { ...ON, source: 'trades' })
    expect(bars.values.prints.every(Number.isNaN)).toBe(true)
    expect(findings).toMatchObject({ kept: 0, first: null, last: null })
  })
})

describe('bars of the book', () => {
  const COUNTS = {
    rows: 0,
    outOfOrder: 0,
    duplicates: 0,
    conflicts: 0,
    impossible: 0,
    otherBands: 0,
    unknownBands: 0,
    foreign: 0,
  }
  /** Snapshots in which every band has the value, but for the one at +1 %, which stands still. */
  function snapshotsAt(seconds: readonly number[]): Snapshots {
    const column = (band: number) => Float64Array.from(seconds, (_, i) => (band === 5 ? 1 : i + 1))
    const depth = Array.from({ length: 10 }, (_, band) => column(band))
    return { rows: seconds.length, time: Float64Array.from(seconds, (s) => START + s * 1000), depth, notional: depth }
  }

  it('hold the last snapshot before the end of the bar, with its time', () => {
    const { bars } = bookBars(snapshotsAt([10, 59, 60, 90, 120]), COUNTS, ON)
    expect([...bars.depth[0].subarray(0, 3)], 'that of 00:01:00 is left to the next').toEqual([2, 4, 5])
    expect([...bars.snapshotTime.subarray(0, 2)]).toEqual([START + 59_000, START + 90_000])
  })

  it('never hold one that was taken after the bar, or long before', () => {
    const { bars, findings } = bookBars(snapshotsAt([65]), COUNTS, ON)
    const { NaN: unknown } = Number
    // 65 s is 55 s before the end of bar 1 and 295 s before that of bar 5.
    expect([...bars.depth[0]]).toEqual([unknown, 1, 1, 1, 1, 1, unknown, unknown])
    expect(minute(6) - bars.snapshotTime[5]).toBeLessThanOrEqual(SNAPSHOT_AGE)
    expect(findings).toMatchObject({ kept: 5, first: minute(1), last: minute(5) })
  })

  it('say how often a band stood still', () => {
    const { counts, largest } = bookBars(snapshotsAt([0, 30, 60, 90]), COUNTS, ON).findings
    expect(counts).toMatchObject({ snapshots: 4, 'frozen snapshots of band p1': 3, 'frozen snapshots of band m1': 0 })
    expect(largest).toMatchObject({ 'longest frozen run of band p1': 3, 'longest frozen run of band p5': 0 })
  })

  it('of the best bid and ask are holes where nothing changed', () => {
    const quote = { bid_price: 1, bid_quantity: 2, ask_price: 3, ask_quantity: 4, mean_spread: 2, updates: 5 }
    const { bars, findings } = tickerBars([{ open_time: minute(2), ...quote }], NONE, ON)
    expect(bars.values.ask_price[2]).toBe(3)
    expect(bars.values.ask_price[3]).toBeNaN()
    expect(findings).toMatchObject({ kept: 1, first: minute(2) })
  })
})
