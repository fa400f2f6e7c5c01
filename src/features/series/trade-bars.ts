/**
 * Sums of single trades, from base bars to the bar of the feature.
 */
import type { JoinRows, SeriesKind, SeriesRows } from '../series.js'
import { rowsWithin, sumWithin } from './within.js'

export type TradeInputs = {
  readonly tradedVolume: Float64Array // base asset
  readonly tradedQuote: Float64Array // quote asset
  readonly tradedSquares: Float64Array // Σ quantity · price²
  readonly boughtVolume: Float64Array // base asset, takers that bought
  readonly soldVolume: Float64Array // base asset, takers that sold
  readonly prints: Float64Array // trades, or those of one taker order at one price as one, as the source has them
  readonly boughtPrints: Float64Array // of these with a taker that bought
  readonly singleTrades: Float64Array // trades
  readonly largestPrint: Float64Array // base asset; NaN without trades
}

const SUMS = {
  tradedVolume: 'volume',
  tradedQuote: 'quote_volume',
  tradedSquares: 'price_squares',
  boughtVolume: 'buy_volume',
  soldVolume: 'sell_volume',
  prints: 'prints',
  boughtPrints: 'buy_prints',
  singleTrades: 'trade_count',
} as const satisfies Partial<Record<keyof TradeInputs, string>>
const SUM_NAMES = Object.keys(SUMS) as readonly (keyof typeof SUMS)[]

type TradeColumn = (typeof SUMS)[keyof typeof SUMS] | 'open_time' | 'max_quantity' | 'missing_ids'

/** A base bar that lacks a larger share of its trades is not known. */
export const MISSING_SHARE = 0.01

export const TRADE_BARS = {
  meaning: 'Sums of single trades',
  columns: [
    'open_time',
    'volume',
    'quote_volume',
    'price_squares',
    'buy_volume',
    'sell_volume',
    'prints',
    'buy_prints',
    'trade_count',
    'max_quantity',
    'missing_ids',
  ],
  inputs: [...SUM_NAMES, 'largestPrint'],
  join: tradeInputs,
} as const satisfies SeriesKind<keyof TradeInputs, TradeColumn>

/** Sums over each bar; NaN where a base bar within it lacks more than `MISSING_SHARE` of its trades, or is not known at all. */
export function tradeInputs(rows: JoinRows, { available, columns }: SeriesRows<TradeColumn>): TradeInputs {
  const { open_time: openTime, prints, missing_ids: missing, max_quantity: largest } = columns
  const isKnown = (row: number) => missing[row] <= MISSING_SHARE * (prints[row] + missing[row])
  const within = rowsWithin(rows, { available, openTime, isKnown })
  const sums = Object.fromEntries(SUM_NAMES.map((name) => [name, sumWithin(columns[SUMS[name]], within)]))
  const largestPrint = new Float64Array(within.first.length).fill(Number.NaN)
  for (let i = 0; i < largestPrint.length; i++) {
    if (within.first[i] < 0) continue
    for (let row = within.first[i]; row <= within.last[i]; row++) {
      if (largest[row] > largestPrint[i] || Number.isNaN(largestPrint[i])) largestPrint[i] = largest[row]
    }
  }
  return { ...(sums as Record<keyof typeof SUMS, Float64Array>), largestPrint }
}
