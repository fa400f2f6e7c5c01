/**
 * Sums of single trades, from base bars to the bar of the feature.
 */
import { type AsOfSeries, type JoinRows, lastKnown, type SeriesKind } from '../series.js'

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

/**
 * Sums over each bar of the base bars within it, in the order of time.
 *
 * A bar is known when its base bars cover it whole and each of them is known; no row counts for a bar other than its own, so nothing
 * is ever carried on.
 */
export function tradeInputs(
  { availableTime, stepMs }: JoinRows,
  { available, columns }: AsOfSeries<TradeColumn>,
): TradeInputs {
  const unknown = () => new Float64Array(availableTime.length).fill(Number.NaN)
  const sums = Object.fromEntries(SUM_NAMES.map((name) => [name, unknown()])) as Record<keyof typeof SUMS, Float64Array>
  const largestPrint = unknown()
  const { open_time: openTime, prints, missing_ids: missing, max_quantity: largest } = columns
  const isKnown = (row: number) => missing[row] <= MISSING_SHARE * (prints[row] + missing[row])
  const lasts = lastKnown(available, availableTime)
  for (let i = 0; i < availableTime.length; i++) {
    const open = availableTime[i] - stepMs
    let first = lasts[i] + 1
    let covered = 0
    while (first > 0 && openTime[first - 1] >= open && isKnown(first - 1)) {
      first--
      covered += available[first] - openTime[first]
    }
    if (covered !== stepMs) continue
    for (const name of SUM_NAMES) sums[name][i] = sumOf(columns[SUMS[name]], first, lasts[i])
    for (let row = first; row <= lasts[i]; row++) {
      if (largest[row] > largestPrint[i] || Number.isNaN(largestPrint[i])) largestPrint[i] = largest[row]
    }
  }
  return { ...sums, largestPrint }
}

function sumOf(x: Float64Array, first: number, last: number): number {
  let sum = 0
  for (let i = first; i <= last; i++) sum += x[i]
  return sum
}
