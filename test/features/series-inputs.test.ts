/** What each series beside the bars is at a close: when a row becomes known, how long it counts, what is added up. */
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { SNAPSHOT_AGE } from '../../src/features/series/book-depth.js'
import { TICKER_AGE } from '../../src/features/series/book-ticker.js'
import { METRICS_AGE } from '../../src/features/series/metrics.js'
import { MARK_PRICE, REFERENCE_AGE } from '../../src/features/series/reference-prices.js'
import { seriesAt } from './at-closes.js'

const M = MINUTE

describe('metrics at a close', () => {
  it('are those of the last row that was published, not of the last period that was over', () => {
    // The period 0 … 5 is published at 10, the next at 15.
    const { openInterest } = seriesAt('metrics', {
      closes: [5, 9, 10, 14, 15],
      available: [10, 15],
      columns: { sum_open_interest: [100, 200] },
    })
    expect([...openInterest]).toEqual([NaN, NaN, 100, 100, 200])
  })

  it('leave a blank cell to the row before, and count for a quarter of an hour', () => {
    expect(METRICS_AGE).toBe(15 * M)
    const { openInterest, accountRatio } = seriesAt('metrics', {
      closes: [10, 15, 25, 26, 30, 31],
      available: [10, 15],
      columns: { sum_open_interest: [100, NaN], count_long_short_ratio: [1, 2] },
    })
    expect([...openInterest]).toEqual([100, 100, 100, NaN, NaN, NaN])
    expect([...accountRatio]).toEqual([1, 2, 2, 2, 2, NaN])
  })
})

describe('a reference price at a close', () => {
  it('is the close of the last bar that had closed, for five minutes', () => {
    expect(REFERENCE_AGE).toBe(5 * M)
    const { markPrice } = seriesAt('mark_price', {
      closes: [1, 2, 3, 7, 8],
      available: [1, 2],
      columns: { close: [10, 11] },
    })
    expect([...markPrice]).toEqual([10, 11, 11, 11, NaN])
    expect(MARK_PRICE.inputs).toEqual(['markPrice'])
  })
})

describe('trades of a bar', () => {
  const minutes = (values: readonly number[]) => values
  const trades = (closes: readonly number[], change: Partial<Record<string, readonly number[]>> = {}) =>
    seriesAt('trade_bars', {
      ...{ closes, stepMinutes: 3, available: minutes([1, 2, 3, 4, 5, 6]) },
      columns: {
        open_time: [0, 1, 2, 3, 4, 5].map((minute) => minute * M),
        volume: [1, 2, 3, 4, 5, 6],
        prints: [10, 10, 10, 10, 10, 10],
        missing_ids: [0, 0, 0, 0, 0, 0],
        max_quantity: [0.5, 2, 1, 1, NaN, 3],
        ...change,
      },
    })

  it('are those of its base bars together, and the largest of them', () => {
    const { tradedVolume, prints, largestPrint } = trades([3, 6])
    expect([...tradedVolume]).toEqual([1 + 2 + 3, 4 + 5 + 6])
    expect([...prints]).toEqual([30, 30])
    expect([...largestPrint]).toEqual([2, 3])
  })

  it('are not known while a base bar lacks: too early, too late, a hole, or more than a hundredth of its trades', () => {
    expect([...trades([2, 3, 7, 9]).tradedVolume]).toEqual([NaN, 6, NaN, NaN])
    expect([...trades([3, 6], { prints: [10, NaN, 10, 10, 10, 10] }).tradedVolume]).toEqual([NaN, 15])
    // 1 of 101 is less than a hundredth, 1 of 11 is more.
    const lacking = { prints: [10, 100, 10, 10, 10, 10], missing_ids: [0, 1, 0, 0, 1, 0] }
    expect([...trades([3, 6], lacking).tradedVolume]).toEqual([6, NaN])
  })

  it('are zero where none was traded, and the largest of none is not known', () => {
    const none = { volume: [0, 0, 0, 4, 5, 6], prints: [0, 0, 0, 10, 10, 10], max_quantity: [NaN, NaN, NaN, 1, 1, 1] }
    const { tradedVolume, largestPrint } = trades([3, 6], none)
    expect([...tradedVolume]).toEqual([0, 15])
    expect([...largestPrint]).toEqual([NaN, 1])
  })
})

describe('the book at a close', () => {
  it('has all bands of one snapshot, which counts for five minutes after it was taken', () => {
    expect(SNAPSHOT_AGE).toBe(5 * M)
    const { bidDepth1, askNotional5 } = seriesAt('book_depth_bars', {
      ...{ closes: [1, 2, 5, 6], available: [1, 2] },
      columns: {
        snapshot_time: [0.5 * M, NaN],
        depth_m1: [7, NaN],
        notional_p5: [9, NaN],
      },
    })
    expect([...bidDepth1]).toEqual([7, 7, 7, NaN]) // at 6 it is 5.5 minutes old
    expect([...askNotional5]).toEqual([9, 9, 9, NaN])
  })

  it('has the last quote, and the mean spread of the updates within the bar', () => {
    expect(TICKER_AGE).toBe(5 * M)
    const { bidPrice, meanSpread } = seriesAt('book_ticker_bars', {
      ...{ closes: [2, 4, 6, 8], stepMinutes: 2, available: [1, 2, 3] },
      columns: {
        open_time: [0, 1 * M, 2 * M],
        bid_price: [10, 11, 12],
        mean_spread: [1, 4, 2],
        updates: [1, 2, 5],
      },
    })
    expect([...bidPrice]).toEqual([11, 12, 12, 12])
    // (1 · 1 + 4 · 2) / 3, then 2; then no updates: the quote stands, a mean of none is not known.
    expect([...meanSpread]).toEqual([3, 2, NaN, NaN])
  })
})
