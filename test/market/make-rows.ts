/** Published rows for tests, written out by hand or by fast-check. */
import fc from 'fast-check'
import type { Timeframe } from '../../src/core/time.js'
import { MINUTE } from '../../src/core/time.js'
import type { Bars } from '../../src/market/bars.js'
import { BAR_VALUES, emptyBars } from '../../src/market/bars.js'
import { KLINE_VALUES, type KlineValue, type RawKlines } from '../../src/market/impossible.js'

export const START = Date.UTC(2024, 0, 1)
export const minute = (n: number) => START + n * MINUTE

export type TestRow = Partial<Record<KlineValue, number>> & { readonly time: number }

/** A row that is possible in every column: price 10, volume 2, one of it bought by takers. Where a row says another price or volume, its quote
 * volumes follow from them. */
const PLAIN: Record<KlineValue, number> = {
  open: 10,
  high: 11,
  low: 9,
  close: 10,
  volume: 2,
  quoteVolume: 20,
  count: 3,
  takerBuyVolume: 1,
  takerBuyQuoteVolume: 10,
}

export function rowsOf(rows: readonly TestRow[]): RawKlines {
  const quoteOf = (row: TestRow, volume: 'volume' | 'takerBuyVolume') =>
    (row[volume] ?? PLAIN[volume]) * (row.open ?? PLAIN.open)
  const filled = rows.map(
    (row): TestRow => ({
      ...PLAIN,
      quoteVolume: quoteOf(row, 'volume'),
      takerBuyQuoteVolume: quoteOf(row, 'takerBuyVolume'),
      ...row,
    }),
  )
  const column = (name: KlineValue) => Float64Array.from(filled, (row) => row[name] ?? PLAIN[name])
  const values = Object.fromEntries(KLINE_VALUES.map((name) => [name, column(name)])) as Record<
    KlineValue,
    Float64Array
  >
  return { rows: rows.length, openTime: Float64Array.from(rows, (row) => row.time), ...values }
}

/** Bars on a grid; null is a hole. Volumes are whole numbers, so that every order of summation gives the same. */
export const anyBars = (options: { rows: number; from?: number; timeframe?: Timeframe }): fc.Arbitrary<Bars> =>
  fc
    .array(
      fc.option(
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })),
      ),
      {
        minLength: options.rows,
        maxLength: options.rows,
      },
    )
    .map((values) => {
      const bars = emptyBars(options.timeframe ?? '1m', options.from ?? START, options.rows)
      values.forEach((value, i) => {
        if (value === null) return
        const [open, move, volume] = value
        bars.open[i] = open
        bars.high[i] = open + move
        bars.low[i] = Math.max(0.5, open - volume / 4)
        bars.close[i] = open + (move > 2 ? move : 0)
        bars.volume[i] = volume
        bars.quoteVolume[i] = volume * open
        bars.count[i] = volume
        bars.takerBuyVolume[i] = Math.floor(volume / 2)
        bars.takerBuyQuoteVolume[i] = Math.floor(volume / 2) * open
        bars.baseBars[i] = 1
      })
      return bars
    })

/** Every column as plain arrays, for comparing bit for bit (NaN equals NaN). */
export function plain(bars: Bars): Record<string, number[]> {
  const columns = ['openTime' as const, ...BAR_VALUES].map((name) => [name, [...bars[name]]])
  return { timeframe: [bars.timeframe], ...Object.fromEntries(columns) }
}
