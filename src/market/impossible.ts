/**
 * Rows as the exchange published them, and the reasons for which one cannot be true.
 */
import { power } from '../core/power.js'
import { ROUNDING } from './listed.js'

/** Klines of one instrument in the order of the files: may hold duplicates, disorder and rows that cannot be true. */
export type RawKlines = {
  readonly rows: number
  readonly openTime: Float64Array // UTC ms, microseconds floored
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array // base asset; NaN, here and below, where the source has no such column
  readonly quoteVolume: Float64Array // quote asset
  readonly count: Float64Array // trades
  readonly takerBuyVolume: Float64Array // base asset
  readonly takerBuyQuoteVolume: Float64Array // quote asset
}

/** The columns that a bar takes over from its row. */
export const KLINE_VALUES = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'count',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
] as const satisfies readonly (keyof RawKlines)[]
export type KlineValue = (typeof KLINE_VALUES)[number]

export const IMPOSSIBLE_REASONS = [
  'price not finite',
  'price not positive',
  'high below low',
  'open outside low to high',
  'close outside low to high',
  'volume not finite',
  'negative volume',
  'taker volume above volume',
  'volume does not fit the prices',
  'wick beyond reason',
  'price beyond reason',
  'volume beyond reason',
] as const
export type ImpossibleReason = (typeof IMPOSSIBLE_REASONS)[number]

/** By this fraction a mean price may lie outside of its bar: tables that went through single precision or rounded prices are no fault. */
export const MEAN_TOLERANCE = 5e-4

/** What a kind of bars may be: prices are above 0; a premium, which is a fraction, has any sign. */
export type PriceSign = 'positive' | 'any'

/**
 * The first reason, in the order of `IMPOSSIBLE_REASONS`, for which a row contradicts itself; null when there is none. What is beyond
 * reason, which needs more than the row, is for `createJudge` to say. A volume, count or taker volume that is NaN is not known, and so is
 * no reason. Taker volume may exceed volume by rounding: archives that were printed again carry it.
 */
export function impossibleReason(raw: RawKlines, row: number, sign: PriceSign = 'positive'): ImpossibleReason | null {
  const open = raw.open[row]
  const high = raw.high[row]
  const low = raw.low[row]
  const close = raw.close[row]
  if (!Number.isFinite(open + high + low + close)) return 'price not finite'
  if (sign === 'positive' && !(open > 0 && high > 0 && low > 0 && close > 0)) return 'price not positive'
  if (high < low) return 'high below low'
  if (open < low || open > high) return 'open outside low to high'
  if (close < low || close > high) return 'close outside low to high'
  return impossibleVolume(raw, row)
}

function impossibleVolume(raw: RawKlines, row: number): ImpossibleReason | null {
  const volume = raw.volume[row]
  const quote = raw.quoteVolume[row]
  const count = raw.count[row]
  const taker = raw.takerBuyVolume[row]
  const takerQuote = raw.takerBuyQuoteVolume[row]
  const highest = Number.POSITIVE_INFINITY
  if (volume === highest || quote === highest || count === highest || taker === highest || takerQuote === highest) {
    return 'volume not finite'
  }
  if (volume < 0 || quote < 0 || count < 0 || taker < 0 || takerQuote < 0) return 'negative volume'
  const isTakerAbove = taker > volume * (1 + ROUNDING) || takerQuote > quote * (1 + ROUNDING)
  if (isTakerAbove) return 'taker volume above volume'
  const fits = fitsPrices(raw, row, volume, quote) && fitsPrices(raw, row, taker, takerQuote)
  return fits ? null : 'volume does not fit the prices'
}

/**
 * Whether the mean price, quote volume ÷ volume, can lie between low and high, which it may miss by `MEAN_TOLERANCE`. Both volumes are
 * printed with so many decimals, so each may be off by half a unit of the last one as well: a table whose volumes were cut to whole coins is
 * no contradiction. What is not known fits.
 */
function fitsPrices(raw: RawKlines, row: number, volume: number, quote: number): boolean {
  const high = raw.high[row] * (1 + MEAN_TOLERANCE)
  const low = raw.low[row] * (1 - MEAN_TOLERANCE)
  if (!(quote > high * volume || quote < low * volume)) return true
  const [unit, quoteUnit] = [halfUnit(volume), halfUnit(quote)]
  return quote - quoteUnit <= high * (volume + unit) && quote + quoteUnit >= low * Math.max(0, volume - unit)
}

/** Half of the last decimal place of the shortest text that reads back as this number; of whole numbers 0.5. */
function halfUnit(x: number): number {
  const [digits, exponent = '0'] = String(x).split('e')
  const decimals = (digits.split('.')[1]?.length ?? 0) - Number(exponent)
  return 0.5 * power(10, -Math.max(0, decimals))
}
