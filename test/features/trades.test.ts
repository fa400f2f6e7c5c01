/** Features of single trades by hand: each bar here is a list of trades that is added up as cleaning adds it up. */
import { describe, expect, it } from 'vitest'
import { featureOver } from './at-closes.js'

type Trade = readonly [price: number, quantity: number, side?: 'buy' | 'sell']

/** Inputs of bars, from their trades; the close is the last price of all, 10 where there was none. */
function inputsOf(bars: readonly (readonly Trade[])[]) {
  const sum = (of: (trade: Trade) => number) =>
    bars.map((trades) => trades.reduce((total, trade) => total + of(trade), 0))
  return {
    close: bars.map((trades) => trades.at(-1)?.[0] ?? 10),
    tradedVolume: sum(([, quantity]) => quantity),
    tradedQuote: sum(([price, quantity]) => price * quantity),
    tradedSquares: sum(([price, quantity]) => price * price * quantity),
    boughtVolume: sum(([, quantity, side]) => (side === 'sell' ? 0 : quantity)),
    soldVolume: sum(([, quantity, side]) => (side === 'sell' ? quantity : 0)),
    prints: sum(() => 1),
    boughtPrints: sum(([, , side]) => (side === 'sell' ? 0 : 1)),
    singleTrades: sum(() => 2),
    largestPrint: bars.map((trades) =>
      trades.length === 0 ? NaN : Math.max(...trades.map(([, quantity]) => quantity)),
    ),
  }
}

const at = (name: string, bars: readonly (readonly Trade[])[], timeframe: '1m' | '1h' = '1m') => {
  const values = featureOver(name, inputsOf(bars), timeframe)
  return values[values.length - 1]
}

describe('the average price of single trades', () => {
  const bar: readonly Trade[] = [
    [10, 1],
    [14, 3],
  ]

  it('has bands by the spread of the trades, also within one bar', () => {
    // One bar alone: mean 52 / 4 = 13, variance (1 · 9 + 3 · 1) / 4 = 3, which bars with one price each could not know.
    for (const anchor of ['day', 'week', 'month']) {
      expect(at(`true_vwap_${anchor}`, [bar])).toBe(13)
      expect(at(`true_vwap_upper_${anchor}`, [bar])).toBeCloseTo(13 + 2 * Math.sqrt(3), 12)
      expect(at(`true_vwap_lower_${anchor}`, [bar])).toBeCloseTo(13 - 2 * Math.sqrt(3), 12)
      expect(at(`true_vwap_distance_${anchor}`, [bar])).toBeCloseTo(1 / 13, 15)
      expect(at(`true_vwap_position_${anchor}`, [bar])).toBeCloseTo(0.5 + 1 / (4 * Math.sqrt(3)), 12)
    }
  })

  it('adds the spread within bars to that between them', () => {
    // Nineteen bars of one trade at 13, then the bar above: 19 of 13 and 1 of 10 and 3 of 14.
    const bars = [...new Array<readonly Trade[]>(19).fill([[13, 1]]), bar]
    const mean = (19 * 13 + 10 + 3 * 14) / 23
    const variance = (19 * (13 - mean) ** 2 + (10 - mean) ** 2 + 3 * (14 - mean) ** 2) / 23
    expect(at('true_vwap_20', bars)).toBeCloseTo(mean, 13)
    expect(at('true_vwap_distance_20', bars)).toBeCloseTo(14 / mean - 1, 13)
    expect(at('true_vwap_upper_20', bars)).toBeCloseTo(mean + 2 * Math.sqrt(variance), 10)
    expect(at('true_vwap_lower_20', bars)).toBeCloseTo(mean - 2 * Math.sqrt(variance), 10)
    expect(at('true_vwap_upper_day', bars)).toBeCloseTo(mean + 2 * Math.sqrt(variance), 10)
    expect(at('true_vwap_position_20', bars)).toBeCloseTo(0.5 + (14 - mean) / (4 * Math.sqrt(variance)), 10)
  })

  it('begins anew with the day', () => {
    const bars = [...new Array<readonly Trade[]>(24).fill([[20, 5]]), bar]
    expect(at('true_vwap_day', bars, '1h')).toBe(13)
    expect(at('true_vwap_upper_day', bars, '1h')).toBeCloseTo(13 + 2 * Math.sqrt(3), 12)
    expect(at('true_vwap_week', bars, '1h')).toBeCloseTo((24 * 100 + 52) / 124, 13)
  })

  it('knows how far apart the prices of one bar lie', () => {
    expect(at('trade_price_spread', [bar])).toBeCloseTo(Math.sqrt(3) / 13, 13)
    expect(at('trade_price_spread', [[]])).toBeNaN()
    // 59 bars of one spread and one of twice that at the same mean: mean (59 + 2) / 60.
    const usual: readonly Trade[] = [[9, 1], [11, 1]] // biome-ignore format: two trades
    const wide: readonly Trade[] = [[8, 1], [12, 1]] // biome-ignore format: two trades
    const bars = [...new Array<readonly Trade[]>(59).fill(usual), wide]
    expect(at('trade_price_spread_ratio', bars)).toBeCloseTo(2 / (61 / 60), 12)
  })
})

describe('who trades, and how much at once', () => {
  const bar: readonly Trade[] = [
    [10, 6, 'buy'],
    [10, 1, 'sell'],
    [10, 1, 'sell'],
  ]

  it('weighs sides by volume and by prints', () => {
    expect(at('trade_imbalance_1', [bar])).toBe((6 - 2) / 8)
    expect(at('print_imbalance_1', [bar])).toBeCloseTo((1 - 2) / 3, 15)
    // Five bars: four bought 1, and this one: (4 + 6 - 2) / (4 + 8).
    const bars = [...new Array<readonly Trade[]>(4).fill([[10, 1, 'buy']]), bar]
    expect(at('trade_imbalance_5', bars)).toBeCloseTo(8 / 12, 15)
    expect(at('trade_imbalance_1', [[]])).toBeNaN()
  })

  it('says the size of a print, on either side, and of the largest', () => {
    expect(at('print_size', [bar])).toBeCloseTo(8 / 3, 15)
    expect(at('trades_per_print', [bar])).toBe(2)
    expect(at('print_size_skew', [bar])).toBeCloseTo(Math.log(6 / 1), 15)
    expect(at('print_size_skew', [[[10, 1, 'buy']]])).toBeNaN()
    expect(at('largest_print', [bar])).toBe(6)
    expect(at('largest_print_share', [bar])).toBe(6 / 8)
    // 59 bars of one print of 1, and this one: usual 67 / 62 a print.
    const bars = [...new Array<readonly Trade[]>(59).fill([[10, 1, 'buy']]), bar]
    expect(at('print_size_ratio', bars)).toBeCloseTo(8 / 3 / (67 / 62), 13)
    expect(at('largest_print_zscore', bars)).toBeCloseTo(59 / Math.sqrt(60), 12)
  })
})
