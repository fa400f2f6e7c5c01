/**
 * The clean series of an instrument beside its bars and funding.
 */
import { METRICS_REST_KINDS, type RawKind } from './raw-kinds.js'

type SeriesSpec = {
  /** The raw kinds that it is made of. */
  readonly kinds: readonly RawKind[]
  /** Whether it is compared with the base bars of its month. */
  readonly isBesideBars: boolean
}

export const SERIES = {
  mark_price: { kinds: ['markPriceKlines'], isBesideBars: true },
  index_price: { kinds: ['indexPriceKlines'], isBesideBars: true },
  premium_index: { kinds: ['premiumIndexKlines'], isBesideBars: false },
  metrics: { kinds: ['metrics', ...METRICS_REST_KINDS], isBesideBars: false },
  trade_bars: { kinds: ['trades', 'aggTrades'], isBesideBars: true }, // single trades where there are any
  book_depth_bars: { kinds: ['bookDepth'], isBesideBars: false },
  book_ticker_bars: { kinds: ['bookTicker'], isBesideBars: false },
  liquidation_bars: { kinds: ['liquidationSnapshot'], isBesideBars: false },
} as const satisfies Readonly<Record<string, SeriesSpec>>

export type SeriesName = keyof typeof SERIES
export const SERIES_NAMES = Object.keys(SERIES) as readonly SeriesName[]
