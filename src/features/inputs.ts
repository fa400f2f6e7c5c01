/**
 * Everything a feature may declare as an input: the columns of the bars of one timeframe, and the slower series as they
 * were known at each bar's close. All [rows], those of other pairs [others × rows], NaN = not known.
 *
 * A further series is one file in series/ and one line in SERIES and in `Inputs`; the matrix, the certificate and the live
 * window then join and cut it as they do the others.
 */
import { timeframeMs } from '../core/time.js'
import type { Bars } from '../market/bars.js'
import type { Grid } from './feature.js'
import { BOOK_DEPTH_BARS, type BookDepthInputs } from './series/book-depth.js'
import { BOOK_TICKER_BARS, type BookTickerInputs } from './series/book-ticker.js'
import { FUNDING, type FundingInputs } from './series/funding.js'
import { LIQUIDATION_BARS, type LiquidationInputs } from './series/liquidations.js'
import { MARKET, type MarketInputs } from './series/market.js'
import { METRICS, type MetricsInputs } from './series/metrics.js'
import { PEERS, type PeerInputs } from './series/peers.js'
import { INDEX_PRICE, MARK_PRICE, PREMIUM_INDEX, type ReferenceInputs } from './series/reference-prices.js'
import { DXY, type MacroInputs, SPY } from './series/references.js'
import { TRADE_BARS, type TradeInputs } from './series/trade-bars.js'
import type { AsOfSeries, JoinRows, SeriesKind } from './series.js'

export type BarInputs = {
  readonly openTime: Float64Array // UTC ms
  readonly availableTime: Float64Array // UTC ms: the bar's end, when the row is acted on
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array // base asset
  readonly quoteVolume: Float64Array // quote asset
  readonly count: Float64Array // trades
  readonly takerBuyVolume: Float64Array // base asset
  readonly takerBuyQuoteVolume: Float64Array // quote asset
  readonly baseBars: Float64Array // base bars this one is made of
}

export type Inputs = BarInputs &
  FundingInputs &
  MetricsInputs &
  ReferenceInputs &
  TradeInputs &
  BookDepthInputs &
  BookTickerInputs &
  LiquidationInputs &
  MarketInputs &
  MacroInputs &
  PeerInputs

/** Every series that gives inputs, under the name that it has among the clean files; those of other pairs last. */
export const SERIES = {
  funding: FUNDING,
  metrics: METRICS,
  mark_price: MARK_PRICE,
  index_price: INDEX_PRICE,
  premium_index: PREMIUM_INDEX,
  trade_bars: TRADE_BARS,
  book_depth_bars: BOOK_DEPTH_BARS,
  book_ticker_bars: BOOK_TICKER_BARS,
  liquidation_bars: LIQUIDATION_BARS,
  market: MARKET,
  spy: SPY,
  dxy: DXY,
  peers: PEERS,
} as const
export type SeriesName = keyof typeof SERIES
export const SERIES_NAMES = Object.keys(SERIES) as readonly SeriesName[]

/** The series that an instrument has. One that is absent has inputs that are all NaN. */
export type SeriesTable = { readonly [N in SeriesName]?: AsOfSeries<(typeof SERIES)[N]['columns'][number]> | null }

export function availableTimes(bars: Bars): Float64Array {
  const step = timeframeMs(bars.timeframe)
  const out = new Float64Array(bars.openTime.length)
  for (let i = 0; i < out.length; i++) out[i] = bars.openTime[i] + step
  return out
}

/** What the bars of one timeframe give. */
export function barInputs(bars: Bars): BarInputs & Grid {
  const stepMs = timeframeMs(bars.timeframe)
  const origin = bars.rows === 0 ? 0 : bars.openTime[0] / stepMs
  return { ...bars, availableTime: availableTimes(bars), origin, stepMs }
}

/** What one series gives at these rows. */
export function seriesInputs(name: SeriesName, rows: JoinRows, series: SeriesTable): Partial<Inputs> {
  // One name, one series: the compiler does not see that both are of the same kind.
  const kind = SERIES[name] as SeriesKind
  const own: AsOfSeries | null | undefined = series[name]
  if (own !== undefined && own !== null) return kind.join(rows, own)
  const unknown = new Float64Array(rows.availableTime.length).fill(Number.NaN)
  return Object.fromEntries(kind.inputs.map((input) => [input, unknown]))
}

/** All inputs of one timeframe. */
export function featureInputs(bars: Bars, series: SeriesTable): Inputs & Grid {
  const own = barInputs(bars)
  // SERIES and Inputs name the same inputs: the compiler checks each kind against its own type.
  return Object.assign({}, own, ...SERIES_NAMES.map((name) => seriesInputs(name, own, series))) as Inputs & Grid
}

/** The series from which a feature has inputs. */
export function seriesOf(inputs: readonly string[]): SeriesName[] {
  return SERIES_NAMES.filter((name) => {
    const own: readonly string[] = SERIES[name].inputs
    return inputs.some((input) => own.includes(input))
  })
}
