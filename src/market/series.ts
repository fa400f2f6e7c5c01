/**
 * The clean series of an instrument beside its bars and funding, and the raw kinds that each is made of.
 */
import { METRICS_REST_KINDS, type RawKind } from './raw-kinds.js'

export const SERIES = {
  mark_price: { meaning: 'Bars of the mark price', kinds: ['markPriceKlines'] },
  index_price: { meaning: 'Bars of the index price', kinds: ['indexPriceKlines'] },
  premium_index: { meaning: 'Bars of the premium index', kinds: ['premiumIndexKlines'] },
  metrics: { meaning: 'Open interest and ratios every five minutes', kinds: ['metrics', ...METRICS_REST_KINDS] },
  // Single trades where there are any.
  trade_bars: { meaning: 'Bars made of trades', kinds: ['trades', 'aggTrades'] },
  book_depth_bars: { meaning: 'Depth of the order book at the end of each bar', kinds: ['bookDepth'] },
  book_ticker_bars: { meaning: 'Best bid and ask at the end of each bar', kinds: ['bookTicker'] },
} as const satisfies Readonly<Record<string, { readonly meaning: string; readonly kinds: readonly RawKind[] }>>

export type SeriesName = keyof typeof SERIES
export const SERIES_NAMES = Object.keys(SERIES) as readonly SeriesName[]
