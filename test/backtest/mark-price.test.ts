import { describe, expect, it } from 'vitest'
import { runBacktest } from '../../src/backtest/engine.js'
import { markPriceOf } from '../../src/backtest/mark-price.js'
import { barsOf, type Row, START } from '../labels/make-bars.js'
import { decide, FREE } from './settings.js'

const flat: Row = [100, 100.5, 99.5, 100]
const base = barsOf(new Array<Row>(6).fill(flat))
const recorded = (minutes: readonly number[]) => ({
  rows: minutes.length,
  openTime: Float64Array.from(minutes, (minute) => START + minute * 60_000),
  high: Float64Array.from(minutes, (minute) => 200 + minute),
  low: Float64Array.from(minutes, (minute) => 190 + minute),
  close: Float64Array.from(minutes, (minute) => 195 + minute),
})

describe('the mark price', () => {
  it('stands on the grid of the bars', () => {
    const mark = markPriceOf(base, recorded([0, 1, 2, 3, 4, 5, 9]), 'fail')
    expect(mark?.whole).toBe(true)
    expect([...(mark?.low ?? [])]).toEqual([190, 191, 192, 193, 194, 195])
  })

  it('has a hole where a row is missing between others: whoever holds a position then fails', () => {
    const markPrice = markPriceOf(base, recorded([0, 1, 3, 4, 5]), 'exclude')
    expect(markPrice?.close[2]).toBeNaN()
    const inputs = { base, funding: null, markPrice, settings: FREE }
    expect(() => runBacktest({ ...inputs, decisions: decide(START, [[0, 1]]) })).toThrow(
      'the mark price of 2024-01-01 00:02 UTC is missing, and a position was open then',
    )
    expect(runBacktest({ ...inputs, decisions: decide(START, [[3, 1]], 2) }).trades.rows).toBe(1)
  })

  it('is the last price before it begins and after it ends, and the result says so', () => {
    const mark = markPriceOf(base, recorded([2, 3]), 'exclude')
    expect([...(mark?.close ?? [])]).toEqual([100, 100, 197, 198, 100, 100])
    expect([mark?.high[0], mark?.low[5]]).toEqual([100.5, 99.5])
    expect(mark?.whole).toBe(false)
    const result = runBacktest({ base, funding: null, markPrice: mark, settings: FREE, decisions: decide(START, []) })
    expect(result.withoutMarkPrice).toBe(true)
  })

  it('that is absent is left out, refused, or assumed beyond the range of each bar', () => {
    expect(markPriceOf(base, null, 'exclude')).toBeNull()
    expect(() => markPriceOf(base, null, 'fail')).toThrow('there is no mark price at 2024-01-01 00:00 UTC')
    expect(() => markPriceOf(base, recorded([0, 1]), 'fail')).toThrow('there is no mark price at 2024-01-01 00:02 UTC')
    const mark = markPriceOf(base, null, 'assume:0.01')
    expect(mark?.high[0]).toBeCloseTo(101.505, 10)
    expect(mark?.low[0]).toBeCloseTo(98.505, 10)
  })
})
